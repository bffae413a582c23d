"""What broken promises have cost, summed from the ledger's lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation.tables import Compensation, Entry, Payout
from promises.reports.queries import Scope, within
from promises.service.tables import Verdict

NOTHING = Decimal("0.00")
_target = aliased(Entry)


@dataclass(frozen=True, slots=True)
class Owing:
    """What broken cases have earned their customers, and what of it has reached them."""

    currency: str
    owed: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return self.owed - self.paid


def _sums() -> Any:
    """Sums by currency and kind; a reversal counts against the kind of the line that it undoes."""
    kind = func.coalesce(col(_target.kind), col(Entry.kind)).label("kind")
    signed = func.sum(case((col(Entry.kind) == "reversed", -col(Entry.amount)), else_=col(Entry.amount)))
    undone = and_(col(_target.branch_id) == col(Entry.branch_id), col(_target.id) == col(Entry.reverses))
    return (
        select(col(Entry.currency), kind, signed)
        .join(
            Compensation,
            and_(
                col(Compensation.branch_id) == col(Entry.branch_id),
                col(Compensation.id) == col(Entry.compensation_id),
            ),
        )
        .outerjoin(_target, undone)
        .group_by(col(Entry.currency), kind)
        .order_by(col(Entry.currency))
    )


def _folded(rows: Iterable[Any]) -> list[Owing]:
    sums: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for currency, kind, amount in rows:
        sums[currency][kind] = amount
    return [Owing(c, found.get("owed", NOTHING), found.get("paid", NOTHING)) for c, found in sums.items()]


def owing(session: Session, scope: Scope) -> list[Owing]:
    """By currency, for the broken cases of *scope*, whenever the money moved."""
    of_case = and_(
        col(Verdict.branch_id) == col(Compensation.branch_id), col(Verdict.id) == col(Compensation.verdict_id)
    )
    query = _sums().join(Verdict, of_case).where(within(scope), col(Verdict.status) == "broken")
    return _folded(session.execute(query))


def balance(session: Session, branch_ids: Sequence[int]) -> list[Owing]:
    """By currency, everything that the ledger of these branches holds."""
    return _folded(session.execute(_sums().where(col(Entry.branch_id).in_(branch_ids))))


def moved(
    session: Session, branch_ids: Sequence[int], promise_id: int, start: datetime, end: datetime
) -> list[Owing]:
    """By currency, the lines of one promise dated in ``[start, end)``, whenever their cases began."""
    query = _sums().where(
        col(Entry.branch_id).in_(branch_ids),
        col(Compensation.promise_id) == promise_id,
        col(Entry.dated_at) >= start,
        col(Entry.dated_at) < end,
    )
    return _folded(session.execute(query))


def to_hand_out(session: Session, branch_ids: Sequence[int]) -> int:
    """How many compensations of these branches still wait for their customer."""
    line = aliased(Entry)
    reversed_ = (
        select(col(line.id))
        .where(
            col(line.branch_id) == col(Compensation.branch_id),
            col(line.compensation_id) == col(Compensation.id),
            col(line.kind) == "reversed",
        )
        .exists()
    )
    handed = (
        select(col(Payout.id))
        .where(
            col(Payout.branch_id) == col(Compensation.branch_id),
            col(Payout.compensation_id) == col(Compensation.id),
        )
        .exists()
    )
    query = (
        select(func.count())
        .select_from(Compensation)
        .where(col(Compensation.branch_id).in_(branch_ids), ~handed, ~reversed_)
    )
    return int(session.execute(query).scalar_one())
