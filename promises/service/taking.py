"""A file of cases is taken part by part: each in a transaction of its own, with how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.feedback.intake.sheet import Sheet
from promises.feedback.masking import mask
from promises.files.staging import confirmed, file_name
from promises.files.taking import LEASE, Kind, advance, commit_part, end, keep_aside, written
from promises.journal.actions import record
from promises.refusal import Refusal
from promises.service.bulk import Taken, survey, take_cases
from promises.service.casefile import read_cases
from promises.service.intake import Columns, layout_of, needs_of, with_what_is_not_told
from promises.service.judging.cases import Cases
from promises.service.sourcefile import SourceFile, open_cases
from promises.service.tablefile import FileFaults
from promises.service.tables import CaseIntake, CaseIntakeWork, CaseSetAside

AT_ONCE = {"sqlite": 10_000, "postgresql": 50_000}
"""Cases in one part, at most."""

LEAST_AT_ONCE = 500
HOLD_S = 0.2
"""SQLite has one writer at a time, and a desk's press shall not wait half a second: parts become as small as
the machine is slow."""

BREATH_S = 0.055
"""Between two parts on SQLite. Whoever has waited for at most a fifth of a second looks again within a
twentieth, and after that only every tenth: so a press that waits for one part gets in before the next."""

LONGEST_FOUND = 200
MANY = 1000


@dataclass
class Progress:
    """How far a taking has come; ``seen`` counts the cases of the file, taken or not."""

    seen: int
    about: int


def begin(
    session: Session,
    sheet: Sheet,
    columns: Columns,
    *,
    filename: str,
    source: str,
    by: int | None,
    as_of: datetime,
    token: str | None = None,
    at_it: bool = False,
) -> CaseIntake:
    """A taking that is to be done; the one that was begun with the same file and choices, if it isn't over.

    :param token: the staged file, if the taking may go on in the background.
    :param at_it: whether the caller takes it at once; otherwise whoever comes may.
    :raises Refusal: if the choices aren't enough to take cases from the file.
    """
    columns.check()
    mapping, known = plain(columns), _unfinished(session, sheet, source)
    moved_at = as_of if at_it else as_of - LEASE
    if token is not None:
        confirmed(session, token, as_of)
    if known is not None and known.mapping == mapping:
        work = session.get_one(CaseIntakeWork, known.id or 0)
        if token is not None:
            work.token, work.moved_at = token, moved_at
            session.add(work)
        return known
    intake = CaseIntake(
        filename=file_name(filename),
        sha256=sheet.fingerprint,
        source=source,
        columns=sheet.key(),
        mapping=mapping,
        taken=0,
        known=0,
        made_at=as_of,
        made_by=by,
    )
    session.add(intake)
    session.flush()
    number = intake.id or 0
    session.add(CaseIntakeWork(intake_id=number, about=sheet.estimate, token=token, moved_at=moved_at))
    session.flush()
    return intake


def _unfinished(session: Session, sheet: Sheet, source: str) -> CaseIntake | None:
    query = (
        select(CaseIntake)
        .join(CaseIntakeWork, col(CaseIntakeWork.intake_id) == CaseIntake.id)
        .where(
            CaseIntake.sha256 == sheet.fingerprint,
            CaseIntake.source == source,
            col(CaseIntakeWork.finished_at).is_(None),
        )
    )
    return session.exec(query.order_by(col(CaseIntake.id).desc())).first()


def take_all(
    engine: Engine,
    intake_id: int,
    file: SourceFile,
    *,
    now: Callable[[], datetime],
    progress: Callable[[Progress], object] = lambda _progress: None,
) -> CaseIntake:
    """Take what is left of a file, part by part; what has become of it in all.

    :param now: asked at the beginning of each part, which is judged by what had happened then.
    :raises Refusal: ``files.taken_elsewhere`` if somebody else is at it; or what makes the file unreadable
        as a whole, which is then kept as its end.
    """
    with open_session(engine, writes=False) as session:
        begun = _Begun.of(session, intake_id)
    most = AT_ONCE[engine.dialect.name]
    pace = _Pace(most, min(LEAST_AT_ONCE, most) if engine.dialect.name == "sqlite" else most)
    try:
        with file.as_path() as path:
            for part in _Reading(begun).parts(path, pace):
                held = _commit_part(engine, begun, part, now())
                progress(Progress(part.seen, begun.about))
                if engine.dialect.name == "sqlite":
                    pace.took(held, len(part.cases))
                    sleep(BREATH_S)
    except Refusal as refusal:
        if refusal.code != "files.taken_elsewhere":
            with transaction(engine) as session:
                finish(session, intake_id, now(), refusal)
        raise
    with transaction(engine) as session:
        return finish(session, intake_id, now())


@dataclass(frozen=True)
class _Begun:
    """What is known of a taking as it begins or goes on."""

    intake_id: int
    columns: Columns
    source: str
    by: int | None
    seen: int
    row: int
    about: int

    @classmethod
    def of(cls, session: Session, intake_id: int) -> _Begun:
        intake, work = session.get_one(CaseIntake, intake_id), session.get_one(CaseIntakeWork, intake_id)
        columns = Columns(**{**intake.mapping, "milestones": tuple(intake.mapping["milestones"])})
        return cls(intake_id, columns, intake.source, intake.made_by, work.seen, work.row, work.about)


class _Pace:
    """How many cases make up the next part."""

    def __init__(self, most: int, first: int) -> None:
        self.at_once, self._most = first, most

    def took(self, seconds: float, cases: int) -> None:
        """Aim at parts that hold the lock for :data:`HOLD_S`."""
        aim = int(cases * HOLD_S / seconds)
        self.at_once = min(max(aim, LEAST_AT_ONCE, self.at_once // 4), self._most, 2 * self.at_once)


@dataclass(frozen=True)
class _Part:
    """Some cases of the file, in its order, with what was wrong in their rows.

    :param before: how many cases stand before them in the file; *seen* is that and these.
    :param row: the last row that they came from.
    """

    cases: Cases
    row_of: Callable[[int], int] | None
    faults: list[Refusal]
    before: int
    seen: int
    row: int


class _Reading:
    """A file as it is read on from where its taking had come."""

    def __init__(self, begun: _Begun) -> None:
        self._begun = begun
        self._faults = FileFaults(most=None)
        self._told = begun.row

    def parts(self, path: Path, pace: _Pace) -> Iterator[_Part]:
        begun, seen = self._begun, 0
        last: _Part | None = None
        needs, layout = needs_of(begun.columns), layout_of(begun.columns)
        for batch in read_cases(path, needs, layout, self._faults, checked=True):
            completed = with_what_is_not_told(batch, begun.columns)
            start = max(begun.seen - seen, 0)
            while start < len(completed):
                if last is not None:
                    yield last
                end = min(start + pace.at_once, len(completed))
                last = self._part(completed, start, end, seen)
                start = end
            seen += len(batch)
        if last is not None:
            rest = self._faults.told
            yield _Part(last.cases, last.row_of, last.faults + rest, last.before, last.seen, last.row)

    def _part(self, batch: Cases, start: int, end: int, before: int) -> _Part:
        faults = self._faults
        cases = batch.take(np.arange(start, end))
        if self._begun.columns.long:
            told = faults.told if before + start == 0 else []
            faults.told = []
            return _Part(cases, None, told, before + start, before + end, 0)
        row = faults.row_of_case(before + end - 1)
        told = [one for one in faults.told if self._told < int(one.facts.get("row", 0)) <= row]
        faults.told = [one for one in faults.told if int(one.facts.get("row", 0)) > row]
        self._told = row

        def row_of(place: int) -> int:
            return faults.row_of_case(before + start + place)

        return _Part(cases, row_of, told, before + start, before + end, row)


def _commit_part(engine: Engine, begun: _Begun, part: _Part, as_of: datetime) -> float:
    held = commit_part(engine, lambda session: _take_part(session, begun, part, as_of))
    if (part.seen // MANY).bit_length() > (part.before // MANY).bit_length():
        with transaction(engine) as session:
            survey(session)
    return held


def _take_part(session: Session, begun: _Begun, part: _Part, as_of: datetime) -> None:
    advance(
        session,
        CaseIntakeWork,
        begun.intake_id,
        before=part.before,
        seen=part.seen,
        row=part.row,
        as_of=as_of,
    )
    taken = take_cases(session, part.cases, source=begun.source, by=begun.by, as_of=as_of, row_of=part.row_of)
    _note(session, begun.intake_id, taken, part.faults)


def _note(session: Session, intake_id: int, taken: Taken, faults: list[Refusal]) -> None:
    """Add what became of a part's rows."""
    intake = session.get_one(CaseIntake, intake_id)
    # Faults of single cells are told where they were found, not once more for their case.
    told = [*faults, *(one for one in taken.set_aside if one.code != "cases.row_faulty")]
    told.sort(key=lambda one: int(one.facts.get("row", 0)))
    intake.taken += taken.new
    intake.known += taken.known
    intake.refused += len(taken.set_aside) + sum(one.code == "cases.row_length" for one in faults)
    faults_of = [written(_masked(one)) for one in told]
    intake.set_aside = keep_aside(session, CaseSetAside, intake_id, intake.set_aside, faults_of)
    session.add(intake)
    session.flush()


def _masked(refusal: Refusal) -> Refusal:
    """A column that was taken for another may hold anything, so what was found there is masked."""
    found = refusal.facts.get("found")
    if not isinstance(found, str):
        return refusal
    return Refusal(refusal.code, **{**refusal.facts, "found": _without_people(found[:LONGEST_FOUND])})


@lru_cache(maxsize=4096)
def _without_people(found: str) -> str:
    return mask(found).text


def finish(session: Session, intake_id: int, as_of: datetime, refusal: Refusal | None = None) -> CaseIntake:
    """Close a taking, by *refusal* if nothing more can be taken: its kept bytes go, and the journal hears."""
    intake = session.get_one(CaseIntake, intake_id)
    if end(session, CaseIntakeWork, intake_id, as_of, refusal):
        record(
            session,
            "cases.imported",
            "case_intake",
            intake_id,
            by=intake.made_by,
            as_of=as_of,
            taken=intake.taken,
            known=intake.known,
            set_aside=intake.refused,
        )
    return intake


def plain(columns: Columns) -> dict[str, Any]:
    """The choices as they are kept."""
    return {**asdict(columns), "where": dict(columns.where), "milestones": list(columns.milestones)}


def _take_staged(engine: Engine, intake_id: int, content: bytes, now: Callable[[], datetime]) -> None:
    take_all(engine, intake_id, SourceFile.of_bytes(open_cases(content), content), now=now)


STAGED = Kind("cases", CaseIntakeWork, _take_staged)
"""How staged files of cases are taken in the background."""
