"""What a customer's own page shows of one case: its place in the queue, its promises, what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from promises.compensation import queries as compensation
from promises.compensation.tables import Compensation
from promises.payments.choosing import open_ways
from promises.payments.queries import Whereabouts, whereabouts
from promises.people.tables import Branch
from promises.queue.estimate import estimate
from promises.queue.wall import ahead_of, recent_calls
from promises.service.queries import Judged, ticket_of, verdicts
from promises.service.tables import Case, Ticket

CLOSED = ("paid", "reversed")


@dataclass(frozen=True)
class Place:
    """A ticket's place in its line: how many are before it, and in how many minutes its turn may come."""

    ahead: int
    minutes: tuple[int, int] | None


@dataclass(frozen=True)
class Owed:
    """What the customer is owed for one broken promise, how it may be paid and where it is."""

    compensation: Compensation
    ways: tuple[str, ...]
    where: Whereabouts

    @property
    def choosable(self) -> bool:
        """Whether there is anything for the customer to choose."""
        return self.where.state in ("open", "chosen", "voucher") and len(self.ways) > 1


@dataclass(frozen=True)
class Visit:
    """One case as its customer may see it. ``ticket`` and ``place`` are there only for the branch's queue."""

    case: Case
    branch: Branch
    ticket: Ticket | None
    place: Place | None
    judged: list[Judged]
    owed: list[Owed]

    @property
    def going_on(self) -> bool:
        """Whether anything may still change while somebody looks."""
        if self.ticket is not None and self.ticket.state != "over":
            return True
        return any(one.verdict.status == "pending" for one in self.judged)

    def known(self) -> tuple[object, ...]:
        """All that the page shows, to tell whether anything has changed."""
        return (
            self.ticket and self.ticket.model_dump(),
            self.place,
            [(one.verdict.status, one.verdict.reason, one.verdict.due_at, one.verdict.elapsed_s)
             for one in self.judged],
            [(one.compensation.id, one.where.state, one.where.way) for one in self.owed],
        )  # fmt: skip


def visit(session: Session, branch_id: int, case_id: int, as_of: datetime) -> Visit:
    """The case of a customer's link as of now."""
    case, branch = session.get_one(Case, (branch_id, case_id)), session.get_one(Branch, branch_id)
    ticket = ticket_of(session, case)
    place = None
    if ticket is not None and ticket.state == "waiting":
        ahead = ahead_of(session, ticket)
        place = Place(ahead, estimate(recent_calls(session, ticket, as_of), ahead, as_of))
    judged = verdicts(session, case)
    # As long as every clock runs, nothing can be owed.
    decided = any(one.verdict.status != "pending" for one in judged)
    owed = owed_for(session, branch_id, case_id) if decided else []
    return Visit(case, branch, ticket, place, judged, owed)


def owed_for(session: Session, branch_id: int, case_id: int) -> list[Owed]:
    """What the case is owed, by promise."""
    return [
        Owed(one, open_ways(session, one), whereabouts(session, one))
        for line in compensation.of_case(session, branch_id, case_id)
        for one in (line.compensation,)
    ]
