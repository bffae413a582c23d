"""The branch's own queue: a ticket is given, called, served and over, each by a conditional update.

Milestones of a case at the desk: ``arrived``, ``called``, ``served``, ``ended``, ``no_show``, ``left``. Each
happens once. Who is sent on or parked (sending.py) is called and served a second time: ``called_again``,
``served_again``, so that the promise is judged by the first, unless its terms say otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.queue.lines import COUNTER, lines_of
from promises.refusal import Refusal
from promises.service.actions import add_milestone, open_case
from promises.service.tables import Case, Milestone, Ticket

SOURCE = "desk"
KINDS = ("daily", "card", "loan", "savings", "other")
IN_HAND = ("called", "serving")
AGAIN = {"called": "called_again", "served": "served_again"}


def today(branch: Branch, as_of: datetime) -> date:
    """The branch's own date at *as_of*."""
    return as_of.astimezone(ZoneInfo(branch.zone)).date()


def give_ticket(
    session: Session,
    branch: Branch,
    *,
    kind: str = "",
    touchpoint: str = COUNTER,
    by: int | None,
    as_of: datetime,
) -> Ticket:
    """A ticket for a customer who has just arrived: the next number of the branch's day.

    :param kind: what the customer comes for, a code of ``KINDS``, or empty.
    :param touchpoint: the line in which they wait, one of the branch's lines; promises are matched by it.
    :raises Refusal: ``desk.unknown_kind``, ``desk.unknown_line``.
    """
    if kind and kind not in KINDS:
        raise Refusal("desk.unknown_kind", found=kind)
    if touchpoint != COUNTER and touchpoint not in lines_of(session, branch):
        raise Refusal("desk.unknown_line", found=touchpoint)
    day = today(branch, as_of)
    # One number at a time: the branch's row is held, in a way that stops nobody who only refers to it.
    session.exec(select(Branch.id).where(Branch.id == branch.id).with_for_update(key_share=True)).one()
    taken = select(func.coalesce(func.max(Ticket.number), 0))
    number = session.exec(taken.where(Ticket.branch_id == branch.id, Ticket.day == day)).one() + 1
    case = open_case(
        session,
        branch=branch,
        touchpoint=touchpoint,
        source=SOURCE,
        reference=f"{day}-{number}",
        milestones=[("arrived", as_of)],
        attributes={"service": kind} if kind else {},
        by=by,
        as_of=as_of,
    )
    ticket = Ticket(
        branch_id=case.branch_id,
        case_id=case.id,
        day=day,
        number=number,
        given_at=as_of,
        touchpoint=touchpoint,
    )
    session.add(ticket)
    session.flush()
    record(session, "ticket.given", "case", case.id, by=by, as_of=as_of, number=number)
    return ticket


def call_next(
    session: Session,
    branch: Branch,
    *,
    desk: str = "",
    lines: Collection[str] | None = None,
    by: int,
    as_of: datetime,
) -> Ticket:
    """Call whoever has waited longest today. Two who press at once get two different tickets.

    :param desk: where the customer is to come, such as ``"2"``.
    :param lines: the touchpoints that this desk serves; all of them unless said. Who was sent to this
        person or desk comes in any case, who was sent to another never.
    :raises Refusal: ``desk.nobody_waiting``, ``desk.finish_first``.
    """
    first = (
        select(Ticket.branch_id, Ticket.case_id)
        .where(
            Ticket.branch_id == branch.id,
            Ticket.day == today(branch, as_of),
            Ticket.state == "waiting",
            _comes_to(by, desk, lines),
        )
        .order_by(col(Ticket.number))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    chosen = tuple_(col(Ticket.branch_id), col(Ticket.case_id)).in_(first)
    ticket = _call(session, branch, [chosen, col(Ticket.state) == "waiting"], "called", desk, by, as_of)
    if ticket is None:
        raise Refusal("desk.nobody_waiting")
    return ticket


def _comes_to(by: int, desk: str, lines: Collection[str] | None) -> ColumnElement[bool]:
    nobodys = and_(col(Ticket.for_person).is_(None), col(Ticket.for_desk) == "")
    in_line = nobodys if lines is None else and_(nobodys, col(Ticket.touchpoint).in_(lines))
    to_desk = and_(col(Ticket.for_person).is_(None), col(Ticket.for_desk) == desk, col(Ticket.for_desk) != "")
    return or_(col(Ticket.for_person) == by, to_desk, in_line)


def call(
    session: Session, branch: Branch, case_id: int, *, desk: str = "", by: int, as_of: datetime
) -> Ticket:
    """Call one ticket out of turn.

    :raises Refusal: ``desk.called_already`` if somebody else was quicker, ``desk.finish_first``.
    """
    waiting = [this(branch, case_id), col(Ticket.state) == "waiting"]
    ticket = _call(session, branch, waiting, "called", desk, by, as_of)
    if ticket is None:
        raise Refusal("desk.called_already", number=number_of(session, branch, case_id))
    return ticket


def call_again(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """Call once more whom this person has called: the wall shows it anew. The promise's clock is not touched.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [this(branch, case_id), col(Ticket.state) == "called", col(Ticket.called_by) == by]
    if change(session, mine, {"called_at": as_of, "calls": Ticket.calls + 1}) is None:
        raise Refusal("desk.not_yours", number=number_of(session, branch, case_id))
    ticket = session.get_one(Ticket, (branch.id, case_id), populate_existing=True)
    record(session, "ticket.called_again", "case", case_id, by=by, as_of=as_of, number=ticket.number)
    return ticket


def take_back(
    session: Session, branch: Branch, case_id: int, *, desk: str = "", by: int, as_of: datetime
) -> Ticket:
    """Go on with a parked customer: called again, by whoever takes them.

    :raises Refusal: ``desk.not_parked``, ``desk.finish_first``.
    """
    parked = [this(branch, case_id), col(Ticket.state) == "parked"]
    ticket = _call(session, branch, parked, "resumed", desk, by, as_of)
    if ticket is None:
        raise Refusal("desk.not_parked", number=number_of(session, branch, case_id))
    return ticket


def serve(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer is at the desk: from now on they are served.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [this(branch, case_id), col(Ticket.state) == "called", col(Ticket.called_by) == by]
    return move(session, branch, case_id, mine, {"state": "serving"}, "served", by, as_of)


def finish(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer has been served to the end.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [this(branch, case_id), col(Ticket.state) == "serving", col(Ticket.called_by) == by]
    return move(session, branch, case_id, mine, {"state": "over"}, "ended", by, as_of)


def no_show(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """Nobody came when the ticket was called.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [this(branch, case_id), col(Ticket.state) == "called", col(Ticket.called_by) == by]
    return move(session, branch, case_id, mine, {"state": "over"}, "no_show", by, as_of)


def left(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer was seen to walk out before being called, or while parked.

    :raises Refusal: ``desk.called_already``.
    """
    waiting = [this(branch, case_id), col(Ticket.state).in_(("waiting", "parked"))]
    return move(
        session, branch, case_id, waiting, {"state": "over"}, "left", by, as_of, "desk.called_already"
    )


def this(branch: Branch, case_id: int) -> ColumnElement[bool]:
    """The condition that names one ticket."""
    return (col(Ticket.branch_id) == branch.id) & (col(Ticket.case_id) == case_id)


def _call(
    session: Session,
    branch: Branch,
    only_if: list[ColumnElement[bool]],
    milestone: str,
    desk: str,
    by: int,
    as_of: datetime,
) -> Ticket | None:
    values = {
        "state": "called", "called_by": by, "desk": desk, "for_desk": "", "for_person": None,
        "called_at": as_of, "calls": Ticket.calls + 1,
    }  # fmt: skip
    try:
        with session.begin_nested():
            case_id = change(session, only_if, values)
    except IntegrityError:
        # The index over tickets in hand: this person has one already.
        raise Refusal("desk.finish_first") from None
    return None if case_id is None else _happened(session, branch, case_id, milestone, by, as_of)


def move(
    session: Session,
    branch: Branch,
    case_id: int,
    only_if: list[ColumnElement[bool]],
    values: dict[str, Any],
    milestone: str,
    by: int,
    as_of: datetime,
    otherwise: str = "desk.not_yours",
    **facts: Any,
) -> Ticket:
    """Change a ticket if it still is as *only_if* says, and note the *milestone* of its case.

    :param facts: plain values for the journal.
    :raises Refusal: *otherwise*, with the ticket's number.
    """
    if change(session, only_if, values) is None:
        raise Refusal(otherwise, number=number_of(session, branch, case_id))
    return _happened(session, branch, case_id, milestone, by, as_of, **facts)


def change(session: Session, only_if: list[ColumnElement[bool]], values: dict[str, Any]) -> int | None:
    """Change the ticket that *only_if* finds; its case, or None if there is none."""
    statement = update(Ticket).where(*only_if).values(**values).returning(col(Ticket.case_id))
    found: int | None = session.execute(statement.execution_options(synchronize_session=False)).scalar()
    return found


def _happened(
    session: Session, branch: Branch, case_id: int, milestone: str, by: int, as_of: datetime, **facts: Any
) -> Ticket:
    case = session.get_one(Case, (branch.id, case_id))
    if milestone in AGAIN and _has_been(session, case, milestone):
        milestone = AGAIN[milestone]
    add_milestone(session, case, branch, milestone, as_of, by=by, as_of=as_of)
    ticket = session.get_one(Ticket, (branch.id, case_id), populate_existing=True)
    record(session, f"ticket.{milestone}", "case", case_id, by=by, as_of=as_of, number=ticket.number, **facts)
    return ticket


def _has_been(session: Session, case: Case, milestone: str) -> bool:
    own = (Milestone.branch_id == case.branch_id, Milestone.case_id == case.id)
    return session.exec(select(Milestone.at).where(*own, Milestone.name == milestone)).first() is not None


def number_of(session: Session, branch: Branch, case_id: int) -> int:
    """The number of a ticket that somebody asked for; one that isn't there is a wrong address.

    :raises Refusal: ``desk.unknown_ticket``.
    """
    ticket = session.get(Ticket, (branch.id, case_id))
    if ticket is None:
        raise Refusal("desk.unknown_ticket")
    return ticket.number
