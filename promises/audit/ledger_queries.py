"""Reading the ledger: its lines by branch, promise, customer, kind and period."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col

from promises.compensation.tables import Compensation, Entry
from promises.people.tables import Branch, Person
from promises.service.queries import midnight
from promises.service.tables import Case

PAGE = 50
KINDS = ("owed", "sent", "paid", "reversed")
AT_ONCE = 1000


@dataclass(frozen=True)
class Asked:
    """Which lines. *since* and *until* are dates of the branch's clocks, both included."""

    branches: Collection[Branch]
    promise_id: int | None = None
    customer: str = ""
    kind: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """One line of the ledger with its compensation, case and writer."""

    entry: Entry
    promise_id: int
    case_id: int
    reference: str
    customer: str
    who: str | None


def period(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """The moments between which lines of the asked dates lie, by the clocks of the first branch."""
    zone = next((branch.zone for branch in asked.branches), "UTC")
    since = midnight(asked.since, zone) if asked.since else None
    return since, midnight(asked.until + timedelta(days=1), zone) if asked.until else None


def count(session: Session, asked: Asked) -> int:
    """How many lines were asked for."""
    query = _joined(select(func.count()).select_from(Entry)).where(*_conditions(asked))
    return int(session.execute(query).scalar_one())


def page(session: Session, asked: Asked, number: int) -> list[Line]:
    """One page of lines, the newest first."""
    query = _lines().where(*_conditions(asked)).order_by(col(Entry.dated_at).desc(), col(Entry.id).desc())
    return [Line(*row) for row in session.execute(query.offset((number - 1) * PAGE).limit(PAGE))]


def every(session: Session, asked: Asked) -> Iterator[Line]:
    """All lines that were asked for, the oldest first, some at a time."""
    query = _lines().where(*_conditions(asked)).order_by(col(Entry.dated_at), col(Entry.id))
    for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield Line(*row)


def _lines() -> Select[Any]:
    query: Select[Any] = select(
        Entry,
        col(Compensation.promise_id),
        col(Compensation.case_id),
        col(Case.reference),
        col(Case.customer),
        col(Person.name),
    )  # type: ignore[assignment]
    query = _joined(query)
    return query.outerjoin(Person, col(Person.id) == Entry.made_by)


def _joined(query: Select[Any]) -> Select[Any]:
    own = and_(col(Compensation.branch_id) == Entry.branch_id, col(Compensation.id) == Entry.compensation_id)
    its_case = and_(col(Case.branch_id) == Compensation.branch_id, col(Case.id) == Compensation.case_id)
    return query.join(Compensation, own).join(Case, its_case)


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    since, until = period(asked)
    found: list[ColumnElement[bool]] = [
        or_(*(col(Entry.branch_id) == branch.id for branch in asked.branches))
        if asked.branches
        else col(Entry.branch_id).is_(None)
    ]
    if asked.promise_id is not None:
        found.append(col(Compensation.promise_id) == asked.promise_id)
    if asked.customer:
        found += [col(Case.customer) == asked.customer, col(Case.customer) != ""]
    if asked.kind:
        found.append(col(Entry.kind) == asked.kind)
    if since is not None:
        found.append(col(Entry.dated_at) >= since)
    if until is not None:
        found.append(col(Entry.dated_at) < until)
    return found
