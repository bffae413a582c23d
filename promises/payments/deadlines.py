"""What happens to compensation by itself: it becomes late, or its voucher runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from promises.compensation import actions as compensation
from promises.compensation.late import LATE, become_late
from promises.compensation.tables import Deadline
from promises.database import transaction
from promises.payments import vouchers

AT_ONCE = 50


@dataclass(frozen=True)
class Noticed:
    """How many became late and were given what the terms add for that; how many vouchers ran out."""

    late: int
    expired: int


def due(engine: Engine, as_of: datetime, most: int = 500) -> Noticed:
    """Do what is due by *as_of*, the oldest first, at most *most*; the next run goes on.

    Each is claimed by whoever takes its deadline away, in the transaction that writes the consequence, so
    several watches never do one twice, and one that dies has done it wholly or not at all. What is late is
    dated at its due time, however much later it is noticed.
    """
    with transaction(engine) as session:
        found = _due(session, as_of, most)
    late = expired = 0
    for place in range(0, len(found), AT_ONCE):
        with transaction(engine) as session:
            # In the order of the keys, as everybody who holds several does.
            for branch_id, compensation_id, what in sorted(found[place : place + AT_ONCE]):
                owed = compensation.hold(session, branch_id, compensation_id)
                if what == LATE:
                    late += become_late(session, owed, as_of=as_of) is not None
                else:
                    expired += vouchers.run_out(session, owed, as_of=as_of)
    return Noticed(late, expired)


def _due(session: Session, as_of: datetime, most: int) -> list[tuple[int, int, str]]:
    query = (
        select(Deadline.branch_id, Deadline.compensation_id, Deadline.what)
        .where(col(Deadline.at) < as_of)
        .order_by(col(Deadline.at))
        .limit(most)
    )
    return [(branch_id, number, what) for branch_id, number, what in session.exec(query)]
