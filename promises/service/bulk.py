"""Many cases at once: taken in, judged and told onward in one transaction, without an object per row.

The same judge decides as for one case; here it works on columns. A case that is known already (same
branch, source and reference) only gets milestones that it doesn't have, and is then judged anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import text
from sqlmodel import Session, select

from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service import judging
from promises.service.bulk_judging import judge_new
from promises.service.bulk_rows import CUSTOMER, TOUCHPOINT, insert_cases, started
from promises.service.findings import stand_in_line
from promises.service.judging.cases import Cases
from promises.service.known import add_to_known, known_cases
from promises.service.tables import Case
from promises.terms.columns import Flags
from promises.terms.hours import microseconds, moment
from promises.terms.timeline import NEVER

LONGEST = {name: Case.__table__.c[name].type.length for name in ("reference", TOUCHPOINT, CUSTOMER)}  # type: ignore[attr-defined]
"""How many letters a text of a case may have."""

GROWN = ("case", "milestone", "verdict", "compensation", "entry")


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
    stand_in_line(session)
    branches = {branch.code: branch for branch in session.exec(select(Branch))}
    usable = _usable(columns, branches, as_of, taken, row_of)
    columns = columns.take(np.flatnonzero(usable))
    numbers = np.array(
        [branches[code].id if code in branches else 0 for code in columns.branches.values] + [0]
    )
    branch_ids = numbers[columns.branches.codes]
    references = pc.cast(pa.array(columns.ids), pa.string())
    known = known_cases(session, source, branch_ids, references)
    old = np.flatnonzero(known >= 0)
    taken.known = len(old)
    if len(old):
        by_id = {branch.id: branch for branch in branches.values()}
        taken.grown = add_to_known(session, columns, old, known, branch_ids, by_id, by=by, as_of=as_of)
    fresh = np.flatnonzero(known < 0)
    if len(fresh):
        new = columns.take(fresh)
        rows = insert_cases(session, new, branch_ids[fresh], references.take(fresh), source, by)
        taken.new = len(fresh)
        taken.verdicts += judge_new(session, new, rows, as_of)
    return taken


def survey(session: Session) -> None:
    """Let PostgreSQL see at once how the tables have grown; by itself it would look a minute later, and
    meanwhile search them in ways that were right when they were empty."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE " + ", ".join(f'"{name}"' for name in GROWN)))


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
    for name, long, most in _too_long(cases):
        set_aside("cases.too_long", long, field=name, most=most)
    set_aside("cases.no_milestones", started(cases) == NEVER)
    now = microseconds(as_of)
    for name, happened in cases.milestones.items():
        late = happened.first > now
        late[happened.rows[happened.at > now]] = True
        set_aside(
            "cases.in_future", late, field=name, found=lambda row, h=happened: str(moment(int(h.first[row])))
        )
    return usable


def _too_long(cases: Cases) -> Iterator[tuple[str, Flags, int]]:
    """Which rows tell a text that is too long to be kept: in what, and how long it may be."""
    references = pc.utf8_length(pc.cast(pa.array(cases.ids), pa.string()))
    long = pc.fill_null(pc.greater(references, LONGEST["reference"]), False)
    yield "case", long.to_numpy(zero_copy_only=False), LONGEST["reference"]
    for name in (TOUCHPOINT, CUSTOMER):
        coded, most = cases.attribute(name), LONGEST[name]
        yield name, coded.where([len(str(value)) > most for value in coded.values]), most
