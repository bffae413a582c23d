"""Reading compensation: what is owed, oldest first, its sums, and one with what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation import ledger
from promises.compensation.receipts import LARGEST, read_number
from promises.compensation.tables import Compensation, Entry, Payout
from promises.people.tables import Branch, Person
from promises.service.queries import midnight
from promises.service.tables import Case, Ticket

Query = Select[*tuple[Any, ...]]

PAGE = 50
OPEN, SENT, PAID, REVERSED = "open", "sent", "paid", "reversed"
STATES = (OPEN, SENT, PAID, REVERSED)

_undone = aliased(Entry)
"""The entry that reverses what was owed. What was owed stands in the entry of the compensation's own key."""

_extra = aliased(Entry)
_added_later = and_(
    col(_extra.branch_id) == col(Compensation.branch_id),
    col(_extra.compensation_id) == col(Compensation.id),
    col(_extra.kind) == "owed",
    col(_extra.id) != col(_extra.compensation_id),
)
"""An entry of what came to be owed on top because it is paid late."""

_sent = ledger.on_its_way(col(Compensation.branch_id), col(Compensation.id))
_standing: ColumnElement[str] = case(
    (col(Payout.id).is_not(None), PAID),
    (col(_undone.id).is_not(None), REVERSED),
    (_sent, SENT),
    else_=OPEN,
)


@dataclass(frozen=True)
class Asked:
    """What compensation to show. *since* and *until* are local dates of the breach, both included.

    *state* is one of :data:`STATES`, or None for all; *text* a ticket's number, the beginning of a
    case's reference, or the number of a receipt.
    """

    branches: Collection[Branch]
    promise_id: int | None = None
    state: str | None = OPEN
    since: date | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Line:
    """One compensation as it is listed."""

    compensation: Compensation
    reference: str
    customer: str
    ticket: int | None
    state: str
    paid_at: datetime | None
    added: Decimal | None
    """What came on top because it is, or was, paid late, if anything."""

    @property
    def amount(self) -> Decimal:
        """All that it comes to."""
        return self.compensation.amount + (self.added or Decimal(0))

    @property
    def name(self) -> str:
        """By what its case is known: the ticket's number, or the reference."""
        return str(self.ticket) if self.ticket is not None else self.reference

    def days_late(self, as_of: datetime, zone: str) -> int:
        """For how many dates it should have been paid by now; 0 if it isn't late or needn't be paid."""
        last = last_day(self.compensation, zone)
        if self.state != OPEN or last is None:
            return 0
        return max((as_of.astimezone(ZoneInfo(zone)).date() - last).days, 0)


@dataclass(frozen=True)
class Sum:
    """What compensation of one state and currency comes to; ``late`` of it should have been paid by now."""

    state: str
    currency: str
    count: int
    amount: Decimal
    late: int


def last_day(compensation: Compensation, zone: str) -> date | None:
    """The last date in *zone* on which the compensation is paid in time; None where the terms set none."""
    if compensation.pay_by is None:
        return None
    # A date is over at the midnight after it.
    return (compensation.pay_by - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def totals(session: Session, asked: Asked, as_of: datetime) -> list[Sum]:
    """The sums of what was asked for in each of its states, whatever state was asked for, with what came on
    top because it is paid late."""
    state = _standing.label("standing")
    overdue = func.count(case((and_(_standing == OPEN, col(Compensation.pay_by) < as_of), 1)))
    currency, amount = col(Compensation.currency), func.sum(col(Compensation.amount))
    query = _with_state(select(state, currency, func.count(), amount, overdue).select_from(Compensation))
    if asked.text:
        query = _with_case(query)
    query = query.where(*_conditions(asked)).group_by("standing", currency).order_by(currency)
    added = _added(session, asked)
    return [
        Sum(state, currency, count, amount + added.get((state, currency), Decimal(0)), late)
        for state, currency, count, amount, late in session.execute(query)
    ]


def _added(session: Session, asked: Asked) -> dict[tuple[str, str], Decimal]:
    """What came on top because of lateness, by state and currency."""
    state = _standing.label("standing")
    query = _with_state(
        select(state, col(Compensation.currency), func.sum(col(_extra.amount)))
        .select_from(Compensation)
        .join(_extra, _added_later)
    )
    if asked.text:
        query = _with_case(query)
    query = query.where(*_conditions(asked)).group_by("standing", col(Compensation.currency))
    return {(standing, currency): amount for standing, currency, amount in session.execute(query)}


def lines(session: Session, asked: Asked, page: int = 1) -> list[Line]:
    """One page of what was asked for: the oldest breach first, of what is paid the newest payment first."""
    order: list[Any]
    if asked.state == PAID:
        order = [col(Payout.made_at).desc(), col(Compensation.id).desc()]
    elif asked.state in {OPEN, SENT}:
        order = [col(Compensation.dated_at), col(Compensation.id)]
    else:
        order = [col(Compensation.dated_at).desc(), col(Compensation.id).desc()]
    query = _listed().where(*_conditions(asked)).order_by(*order)
    if asked.state is not None:
        query = query.where(_is(asked.state))
    return _lines(session, query.offset((page - 1) * PAGE).limit(PAGE))


def one(session: Session, branch_id: int, compensation_id: int) -> Line | None:
    """A compensation of this branch."""
    if compensation_id > LARGEST:
        return None
    key = (col(Compensation.branch_id) == branch_id, col(Compensation.id) == compensation_id)
    return next(iter(_lines(session, _listed().where(*key))), None)


def of_case(session: Session, branch_id: int, case_id: int) -> list[Line]:
    """What one case is owed, by promise."""
    key = (col(Compensation.branch_id) == branch_id, col(Compensation.case_id) == case_id)
    return _lines(session, _listed().where(*key).order_by(col(Compensation.promise_id)))


def next_open(session: Session, compensation: Compensation) -> Line | None:
    """The next that its branch owes: the one that broke after *compensation*, else the oldest other."""
    order = (col(Compensation.dated_at), col(Compensation.id))
    after = tuple_(*order) > tuple_(compensation.dated_at, compensation.id)
    query = (
        _listed()
        .where(
            col(Compensation.branch_id) == compensation.branch_id,
            col(Compensation.id) != compensation.id,
            _is(OPEN),
        )
        .order_by(case((after, 0), else_=1), *order)
    )
    return next(iter(_lines(session, query.limit(1))), None)


@dataclass(frozen=True)
class Handed:
    """How a compensation was paid, and the name of who paid it."""

    payout: Payout
    by: str


def handed(session: Session, compensation: Compensation) -> Handed | None:
    """Its payment, if it was paid."""
    query = (
        select(Payout, col(Person.name))
        .join(Person, col(Person.id) == col(Payout.made_by))
        .where(
            col(Payout.branch_id) == compensation.branch_id,
            col(Payout.compensation_id) == compensation.id,
        )
    )
    row = session.execute(query).first()
    return Handed(*row) if row else None


def writers(session: Session, entries: Iterable[Entry]) -> dict[int, str]:
    """Names of those who wrote *entries*, by person id."""
    ids = {entry.made_by for entry in entries if entry.made_by is not None}
    if not ids:
        return {}
    query = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(ids))
    return {one[0]: one[1] for one in session.execute(query)}


def _is(state: str) -> ColumnElement[bool]:
    """The same as :data:`_standing`, said so that the database can use its indexes."""
    paid, undone = col(Payout.id), col(_undone.id)
    return {
        OPEN: and_(paid.is_(None), undone.is_(None), ~_sent),
        SENT: and_(paid.is_(None), undone.is_(None), _sent),
        PAID: paid.is_not(None),
        REVERSED: and_(paid.is_(None), undone.is_not(None)),
    }[state]


def _listed() -> Query:
    return _with_state(
        _with_case(
            select(
                Compensation,
                col(Case.reference),
                col(Case.customer),
                col(Ticket.number),
                _standing,
                col(Payout.made_at),
                select(func.sum(col(_extra.amount))).where(_added_later).scalar_subquery(),
            )
        )
    )


def _lines(session: Session, query: Query) -> list[Line]:
    return [Line(*row) for row in session.execute(query)]


def _with_state(query: Query) -> Query:
    payout = and_(
        col(Payout.branch_id) == col(Compensation.branch_id),
        col(Payout.compensation_id) == col(Compensation.id),
    )
    reversal = and_(
        col(_undone.branch_id) == col(Compensation.branch_id), col(_undone.reverses) == col(Compensation.id)
    )
    return query.outerjoin(Payout, payout).outerjoin(_undone, reversal)


def _with_case(query: Query) -> Query:
    its_case = and_(
        col(Case.branch_id) == col(Compensation.branch_id), col(Case.id) == col(Compensation.case_id)
    )
    ticket = and_(
        col(Ticket.branch_id) == col(Compensation.branch_id),
        col(Ticket.case_id) == col(Compensation.case_id),
    )
    return query.join(Case, its_case).outerjoin(Ticket, ticket)


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    own: list[ColumnElement[bool]] = []
    for branch in asked.branches:
        here = [col(Compensation.branch_id) == branch.id]
        if asked.since:
            here.append(col(Compensation.dated_at) >= midnight(asked.since, branch.zone))
        if asked.until:
            here.append(col(Compensation.dated_at) < midnight(asked.until + timedelta(days=1), branch.zone))
        own.append(and_(*here))
    conditions: list[ColumnElement[bool]] = [or_(*own) if own else col(Compensation.branch_id).is_(None)]
    if asked.promise_id is not None:
        conditions.append(col(Compensation.promise_id) == asked.promise_id)
    if asked.text:
        conditions.append(_named(asked.text))
    return conditions


def _named(text: str) -> ColumnElement[bool]:
    named: list[ColumnElement[bool]] = [col(Case.reference).startswith(text, autoescape=True)]
    if text.isdecimal() and len(text) < 7:
        # A ticket's reference begins with its year, which somebody who types 20 doesn't mean.
        named = [and_(col(Ticket.number).is_(None), *named), col(Ticket.number) == int(text)]
    number = read_number(text)
    if number is not None:
        named.append(col(Compensation.id) == number)
    return or_(*named)
