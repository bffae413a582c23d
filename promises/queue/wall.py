"""What the wall of the hall shows: numbers and desks, and of nobody anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from promises.people.tables import Branch
from promises.queue.desk import IN_HAND, today
from promises.queue.estimate import LOOKS_BACK
from promises.service.tables import Case, Milestone, Ticket

MOST_SHOWN = 7
FRESH = timedelta(seconds=12)
"""How long a call is new: the wall draws the eye to it for so long."""


@dataclass(frozen=True)
class Called:
    """A number that was called, where to, and when last; ``calls`` how often."""

    number: int
    desk: str
    at: datetime
    calls: int
    serving: bool

    def fresh(self, as_of: datetime) -> bool:
        """Whether it was called a moment ago."""
        return not self.serving and as_of - self.at <= FRESH


@dataclass(frozen=True)
class Wall:
    """The called of today, the newest first, and how many wait."""

    called: tuple[Called, ...]
    waiting: int


def wall(session: Session, branch: Branch, as_of: datetime) -> Wall:
    """The hall of *branch* now."""
    own = (col(Ticket.branch_id) == branch.id, col(Ticket.day) == today(branch, as_of))
    called = (
        select(Ticket)
        .where(*own, col(Ticket.state).in_(IN_HAND), col(Ticket.called_at).is_not(None))
        .order_by(col(Ticket.called_at).desc(), col(Ticket.number).desc())
        .limit(MOST_SHOWN)
    )
    waiting = select(func.count()).select_from(Ticket).where(*own, col(Ticket.state) == "waiting")
    return Wall(
        tuple(
            Called(one.number, one.desk, one.called_at, one.calls, one.state == "serving")
            for one in session.exec(called)
            if one.called_at is not None
        ),
        session.exec(waiting).one(),
    )


def ahead_of(session: Session, ticket: Ticket) -> int:
    """How many of the same line are called before this ticket, as far as anybody can know."""
    query = (
        select(func.count())
        .select_from(Ticket)
        .where(
            Ticket.branch_id == ticket.branch_id,
            Ticket.day == ticket.day,
            Ticket.state == "waiting",
            Ticket.touchpoint == ticket.touchpoint,
            Ticket.number < ticket.number,
        )
    )
    return session.exec(query).one()


def recent_calls(session: Session, ticket: Ticket, as_of: datetime) -> list[datetime]:
    """When numbers of the ticket's line were called first, of late."""
    query = (
        select(Milestone.at)
        .join(
            Ticket,
            (col(Ticket.branch_id) == Milestone.branch_id) & (col(Ticket.case_id) == Milestone.case_id),
        )
        .join(Case, (col(Case.branch_id) == Ticket.branch_id) & (col(Case.id) == Ticket.case_id))
        .where(
            Ticket.branch_id == ticket.branch_id,
            Ticket.day == ticket.day,
            Case.touchpoint == ticket.touchpoint,
            Milestone.name == "called",
            col(Milestone.at) >= as_of - LOOKS_BACK,
        )
    )
    return list(session.exec(query))
