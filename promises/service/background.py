"""Files that are taken in the background: large ones that came in by the page, kept in pieces till then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, Engine, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.feedback.intake.reading import PACKED
from promises.refusal import Refusal
from promises.service.sourcefile import PIECE, SourceFile
from promises.service.tables import CaseIntakePiece, CaseIntakeWork
from promises.service.taking import LEASE, take_all

log = structlog.get_logger()


def in_pieces(file: SourceFile) -> Iterator[bytes]:
    """A file's bytes as they are kept: in UTF-8, in pieces of one size."""
    kept = bytearray()
    for piece in file.in_utf_8():
        kept += piece
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def carry_on(engine: Engine, now: Callable[[], datetime]) -> int:
    """Take what is left of every kept file that nobody is at; how many files were ended.

    One that fails otherwise than by its own content is tried again after a while, by whoever comes.
    """
    with open_session(engine, writes=False) as session:
        free = waiting(session, now())
    ended = 0
    for intake_id, moved_at in free:
        with transaction(engine) as session:
            claimed = _claim(session, intake_id, moved_at, now())
        if not claimed:
            continue
        try:
            take_all(engine, intake_id, _kept(engine, intake_id), now=now)
        except Refusal as refusal:
            log.info("intake.ended", intake=intake_id, refusal=str(refusal))
        except Exception:
            log.exception("intake.failed", intake=intake_id)
            continue
        ended += 1
    return ended


def waiting(session: Session, now: datetime) -> list[tuple[int, datetime]]:
    """Kept files that nobody is at, and since when, the oldest first."""
    query = select(CaseIntakeWork.intake_id, CaseIntakeWork.moved_at).where(
        col(CaseIntakeWork.finished_at).is_(None),
        CaseIntakeWork.kept_file,
        CaseIntakeWork.moved_at <= now - LEASE,
    )
    return [(number, at) for number, at in session.exec(query.order_by(col(CaseIntakeWork.intake_id)))]


def _claim(session: Session, intake_id: int, seen: datetime, now: datetime) -> bool:
    claim = (
        update(CaseIntakeWork)
        .where(col(CaseIntakeWork.intake_id) == intake_id, col(CaseIntakeWork.moved_at) == seen)
        .values(moved_at=now)
    )
    return cast("CursorResult[Any]", session.execute(claim)).rowcount == 1


def _kept(engine: Engine, intake_id: int) -> SourceFile:
    def pieces() -> Iterator[bytes]:
        number = 0
        while True:
            with open_session(engine, writes=False) as session:
                found = session.get(CaseIntakePiece, (intake_id, number))
            if found is None:
                return
            yield found.content
            number += 1

    return SourceFile(pieces, next(pieces(), b"").startswith(PACKED))
