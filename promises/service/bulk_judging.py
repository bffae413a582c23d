"""Judging many new cases at once: columns in, verdict rows out, the broken told onward."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Table
from sqlmodel import Session

from promises.loading import load, texts, times
from promises.service import counts
from promises.service.findings import Findings, Line, by_rank, counted_names
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import BROKEN, PENDING, STATUSES
from promises.service.keys import draw_ids, in_key_order
from promises.service.signals import Breaches, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Rows, Times
from promises.terms.timeline import NEVER

_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class CaseRows:
    """Columns of the case rows that are judged."""

    branch_ids: Rows
    ids: Rows
    started: Times


def judge_new(session: Session, cases: Cases, rows: CaseRows, as_of: datetime) -> Counter[str]:
    """Insert the verdicts of new cases under every promise that is about them, and tell the broken onward.

    :returns: how many verdicts there are by status.
    """
    hours = branch_hours(session, cases.branches.values)
    line = Line(session, cases, as_of, hours)
    made: Counter[str] = Counter()
    for dated in by_rank(session):
        for findings in line.judge(dated):
            own = np.flatnonzero(findings.its_own())
            if len(own):
                announce(session, insert_verdicts(session, findings, own, rows, as_of))
                found = np.bincount(findings.verdicts.status[own], minlength=len(STATUSES)).tolist()
                made.update(dict(zip(STATUSES, found, strict=True)))
    return +made


def insert_verdicts(
    session: Session, findings: Findings, own: Rows, rows: CaseRows, as_of: datetime
) -> Breaches:
    """Insert the verdicts at the places *own* of *findings*; the broken ones, to be told."""
    ids = draw_ids(session, _verdict, rows.branch_ids[findings.rows[own]], rows.started[findings.rows[own]])
    order = in_key_order(rows.branch_ids[findings.rows[own]], ids)
    own, ids = own[order], ids[order]
    verdicts, cases = findings.verdicts, findings.rows[own]
    status, reason = verdicts.status[own], verdicts.reason[own]
    due_at, ended_at, elapsed = verdicts.due_at[own], verdicts.ended_at[own], verdicts.elapsed[own]
    started, branch_ids, case_ids = rows.started[cases], rows.branch_ids[cases], rows.ids[cases]
    dated = verdicts.dated(own)
    dated_at = np.where(dated == MISSING, started, dated)
    elapsed = np.where(ended_at == MISSING, MISSING, elapsed)
    terms_ids = np.array([version.terms_id for version in findings.dated.versions])[findings.places[own]]
    load(session, _verdict, len(own), {
        "branch_id": branch_ids,
        "id": ids,
        "case_id": case_ids,
        "promise_id": findings.dated.promise_id,
        "part": findings.parts[own],
        "terms_id": terms_ids,
        "status": texts(STATUSES, status),
        "reason": texts(verdicts.reasons, reason),
        "started_at": times(started),
        "due_at": times(due_at, due_at == NEVER),
        "ended_at": times(ended_at, ended_at == MISSING),
        "dated_at": times(dated_at, status == PENDING),
        "judged_at": as_of,
        "elapsed_s": np.where(elapsed == MISSING, np.nan, elapsed / 1_000_000),
    })  # fmt: skip
    counts.inserted(
        session, promise_id=findings.dated.promise_id, branch_ids=branch_ids, terms_ids=terms_ids,
        started=started, status=status, reason=reason, reasons=verdicts.reasons, elapsed=elapsed,
    )  # fmt: skip
    broken = np.flatnonzero(status == BROKEN)
    cents, pay_by = findings.owed(own[broken], as_of)
    return Breaches(
        promise_id=findings.dated.promise_id, judged_at=as_of, branch_ids=branch_ids[broken],
        verdict_ids=ids[broken], case_ids=case_ids[broken], terms_ids=terms_ids[broken],
        dated_at=dated_at[broken], ended_at=ended_at[broken], pay_by=pay_by, cents=cents,
        currency={version.terms_id: version.terms.currency for version in findings.dated.versions},
        counts=_towards(findings, own[broken], cents),
    )  # fmt: skip


def _towards(findings: Findings, places: Rows, cents: Times) -> dict[int, tuple[tuple[str, str], ...]]:
    """What the breaches count towards, where the terms have caps by customer or faults at all."""
    if not counted_names([version.terms for version in findings.dated.versions]):
        return {}
    found = {place: findings.counts_towards(int(places[place])) for place in np.flatnonzero(cents).tolist()}
    return {place: towards for place, towards in found.items() if towards}
