"""A file of feedback is taken part by part, each in a short transaction, with how far it has come.

Rows are read, checked and masked outside the transactions; only writing holds the database. What is cut short
goes on after its last part: rows are read again and passed over, and come out as they would have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.feedback.actions import LONGEST_SOURCE, against, insert_pieces, one_at_a_time
from promises.feedback.intake.checking import Against, Piece, SetAside, check_settled
from promises.feedback.intake.mapping import Columns, looked_through, recall
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.keeping import Originals
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, IntakeWork
from promises.files.set_aside import how_many
from promises.files.staging import confirmed, file_name
from promises.files.taking import LEASE, Kind, advance, commit_part, end, keep_aside
from promises.journal.actions import record
from promises.refusal import Refusal

ROWS, LETTERS = 1_000, 1_000_000
"""A part ends with whichever comes first, so that short and long texts alike are written in a moment."""

FIRST_TOLD = 5
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Taken:
    """What became of a file: the intake that tells it, and what this time added.

    ``again`` is true when the same file had been brought in before and this time added nothing;
    ``intake`` is then the earlier one.
    """

    intake: Intake
    taken: int
    known: int
    set_aside: int
    again: bool = False


def begin(
    session: Session,
    sheet: Sheet,
    columns: Columns,
    *,
    filename: str,
    by: int | None,
    as_of: datetime,
    default_at: datetime | None = None,
    reading: Reading | None = None,
    token: str | None = None,
    at_it: bool = True,
) -> Intake:
    """A taking that is to be done; the one that was begun with the same file and choices, if it isn't over.

    :param default_at: the moment of rows that have no date; now by default.
    :param reading: what was said of how to read the file.
    :param token: the staged file, if the taking may go on in the background.
    :param at_it: whether the caller takes it at once; otherwise whoever comes may.
    :raises Refusal: ``feedback.day_in_future``, ``feedback.no_text_column``, ``feedback.no_source``.
    """
    columns = replace(columns, source=columns.source.strip()[:LONGEST_SOURCE])
    if default_at is not None and default_at > as_of:
        raise Refusal("feedback.day_in_future")
    columns.check()
    mapping = columns.remembered(sheet) | {
        "day": default_at.isoformat() if default_at else "",
        "reading": asdict(reading or Reading()),
    }
    moved_at = as_of if at_it else as_of - LEASE
    if token is not None:
        confirmed(session, token, as_of)
    known = _unfinished(session, sheet, mapping)
    if known is not None:
        work = session.get_one(IntakeWork, known.id)
        work.token, work.moved_at = token or work.token, moved_at
        session.add(work)
        return known
    intake = Intake(
        filename=file_name(filename),
        sha256=sheet.fingerprint,
        source=columns.source,
        columns=sheet.key(),
        mapping=mapping,
        taken=0,
        known=0,
        made_at=as_of,
        made_by=by,
    )
    session.add(intake)
    session.flush()
    session.add(IntakeWork(intake_id=intake.id or 0, about=sheet.estimate, token=token, moved_at=moved_at))
    session.flush()
    return intake


def _unfinished(session: Session, sheet: Sheet, mapping: dict[str, Any]) -> Intake | None:
    if not sheet.fingerprint:
        return None
    query = (
        select(Intake)
        .join(IntakeWork, col(IntakeWork.intake_id) == Intake.id)
        .where(Intake.sha256 == sheet.fingerprint, col(IntakeWork.finished_at).is_(None))
    )
    begun = session.exec(query.order_by(col(Intake.id).desc()))
    return next((one for one in begun if one.mapping == mapping), None)


def take_all(
    engine: Engine,
    intake_id: int,
    sheet: Sheet,
    *,
    now: Callable[[], datetime],
    originals: Originals | None = None,
    progress: Progress | None = None,
    fold: bool = True,
) -> Taken:
    """Take what is left of a file, part by part; what has become of it in all.

    :param originals: how the words before masking are kept; not at all by default.
    :param progress: is told after every part how many rows have been seen.
    :param fold: let go of this intake where the same file came in before and this time adds nothing.
    :raises Refusal: before anything is taken, what makes the file unreadable as a whole;
        ``files.taken_elsewhere`` if somebody else is at it; ``feedback.nothing_taken`` if every row would be
        set aside.
    """
    with open_session(engine, writes=False) as session:
        begun = _Begun.of(session, intake_id, sheet)
    columns, rows = looked_through(begun.columns, sheet)
    with transaction(engine) as session:
        work = session.get_one(IntakeWork, intake_id)
        work.about = rows
        session.add(work)
    for part in _parts(sheet, columns, begun):
        as_of = now()
        commit_part(engine, lambda session: _take_part(session, begun, part, originals, as_of))  # noqa: B023
        if progress is not None:
            progress(part.seen)
    with transaction(engine) as session:
        return _finish(session, begun, now(), fold=fold)


def bring_in(
    session: Session,
    sheet: Sheet,
    columns: Columns,
    *,
    filename: str,
    by: int | None,
    as_of: datetime,
    default_at: datetime | None = None,
    originals: Originals | None = None,
) -> Taken:
    """Take a small file within the caller's transaction: all or nothing.

    :raises Refusal: as :func:`begin` and :func:`take_all`.
    """
    one_at_a_time(session)
    intake = begin(
        session, sheet, columns, filename=filename, by=by, as_of=as_of, default_at=default_at
    )  # fmt: skip
    begun = _Begun.of(session, intake.id or 0, sheet)
    columns, _ = looked_through(begun.columns, sheet)
    for part in _parts(sheet, columns, begun):
        _take_part(session, begun, part, originals, as_of)
    return _finish(session, begun, as_of, fold=True)


def refused(engine: Engine, intake_id: int, refusal: Refusal, now: datetime) -> None:
    """A taking that somebody waits for was refused: what has taken nothing is as if nobody had begun it."""
    if refusal.code == "files.taken_elsewhere":
        return
    with transaction(engine) as session:
        if session.get_one(Intake, intake_id).taken:
            end(session, IntakeWork, intake_id, now, refusal)
        else:
            give_up(session, intake_id)


def give_up(session: Session, intake_id: int) -> None:
    """Let go of a taking that was refused before it took anything: as if nobody had begun it."""
    for table in (IntakeSetAside, IntakeWork):
        session.execute(delete(table).where(col(table.intake_id) == intake_id))
    session.execute(delete(Intake).where(col(Intake.id) == intake_id, col(Intake.taken) == 0))


@dataclass(frozen=True)
class _Begun:
    """What is known of a taking as it begins or goes on.

    :param seen: rows that were seen before, the last of them number *row*.
    :param places: rows that were taken from this very file by earlier intakes.
    """

    intake_id: int
    columns: Columns
    against: Against
    seen: int
    row: int
    earlier: Intake | None
    places: frozenset[int]

    @classmethod
    def of(cls, session: Session, intake_id: int, sheet: Sheet) -> _Begun:
        intake, work = session.get_one(Intake, intake_id), session.get_one(IntakeWork, intake_id)
        day = intake.mapping["day"]
        # What held when it was begun holds to its end, so that it ends as if it had never been cut short.
        checked = against(
            session,
            default_at=datetime.fromisoformat(day) if day else None,
            as_of=intake.made_at,
        )
        earlier = _earlier(session, intake)
        places = select(Feedback.row).where(col(Feedback.intake_id).in_([one.id for one in earlier]))
        return cls(
            intake_id,
            recall(intake.mapping, sheet),
            checked,
            work.seen,
            work.row,
            earlier[0] if earlier else None,
            frozenset(session.exec(places)) if earlier else frozenset(),
        )


def _earlier(session: Session, intake: Intake) -> list[Intake]:
    """Earlier intakes of this very file, the newest first."""
    if not intake.sha256:
        return []
    query = select(Intake).where(Intake.sha256 == intake.sha256, col(Intake.id) < intake.id)
    return list(session.exec(query.order_by(col(Intake.id).desc())))


@dataclass
class _Part:
    """Some rows of the file, in its order: those from *before* to *seen*, the last of them number *row*."""

    before: int
    seen: int
    row: int = 0
    pieces: list[Piece] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    letters: int = 0

    def add(self, row: Piece | SetAside) -> None:
        """One row more."""
        self.seen, self.row = self.seen + 1, row.row
        if isinstance(row, Piece):
            self.pieces.append(row)
            self.letters += len(row.text)
        else:
            self.aside.append(row)
            self.letters += sum(map(len, row.cells))

    @property
    def full(self) -> bool:
        return self.seen - self.before >= ROWS or self.letters >= LETTERS


def _parts(sheet: Sheet, columns: Columns, begun: _Begun) -> Iterator[_Part]:
    rows = check_settled(
        sheet, columns, begun.against, wanted=lambda number, _faulty: number > begun.row
    )  # fmt: skip
    # Those that were seen before are read all the same: of rows alike each is known by which of them it is.
    deque(islice(rows, begun.seen), maxlen=0)
    part = _Part(begun.seen, begun.seen)
    for row in rows:
        part.add(row)
        if part.full:
            yield part
            part = _Part(part.seen, part.seen)
    if part.seen > part.before:
        yield part


def _take_part(
    session: Session, begun: _Begun, part: _Part, originals: Originals | None, as_of: datetime
) -> None:
    one_at_a_time(session)
    advance(
        session, IntakeWork, begun.intake_id, before=part.before, seen=part.seen, row=part.row, as_of=as_of
    )  # fmt: skip
    prints = [piece.fingerprint for piece in part.pieces]
    known = set(session.exec(select(Feedback.fingerprint).where(col(Feedback.fingerprint).in_(prints))))
    new = [piece for piece in part.pieces if piece.fingerprint not in known and piece.row not in begun.places]
    if new:
        insert_pieces(session, begun.intake_id, new, originals, as_of=as_of)
    intake = session.get_one(Intake, begun.intake_id)
    intake.taken += len(new)
    intake.known += len(part.pieces) - len(new)
    aside = [
        {"row": row.row, "faults": [asdict(fault) for fault in row.faults], "cells": list(row.cells)}
        for row in part.aside
    ]
    intake.set_aside = keep_aside(session, IntakeSetAside, begun.intake_id, intake.set_aside, aside)
    session.add(intake)
    session.flush()


def _finish(session: Session, begun: _Begun, as_of: datetime, *, fold: bool) -> Taken:
    intake = session.get_one(Intake, begun.intake_id)
    aside = set_aside_count(session, intake)
    if not intake.taken and not intake.known:
        raise Refusal("feedback.nothing_taken", rows=aside, first=intake.set_aside[:FIRST_TOLD])
    end(session, IntakeWork, begun.intake_id, as_of)
    earlier = begun.earlier
    if fold and earlier is not None and not intake.taken and aside == set_aside_count(session, earlier):
        give_up(session, begun.intake_id)
        return Taken(earlier, 0, intake.known, aside, again=True)
    facts = {"taken": intake.taken, "known": intake.known, "set_aside": aside}
    record(session, "feedback.brought_in", "intake", intake.id, by=intake.made_by, as_of=as_of, **facts)
    session.flush()
    return Taken(intake, intake.taken, intake.known, aside)


def set_aside_count(session: Session, intake: Intake) -> int:
    """How many rows of a file were set aside."""
    more = how_many(session, IntakeSetAside, [intake.id or 0])
    return len(intake.set_aside) + more.get(intake.id or 0, 0)


def take_staged(originals: Originals | None) -> Kind:
    """How staged files of feedback are taken in the background."""

    def take(engine: Engine, intake_id: int, content: bytes, now: Callable[[], datetime]) -> None:
        with open_session(engine, writes=False) as session:
            told = session.get_one(Intake, intake_id).mapping["reading"]
        sheet = open_file(content, Reading(**told))
        take_all(engine, intake_id, sheet, now=now, originals=originals, fold=False)

    return Kind("feedback", IntakeWork, take)
