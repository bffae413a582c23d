"""Feedback is brought in by page: a file, its columns, what became of it."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import PurePosixPath

from flask import abort, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select
from werkzeug.wrappers import Response

from promises import clock
from promises.database import transaction
from promises.feedback import actions, queries, taking
from promises.feedback.begun import begin, refused
from promises.feedback.forms import MappingForm
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.preview import Preview, understand
from promises.feedback.intake.reading import fingerprint_of, open_file
from promises.feedback.intake.sheet import Sheet
from promises.feedback.keeping import Originals, originals_of
from promises.feedback.set_aside import as_csv
from promises.feedback.tables import Intake, IntakeWork
from promises.files.tables import StagedFile
from promises.files.uploading import choose, content_of, download, engine, waiting_file
from promises.language import gettext, ngettext, sentence
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.settings import Settings
from promises.web.guard import needs, writes_by_itself
from promises.web.once import done, pressed_before, take_back
from promises.web.request import as_of, db, me

SHOWN = 200
SMALL = 2000
"""Rows of a file that is taken while its bringer waits; others are taken in the background."""


@needs("feedback.import")
@writes_by_itself
def bring_in() -> ResponseReturnValue:
    """Choose a file."""
    return choose("feedback/bring_in.html", fingerprint_of, _brought_before)


def _brought_before() -> dict[str, object]:
    intakes = queries.intakes(db())
    return {"intakes": [(one, taking.set_aside_count(db(), one)) for one in intakes]}


@needs("feedback.import")
@writes_by_itself
def mapping(token: str) -> ResponseReturnValue:
    """Confirm what the columns of a staged file hold."""
    form = MappingForm()
    staged = waiting_file(token, form.once.data if form.is_submitted() else None)
    if not isinstance(staged, StagedFile):
        return staged
    sheet = _read(form, content_of(staged))
    form.offer(sheet)
    remembered = False
    if form.is_submitted():
        columns = form.columns()
    else:
        columns, remembered = actions.proposed_columns(db(), sheet)
        form.fill(columns, sheet, PurePosixPath(staged.filename).stem[: actions.LONGEST_SOURCE])
        form.day.data = _today()
        columns = form.columns()
    if form.take.data and form.validate_on_submit() and not form.refused:
        taken = _take(form, staged, sheet, columns)
        if taken is not None:
            return taken
    preview, missing = _preview(form, sheet, columns)
    status = 422 if form.take.data and (form.errors or form.refused) else 200
    page = render_template(
        "feedback/mapping.html",
        form=form,
        staged=staged,
        sheet=sheet,
        columns=columns,
        remembered=remembered,
        preview=preview,
        missing=missing,
        rows=sheet.first(3),
        branches=_branch_names(),
    )
    return page, status


@needs("feedback.read")
def intake(intake_id: int) -> ResponseReturnValue:
    """What became of a file."""
    found = db().get(Intake, intake_id) or abort(404)
    work = db().get(IntakeWork, intake_id)
    return render_template(
        "feedback/intake.html",
        intake=found,
        work=work,
        stopped=sentence(Refusal(work.stopped["code"], **work.stopped["facts"]))
        if work and work.stopped
        else "",
        first=found.set_aside[:SHOWN],
        aside=taking.set_aside_count(db(), found),
        kinds=queries.certainty(db(), queries.Wanted(intake_id=intake_id)),
    )


@needs("feedback.read")
def set_aside(intake_id: int) -> ResponseReturnValue:
    """The rows that were set aside and why, as a file to put right and bring in again."""
    if db().get(Intake, intake_id) is None:
        abort(404)
    name = f"set-aside-{intake_id}.csv"
    return download(name, lambda session: as_csv(session, session.get_one(Intake, intake_id)))


def originals() -> Originals | None:
    """How this installation keeps what customers wrote before masking."""
    settings: Settings = current_app.config["SETTINGS"]
    return originals_of(settings.originals_days, settings.originals_keys)


def _read(form: MappingForm, content: bytes) -> Sheet:
    """The staged file as the person says it is to be read, else as found out."""
    try:
        return open_file(content, form.reading())
    except Refusal as refusal:
        form.form_errors.append(sentence(refusal))
        return open_file(content)


def _take(form: MappingForm, staged: StagedFile, sheet: Sheet, columns: Columns) -> Response | None:
    small = sheet.estimate <= SMALL
    with form.refusals(
        feedback__no_text_column="text",
        feedback__date_order_unclear="order",
        feedback__no_source="source",
        feedback__day_in_future="day",
    ):
        # What the file itself can't tell is asked before it is begun.
        understand(sheet, columns, actions.against(db(), default_at=None, as_of=as_of()))
        with transaction(engine()) as session:
            if (seen := pressed_before(form.once.data, session)) is not None:
                return seen
            begun = begin(
                session,
                sheet,
                columns,
                filename=staged.filename,
                by=me().id,
                as_of=as_of(),
                default_at=_start_of(form.day.data),
                reading=form.reading(),
                token=staged.token,
                at_it=small,
            )
            number = begun.id or 0
            led = done(form.once.data, url_for(".intake", intake_id=number), session)
        return _take_at_once(form, sheet, number) if small else led
    return None


def _take_at_once(form: MappingForm, sheet: Sheet, number: int) -> Response:
    try:
        taken = taking.take_all(engine(), number, sheet, now=clock.now, originals=originals())
    except Refusal as refusal:
        refused(engine(), number, refusal, clock.now())
        with transaction(engine()) as session:
            take_back(form.once.data, session)
        raise
    if taken.again:
        flash(gettext("feedback.known_already"), "info")
    elif taken.taken:
        flash(ngettext("%(num)s piece taken", "%(num)s pieces taken", taken.taken), "ok")
    with transaction(engine()) as session:
        return done(form.once.data, url_for(".intake", intake_id=taken.intake.id), session)


def _preview(form: MappingForm, sheet: Sheet, columns: Columns) -> tuple[Preview | None, str]:
    """What would be taken; or, as long as a choice is missing, which one."""
    found = actions.against(db(), default_at=_start_of(form.day.data), as_of=as_of())
    try:
        return understand(sheet, columns, found), ""
    except Refusal as refusal:
        return None, sentence(refusal)


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), actions.company_zone(db())) if day else None


def _today() -> date:
    return as_of().astimezone(actions.company_zone(db())).date()


def _branch_names() -> dict[int, str]:
    return {branch.id or 0: branch.name for branch in db().exec(select(Branch)).all()}
