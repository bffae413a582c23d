"""What waits to be paid: by the counter, or by the next batch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation import ledger
from promises.compensation.tables import Compensation, Entry, Payout
from promises.payments.tables import Choice

Query = Select[*tuple[Any, ...]]
_undone = aliased(Entry)


@dataclass(frozen=True)
class Waiting:
    """How much waits for one way of paying; ``way`` is empty where nobody has chosen yet."""

    way: str
    currency: str
    count: int
    amount: Decimal


def waiting_sums(session: Session, branches: Collection[int]) -> list[Waiting]:
    """What waits at *branches*, by way and currency. Sums of what terms add for lateness are not in it."""
    way = func.coalesce(col(Choice.way), "").label("way")
    query = _open(select(way, col(Compensation.currency), func.count(), func.sum(col(Compensation.amount))))
    query = query.where(col(Compensation.branch_id).in_(branches))
    query = query.group_by(way, col(Compensation.currency)).order_by(way, col(Compensation.currency))
    return [Waiting(*row) for row in session.execute(query)]


def waiting_keys(
    session: Session, way: str, branches: Collection[int], currency: str, most: int
) -> list[tuple[int, int]]:
    """Branch and id of what waits for *way* in *currency*, the oldest at most, in the order of the keys."""
    query = _open(select(col(Compensation.branch_id), col(Compensation.id))).where(
        col(Compensation.branch_id).in_(branches),
        col(Choice.way) == way,
        col(Compensation.currency) == currency,
    )
    query = query.order_by(col(Choice.chosen_at), col(Compensation.id)).limit(most)
    return sorted((branch_id, number) for branch_id, number in session.execute(query))


def waiting_condition() -> Any:
    """The condition that a compensation is open, for a query that :func:`_open` has joined."""
    return and_(
        col(Payout.id).is_(None),
        col(_undone.id).is_(None),
        ~ledger.on_its_way(col(Compensation.branch_id), col(Compensation.id)),
    )


def _open(query: Query) -> Query:
    payout = and_(
        col(Payout.branch_id) == col(Compensation.branch_id),
        col(Payout.compensation_id) == col(Compensation.id),
    )
    undone = and_(
        col(_undone.branch_id) == col(Compensation.branch_id), col(_undone.reverses) == col(Compensation.id)
    )
    choice = and_(
        col(Choice.branch_id) == col(Compensation.branch_id),
        col(Choice.compensation_id) == col(Compensation.id),
    )
    query = query.select_from(Compensation).outerjoin(Choice, choice)
    return query.outerjoin(Payout, payout).outerjoin(_undone, undone).where(waiting_condition())
