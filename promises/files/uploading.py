"""Pages of files that every room has alike: one is chosen, found again, and what was set aside is given back.

A file is received, read and sealed without SQLite's one lock: these pages write in short transactions of
their own (``guard.writes_by_itself``), so that nobody waits for a large or slow upload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from promises import language
from promises.database import open_session, transaction
from promises.files import set_aside, staging
from promises.files.tables import StagedFile
from promises.language import gettext, lazy
from promises.settings import Settings
from promises.web.forms import Form
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

ABOUT_THE_FILE = tuple(
    f"feedback__{reason}"
    for reason in (
        "file_empty", "no_rows", "not_text", "wrong_kind", "old_workbook", "locked_workbook", "not_workbook",
        "file_swells", "quote_open", "not_json", "json_no_rows", "json_deep", "too_wide",
    )
)  # fmt: skip


class UploadForm(Form):
    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file first."))])


def choose(
    template: str, fingerprint: Callable[[bytes], str], shown: Callable[[], dict[str, Any]]
) -> ResponseReturnValue:
    """The page where a file is chosen; it leads to that where its columns are confirmed (``.mapping``).

    :param fingerprint: tells by what a file's bytes are known again, and refuses those that can't be read.
    :param shown: what *template* shows besides the form.
    """
    form = UploadForm()
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data, reading=True)) is not None:
            return seen
        file = form.file.data
        content = file.read()
        with form.refusals(**dict.fromkeys(ABOUT_THE_FILE, "file")):
            known_by = fingerprint(content)
            staged = staging.stage(
                engine(),
                file.filename or "",
                content,
                fingerprint=known_by,
                by=me().id,
                secret=secret(),
                as_of=as_of(),
            )
            return _led_on(form.once.data, staged)
    status = 422 if form.errors or form.refused else 200
    return render_template(template, form=form, **shown()), status


def _led_on(once: str, staged: StagedFile) -> AnyResponse:
    with transaction(engine()) as session:
        if (seen := pressed_before(once, session)) is not None:
            staging.forget(session, staged.token)
            return seen
        return done(once, url_for(".mapping", token=staged.token), session)


def waiting_file(token: str, once: str | None) -> StagedFile | AnyResponse:
    """The reader's staged file *token*; if it isn't there any more, the way to where its press led, or back
    to where a file is chosen."""
    staged = staging.staged_for(db(), token, me().id)
    if staged is not None:
        return staged
    if once and (seen := pressed_before(once, reading=True)) is not None:
        return seen
    flash(gettext("feedback.staged_gone"), "warning")
    return redirect(url_for(".bring_in"))


def content_of(staged: StagedFile) -> bytes:
    """The bytes of a staged file."""
    return staging.content_of(db(), staged.token, secret())


def engine() -> Engine:
    """The engine, for transactions beside that of the request."""
    found: Engine = current_app.extensions["engine"]
    return found


def secret() -> str:
    """What waiting files are sealed with."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.secret_key


def download(name: str, rows: Callable[[Session], Iterable[str]]) -> Response:
    """A file of the lines *rows*, however many; they are read while they are sent, after the page's own
    transaction."""
    spoken, opened = language.current(), engine()

    def sent() -> Iterator[str]:
        with language.spoken(spoken), open_session(opened, writes=False) as session:
            yield set_aside.MARK
            yield from rows(session)

    return Response(
        sent(), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"}
    )
