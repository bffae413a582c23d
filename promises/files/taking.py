"""What every room that takes files does alike: parts in transactions of their own, turns, going on, ending.

A taking that ends in the midst, however hard, goes on after the last part that was committed: the file is
read again and what was taken is passed over. Two that work at one file take turns at nothing: the one
whose part finds that the other was there before stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import CursorResult, Engine, Table, insert, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, SQLModel, col, func, select

from promises.database import open_session, transaction
from promises.files.staging import content_of, forget
from promises.files.tables import Taking
from promises.refusal import Refusal

LEASE = timedelta(minutes=1)
TRIES = 5
KEPT_WITH_FILE = 1000
"""Rows set aside that stand with their file; more of them have a table of their own."""

Work = TypeVar("Work", bound=Taking)
log = structlog.get_logger()


@dataclass(frozen=True)
class Kind:
    """How one room takes the files that were staged for it.

    :param work: the room's table of takings, keyed by ``intake_id``.
    :param take: takes what is left of the file of an intake, of which it is given the bytes.
    """

    name: str
    work: type[Taking]
    take: Callable[[Engine, int, bytes, Callable[[], datetime]], object]


def waiting(session: Session, table: type[Taking], now: datetime) -> list[tuple[int, str, datetime]]:
    """Staged files that are to be taken and that nobody is at: intake, token and since when, oldest first."""
    work = cast("Any", table)
    query = select(work.intake_id, work.token, work.moved_at).where(
        col(work.finished_at).is_(None), col(work.token).is_not(None), col(work.moved_at) <= now - LEASE
    )
    return [(number, token, at) for number, token, at in session.exec(query.order_by(col(work.intake_id)))]


def carry_on(engine: Engine, kind: Kind, secret: str, now: Callable[[], datetime]) -> int:
    """Take what is left of every staged file that nobody is at; how many were ended.

    One that fails otherwise than by its own content is tried again after a while, by whoever comes.
    """
    with open_session(engine, writes=False) as session:
        free = waiting(session, kind.work, now())
    ended = 0
    for intake_id, token, moved_at in free:
        with transaction(engine) as session:
            claimed = claim(session, kind.work, intake_id, moved_at, now())
        if not claimed:
            continue
        try:
            with open_session(engine, writes=False) as session:
                content = content_of(session, token, secret)
            kind.take(engine, intake_id, content, now)
        except Refusal as refusal:
            log.info("intake.ended", kind=kind.name, intake=intake_id, refusal=str(refusal))
            if refusal.code != "files.taken_elsewhere":
                stop(engine, kind.work, intake_id, refusal, now())
        except Exception:
            log.exception("intake.failed", kind=kind.name, intake=intake_id)
            continue
        ended += 1
    return ended


def claim(session: Session, table: type[Taking], intake_id: int, seen: datetime, now: datetime) -> bool:
    """Take over a file that was last worked at at the moment *seen*; whether nobody was quicker."""
    work = cast("Any", table)
    taken_over = (
        update(work).where(col(work.intake_id) == intake_id, col(work.moved_at) == seen).values(moved_at=now)
    )
    return _changed(session, taken_over) == 1


def advance(
    session: Session,
    table: type[Taking],
    intake_id: int,
    *,
    before: int,
    seen: int,
    row: int,
    as_of: datetime,
) -> None:
    """Note within a part's transaction that the part from *before* to *seen* is taken.

    :raises Refusal: ``files.taken_elsewhere`` if somebody else has been there.
    """
    work = cast("Any", table)
    held = (
        update(work)
        .where(col(work.intake_id) == intake_id, col(work.seen) == before, col(work.finished_at).is_(None))
        .values(seen=seen, row=row, moved_at=as_of)
    )
    if _changed(session, held) != 1:
        raise Refusal("files.taken_elsewhere")


def _changed(session: Session, statement: Any) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def commit_part(engine: Engine, write: Callable[[Session], object]) -> float:
    """Let *write* take a part in its own transaction; again if somebody told the same at the same moment.

    :returns: for how many seconds it held the database.
    """
    for left in range(TRIES, 0, -1):
        try:
            with transaction(engine) as session:
                session.connection()  # here SQLite's one lock is waited for
                since = monotonic()
                write(session)
            return monotonic() - since
        except (IntegrityError, OperationalError):
            if left == 1:
                raise
    raise AssertionError("tried at least once")


def keep_aside(
    session: Session,
    table: type[SQLModel],
    intake_id: int,
    with_file: list[dict[str, Any]],
    more: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Keep *more* rows that were set aside: the first with the file, the others in *table*.

    :param with_file: those that stand with the file so far.
    :returns: those that stand with it from now on.
    """
    room = max(KEPT_WITH_FILE - len(with_file), 0)
    if beyond := more[room:]:
        rows = cast("Any", table)
        last = session.exec(select(func.max(rows.number)).where(rows.intake_id == intake_id)).one() or 0
        into: Table = rows.__table__
        session.execute(
            insert(into),
            [
                {"intake_id": intake_id, "number": number, "fault": fault}
                for number, fault in enumerate(beyond, start=last + 1)
            ],
        )
    return [*with_file, *more[:room]] if room and more else with_file


def stop(engine: Engine, table: type[Taking], intake_id: int, refusal: Refusal, now: datetime) -> None:
    """Keep why nothing more of a file can be taken; its bytes go."""
    with transaction(engine) as session:
        end(session, table, intake_id, now, refusal)


def end(
    session: Session, table: type[Taking], intake_id: int, now: datetime, refusal: Refusal | None = None
) -> bool:
    """Close a taking, and let its bytes go; whether it was open."""
    work = session.get_one(table, intake_id)
    if work.finished_at is not None:
        return False
    token, work.token, work.finished_at = work.token, None, now
    if refusal is not None:
        work.stopped = written(refusal)
    session.add(work)
    session.flush()
    forget(session, token)
    return True


def drop_file(session: Session, token: str, refusal: Refusal, now: datetime) -> None:
    """A staged file goes before it is taken; whatever room was at it hears why."""
    for table in Taking.__subclasses__():
        work = cast("Any", table)
        for intake_id in session.exec(select(work.intake_id).where(work.token == token)).all():
            end(session, table, intake_id, now, refusal)
    forget(session, token)


def written(refusal: Refusal) -> dict[str, Any]:
    """A refusal as it is kept."""
    told = {name: value for name, value in refusal.facts.items() if not isinstance(value, list | dict)}
    facts = {name: value if isinstance(value, int) else str(value) for name, value in told.items()}
    return {"code": refusal.code, "facts": facts}
