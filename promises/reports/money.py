"""What broken promises have cost, summed from the ledger's lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, and_, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation.ledger import COST, PAID, balances, on_its_way
from promises.compensation.tables import Compensation, Entry, Payout
from promises.reports.queries import Scope
from promises.service.tables import Verdict

_entry: Table = Entry.__table__  # type: ignore[attr-defined]


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


def owing(session: Session, scope: Scope) -> list[Owing]:
    """By currency, what the cases of *scope* have cost, whenever the money moved."""
    # A breach is never dated before its case began, so the index by date finds few lines too many.
    query = (
        select(col(Entry.currency), _moved_into(COST), -_moved_into(*PAID))
        .join(
            Compensation,
            and_(
                col(Compensation.branch_id) == col(Entry.branch_id),
                col(Compensation.id) == col(Entry.compensation_id),
            ),
        )
        .join(
            Verdict,
            and_(
                col(Verdict.branch_id) == col(Compensation.branch_id),
                col(Verdict.id) == col(Compensation.verdict_id),
            ),
        )
        .where(
            col(Compensation.branch_id) == scope.branch_id,
            col(Compensation.promise_id) == scope.promise_id,
            col(Compensation.dated_at) >= scope.start,
            col(Verdict.started_at) >= scope.start,
            col(Verdict.started_at) < scope.end,
        )
        .group_by(col(Entry.currency))
        .order_by(col(Entry.currency))
    )
    return [Owing(*row) for row in session.execute(query)]


def _moved_into(*accounts: str) -> Any:
    """Debits less credits of accounts."""
    signed = case(
        (col(Entry.debit).in_(accounts), col(Entry.amount)),
        (col(Entry.credit).in_(accounts), -col(Entry.amount)),
        else_=None,
    )
    return func.coalesce(func.sum(signed, type_=_entry.c.amount.type), Decimal(0))


def balance(
    session: Session,
    branch_ids: Sequence[int],
    promise_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Owing]:
    """By currency, the ledger of these branches: all of it, or one promise's, or lines dated in
    ``[since, until)``."""
    lines = balances(session, branches=branch_ids, promise_id=promise_id, since=since, until=until)
    return _by_currency(Owing(line.currency, line.owed, line.paid) for line in lines)


def _by_currency(lines: Iterable[Owing]) -> list[Owing]:
    sums: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal("0.00"), Decimal("0.00")])
    for line in lines:
        sums[line.currency][0] += line.owed
        sums[line.currency][1] += line.paid
    return [Owing(currency, owed, paid) for currency, (owed, paid) in sorted(sums.items())]


def to_hand_out(session: Session, branch_ids: Sequence[int]) -> int:
    """How many compensations of these branches still wait for their customer, and aren't on their way."""
    line = aliased(Entry)
    undone = select(col(line.id)).where(
        col(line.branch_id) == col(Compensation.branch_id),
        col(line.compensation_id) == col(Compensation.id),
        col(line.reverses) == col(Compensation.id),
    )
    handed = select(col(Payout.id)).where(
        col(Payout.branch_id) == col(Compensation.branch_id),
        col(Payout.compensation_id) == col(Compensation.id),
    )
    query = (
        select(func.count())
        .select_from(Compensation)
        .where(
            col(Compensation.branch_id).in_(branch_ids),
            ~handed.exists(),
            ~undone.exists(),
            ~on_its_way(col(Compensation.branch_id), col(Compensation.id)),
        )
    )
    return int(session.execute(query).scalar_one())
