"""The desk: tickets given, called, served. A page that is out of date is told so and shown anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from promises.language import gettext, sentence
from promises.queue import desk
from promises.queue.board import Line, board
from promises.queue.forms import DeskForm, PressForm, TicketForm
from promises.refusal import Refusal
from promises.service.tables import Ticket
from promises.web.edge import undo
from promises.web.forms import Form
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.onward import Onward, onward
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

ACTS: dict[str, Callable[..., Ticket]] = {
    "call": desk.call,
    "serve": desk.serve,
    "finish": desk.finish,
    "no-show": desk.no_show,
    "left": desk.left,
}


@needs("desk.serve")
def show(**_address: str) -> ResponseReturnValue:
    return _page(TicketForm(), DeskForm(desk=_my_desk()))


@needs("desk.serve")
def give(**_address: str) -> ResponseReturnValue:
    form = TicketForm()
    if not form.validate_on_submit():
        return _page(form, DeskForm(desk=_my_desk())), 422

    def act() -> str:
        ticket = desk.give_ticket(db(), here(), kind=form.kind.data or "", by=me().id, as_of=as_of())
        return gettext("desk.given", number=ticket.number)

    return _press(form, act)


@needs("desk.serve")
def call_next(**_address: str) -> ResponseReturnValue:
    def act() -> str:
        ticket = desk.call_next(db(), here(), desk=_my_desk(), by=me().id, as_of=as_of())
        return gettext("desk.called", number=ticket.number)

    return _press(PressForm(), act)


@needs("desk.serve")
def act(case_id: int, act: str, **_address: str) -> ResponseReturnValue:
    verb = ACTS[act]
    named: dict[str, Any] = {"desk": _my_desk()} if verb is desk.call else {}

    def do() -> str:
        ticket = verb(db(), here(), case_id, by=me().id, as_of=as_of(), **named)
        return gettext(f"desk.done.{act.replace('-', '_')}", number=ticket.number)

    return _press(PressForm(), do)


@needs("desk.serve")
def sit(**_address: str) -> ResponseReturnValue:
    """Remember at which desk this browser stands."""
    form = DeskForm()
    if not form.validate_on_submit():
        return _page(TicketForm(), form), 422
    session["desk"] = form.desk.data or ""
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


def _page(ticket_form: TicketForm, desk_form: DeskForm) -> str:
    seen = board(db(), here(), me().id, as_of())

    def owed(line: Line) -> list[Onward]:
        """What a broken promise on the board has led to."""
        if line.status != "broken":
            return []
        return [step for step in onward("case", line.ticket.branch_id, line.ticket.case_id)
                if step.kind == "compensation"]  # fmt: skip

    return render_template(
        "queue/desk.html",
        branch=here(),
        board=seen,
        owed=owed,
        ticket_form=ticket_form,
        desk_form=desk_form,
        my_desk=_my_desk(),
        as_of=as_of(),
    )


def _my_desk() -> str:
    return str(session.get("desk", ""))
