"""A file of feedback is taken part by part, each in a short transaction, with how far it has come.

Rows are read, checked and masked outside the transactions; only writing holds the database. What is cut short
goes on after its last part: rows are read again and passed over, and come out as they would have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.feedback.actions import insert_pieces, one_at_a_time
from promises.feedback.begun import Begun, begin, give_up
from promises.feedback.intake.checking import Piece, SetAside, check_settled
from promises.feedback.intake.mapping import Columns, looked_through
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.keeping import Originals
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, IntakeWork
from promises.files.set_aside import how_many
from promises.files.taking import Kind, advance, commit_part, end, keep_aside
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
        begun = Begun.of(session, intake_id, sheet)
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
    begun = Begun.of(session, intake.id or 0, sheet)
    columns, _ = looked_through(begun.columns, sheet)
    for part in _parts(sheet, columns, begun):
        _take_part(session, begun, part, originals, as_of)
    return _finish(session, begun, as_of, fold=True)


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


def _parts(sheet: Sheet, columns: Columns, begun: Begun) -> Iterator[_Part]:
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
    session: Session, begun: Begun, part: _Part, originals: Originals | None, as_of: datetime
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


def _finish(session: Session, begun: Begun, as_of: datetime, *, fold: bool) -> Taken:
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
