"""The live board of a branch, and the devices and lines of its hall."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from promises.language import gettext
from promises.queue.board import board
from promises.queue.devices import add_device, devices, end_device
from promises.queue.forms import DeviceForm, LinesForm, PressForm
from promises.queue.lines import lines_of, set_lines
from promises.queue.qr import svg
from promises.settings import Settings
from promises.web.guard import needs
from promises.web.live import page_or_unchanged
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me
from promises.web.request import branch as here


@needs("board.read")
def live(**_address: str) -> ResponseReturnValue:
    """Who waits in the branch, with the time left, and who is being served."""
    seen = board(db(), here(), None, as_of())
    return page_or_unchanged(
        seen.known(),
        lambda: render_template(
            "queue/board.html",
            board=seen,
            branch=here(),
            as_of=as_of(),
            names=True,
            several=len(lines_of(db(), here())) > 1,
        ),
    )


@needs("devices.manage")
def hall(**_address: str) -> ResponseReturnValue:
    return _hall(DeviceForm(), LinesForm(lines_of(db(), here())))


@needs("devices.manage")
def add(**_address: str) -> ResponseReturnValue:
    """A new device. Its link is shown on the answer to this press and nowhere else, ever."""
    form = DeviceForm()
    if not form.validate_on_submit():
        return _hall(form, LinesForm(lines_of(db(), here()))), 422
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    kind, name = form.kind.data, form.name.data or ""
    device, secret = add_device(db(), here(), kind=kind, name=name, by=me().id, as_of=as_of())
    settings: Settings = current_app.config["SETTINGS"]
    link = settings.base_url + url_for(".enter", secret=secret)
    done(form.once.data, url_for(".hall", branch=here().code))
    return render_template("queue/device.html", branch=here(), device=device, link=link, qr=svg(link))


@needs("devices.manage")
def end(device_id: int, **_address: str) -> ResponseReturnValue:
    if PressForm().validate_on_submit():
        end_device(db(), here(), device_id, by=me().id, as_of=as_of())
        flash(gettext("device.link_ended"), "ok")
    return redirect(url_for(".hall", branch=here().code))


@needs("devices.manage")
def choose_lines(**_address: str) -> ResponseReturnValue:
    form = LinesForm()
    if not form.validate_on_submit():
        return _hall(DeviceForm(), form), 422
    set_lines(db(), here(), form.lines.data or (), by=me().id, as_of=as_of())
    flash(gettext("queue.lines_set"), "ok")
    return redirect(url_for(".hall", branch=here().code))


def _hall(form: DeviceForm, lines_form: LinesForm) -> str:
    return render_template(
        "queue/hall.html", branch=here(), devices=devices(db(), here()), form=form, lines_form=lines_form
    )
