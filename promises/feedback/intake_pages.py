"""Feedback is brought in by page: a file, its columns, what became of it."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import PurePosixPath

from flask import Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select

from promises.feedback import actions, queries
from promises.feedback.forms import MappingForm, UploadForm
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.preview import Preview, understand
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Sheet
from promises.feedback.keeping import Originals, originals_of
from promises.feedback.set_aside import as_csv
from promises.feedback.tables import Intake, StagedFile
from promises.language import gettext, ngettext, sentence
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.settings import Settings
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

SHOWN = 200


@needs("feedback.import")
def bring_in() -> ResponseReturnValue:
    """Choose a file."""
    form = UploadForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        file = form.file.data
        with form.refusals(**dict.fromkeys(ABOUT_THE_FILE, "file")):
            staged = actions.stage(db(), file.filename or "", file.read(), by=me().id, as_of=as_of())
        if not form.refused:
            return done(form.once.data, url_for(".mapping", token=staged.token))
    status = 422 if form.errors or form.refused else 200
    return render_template("feedback/bring_in.html", form=form, intakes=queries.intakes(db())), status


ABOUT_THE_FILE = tuple(
    f"feedback__{reason}"
    for reason in (
        "file_empty", "no_rows", "not_text", "wrong_kind", "old_workbook", "not_workbook", "file_swells",
        "quote_open", "not_json", "json_no_rows",
    )
)  # fmt: skip


@needs("feedback.import")
def mapping(token: str) -> ResponseReturnValue:
    """Confirm what the columns of a staged file hold."""
    form = MappingForm()
    staged = db().get(StagedFile, token)
    if staged is None and form.is_submitted() and (seen := pressed_before(form.once.data)):
        return seen
    if staged is None or staged.person_id != me().id:
        flash(gettext("feedback.staged_gone"), "warning")
        return redirect(url_for(".bring_in"))
    sheet = _read(form, staged)
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
        if seen := pressed_before(form.once.data):
            return seen
        taken = _take(form, staged, sheet, columns)
        if taken is not None:
            return done(form.once.data, url_for(".intake", intake_id=taken.intake.id))
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
    return render_template(
        "feedback/intake.html",
        intake=found,
        first=found.set_aside[:SHOWN],
        kinds=queries.certainty(db(), queries.Wanted(intake_id=intake_id)),
    )


@needs("feedback.read")
def set_aside(intake_id: int) -> ResponseReturnValue:
    """The rows that were set aside and why, as a file to put right and bring in again."""
    found = db().get(Intake, intake_id) or abort(404)
    name = f"set-aside-{intake_id}.csv"
    return Response(
        "\N{ZERO WIDTH NO-BREAK SPACE}" + as_csv(found),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def originals() -> Originals | None:
    """How this installation keeps what customers wrote before masking."""
    settings: Settings = current_app.config["SETTINGS"]
    return originals_of(settings.originals_days, settings.originals_keys)


def _read(form: MappingForm, staged: StagedFile) -> Sheet:
    """The staged file as the person says it is to be read, else as found out."""
    try:
        return open_file(staged.content, form.reading())
    except Refusal as refusal:
        form.form_errors.append(sentence(refusal))
        return open_file(staged.content)


def _take(form: MappingForm, staged: StagedFile, sheet: Sheet, columns: Columns) -> actions.Taken | None:
    with form.refusals(
        feedback__no_text_column="text",
        feedback__date_order_unclear="order",
        feedback__no_source="source",
        feedback__day_in_future="day",
    ):
        taken = actions.bring_in(
            db(),
            sheet,
            columns,
            filename=staged.filename,
            by=me().id,
            as_of=as_of(),
            default_at=_start_of(form.day.data),
            originals=originals(),
        )
        db().delete(staged)
        if taken.again:
            flash(gettext("feedback.known_already"), "info")
        elif taken.taken:
            flash(ngettext("%(num)s piece taken", "%(num)s pieces taken", taken.taken), "ok")
        return taken
    return None


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
