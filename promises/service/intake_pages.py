"""Cases are brought in by page: a file, its columns, what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlmodel import select

from promises import language
from promises.database import open_session
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Sheet
from promises.feedback.tables import StagedFile
from promises.language import gettext, sentence
from promises.people.tables import Branch, Company
from promises.refusal import Refusal
from promises.service import intake as intaking
from promises.service import queries
from promises.service.background import in_pieces
from promises.service.forms import MappingForm, UploadForm, mapping_form
from promises.service.intake import LONGEST_SOURCE, Reading
from promises.service.set_aside import as_csv, beyond, told
from promises.service.sourcefile import SourceFile
from promises.service.tables import CaseIntake, CaseIntakeWork
from promises.service.taking import begin, take_at_once
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

SHOWN = 200
FIRST_ROWS = 5
FAULTS_SHOWN = 10
SMALL = 5000
"""Rows of a file that is taken while its bringer waits; others are taken in the background."""
LOOKED_THROUGH = 50_000


@dataclass(frozen=True)
class Preview:
    """What reading a file with these columns gives; of a large one, only its beginning."""

    cases: int
    faults: int
    told: list[str]
    only_begun: bool = False


@needs("cases.import")
def bring_in() -> ResponseReturnValue:
    """Choose a file."""
    form = UploadForm()
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        file = form.file.data
        with form.refusals(**dict.fromkeys(ABOUT_THE_FILE, "file")):
            staged = intaking.stage(db(), file.filename or "", file.read(), by=me().id, as_of=as_of())
        if not form.refused:
            return done(form.once.data, url_for(".mapping", token=staged.token))
    status = 422 if form.errors or form.refused else 200
    return render_template("service/bring_in.html", form=form, intakes=queries.intakes(db())), status


ABOUT_THE_FILE = tuple(
    f"feedback__{reason}"
    for reason in (
        "file_empty", "no_rows", "not_text", "wrong_kind", "old_workbook", "not_workbook", "file_swells",
        "quote_open",
    )
)  # fmt: skip


@needs("cases.import")
def mapping(token: str) -> ResponseReturnValue:
    """Confirm what the columns of a staged file hold."""
    staged = db().get(StagedFile, token)
    if staged is None and request.form.get("once") and (seen := pressed_before(request.form["once"])):
        return seen
    if staged is None or staged.person_id != me().id:
        flash(gettext("feedback.staged_gone"), "warning")
        return redirect(url_for(".bring_in"))
    sheet = open_file(staged.content)
    form, known = _form(sheet, staged)
    if form.validate_on_submit() and form.take.data:
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        made = _take(form, sheet, staged)
        if made is not None:
            return done(form.once.data, url_for(".intake", intake_id=made.id))
    preview, missing = _preview(form, sheet, staged.content)
    page = render_template(
        "service/mapping.html",
        form=form,
        staged=staged,
        sheet=sheet,
        rows=sheet.first(FIRST_ROWS),
        preview=preview,
        missing=missing,
        remembered=known and request.method == "GET",
    )
    return page, 422 if form.errors or form.refused else 200


@needs("cases.read")
def intake(intake_id: int) -> ResponseReturnValue:
    """What became of a file."""
    found = db().get(CaseIntake, intake_id) or abort(404)
    work = db().get(CaseIntakeWork, intake_id)
    return render_template(
        "service/intake.html",
        intake=found,
        work=work,
        stopped=told(work.stopped) if work and work.stopped else "",
        rows=found.set_aside[:SHOWN],
        told=told,
    )


@needs("cases.read")
def set_aside(intake_id: int) -> ResponseReturnValue:
    """The rows that were set aside and why, as a file."""
    if db().get(CaseIntake, intake_id) is None:
        abort(404)
    return Response(
        _lines(current_app.extensions["engine"], intake_id, language.current()),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=set-aside-{intake_id}.csv"},
    )


def _lines(engine: Engine, intake_id: int, spoken: str) -> Iterator[str]:
    """The file line by line, however long; it is read while it is sent, after the page's transaction."""
    with language.spoken(spoken), open_session(engine, writes=False) as session:
        yield "\N{ZERO WIDTH NO-BREAK SPACE}"
        found = session.get_one(CaseIntake, intake_id)
        yield from as_csv(found, beyond(session, found))


def _form(sheet: Sheet, staged: StagedFile) -> tuple[MappingForm, bool]:
    company = db().get(Company, 1)
    zone = company.zone if company else "UTC"
    known = intaking.remembered(db(), sheet)
    proposed = known or intaking.propose(sheet, intaking.known_milestones(db()), zone)
    branches = sorted(
        ((branch.code, branch.name) for branch in db().exec(select(Branch))), key=lambda pair: pair[1]
    )
    source = PurePosixPath(staged.filename).stem[:LONGEST_SOURCE]
    return mapping_form(sheet.columns, proposed, source=source, branches=branches), known is not None


def _take(form: MappingForm, sheet: Sheet, staged: StagedFile) -> CaseIntake | None:
    with form.refusals(cases__unmapped_branch="branch", cases__unmapped_touchpoint="touchpoint"):
        file, now = SourceFile.of_bytes(sheet, staged.content), as_of()
        large = sheet.estimate > SMALL
        made = begin(
            db(),
            sheet,
            form.columns(),
            filename=staged.filename,
            source=form.source.data or "",
            by=me().id,
            as_of=now,
            kept=in_pieces(file) if large else (),
        )
        if not large:
            take_at_once(db(), made, file, as_of=now)
        db().delete(staged)
        return made
    return None


def _preview(form: MappingForm, sheet: Sheet, content: bytes) -> tuple[Preview | None, str]:
    """What reading the whole file gives; or, as long as a choice is missing, which one."""
    if form.refused:
        return None, ""
    reading = Reading()
    try:
        file, faulty = SourceFile.of_bytes(sheet, content), 0
        for cases in intaking.read(file, form.columns(), reading):
            faulty += int((cases.faults.codes >= 0).sum())
            if reading.count >= LOOKED_THROUGH:
                break
    except Refusal as refusal:
        return None, sentence(refusal)
    words = [sentence(one) for one in reading.faults.told[:FAULTS_SHOWN]]
    return Preview(reading.count - faulty, faulty, words, reading.count >= LOOKED_THROUGH), ""
