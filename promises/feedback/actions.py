"""Feedback is brought in: a file is staged, its columns are confirmed, its rows are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import PurePosixPath
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Table, delete, insert, text
from sqlmodel import Session, col, select

from promises.feedback.counts import heard
from promises.feedback.intake.checking import Against, Piece, SetAside, check
from promises.feedback.intake.mapping import Columns, guess, recall
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Sheet
from promises.feedback.keeping import Masking, Originals, keep, wants_ids
from promises.feedback.tables import Feedback, Intake, StagedFile
from promises.journal.actions import record
from promises.people.queries import company_zone as company_zone
from promises.people.tables import Branch
from promises.refusal import Refusal

STAGED_FOR = timedelta(days=1)
MOST_SET_ASIDE = 10_000
CHUNK = 1_000
LONGEST_SOURCE = 64
_feedback: Table = Feedback.__table__  # type: ignore[attr-defined]
Progress = Callable[[int], None]


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


def stage(session: Session, filename: str, content: bytes, *, by: int, as_of: datetime) -> StagedFile:
    """Check that *content* can be read at all, and keep it until its columns are confirmed.

    :raises Refusal: whatever :func:`promises.feedback.intake.reading.open_file` refuses, and
        ``feedback.no_rows`` for a file that holds a header only.
    """
    sweep_staged(session, as_of)
    sheet = open_file(content)
    if not sheet.first(1):
        raise Refusal("feedback.no_rows")
    staged = StagedFile(
        token=token_urlsafe(24),
        person_id=by,
        filename=file_name(filename),
        sha256=sheet.fingerprint,
        content=content,
        made_at=as_of,
    )
    session.add(staged)
    session.flush()
    return staged


def sweep_staged(session: Session, as_of: datetime) -> None:
    """Forget files whose columns nobody has confirmed within a day."""
    session.execute(delete(StagedFile).where(col(StagedFile.made_at) < as_of - STAGED_FOR))


def file_name(name: str) -> str:
    """The last part of an uploaded file's name, without control characters; never used as a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:255] or "-"


def proposed_columns(session: Session, sheet: Sheet) -> tuple[Columns, bool]:
    """The columns of *sheet* as they were confirmed for the same header before, else as guessed;
    and whether they were remembered."""
    key = sheet.key()
    if key:
        query = select(Intake).where(Intake.columns == key).order_by(col(Intake.id).desc()).limit(1)
        earlier = session.exec(query).first()
        if earlier is not None:
            return recall(earlier.mapping, sheet), True
    return guess(sheet, branch_names(session).keys()), False


def branch_names(session: Session) -> dict[str, int]:
    """Codes and names of all branches in lower case → id."""
    names: dict[str, int] = {}
    for branch in session.exec(select(Branch)).all():
        names[" ".join(branch.name.casefold().split())] = branch.id or 0
        names[branch.code.casefold()] = branch.id or 0
    return names


def against(session: Session, *, default_at: datetime | None, as_of: datetime) -> Against:
    """What rows are checked against now; rows without a date get *default_at*, else *as_of*."""
    places = branch_names(session)
    masking = Masking(places)
    return Against(
        branches=places,
        zone=company_zone(session),
        as_of=as_of,
        default_at=default_at or as_of,
        mask=masking,
        names=masking.names,
    )


def bring_in(
    session: Session,
    sheet: Sheet,
    columns: Columns,
    *,
    filename: str,
    by: int | None,
    as_of: datetime,
    default_at: datetime | None = None,
    progress: Progress | None = None,
    originals: Originals | None = None,
) -> Taken:
    """Take every row of *sheet* that can be taken and is not known yet; all or nothing.

    A row is known by its fingerprint, and by its place in a file that has come in before.

    :param default_at: the moment of rows that have no date; now by default.
    :param progress: is told after every chunk how many rows it held.
    :param originals: how the words before masking are kept; not at all by default.
    :raises Refusal: what :func:`promises.feedback.intake.checking.check` refuses, and
        ``feedback.day_in_future``, ``feedback.nothing_taken`` if every row would be set aside,
        ``feedback.too_many_set_aside``.
    """
    if default_at is not None and default_at > as_of:
        raise Refusal("feedback.day_in_future")
    one_at_a_time(session)
    columns = replace(columns, source=columns.source.strip()[:LONGEST_SOURCE])
    earlier = _earlier(session, sheet.fingerprint)
    places = _places(session, earlier)
    intake = Intake(
        filename=file_name(filename),
        sha256=sheet.fingerprint,
        source=columns.source,
        columns=sheet.key(),
        mapping=columns.remembered(sheet),
        taken=0,
        known=0,
        made_at=as_of,
        made_by=by,
    )
    session.add(intake)
    session.flush()
    tally = _Tally(originals=originals, as_of=as_of)
    rows = check(sheet, columns, against(session, default_at=default_at, as_of=as_of))
    for chunk in _chunks(rows, CHUNK):
        _take(session, intake.id or 0, chunk, places, tally)
        if progress is not None:
            progress(len(chunk))
    if not tally.taken and not tally.known:
        raise Refusal("feedback.nothing_taken", rows=len(tally.set_aside), first=tally.set_aside[:5])
    if earlier and not tally.taken and len(tally.set_aside) == len(earlier[0].set_aside):
        session.delete(intake)
        session.flush()
        return Taken(earlier[0], 0, tally.known, len(tally.set_aside), again=True)
    intake.taken, intake.known, intake.set_aside = tally.taken, tally.known, tally.set_aside
    session.add(intake)
    facts = {"taken": tally.taken, "known": tally.known, "set_aside": len(tally.set_aside)}
    record(session, "feedback.brought_in", "intake", intake.id, by=by, as_of=as_of, **facts)
    session.flush()
    return Taken(intake, tally.taken, tally.known, len(tally.set_aside))


@dataclass
class _Tally:
    originals: Originals | None
    as_of: datetime
    taken: int = 0
    known: int = 0
    set_aside: list[dict[str, Any]] = field(default_factory=list)


def one_at_a_time(session: Session) -> None:
    """Who brings in feedback or looks for problems waits for others who do; in SQLite writers wait anyway."""
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(sha256(b"feedback").digest()[:4], "big")
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _earlier(session: Session, fingerprint: str) -> list[Intake]:
    """Earlier intakes of this very file, the newest first."""
    if not fingerprint:
        return []
    query = select(Intake).where(Intake.sha256 == fingerprint).order_by(col(Intake.id).desc())
    return list(session.exec(query).all())


def _places(session: Session, earlier: list[Intake]) -> set[int]:
    """The rows that were taken from this very file before."""
    ids = [intake.id for intake in earlier]
    return (
        set(session.exec(select(Feedback.row).where(col(Feedback.intake_id).in_(ids))).all())
        if ids
        else set()
    )


def _take(
    session: Session, intake_id: int, chunk: list[Piece | SetAside], places: set[int], tally: _Tally
) -> None:
    for row in chunk:
        if isinstance(row, SetAside):
            tally.set_aside.append(
                {"row": row.row, "faults": [asdict(fault) for fault in row.faults], "cells": list(row.cells)}
            )
    if len(tally.set_aside) > MOST_SET_ASIDE:
        raise Refusal("feedback.too_many_set_aside", most=MOST_SET_ASIDE)
    pieces = [row for row in chunk if isinstance(row, Piece)]
    wanted = [piece.fingerprint for piece in pieces]
    query = select(Feedback.fingerprint).where(col(Feedback.fingerprint).in_(wanted))
    known = set(session.exec(query).all()) if wanted else set()
    new = [piece for piece in pieces if piece.fingerprint not in known and piece.row not in places]
    tally.known += len(pieces) - len(new)
    tally.taken += len(new)
    if new:
        insert_pieces(session, intake_id, new, tally.originals, as_of=tally.as_of)


def insert_pieces(
    session: Session,
    intake_id: int,
    pieces: Sequence[Piece],
    originals: Originals | None,
    *,
    as_of: datetime,
) -> dict[str, int]:
    """Write *pieces*, which nobody knows yet, and what is kept beside them.

    :returns: feedback ids by fingerprint, where anything is kept beside.
    """
    rows = [row_of(piece, intake_id) for piece in pieces]
    session.execute(insert(_feedback), rows)
    heard(session, rows)
    if not wants_ids(pieces, originals):
        return {}
    prints = [piece.fingerprint for piece in pieces]
    query = select(Feedback.fingerprint, Feedback.id).where(col(Feedback.fingerprint).in_(prints))
    ids = {fingerprint: feedback_id or 0 for fingerprint, feedback_id in session.exec(query)}
    keep(session, ids, pieces, originals, as_of)
    return ids


def row_of(piece: Piece, intake_id: int) -> dict[str, Any]:
    """*piece* as a row of feedback."""
    row = {name: value for name, value in vars(piece).items() if name not in {"names", "original"}}
    # A score without words is an answer, but there is nothing in it to look for problems in.
    return {**row, "intake_id": intake_id, "kind": "" if piece.text else "nothing"}


def _chunks(rows: Iterable[Piece | SetAside], size: int) -> Iterator[list[Piece | SetAside]]:
    walking = iter(rows)
    while chunk := list(islice(walking, size)):
        yield chunk
