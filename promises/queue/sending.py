"""What else may become of a customer in hand: sent on to another line, desk or person, or parked.

The customer's clock goes on. Terms that want otherwise name the milestones as a pause: ``transferred`` until
``called_again`` or ``served_again``, ``parked`` until ``resumed``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from promises.people.tables import Branch, Membership, Person
from promises.queue.desk import IN_HAND, move, this
from promises.queue.lines import lines_of
from promises.refusal import Refusal
from promises.service.tables import Ticket


def transfer(
    session: Session,
    branch: Branch,
    case_id: int,
    *,
    touchpoint: str,
    desk: str = "",
    person_id: int | None = None,
    by: int,
    as_of: datetime,
) -> Ticket:
    """Send on a customer whom this person has called or is serving. They wait again, in the place that their
    number gives them.

    :param touchpoint: the line that they are sent to; it may be the one that they are in.
    :param desk: only this desk is to call them, or any if empty.
    :param person_id: only this member of the branch's staff is to call them.
    :raises Refusal: ``desk.not_yours``, ``desk.unknown_line``, ``desk.unknown_person``,
        ``desk.sent_nowhere``.
    """
    ticket = session.get(Ticket, (branch.id, case_id))
    if touchpoint not in {*lines_of(session, branch), ticket.touchpoint if ticket else ""}:
        raise Refusal("desk.unknown_line", found=touchpoint)
    if person_id is not None and person_id not in {person.id for person in colleagues(session, branch, by)}:
        raise Refusal("desk.unknown_person")
    if ticket is not None and touchpoint == ticket.touchpoint and not desk and person_id is None:
        raise Refusal("desk.sent_nowhere")
    values = {
        "state": "waiting", "called_by": None, "desk": "", "touchpoint": touchpoint, "for_desk": desk,
        "for_person": person_id,
    }  # fmt: skip
    facts = {"line": touchpoint, **({"desk": desk} if desk else {})}
    return move(
        session, branch, case_id, _mine(branch, case_id, by), values, "transferred", by, as_of, **facts
    )


def park(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """Let a customer in hand do something else first, such as fill in a paper; the desk is free meanwhile.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = _mine(branch, case_id, by)
    return move(session, branch, case_id, mine, {"state": "parked", "desk": ""}, "parked", by, as_of)


def colleagues(session: Session, branch: Branch, besides: int) -> list[Person]:
    """The others who work at the branch, by name."""
    query = (
        select(Person)
        .join(Membership)
        .where(Membership.branch_id == branch.id, Person.id != besides, col(Person.left_at).is_(None))
    )
    return list(session.exec(query.order_by(col(Person.name))))


def _mine(branch: Branch, case_id: int, by: int) -> list[ColumnElement[bool]]:
    return [this(branch, case_id), col(Ticket.state).in_(IN_HAND), col(Ticket.called_by) == by]
