"""What the desk shows: who is in hand, who waits and for how long still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from promises.people.tables import Branch, Person
from promises.queue.desk import IN_HAND, today
from promises.service.tables import Case, Ticket, Verdict

WARNED_AT = 0.8
"""The share of the time limit after which a waiting customer is shown as urgent."""


@dataclass(frozen=True)
class Line:
    """One ticket on the board.

    :param status: of its promise: broken if any is, else the one that is due first; none without one.
    :param kind: what the customer comes for, a code or empty.
    :param teller: who has called it.
    """

    ticket: Ticket
    arrived_at: datetime
    status: str | None
    due_at: datetime | None
    kind: str
    teller: str | None

    @property
    def warn_at(self) -> datetime | None:
        """When the time left becomes urgent."""
        if self.due_at is None:
            return None
        return self.arrived_at + timedelta(
            seconds=(self.due_at - self.arrived_at).total_seconds() * WARNED_AT
        )


@dataclass(frozen=True)
class Board:
    """The branch's queue now. ``over`` counts the tickets of the day that are done."""

    mine: Line | None
    waiting: list[Line]
    others: list[Line]
    over: int


def board(session: Session, branch: Branch, person_id: int, as_of: datetime) -> Board:
    """The queue as *person_id* sees it: the ticket in their hand, and everybody else's."""
    day = today(branch, as_of)
    rows = session.exec(
        select(Ticket, Case, Verdict, Person.name)
        .join(Case, and_(col(Case.branch_id) == Ticket.branch_id, col(Case.id) == Ticket.case_id))
        .outerjoin(
            Verdict,
            and_(col(Verdict.branch_id) == Ticket.branch_id, col(Verdict.case_id) == Ticket.case_id),
        )
        .outerjoin(Person, col(Person.id) == Ticket.called_by)
        .where(
            Ticket.branch_id == branch.id,
            or_(
                and_(col(Ticket.day) == day, col(Ticket.state) == "waiting"),
                col(Ticket.state).in_(IN_HAND),
            ),
        )
        .order_by(col(Ticket.day), col(Ticket.number))
    ).all()
    lines = _lines(rows)
    over = select(func.count()).select_from(Ticket)
    return Board(
        mine=next((line for line in lines if line.ticket.called_by == person_id), None),
        waiting=[line for line in lines if line.ticket.state == "waiting"],
        others=[
            line for line in lines if line.ticket.state in IN_HAND and line.ticket.called_by != person_id
        ],
        over=session.exec(
            over.where(Ticket.branch_id == branch.id, Ticket.day == day, Ticket.state == "over")
        ).one(),
    )


def _lines(rows: Iterable[tuple[Ticket, Case, Verdict | None, str | None]]) -> list[Line]:
    """One line per ticket, whichever of its promises is the most pressing."""
    found: dict[int, Line] = {}
    for ticket, case, verdict, teller in rows:
        line = Line(
            ticket,
            case.started_at,
            verdict.status if verdict else None,
            verdict.due_at if verdict else None,
            str(case.attributes.get("service", "")),
            teller,
        )
        if ticket.case_id not in found or _pressing(line) < _pressing(found[ticket.case_id]):
            found[ticket.case_id] = line
    return list(found.values())


def _pressing(line: Line) -> tuple[int, float]:
    order = {"broken": 0, "pending": 1}
    due = line.due_at.timestamp() if line.due_at else float("inf")
    return order.get(line.status or "", 2), due
