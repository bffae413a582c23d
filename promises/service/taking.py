"""Taking a file of cases in, part by part: each part in its own transaction, together with how far it came.

A taking that ends in the midst, however hard, goes on after the last part that was committed: the file is
read again and what was taken is passed over. Two that work at one file take turns at nothing: the one
whose part finds that the other was there before stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

import numpy as np
from sqlalchemy import CursorResult, Engine, Insert, delete, func, insert, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.feedback.actions import file_name
from promises.feedback.intake.sheet import Sheet
from promises.journal.actions import record
from promises.refusal import Refusal
from promises.service.bulk import Taken, survey, take_cases
from promises.service.casefile import read_cases
from promises.service.intake import Columns, layout_of, needs_of, with_what_is_not_told
from promises.service.judging.cases import Cases
from promises.service.sourcefile import SourceFile
from promises.service.tablefile import FileFaults
from promises.service.tables import CaseIntake, CaseIntakePiece, CaseIntakeWork, CaseSetAside

AT_ONCE = {"sqlite": 10_000, "postgresql": 50_000}
"""Cases in one part, at most."""

LEAST_AT_ONCE = 2000
HOLD_S = 0.3
"""SQLite has one writer at a time, and a desk's press shall not wait half a second: parts become as small as
the machine is slow."""

BREATH_S = 0.06
"""Between two parts on SQLite: those who wait for the lock look again every twentieth of a second or so."""

SET_ASIDE_KEPT = 1000
MANY = 1000
LEASE = timedelta(minutes=1)
TRIES = 5


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
    kept: Iterable[bytes] = (),
) -> CaseIntake:
    """A taking that is to be done; the one that was begun with the same file and choices, if it isn't over.

    :param kept: the file's bytes, if it is to be taken in the background and can't be read again.
    :raises Refusal: if the choices aren't enough to take cases from the file.
    """
    columns.check()
    mapping, known = plain(columns), _unfinished(session, sheet, source)
    if known is not None and known.mapping == mapping:
        _keep(session, session.get_one(CaseIntakeWork, known.id or 0), kept)
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
    work = CaseIntakeWork(intake_id=intake.id or 0, about=sheet.estimate, moved_at=as_of - LEASE)
    _keep(session, work, kept)
    return intake


def _keep(session: Session, work: CaseIntakeWork, kept: Iterable[bytes]) -> None:
    for number, content in enumerate(() if work.kept_file else kept):
        session.add(CaseIntakePiece(intake_id=work.intake_id, number=number, content=content))
        session.flush()
        work.kept_file = True
    session.add(work)
    session.flush()


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
    :raises Refusal: ``cases.taken_elsewhere`` if somebody else is at it; or what makes the file unreadable
        as a whole, which is then kept as its end.
    """
    with open_session(engine, writes=False) as session:
        begun = _Begun.of(session, intake_id)
    pace = _Pace(AT_ONCE[engine.dialect.name])
    try:
        with file.as_path() as path:
            for part in _Reading(begun).parts(path, pace):
                since = monotonic()
                _commit_part(engine, begun, part, now())
                progress(Progress(part.seen, begun.about))
                if engine.dialect.name == "sqlite":
                    pace.took(monotonic() - since, len(part.cases))
                    sleep(BREATH_S)
    except Refusal as refusal:
        if refusal.code != "cases.taken_elsewhere":
            _stop(engine, begun, refusal, now())
        raise
    with transaction(engine) as session:
        return finish(session, intake_id, now())


def take_at_once(session: Session, intake: CaseIntake, file: SourceFile, *, as_of: datetime) -> CaseIntake:
    """Take a small file within the caller's transaction.

    :raises Refusal: what makes the file unreadable as a whole; then the caller commits nothing.
    """
    begun = _Begun.of(session, intake.id or 0)
    with file.as_path() as path:
        for part in _Reading(begun).parts(path, _Pace(AT_ONCE["sqlite"])):
            _take_part(session, begun, part, as_of)
    return finish(session, begun.intake_id, as_of)


@dataclass(frozen=True)
class _Begun:
    """What is known of a taking as it begins or goes on."""

    intake_id: int
    columns: Columns
    source: str
    by: int | None
    cases: int
    row: int
    about: int

    @classmethod
    def of(cls, session: Session, intake_id: int) -> _Begun:
        intake, work = session.get_one(CaseIntake, intake_id), session.get_one(CaseIntakeWork, intake_id)
        columns = Columns(**{**intake.mapping, "milestones": tuple(intake.mapping["milestones"])})
        return cls(intake_id, columns, intake.source, intake.made_by, work.cases, work.row, work.about)


class _Pace:
    """How many cases make up the next part."""

    def __init__(self, most: int) -> None:
        self.at_once = self._most = most

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
            start = max(begun.cases - seen, 0)
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
        row = faults.row(before + end - 1)
        told = [one for one in faults.told if self._told < int(one.facts.get("row", 0)) <= row]
        faults.told = [one for one in faults.told if int(one.facts.get("row", 0)) > row]
        self._told = row

        def row_of(place: int) -> int:
            return faults.row(before + start + place)

        return _Part(cases, row_of, told, before + start, before + end, row)


def _commit_part(engine: Engine, begun: _Begun, part: _Part, as_of: datetime) -> None:
    """Take a part in its own transaction; once more if somebody told one of its cases at the same moment."""
    for left in reversed(range(TRIES)):
        try:
            with transaction(engine) as session:
                _take_part(session, begun, part, as_of)
            if (part.seen // MANY).bit_length() > (part.before // MANY).bit_length():
                with transaction(engine) as session:
                    survey(session)
            return
        except (IntegrityError, OperationalError):
            if not left:
                raise


def _take_part(session: Session, begun: _Begun, part: _Part, as_of: datetime) -> None:
    held = (
        update(CaseIntakeWork)
        .where(
            col(CaseIntakeWork.intake_id) == begun.intake_id,
            col(CaseIntakeWork.cases) == part.before,
            col(CaseIntakeWork.finished_at).is_(None),
        )
        .values(cases=part.seen, row=part.row, moved_at=as_of)
    )
    if cast("CursorResult[Any]", session.execute(held)).rowcount != 1:
        raise Refusal("cases.taken_elsewhere")
    taken = take_cases(session, part.cases, source=begun.source, by=begun.by, as_of=as_of, row_of=part.row_of)
    _note(session, begun.intake_id, taken, part.faults)


def _note(session: Session, intake_id: int, taken: Taken, faults: list[Refusal]) -> None:
    """Add what became of a part's rows."""
    intake = session.get_one(CaseIntake, intake_id)
    # Faults of single cells are told where they were found, not once more for their case.
    told = [*faults, *(one for one in taken.set_aside if one.code != "cases.row_faulty")]
    told.sort(key=lambda one: int(one.facts.get("row", 0)))
    written = [_written(one) for one in told]
    room = max(SET_ASIDE_KEPT - len(intake.set_aside), 0)
    if written[room:]:
        _keep_beyond(session, intake_id, written[room:])
    intake.taken += taken.new
    intake.known += taken.known
    intake.refused += len(taken.set_aside) + sum(one.code == "cases.row_length" for one in faults)
    if written[:room]:
        intake.set_aside = [*intake.set_aside, *written[:room]]
    session.add(intake)
    session.flush()


def _keep_beyond(session: Session, intake_id: int, faults: list[dict[str, Any]]) -> None:
    own = select(func.max(CaseSetAside.number)).where(CaseSetAside.intake_id == intake_id)
    last = session.exec(own).one() or 0
    statement: Insert = insert(CaseSetAside)
    numbered = enumerate(faults, start=last + 1)
    session.execute(
        statement, [{"intake_id": intake_id, "number": number, "fault": fault} for number, fault in numbered]
    )


def _stop(engine: Engine, begun: _Begun, refusal: Refusal, as_of: datetime) -> None:
    """Keep why nothing more of the file can be taken."""
    with transaction(engine) as session:
        work = session.get_one(CaseIntakeWork, begun.intake_id)
        work.stopped = _written(refusal)
        session.add(work)
        finish(session, begun.intake_id, as_of)


def finish(session: Session, intake_id: int, as_of: datetime) -> CaseIntake:
    """Close a taking: its kept bytes go, and the journal hears of it."""
    intake, work = session.get_one(CaseIntake, intake_id), session.get_one(CaseIntakeWork, intake_id)
    if work.finished_at is None:
        work.finished_at = as_of
        session.add(work)
        session.execute(delete(CaseIntakePiece).where(col(CaseIntakePiece.intake_id) == intake_id))
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


def _written(refusal: Refusal) -> dict[str, Any]:
    facts = {name: value if isinstance(value, int) else str(value) for name, value in refusal.facts.items()}
    return {"code": refusal.code, "facts": facts}
