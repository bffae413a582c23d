"""Judging many new cases at once: columns in, verdict rows out, the broken told onward."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import numpy as np
from sqlalchemy import Table, insert
from sqlmodel import Session

from promises.service import judging
from promises.service.judgement import NOT_ITS_CASE
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import STATUSES, Verdicts
from promises.service.keys import draw_ids
from promises.service.signals import Breach, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Rows, Times
from promises.terms.hours import microseconds, moment
from promises.terms.paying import pay_by
from promises.terms.queries import Dated, Version, promises
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
    breaches: list[Breach] = []
    made: Counter[str] = Counter()
    for dated in promises(session):
        for version, chosen in _by_version(dated, rows.started):
            found = judging.judge_many(cases.take(chosen), version.terms, as_of, hours)
            own = _of_its_case(found)
            verdicts = replace(
                found,
                status=found.status[own],
                reason=found.reason[own],
                due_at=found.due_at[own],
                ended_at=found.ended_at[own],
                elapsed=found.elapsed[own],
                cents=found.cents[own],
            )
            if len(verdicts):
                of = NewCases(rows.branch_ids[chosen[own]], rows.ids[chosen[own]], rows.started[chosen[own]])
                breaches += _insert_verdicts(session, version, verdicts, of, as_of)
                counts = np.bincount(verdicts.status, minlength=len(STATUSES)).tolist()
                made.update(dict(zip(STATUSES, counts, strict=True)))
    announce(session, breaches)
    return +made


def _by_version(dated: Dated, started: Times) -> list[tuple[Version, Rows]]:
    """The cases that began under each version of a promise's terms."""
    starts = np.array([microseconds(version.starts_at) for version in dated.versions])
    which = np.searchsorted(starts, started, side="right") - 1
    parts = [(version, np.flatnonzero(which == n)) for n, version in enumerate(dated.versions)]
    return [(version, rows) for version, rows in parts if len(rows)]


def _of_its_case(found: Verdicts) -> Rows:
    """The rows that the promise is about at all."""
    beside = [number for number, reason in enumerate(found.reasons) if reason in NOT_ITS_CASE]
    return np.flatnonzero(~np.isin(found.reason, beside))


def _insert_verdicts(
    session: Session, version: Version, verdicts: Verdicts, rows: NewCases, as_of: datetime
) -> list[Breach]:
    ids = draw_ids(session, _verdict, rows.branch_ids, rows.started)
    pending, broken = STATUSES.index("pending"), STATUSES.index("broken")
    breached = verdicts.status == broken
    dated = np.where(breached & (verdicts.due_at != NEVER), verdicts.due_at, verdicts.ended_at)
    dated = np.where(dated == MISSING, rows.started, dated)
    columns = zip(
        rows.branch_ids.tolist(),
        ids.tolist(),
        rows.ids.tolist(),
        verdicts.status.tolist(),
        verdicts.reason.tolist(),
        rows.started.tolist(),
        verdicts.due_at.tolist(),
        verdicts.ended_at.tolist(),
        dated.tolist(),
        verdicts.elapsed.tolist(),
        strict=True,
    )
    values = [
        {
            "branch_id": branch,
            "id": key,
            "case_id": case,
            "promise_id": version.promise_id,
            "terms_id": version.terms_id,
            "status": STATUSES[status],
            "reason": verdicts.reasons[reason],
            "started_at": moment(start),
            "due_at": None if due == NEVER else moment(due),
            "ended_at": None if end == MISSING else moment(end),
            "dated_at": None if status == pending else moment(at),
            "judged_at": as_of,
            "elapsed_s": None if end == MISSING or elapsed == MISSING else elapsed / 1_000_000,
        }
        for branch, key, case, status, reason, start, due, end, at, elapsed in columns
    ]
    session.execute(insert(_verdict), values)
    return [
        Breach(
            branch_id=value["branch_id"],
            verdict_id=value["id"],
            case_id=value["case_id"],
            promise_id=version.promise_id,
            terms_id=version.terms_id,
            dated_at=value["dated_at"],
            amount=Decimal(int(verdicts.cents[row])).scaleb(-2),
            currency=verdicts.currency,
            pay_by=pay_by(version.terms, value["dated_at"]),
            judged_at=as_of,
        )
        for row in np.flatnonzero(breached).tolist()
        for value in (values[row],)
    ]
