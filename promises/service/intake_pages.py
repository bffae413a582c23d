"""Cases are brought in by page: a file, its columns, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select
from werkzeug.wrappers import Response

from promises import clock
from promises.database import transaction
from promises.feedback.intake.reading import fingerprint_of
from promises.feedback.intake.sheet import Sheet
from promises.files.tables import StagedFile
from promises.files.uploading import choose, content_of, download, engine, waiting_file
from promises.language import sentence
from promises.people.tables import Branch, Company
from promises.refusal import Refusal
from promises.service import intake as intaking
from promises.service import queries
from promises.service.forms import MappingForm, mapping_form
from promises.service.intake import LONGEST_SOURCE, Reading
from promises.service.set_aside import as_csv, told
from promises.service.sourcefile import SourceFile, open_cases
from promises.service.tables import CaseIntake, CaseIntakeWork
from promises.service.taking import begin, take_all
from promises.web.guard import needs, writes_by_itself
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
@writes_by_itself
def bring_in() -> ResponseReturnValue:
    """Choose a file."""
    return choose("service/bring_in.html", _fingerprint, lambda: {"intakes": queries.intakes(db())})


def _fingerprint(content: bytes) -> str:
    return fingerprint_of(content, header=True)


@needs("cases.import")
@writes_by_itself
def mapping(token: str) -> ResponseReturnValue:
    """Confirm what the columns of a staged file hold."""
    staged = waiting_file(token, request.form.get("once"))
    if not isinstance(staged, StagedFile):
        return staged
    content = content_of(staged)
    sheet = open_cases(content)
    form, known = _form(sheet, staged)
    if form.validate_on_submit() and form.take.data:
        taken = _take(form, sheet, staged, content)
        if taken is not None:
            return taken
    preview, missing = _preview(form, sheet, content)
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
    name = f"set-aside-{intake_id}.csv"
    return download(name, lambda session: as_csv(session, session.get_one(CaseIntake, intake_id)))


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


def _take(form: MappingForm, sheet: Sheet, staged: StagedFile, content: bytes) -> Response | None:
    small = sheet.estimate <= SMALL
    with form.refusals(cases__unmapped_branch="branch", cases__unmapped_touchpoint="touchpoint"):
        # What can't be read is told here, before it is begun, and the file still waits for other choices.
        _looked_through(form, sheet, content)
        with transaction(engine()) as session:
            if (seen := pressed_before(form.once.data, session)) is not None:
                return seen
            made = begin(
                session,
                sheet,
                form.columns(),
                filename=staged.filename,
                source=form.source.data or "",
                by=me().id,
                as_of=as_of(),
                token=staged.token,
                at_it=small,
            )
            number = made.id or 0
            led = done(form.once.data, url_for(".intake", intake_id=number), session)
        if small:
            take_all(engine(), number, SourceFile.of_bytes(sheet, content), now=clock.now)
        return led
    return None


def _preview(form: MappingForm, sheet: Sheet, content: bytes) -> tuple[Preview | None, str]:
    """What reading the whole file gives; or, as long as a choice is missing, which one."""
    if form.refused:
        return None, ""
    try:
        return _looked_through(form, sheet, content), ""
    except Refusal as refusal:
        return None, sentence(refusal)


def _looked_through(form: MappingForm, sheet: Sheet, content: bytes) -> Preview:
    reading, faulty = Reading(), 0
    for cases in intaking.read(SourceFile.of_bytes(sheet, content), form.columns(), reading):
        faulty += int((cases.faults.codes >= 0).sum())
        if reading.count >= LOOKED_THROUGH:
            break
    words = [sentence(one) for one in reading.faults.told[:FAULTS_SHOWN]]
    return Preview(reading.count - faulty, faulty, words, reading.count >= LOOKED_THROUGH)
