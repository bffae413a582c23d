"""What the desk and the live board show: who is in hand, who waits and for how long still."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from promises.people.tables import Branch, Person
from promises.queue.desk import IN_HAND, today
from promises.queue.urgency import warn_at
from promises.service.tables import Case, Ticket, Verdict
from promises.terms.calendar import branch_hours
from promises.terms.queries import of_terms


@dataclass(frozen=True)
class Line:
    """One ticket on the board.

    :param status: of its promise: broken if any is, else the one that is due first; none without one.
    :param warn_at: when the time left becomes urgent, by the terms of that promise.
    :param kind: what the customer comes for, a code or empty.
    :param teller: who has called it, or to whom it was sent while it waits.
    """

    ticket: Ticket
    arrived_at: datetime
    status: str | None
    due_at: datetime | None
    warn_at: datetime | None
    kind: str
    teller: str | None

    @property
    def lost(self) -> bool:
        """Whether its promise has been broken."""
        return self.status == "broken"

    @property
    def pressing(self) -> tuple[int, float, int]:
        """The order of the live board: broken ones, then who runs out first, then who came first."""
        return (*_pressing(self), self.ticket.number)

    def comes_to(self, person_id: int, desk: str, lines: Collection[str] | None) -> bool:
        """Whether a press on "next" at this person's desk may call it."""
        ticket = self.ticket
        if ticket.for_person is not None:
            return ticket.for_person == person_id
        if ticket.for_desk:
            return ticket.for_desk == desk
        return lines is None or ticket.touchpoint in lines


@dataclass(frozen=True)
class Board:
    """The branch's queue now. ``over`` counts the tickets of the day that are done."""

    mine: Line | None
    waiting: list[Line]
    others: list[Line]
    parked: list[Line]
    over: int

    def known(self) -> tuple[object, ...]:
        """All that the page shows of it, to tell whether anything has changed."""
        lines = [line for line in (self.mine, *self.waiting, *self.others, *self.parked) if line]
        return self.over, *(
            (line.ticket.model_dump(), line.status, line.due_at, line.warn_at) for line in lines
        )


def board(session: Session, branch: Branch, person_id: int | None, as_of: datetime) -> Board:
    """The queue as *person_id* sees it: the ticket in their hand, and everybody else's."""
    day = today(branch, as_of)
    rows = session.exec(
        select(Ticket, Case, Verdict, Person.name)
        .join(Case, and_(col(Case.branch_id) == Ticket.branch_id, col(Case.id) == Ticket.case_id))
        .outerjoin(
            Verdict,
            and_(col(Verdict.branch_id) == Ticket.branch_id, col(Verdict.case_id) == Ticket.case_id),
        )
        .outerjoin(Person, col(Person.id) == func.coalesce(Ticket.called_by, Ticket.for_person))
        .where(
            Ticket.branch_id == branch.id,
            or_(
                and_(col(Ticket.day) == day, col(Ticket.state).in_(("waiting", "parked"))),
                col(Ticket.state).in_(IN_HAND),
            ),
        )
        .order_by(col(Ticket.day), col(Ticket.number))
    ).all()
    lines = _lines(session, branch, rows)
    in_hand = [line for line in lines if line.ticket.state in IN_HAND]
    over = select(func.count()).select_from(Ticket)
    return Board(
        mine=next((line for line in in_hand if line.ticket.called_by == person_id), None),
        waiting=[line for line in lines if line.ticket.state == "waiting"],
        others=[line for line in in_hand if line.ticket.called_by != person_id],
        parked=[line for line in lines if line.ticket.state == "parked"],
        over=session.exec(
            over.where(Ticket.branch_id == branch.id, Ticket.day == day, Ticket.state == "over")
        ).one(),
    )


def _lines(
    session: Session, branch: Branch, rows: Iterable[tuple[Ticket, Case, Verdict | None, str | None]]
) -> list[Line]:
    """One line per ticket, whichever of its promises is the most pressing."""
    rows = list(rows)
    versions = of_terms(session, {verdict.terms_id for _, _, verdict, _ in rows if verdict})
    hours = branch_hours(session, [branch.code])
    found: dict[int, Line] = {}
    for ticket, case, verdict, teller in rows:
        warned = None
        if verdict is not None and verdict.due_at is not None:
            terms = versions[verdict.terms_id].terms
            warned = warn_at(terms, verdict.started_at, verdict.due_at, terms.hours_of(branch.code, hours))
        line = Line(
            ticket,
            case.started_at,
            verdict.status if verdict else None,
            verdict.due_at if verdict else None,
            warned,
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
