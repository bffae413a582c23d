"""Reminding of compensation that is to be paid: a day before its last moment, when it is late, and every
week that it stays late.

That it was told is written in the transaction that tells it, and a letter stays in the outbox until it has
been sent; so nothing counts as told that wasn't, and each reminder is told once by however many watchers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, and_, exists
from sqlmodel import Session, col, select

from promises.compensation import ledger
from promises.compensation.reminder_tables import Reminder
from promises.compensation.tables import Compensation, Entry, Payout
from promises.compensation.telling import compensation_facts
from promises.database import insert_new, open_session, transaction
from promises.outbox.actions import notify
from promises.service.notices import facts_of

AHEAD = timedelta(days=1)
AGAIN = timedelta(days=7)
TIMES_LATE = 8
AT_ONCE = 500

_reminder: Table = Reminder.__table__  # type: ignore[attr-defined]


def remind(engine: Engine, *, as_of: datetime) -> int:
    """Tell of every compensation whose reminder has come; how many that were.

    What was handed over, is on its way or isn't owed any more is nobody's to be reminded of.
    """
    told = 0
    for kind, number, since, until in _windows(as_of):
        while True:
            with open_session(engine, writes=False) as session:
                due = _due(session, kind, number, since, until)
            told += _tell(engine, kind, number, due, as_of) if due else 0
            if len(due) < AT_ONCE:
                break
    return told


def _windows(as_of: datetime) -> Iterator[tuple[str, int, datetime, datetime]]:
    """Each reminder by kind and number, and between which ``pay_by`` it is due."""
    yield "due_soon", 1, as_of, as_of + AHEAD
    for number in range(1, TIMES_LATE + 1):
        yield "late", number, as_of - number * AGAIN, as_of - (number - 1) * AGAIN


def _due(session: Session, kind: str, number: int, since: datetime, until: datetime) -> list[Compensation]:
    def of_it(*same: Any) -> Any:
        return exists().where(*same)

    branch, key = col(Compensation.branch_id), col(Compensation.id)
    reminded = of_it(
        col(Reminder.branch_id) == branch,
        col(Reminder.compensation_id) == key,
        col(Reminder.kind) == kind,
        col(Reminder.number) == number,
    )
    paid = of_it(col(Payout.branch_id) == branch, col(Payout.compensation_id) == key)
    reversed_ = of_it(col(Entry.branch_id) == branch, col(Entry.reverses) == key)
    # A moment that is the last one still has its moment.
    between = and_(col(Compensation.pay_by) >= since, col(Compensation.pay_by) < until)
    query = select(Compensation).where(between, ~reminded, ~paid, ~reversed_)
    found = session.exec(query.order_by(col(Compensation.pay_by), key).limit(AT_ONCE)).all()
    return list(found)


def _tell(engine: Engine, kind: str, number: int, due: list[Compensation], as_of: datetime) -> int:
    with transaction(engine) as session:
        told = [one for one in due if _claim(session, one, kind, number, as_of)]
        owed = [one for one in told if ledger.open_amount(session, one) > 0]
        about = facts_of(session, [(one.branch_id, one.case_id, one.terms_id) for one in owed])
        by_branch: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one, facts in zip(owed, about, strict=True):
            by_branch[one.branch_id].append(compensation_facts(one.model_dump()) | facts)
        for branch_id in sorted(by_branch):
            notify(session, f"compensation.{kind}", by_branch[branch_id], branch_id, as_of)
    return len(owed)


def _claim(session: Session, one: Compensation, kind: str, number: int, as_of: datetime) -> bool:
    row = {"branch_id": one.branch_id, "compensation_id": one.id, "kind": kind, "number": number}
    return insert_new(session, _reminder, {**row, "told_at": as_of})
