"""The screens of the hall: the kiosk that gives tickets and the wall that shows who is called.

Nobody signs in at them. A device comes in by its secret link once, and its browser remembers which it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.language import sentence
from promises.people.tables import Branch
from promises.queue import desk
from promises.queue.board import board
from promises.queue.devices import device_by_id, device_of
from promises.queue.estimate import estimate
from promises.queue.forms import TakeForm
from promises.queue.lines import lines_of
from promises.queue.qr import svg
from promises.queue.signals import handed
from promises.queue.tables import Device
from promises.queue.wall import ahead_of, recent_calls, wall
from promises.refusal import Refusal
from promises.service.tables import Ticket
from promises.web.edge import undo
from promises.web.guard import open_to_all
from promises.web.live import page_or_unchanged
from promises.web.once import done, pressed_before
from promises.web.onward import onward
from promises.web.request import as_of, db

HANDED_FOR = timedelta(minutes=2)
"""For how long a kiosk shows a ticket that it gave: long enough to scan it, and for nobody after that."""

PLACES = {"kiosk": "queue.kiosk", "wall": "queue.wall", "board": "queue.board"}


@open_to_all
def enter(secret: str) -> ResponseReturnValue:
    """The door of a device: its secret leaves the address, and the browser is this device from now on."""
    device = device_of(db(), secret)
    if device is None:
        return _unknown()
    session[device.kind] = device.id
    return redirect(url_for(PLACES[device.kind]))


@open_to_all
def kiosk() -> ResponseReturnValue:
    device = _come_in("kiosk")
    if device is None:
        return _unknown()
    lines, seen = lines_of(db(), g.branch), wall(db(), g.branch, as_of())
    return page_or_unchanged(
        (device.id, lines, seen.waiting),
        lambda: render_template("queue/kiosk.html", lines=lines, waiting=seen.waiting, **_frame(".kiosk")),
    )


@open_to_all
def take() -> ResponseReturnValue:
    """A touch: one ticket, however often the same touch arrives."""
    if _come_in("kiosk") is None:
        return _unknown()
    form = TakeForm()
    if not form.validate_on_submit():
        return redirect(url_for(".kiosk", **_spoken()))
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    try:
        line = form.touchpoint.data or ""
        ticket = desk.give_ticket(db(), g.branch, touchpoint=line, by=None, as_of=as_of())
        handed.send(db(), ticket=ticket)
    except Refusal as refusal:
        undo()
        said = sentence(refusal)
        page = render_template(
            "queue/kiosk.html", lines=lines_of(db(), g.branch), waiting=None, said=said, **_frame(".kiosk")
        )
        return page, 422
    return done(form.once.data, url_for(".handed", case_id=ticket.case_id, **_spoken()))


@open_to_all
def show_handed(case_id: int) -> ResponseReturnValue:
    """The ticket before its customer, for a moment: its number, and the way to the customer's own page."""
    if _come_in("kiosk") is None:
        return _unknown()
    ticket = db().get(Ticket, (g.branch.id, case_id))
    if ticket is None or as_of() - ticket.given_at > HANDED_FOR:
        return redirect(url_for(".kiosk", **_spoken()))
    ahead = ahead_of(db(), ticket)
    way = next(iter(onward("ticket", ticket.branch_id, case_id)), None)
    return render_template(
        "queue/ticket.html",
        ticket=ticket,
        ahead=ahead,
        minutes=estimate(recent_calls(db(), ticket, as_of()), ahead, as_of()),
        way=way,
        qr=svg(way.url) if way else None,
        several=len(lines_of(db(), g.branch)) > 1,
        **_frame(".kiosk"),
    )


@open_to_all
def show_wall() -> ResponseReturnValue:
    device = _come_in("wall")
    if device is None:
        return _unknown()
    seen = wall(db(), g.branch, as_of())
    return page_or_unchanged(
        (device.id, seen),
        lambda: render_template("queue/wall.html", wall=seen, as_of=as_of(), **_frame(".wall")),
    )


@open_to_all
def show_board() -> ResponseReturnValue:
    """The live board on a screen behind the counter; without the names of those who work there."""
    device = _come_in("board")
    if device is None:
        return _unknown()
    seen = board(db(), g.branch, None, as_of())
    return page_or_unchanged(
        (device.id, seen.known()),
        lambda: render_template(
            "queue/board_wall.html",
            board=seen,
            as_of=as_of(),
            names=False,
            several=len(lines_of(db(), g.branch)) > 1,
            **_frame(".board"),
        ),
    )


def _come_in(kind: str) -> Device | None:
    """The device that this browser is, in the language that its customer has chosen."""
    known = session.get(kind)
    device = device_by_id(db(), known, kind) if isinstance(known, int) else None
    if device is None:
        return None
    g.branch = db().get_one(Branch, device.branch_id)
    language.use(_spoken().get("language", language.LANGUAGES[0]))
    return device


def _spoken() -> dict[str, Any]:
    """The language that the customer at the kiosk has chosen; the next one finds the first one again."""
    asked = request.values.get("language", "")
    return {"language": asked} if asked in language.LANGUAGES[1:] else {}


def _frame(home: str) -> dict[str, Any]:
    """What every page of a device has; the company's sign leads to *home* and never out of the hall."""
    return {"branch": g.branch, "home": url_for(home), "languages": language.LANGUAGES}


def _unknown() -> ResponseReturnValue:
    undo()
    return render_template("queue/no_device.html"), 403
