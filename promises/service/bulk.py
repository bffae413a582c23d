"""Many cases at once: taken in, judged and told onward in one transaction, without an object per row.

The same judge decides as for one case; here it works on columns. A case that is known already (same
branch, source and reference) only gets milestones that it doesn't have, and is then judged anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Table, insert
from sqlmodel import Session, select

from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service import judging
from promises.service.judgement import NOT_ITS_CASE
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import STATUSES, Verdicts
from promises.service.keys import draw_ids
from promises.service.known import add_to_known, known_cases
from promises.service.signals import Breach, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Flags, Rows, Times
from promises.terms.hours import microseconds, moment
from promises.terms.paying import pay_by
from promises.terms.queries import Dated, Version, promises
from promises.terms.timeline import NEVER

_case: Table = Case.__table__  # type: ignore[attr-defined]
_milestone: Table = Milestone.__table__  # type: ignore[attr-defined]
_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]

TOUCHPOINT, CUSTOMER = "touchpoint", "customer"


@dataclass
class Taken:
    """What became of the rows: new cases, known ones (and how many of them learned something), and
    those that were set aside, as refusals with ``row`` (or ``case``), ``field`` and ``found``.

    ``verdicts`` counts the new cases' verdicts by status.
    """

    new: int = 0
    known: int = 0
    grown: int = 0
    set_aside: list[Refusal] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Taken) -> None:
        """Count *other* in, as the next part of one file."""
        self.new += other.new
        self.known += other.known
        self.grown += other.grown
        self.set_aside += other.set_aside
        self.verdicts += other.verdicts


def take_cases(
    session: Session,
    cases: Iterable[judging.Case] | Cases,
    *,
    source: str,
    by: int | None,
    as_of: datetime,
    row_of: Callable[[int], int] | None = None,
) -> Taken:
    """Take *cases* in: insert what is new, judge it by the terms in force, owe what is broken.

    :param cases: plain cases, or the columns of a file. ``branch`` is a branch code; the attribute
        ``touchpoint`` says where it happened, ``customer`` whose case it is, if that is known. Ids are
        the references by which *source* knows its cases.
    :param row_of: the row in the file of the case at each place, if set aside ones are to be told by row.
    """
    columns = cases if isinstance(cases, Cases) else Cases.of(cases)
    taken = Taken()
    if not len(columns):
        return taken
    branches = {branch.code: branch for branch in session.exec(select(Branch))}
    usable = _usable(columns, branches, as_of, taken, row_of)
    columns = columns.take(np.flatnonzero(usable))
    numbers = np.array(
        [branches[code].id if code in branches else 0 for code in columns.branches.values] + [0]
    )
    branch_ids = numbers[columns.branches.codes]
    references = [str(reference) for reference in columns.ids]
    known = known_cases(session, source, branch_ids, references)
    old = np.flatnonzero(known >= 0)
    taken.known = len(old)
    if len(old):
        by_id = {branch.id: branch for branch in branches.values()}
        taken.grown = add_to_known(session, columns, old, known, branch_ids, by_id, by=by, as_of=as_of)
    fresh = np.flatnonzero(known < 0)
    if len(fresh):
        new = columns.take(fresh)
        rows = _insert_cases(session, new, branch_ids[fresh], [references[row] for row in fresh], source, by)
        taken.new = len(fresh)
        _judge(session, new, rows, as_of, taken)
    return taken


@dataclass(frozen=True)
class _Rows:
    """Columns of the case rows that were just inserted."""

    branch_ids: Rows
    ids: Rows
    started: Times


def _usable(
    cases: Cases,
    branches: dict[str, Branch],
    as_of: datetime,
    taken: Taken,
    row_of: Callable[[int], int] | None,
) -> Flags:
    """Rows that can be taken in; the others are set aside, each for its first reason."""
    usable = np.ones(len(cases), bool)

    def set_aside(code: str, rows: Flags, **facts: Any) -> None:
        for row in np.flatnonzero(rows & usable).tolist():
            where = {} if row_of is None else {"row": row_of(row)}
            told = {name: value(row) if callable(value) else value for name, value in facts.items()}
            taken.set_aside.append(Refusal(code, **where, case=str(cases.ids[row]), **told))
        usable[rows] = False

    for number, fault in enumerate(cases.faults.values):
        set_aside("cases.row_faulty", cases.faults.codes == number, reason=fault)
    known = cases.branches.where([code in branches for code in cases.branches.values])
    names = [*cases.branches.values, ""]
    set_aside(
        "cases.unknown_branch", ~known, field="branch", found=lambda row: names[cases.branches.codes[row]]
    )
    set_aside("cases.no_touchpoint", cases.attribute(TOUCHPOINT).codes < 0, field=TOUCHPOINT)
    set_aside("cases.no_milestones", _started(cases) == NEVER)
    now = microseconds(as_of)
    for name, happened in cases.milestones.items():
        late = happened.first > now
        late[happened.rows[happened.at > now]] = True
        set_aside(
            "cases.in_future", late, field=name, found=lambda row, h=happened: str(moment(int(h.first[row])))
        )
    return usable


def _started(cases: Cases) -> Times:
    """When each case began: its earliest milestone, or NEVER."""
    started = np.full(len(cases), NEVER)
    for happened in cases.milestones.values():
        started = np.where(happened.first == MISSING, started, np.minimum(started, happened.first))
    return started


def _insert_cases(
    session: Session, cases: Cases, branch_ids: Rows, references: list[str], source: str, by: int | None
) -> _Rows:
    started = _started(cases)
    ids = draw_ids(session, _case, branch_ids, started)
    touchpoints = cases.attribute(TOUCHPOINT)
    customers = cases.attribute(CUSTOMER)
    others = [item for item in cases.attributes.items() if item[0] not in (TOUCHPOINT, CUSTOMER)]
    attributes: list[dict[str, str]] = [{} for _ in range(len(cases))]
    for name, coded in others:
        for row in np.flatnonzero(coded.codes >= 0).tolist():
            attributes[row][name] = coded.values[coded.codes[row]]
    numbers, keys = branch_ids.tolist(), ids.tolist()
    session.execute(
        insert(_case),
        [
            {
                "branch_id": branch,
                "id": key,
                "source": source,
                "reference": reference,
                "touchpoint": touchpoints.values[touchpoint],
                "started_at": moment(at),
                "customer": customers.values[customer] if customer >= 0 else "",
                "attributes": own,
            }
            for branch, key, reference, touchpoint, customer, at, own in zip(
                numbers,
                keys,
                references,
                touchpoints.codes.tolist(),
                customers.codes.tolist(),
                started.tolist(),
                attributes,
                strict=True,
            )
        ],
    )
    milestones = [
        {"branch_id": numbers[row], "case_id": keys[row], "name": name, "at": moment(at), "by": by}
        for name, happened in cases.milestones.items()
        for row, at in dict.fromkeys(zip(*(column.tolist() for column in happened.all()), strict=True))
    ]
    session.execute(insert(_milestone), milestones)
    return _Rows(branch_ids, ids, started)


def _judge(session: Session, cases: Cases, rows: _Rows, as_of: datetime, taken: Taken) -> None:
    """Verdicts of new cases under every promise that is about them, and what follows from the broken."""
    hours = branch_hours(session, cases.branches.values)
    breaches: list[Breach] = []
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
                of = _Rows(rows.branch_ids[chosen[own]], rows.ids[chosen[own]], rows.started[chosen[own]])
                breaches += _insert_verdicts(session, version, verdicts, of, as_of)
                counts = np.bincount(verdicts.status, minlength=len(STATUSES)).tolist()
                taken.verdicts.update(dict(zip(STATUSES, counts, strict=True)))
    announce(session, breaches)


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
    session: Session, version: Version, verdicts: Verdicts, rows: _Rows, as_of: datetime
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
