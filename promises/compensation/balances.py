"""Balances: sums over the entries of the ledger, by branch, promise, customer and period."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, and_, case, func, select
from sqlmodel import Session, col

from promises.compensation.accounts import COST, PAID
from promises.compensation.tables import Compensation, Entry
from promises.service.tables import Case

_entry: Table = Entry.__table__  # type: ignore[attr-defined]
_amount = _entry.c.amount.type


def account_sum(*accounts: str) -> Any:
    """Debits less credits of *accounts*, as a sum over entries."""
    signed = case(
        (col(Entry.debit).in_(accounts), Entry.amount), (col(Entry.credit).in_(accounts), -Entry.amount)
    )
    return func.coalesce(func.sum(signed, type_=_amount), Decimal(0))


@dataclass(frozen=True)
class Balance:
    """Sums over the ledger for one branch and promise: ``open`` is owed and hasn't yet reached the customer,
    though some of it may be on its way. ``customer`` is told where sums by customer were asked for."""

    branch_id: int
    promise_id: int
    currency: str
    owed: Decimal
    paid: Decimal
    customer: str = ""

    @property
    def open(self) -> Decimal:
        return self.owed - self.paid


def balances(
    session: Session,
    *,
    branches: Collection[int] | None = None,
    promise_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    customer: str | None = None,
    by_customer: bool = False,
    most: int | None = None,
) -> list[Balance]:
    """What was owed and paid, by branch and promise.

    :param customer: only of this one, as cases know them.
    :param by_customer: sums by customer too, those who are owed most first; cases that know none aside.
    :param most: so many balances, the first ones.
    :param since: entries dated from here on, *until* just before there: a breach at its due time, a
        payment when it was made. Without both, the balances are those of this moment.
    """
    owed, paid = account_sum(COST), -account_sum(*PAID)
    key: list[Any] = [col(Entry.branch_id), col(Compensation.promise_id), col(Entry.currency)]
    own = and_(
        col(Compensation.branch_id) == col(Entry.branch_id),
        col(Compensation.id) == col(Entry.compensation_id),
    )
    named = [col(Case.customer)] if by_customer else []
    query = select(*key, owed.label("owed"), paid, *named).join(Compensation, own)
    if by_customer or customer is not None:
        of_case = and_(
            col(Case.branch_id) == col(Compensation.branch_id), col(Case.id) == col(Compensation.case_id)
        )
        query = query.join(Case, of_case).where(col(Case.customer) != "")
    if customer is not None:
        query = query.where(col(Case.customer) == customer)
    if branches is not None:
        query = query.where(col(Entry.branch_id).in_(branches))
    if promise_id is not None:
        query = query.where(col(Compensation.promise_id) == promise_id)
    if since is not None:
        query = query.where(col(Entry.dated_at) >= since)
    if until is not None:
        query = query.where(col(Entry.dated_at) < until)
    first = [owed.desc()] if by_customer else []
    query = query.group_by(*key, *named).order_by(*first, *key, *named)
    return [Balance(*row) for row in session.execute(query.limit(most))]
