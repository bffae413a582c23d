"""That somebody watches: each watcher says so every few seconds, and whoever finds it silent tells.

A watcher that is killed can't say that it is. So the web workers look at the newest sign of life, and the
first that finds it old tells the administrators; the row of the standstill keeps the others from telling the
same. The next sign of life ends it.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Engine, Table, case, delete, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from promises.database import insert_new, open_session, transaction
from promises.outbox.actions import notify
from promises.service.tables import Verdict
from promises.service.watch import overdue_since
from promises.service.watch_tables import Standstill, Watcher

BEAT = timedelta(seconds=2)
SILENT = timedelta(seconds=60)
"""So old a sign of life means that nobody watches."""
KEPT = timedelta(days=1)
WATCH, STUCK = "behind", "stuck"

_watcher: Table = Watcher.__table__  # type: ignore[attr-defined]
_standstill: Table = Standstill.__table__  # type: ignore[attr-defined]


@dataclass
class Pulse:
    """The sign of life of this watcher."""

    started_at: datetime
    id: str = field(default_factory=lambda: token_hex(8))
    beat_at: datetime | None = None
    stuck: int = 0

    def beat(self, engine: Engine, as_of: datetime, stuck: int = 0) -> None:
        """Say that a tick has been finished at *as_of*, leaving *stuck* verdicts unjudged; seldom enough to
        cost nothing."""
        if self.beat_at is not None and as_of - self.beat_at < BEAT and stuck == self.stuck:
            return
        with transaction(engine) as session:
            row = {"ticked_at": as_of, "stuck": stuck}
            here = {"id": self.id, "host": socket.gethostname()[:120], "pid": os.getpid()}
            if not insert_new(session, _watcher, {**here, "started_at": self.started_at, **row}):
                session.execute(update(Watcher).where(col(Watcher.id) == self.id).values(**row))
            if self.beat_at is None:
                session.execute(delete(Watcher).where(col(Watcher.ticked_at) < as_of - KEPT))
            _over(session, WATCH, as_of)
            if stuck:
                _told(session, STUCK, as_of, as_of, stuck=stuck)
            else:
                _over(session, STUCK, as_of)
        self.beat_at, self.stuck = as_of, stuck


@dataclass(frozen=True)
class Standing:
    """How the watch stands: its last sign of life, since when something is overdue, how much that is, and
    how many verdicts can't be judged."""

    ticked_at: datetime | None
    overdue_since: datetime | None
    stuck: int

    def silent_since(self, as_of: datetime) -> datetime | None:
        """Since when nobody watches, if that is so: since the last sign of life, or where there never was
        one, since something is overdue."""
        last = self.ticked_at or self.overdue_since
        return last if last is not None and as_of - last > SILENT else None


def standing(session: Session, as_of: datetime) -> Standing:
    """How the watch stands at *as_of*; two looks at indexes."""
    newest = columns(col(Watcher.ticked_at), col(Watcher.stuck)).order_by(col(Watcher.ticked_at).desc())
    row = session.execute(newest.limit(1)).first()
    return Standing(row[0] if row else None, overdue_since(session, as_of), row[1] if row else 0)


def overdue(session: Session, as_of: datetime) -> int:
    """How many verdicts are overdue that the watch hasn't broken yet."""
    return session.exec(select(func.count()).select_from(Verdict).where(*_overdue(as_of))).one()


def _overdue(as_of: datetime) -> tuple[Any, Any]:
    return col(Verdict.status) == "pending", col(Verdict.due_at) < as_of


@dataclass(frozen=True)
class Silence:
    """Since when nobody watches, if that is so, and whether somebody has been told."""

    since: datetime | None = None
    told: bool = False


def tell_if_silent(engine: Engine, as_of: datetime) -> Silence:
    """Tell the administrators that nobody watches, once for each standstill.

    Where there never was a watcher there is nobody to miss: the pages say it, but no mail is sent.
    """
    with open_session(engine, writes=False) as session:
        found = standing(session, as_of)
        since = found.silent_since(as_of)
        if since is None or found.ticked_at is None:
            return Silence(since)
        if _goes_on(session, WATCH):
            return Silence(since, told=True)
    with transaction(engine) as session:
        _told(session, WATCH, since, as_of)
    return Silence(since, told=True)


def _goes_on(session: Session, what: str) -> bool:
    query = select(Standstill.id).where(Standstill.what == what, col(Standstill.over_at).is_(None))
    return session.exec(query).first() is not None


def _told(session: Session, what: str, since: datetime, as_of: datetime, **facts: Any) -> None:
    if insert_new(session, _standstill, {"what": what, "since": since, "told_at": as_of}):
        notify(session, f"watch.{what}", {"at": since.isoformat(), **facts}, None, as_of)


def _over(session: Session, what: str, as_of: datetime) -> None:
    # The clocks of two machines differ: it isn't over before it was told.
    at = case((col(Standstill.told_at) > as_of, col(Standstill.told_at)), else_=as_of)
    goes_on = (col(Standstill.what) == what, col(Standstill.over_at).is_(None))
    session.execute(update(Standstill).where(*goes_on).values(over_at=at))
