"""The branch's own queue: a ticket is given, called, served and over, each by a conditional update.

Milestones of a case at the desk: ``arrived``, ``called``, ``served``, ``ended``, ``no_show``, ``left``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.actions import add_milestone, open_case
from promises.service.tables import Case, Ticket

TOUCHPOINT = "branch"
SOURCE = "desk"
KINDS = ("daily", "card", "loan", "savings", "other")
IN_HAND = ("called", "serving")


def today(branch: Branch, as_of: datetime) -> date:
    """The branch's own date at *as_of*."""
    return as_of.astimezone(ZoneInfo(branch.zone)).date()


def give_ticket(
    session: Session, branch: Branch, *, kind: str = "", by: int | None, as_of: datetime
) -> Ticket:
    """A ticket for a customer who has just arrived: the next number of the branch's day.

    :param kind: what the customer comes for, a code of ``KINDS``, or empty.
    :raises Refusal: ``desk.unknown_kind``.
    """
    if kind and kind not in KINDS:
        raise Refusal("desk.unknown_kind", found=kind)
    day = today(branch, as_of)
    # One number at a time: the branch's row is held, in a way that stops nobody who only refers to it.
    session.exec(select(Branch.id).where(Branch.id == branch.id).with_for_update(key_share=True)).one()
    taken = select(func.coalesce(func.max(Ticket.number), 0))
    number = session.exec(taken.where(Ticket.branch_id == branch.id, Ticket.day == day)).one() + 1
    case = open_case(
        session,
        branch=branch,
        touchpoint=TOUCHPOINT,
        source=SOURCE,
        reference=f"{day}-{number}",
        milestones=[("arrived", as_of)],
        attributes={"service": kind} if kind else {},
        by=by,
        as_of=as_of,
    )
    ticket = Ticket(branch_id=case.branch_id, case_id=case.id, day=day, number=number, given_at=as_of)
    session.add(ticket)
    session.flush()
    record(session, "ticket.given", "case", case.id, by=by, as_of=as_of, number=number)
    return ticket


def call_next(session: Session, branch: Branch, *, desk: str = "", by: int, as_of: datetime) -> Ticket:
    """Call whoever has waited longest today. Two who press at once get two different tickets.

    :param desk: where the customer is to come, such as ``"2"``.
    :raises Refusal: ``desk.nobody_waiting``, ``desk.finish_first``.
    """
    first = (
        select(Ticket.branch_id, Ticket.case_id)
        .where(Ticket.branch_id == branch.id, Ticket.day == today(branch, as_of), Ticket.state == "waiting")
        .order_by(col(Ticket.number))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    chosen = tuple_(col(Ticket.branch_id), col(Ticket.case_id)).in_(first)
    ticket = _call(session, branch, chosen, desk, by, as_of)
    if ticket is None:
        raise Refusal("desk.nobody_waiting")
    return ticket


def call(
    session: Session, branch: Branch, case_id: int, *, desk: str = "", by: int, as_of: datetime
) -> Ticket:
    """Call one ticket out of turn.

    :raises Refusal: ``desk.called_already`` if somebody else was quicker, ``desk.finish_first``.
    """
    ticket = _call(session, branch, _this(branch, case_id), desk, by, as_of)
    if ticket is None:
        raise Refusal("desk.called_already", number=_number(session, branch, case_id))
    return ticket


def serve(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer is at the desk: from now on they are served.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [_this(branch, case_id), col(Ticket.state) == "called", col(Ticket.called_by) == by]
    return _move(session, branch, case_id, mine, "serving", "served", by, as_of)


def finish(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer has been served to the end.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [_this(branch, case_id), col(Ticket.state) == "serving", col(Ticket.called_by) == by]
    return _move(session, branch, case_id, mine, "over", "ended", by, as_of)


def no_show(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """Nobody came when the ticket was called.

    :raises Refusal: ``desk.not_yours``.
    """
    mine = [_this(branch, case_id), col(Ticket.state) == "called", col(Ticket.called_by) == by]
    return _move(session, branch, case_id, mine, "over", "no_show", by, as_of)


def left(session: Session, branch: Branch, case_id: int, *, by: int, as_of: datetime) -> Ticket:
    """The customer was seen to walk out before being called.

    :raises Refusal: ``desk.called_already``.
    """
    waiting = [_this(branch, case_id), col(Ticket.state) == "waiting"]
    return _move(session, branch, case_id, waiting, "over", "left", by, as_of, "desk.called_already")


def _this(branch: Branch, case_id: int) -> ColumnElement[bool]:
    return (col(Ticket.branch_id) == branch.id) & (col(Ticket.case_id) == case_id)


def _call(
    session: Session, branch: Branch, chosen: ColumnElement[bool], desk: str, by: int, as_of: datetime
) -> Ticket | None:
    values = {"state": "called", "called_by": by, "desk": desk}
    try:
        with session.begin_nested():
            case_id = _change(session, [chosen, col(Ticket.state) == "waiting"], values)
    except IntegrityError:
        # The index over tickets in hand: this person has one already.
        raise Refusal("desk.finish_first") from None
    return None if case_id is None else _happened(session, branch, case_id, "called", by, as_of)


def _move(
    session: Session,
    branch: Branch,
    case_id: int,
    only_if: list[ColumnElement[bool]],
    state: str,
    milestone: str,
    by: int,
    as_of: datetime,
    otherwise: str = "desk.not_yours",
) -> Ticket:
    if _change(session, only_if, {"state": state}) is None:
        raise Refusal(otherwise, number=_number(session, branch, case_id))
    return _happened(session, branch, case_id, milestone, by, as_of)


def _change(session: Session, only_if: list[ColumnElement[bool]], values: dict[str, Any]) -> int | None:
    statement = update(Ticket).where(*only_if).values(**values).returning(col(Ticket.case_id))
    found: int | None = session.execute(statement.execution_options(synchronize_session=False)).scalar()
    return found


def _happened(
    session: Session, branch: Branch, case_id: int, milestone: str, by: int, as_of: datetime
) -> Ticket:
    case = session.get_one(Case, (branch.id, case_id))
    add_milestone(session, case, branch, milestone, as_of, by=by, as_of=as_of)
    ticket = session.get_one(Ticket, (branch.id, case_id), populate_existing=True)
    record(session, f"ticket.{milestone}", "case", case_id, by=by, as_of=as_of, number=ticket.number)
    return ticket


def _number(session: Session, branch: Branch, case_id: int) -> int:
    """The number of a ticket that somebody asked for; one that isn't there is a wrong address."""
    ticket = session.get(Ticket, (branch.id, case_id))
    if ticket is None:
        raise Refusal("desk.unknown_ticket")
    return ticket.number
