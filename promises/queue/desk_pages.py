"""The desk: tickets given, called, served. A page that is out of date is told so and shown anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from promises.language import gettext, sentence
from promises.queue import desk, sending
from promises.queue.board import Board, Line, board
from promises.queue.forms import ANYBODY, DeskForm, PressForm, TicketForm, TransferForm
from promises.queue.lines import COUNTER, lines_of
from promises.refusal import Refusal
from promises.service.tables import Ticket
from promises.web.edge import undo
from promises.web.forms import Form
from promises.web.guard import needs
from promises.web.live import page_or_unchanged
from promises.web.once import done, pressed_before
from promises.web.onward import Onward, onward
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

ACTS: dict[str, Callable[..., Ticket]] = {
    "call": desk.call,
    "call-again": desk.call_again,
    "serve": desk.serve,
    "finish": desk.finish,
    "no-show": desk.no_show,
    "left": desk.left,
    "park": sending.park,
    "take-back": desk.take_back,
}
AT_A_DESK = {"call", "take-back"}


@needs("desk.serve")
def show(**_address: str) -> ResponseReturnValue:
    seen = board(db(), here(), me().id, as_of())
    known = seen.known(), _my_desk(), _my_lines(), _lines()
    return page_or_unchanged(known, lambda: _page(seen))


@needs("desk.serve")
def give(**_address: str) -> ResponseReturnValue:
    form = TicketForm(_lines())
    if not form.validate_on_submit():
        return _page(ticket_form=form), 422

    def act() -> str:
        given = {"kind": form.kind.data or "", "touchpoint": form.touchpoint.data or COUNTER}
        ticket = desk.give_ticket(db(), here(), by=me().id, as_of=as_of(), **given)
        return gettext("desk.given", number=ticket.number)

    return _press(form, act)


@needs("desk.serve")
def call_next(**_address: str) -> ResponseReturnValue:
    def act() -> str:
        mine = _my_lines() or None
        ticket = desk.call_next(db(), here(), desk=_my_desk(), lines=mine, by=me().id, as_of=as_of())
        return gettext("desk.called", number=ticket.number)

    return _press(PressForm(), act)


@needs("desk.serve")
def act(case_id: int, act: str, **_address: str) -> ResponseReturnValue:
    verb = ACTS[act]
    named: dict[str, Any] = {"desk": _my_desk()} if act in AT_A_DESK else {}

    def do() -> str:
        ticket = verb(db(), here(), case_id, by=me().id, as_of=as_of(), **named)
        return gettext(f"desk.done.{act.replace('-', '_')}", number=ticket.number)

    return _press(PressForm(), do)


@needs("desk.serve")
def transfer(case_id: int, **_address: str) -> ResponseReturnValue:
    """Send the customer in hand on to another line, desk or person."""
    form = TransferForm(_lines(), sending.colleagues(db(), here(), me().id))

    def do() -> str:
        ticket = sending.transfer(
            db(),
            here(),
            case_id,
            touchpoint=form.touchpoint.data,
            desk=form.to_desk.data or "",
            person_id=form.person.data if form.person.data != ANYBODY else None,
            by=me().id,
            as_of=as_of(),
        )
        return gettext("desk.done.transfer", number=ticket.number)

    return _press(form, do)


@needs("desk.serve")
def sit(**_address: str) -> ResponseReturnValue:
    """Remember at which desk this browser stands, and which lines are served there."""
    form = DeskForm(_lines())
    if not form.validate_on_submit():
        return _page(desk_form=form), 422
    session["desk"] = form.desk.data or ""
    chosen = form.lines.data or []
    session["lines"] = [] if set(chosen) == set(_lines()) else chosen
    return redirect(url_for(".desk", branch=here().code))


def _press(form: Form, act: Callable[[], str]) -> ResponseReturnValue:
    """Do *act* once; what can't be done any more is said on the fresh page instead of stopping there."""
    there = url_for(".desk", branch=here().code)
    if not form.validate_on_submit():
        return redirect(there)
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    try:
        flash(act(), "ok")
    except Refusal as refusal:
        undo()
        flash(sentence(refusal), "warning")
        return redirect(there)
    return done(form.once.data, there)


def _page(
    seen: Board | None = None, *, ticket_form: TicketForm | None = None, desk_form: DeskForm | None = None
) -> str:
    seen, lines = seen or board(db(), here(), me().id, as_of()), _lines()

    def owed(line: Line) -> list[Onward]:
        """What a broken promise on the board has led to."""
        if line.status != "broken":
            return []
        return [step for step in onward("case", line.ticket.branch_id, line.ticket.case_id)
                if step.kind == "compensation"]  # fmt: skip

    mine = _my_lines() or None
    coming = [line for line in seen.waiting if line.comes_to(me().id, _my_desk(), mine)]
    people = sending.colleagues(db(), here(), me().id)
    return render_template(
        "queue/desk.html",
        branch=here(),
        board=seen,
        coming=coming,
        elsewhere=[line for line in seen.waiting if line not in coming],
        lines=lines,
        owed=owed,
        ticket_form=ticket_form or TicketForm(lines),
        desk_form=desk_form or DeskForm(lines, desk=_my_desk(), mine=_my_lines()),
        transfer_form=TransferForm(lines, people, seen.mine.ticket.touchpoint) if seen.mine else None,
        my_desk=_my_desk(),
        as_of=as_of(),
    )


def _my_desk() -> str:
    return str(session.get("desk", ""))


def _my_lines() -> list[str]:
    """The lines that this desk serves, as far as the hall has them; none means all."""
    return [line for line in session.get("lines", ()) if line in _lines()]


def _lines() -> tuple[str, ...]:
    return lines_of(db(), here())
