"""Judging many new cases at once: columns in, verdict rows out, the broken told onward."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Table, insert
from sqlmodel import Session

from promises.service import counts
from promises.service.findings import Findings, Line, by_rank
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import STATUSES
from promises.service.keys import draw_ids
from promises.service.signals import Breach, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Rows, Times
from promises.terms.hours import moment
from promises.terms.timeline import NEVER

_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class NewCases:
    """Columns of the case rows that were just inserted."""

    branch_ids: Rows
    ids: Rows
    started: Times


def judge_new(session: Session, cases: Cases, rows: NewCases, as_of: datetime) -> Counter[str]:
    """Insert the verdicts of new cases under every promise that is about them, and tell the broken onward.

    :returns: how many verdicts there are by status.
    """
    hours = branch_hours(session, cases.branches.values)
    line = Line(session, cases, as_of, hours)
    made: Counter[str] = Counter()
    for dated in by_rank(session):
        breaches: list[Breach] = []
        for findings in line.judge(dated):
            own = np.flatnonzero(findings.its_own())
            if len(own):
                breaches += insert_verdicts(session, findings, own, rows, as_of)
                found = np.bincount(findings.verdicts.status[own], minlength=len(STATUSES)).tolist()
                made.update(dict(zip(STATUSES, found, strict=True)))
        announce(session, breaches)
    return +made


def insert_verdicts(
    session: Session, findings: Findings, own: Rows, rows: NewCases, as_of: datetime
) -> list[Breach]:
    """Insert the verdicts at the places *own* of *findings*; the broken ones are told."""
    verdicts, cases = findings.verdicts, findings.rows[own]
    ids = draw_ids(session, _verdict, rows.branch_ids[cases], rows.started[cases])
    started = rows.started[cases]
    pending, broken = STATUSES.index("pending"), STATUSES.index("broken")
    due_at, ended_at, elapsed = verdicts.due_at[own], verdicts.ended_at[own], verdicts.elapsed[own]
    breached = verdicts.status[own] == broken
    dated = np.where(breached & (due_at != NEVER), due_at, ended_at)
    dated = np.where(dated == MISSING, started, dated)
    terms_ids = np.array([version.terms_id for version in findings.dated.versions])[findings.places[own]]
    columns = zip(
        rows.branch_ids[cases].tolist(),
        ids.tolist(),
        rows.ids[cases].tolist(),
        findings.parts[own].tolist(),
        terms_ids.tolist(),
        verdicts.status[own].tolist(),
        verdicts.reason[own].tolist(),
        started.tolist(),
        due_at.tolist(),
        ended_at.tolist(),
        dated.tolist(),
        elapsed.tolist(),
        strict=True,
    )
    values = [
        {
            "branch_id": branch,
            "id": key,
            "case_id": case,
            "promise_id": findings.dated.promise_id,
            "part": part,
            "terms_id": terms_id,
            "status": STATUSES[status],
            "reason": verdicts.reasons[reason],
            "started_at": moment(start),
            "due_at": None if due == NEVER else moment(due),
            "ended_at": None if end == MISSING else moment(end),
            "dated_at": None if status == pending else moment(at),
            "judged_at": as_of,
            "elapsed_s": None if end == MISSING or elapsed_us == MISSING else elapsed_us / 1_000_000,
        }
        for branch, key, case, part, terms_id, status, reason, start, due, end, at, elapsed_us in columns
    ]
    session.execute(insert(_verdict), values)
    counts.inserted(
        session,
        promise_id=findings.dated.promise_id,
        branch_ids=rows.branch_ids[cases],
        terms_ids=terms_ids,
        started=started,
        status=verdicts.status[own],
        reason=verdicts.reason[own],
        reasons=verdicts.reasons,
        elapsed=np.where(ended_at == MISSING, MISSING, elapsed),
    )
    return [_breach(findings, int(own[row]), values[row], as_of) for row in np.flatnonzero(breached).tolist()]


def _breach(findings: Findings, place: int, value: dict[str, Any], as_of: datetime) -> Breach:
    amount, pay_by = findings.owing(place, as_of)
    return Breach(
        branch_id=value["branch_id"],
        verdict_id=value["id"],
        case_id=value["case_id"],
        promise_id=value["promise_id"],
        terms_id=value["terms_id"],
        dated_at=value["dated_at"],
        amount=amount,
        currency=findings.version(place).terms.currency,
        pay_by=pay_by,
        judged_at=as_of,
        counts=findings.counts_towards(place) if amount else (),
        ended_at=value["ended_at"],
    )
