"""The watch: what is overdue becomes broken, dated at its due time, whoever looks and whenever.

Due times are stored when a case begins, so the overdue are found by the index over pending verdicts.
One statement both picks and claims them: whoever's update changes a row owns its consequence, which is
written in the same transaction. Any number of watchers may run; after an outage the first tick catches
up, with the times at which things happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, Row, Table, and_, case, func, tuple_, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.service.breaking import follow
from promises.service.findings import stand_in_line
from promises.service.tables import Verdict
from promises.terms.queries import Dated, promises

AT_ONCE = 2000
AGAIN = timedelta(minutes=1)
"""A verdict that couldn't be judged is tried again after so long."""
MOST_STUCK = 20
"""When so many can't be judged in one tick it isn't they that are at fault: the tick fails, and its silence
is told of."""
log = structlog.get_logger()
_table: Table = Verdict.__table__  # type: ignore[attr-defined]

Key = tuple[int, int]
"""Branch and id of a verdict."""


@dataclass(frozen=True)
class Ticked:
    """What one tick found: how many verdicts it broke, how long ago the oldest of them was due, and how
    many it could not judge because the judging itself failed; those are logged and tried again."""

    broken: int
    lag: timedelta
    stuck: int = 0


@dataclass
class SetAside:
    """Verdicts that one watcher couldn't judge, each until when it lets them be, so that ticks don't fail
    over them again and again."""

    until: dict[Key, datetime] = field(default_factory=dict)

    def keys(self, as_of: datetime) -> set[Key]:
        """Those that are to be let be at *as_of*; the others may be tried."""
        return {key for key, until in self.until.items() if until > as_of}

    def add(self, key: Key, as_of: datetime) -> None:
        self.until[key] = as_of + AGAIN

    def forget(self, claimed: list[Row[Any]]) -> None:
        """What could be judged after all is none of them any more."""
        for row in claimed if self.until else ():
            self.until.pop((row.branch_id, row.id), None)


def tick(engine: Engine, as_of: datetime, most: int = AT_ONCE, set_aside: SetAside | None = None) -> Ticked:
    """Break everything that was due before *as_of*, at most *most* verdicts in each transaction.

    A case that is due exactly at *as_of* still has its moment. Open cases whose version of the terms
    depends on what comes are first put under the version that has begun meanwhile.

    :param set_aside: what this watcher could not judge in earlier ticks.
    :raises Exception: the last of many faults of the judging.
    """
    aside = set_aside or SetAside()
    broken, lag, failed = 0, timedelta(0), 0
    moved, overdue = _any_work(engine, as_of)
    for work in [_moved(one, since) for one, since in moved] + ([_overdue(as_of)] if overdue else []):
        at_once = most
        while True:
            try:
                claimed, own = _break_some(engine, work, as_of, at_once, aside.keys(as_of))
            except Exception:
                # One that can't be judged must not stop the thousand behind it: it is closed in on, by
                # halves, and set aside.
                if at_once > 1:
                    at_once = at_once // 2
                    continue
                aside.add(_next(engine, work, aside.keys(as_of)), as_of)
                log.exception("watch.stuck", verdicts=sorted(aside.keys(as_of)))
                failed += 1
                if failed == MOST_STUCK:
                    raise
                at_once = most
                continue
            aside.forget(claimed)
            broken += own
            lag = max([lag, *(as_of - row.due_at for row in claimed if row.due_at and row.due_at < as_of)])
            if len(claimed) < at_once:
                break
            at_once = most
    return Ticked(broken, lag, len(aside.until))


def _break_some(
    engine: Engine, work: Any, as_of: datetime, most: int, stuck: set[Key]
) -> tuple[list[Row[Any]], int]:
    """Claim some of the overdue and write what follows, in one transaction; how many are broken."""
    with transaction(engine) as session:
        stand_in_line(session)
        claimed = _claim(session, work, as_of, most, stuck)
        return claimed, follow(session, claimed, as_of) if claimed else 0


def _any_work(engine: Engine, as_of: datetime) -> tuple[list[tuple[int, datetime]], bool]:
    """A look that takes no writer's lock, as most ticks find nothing: promises with cases under a version
    that may not be theirs any more, since when, and whether anything is overdue."""
    with open_session(engine, writes=False) as session:
        moved = [
            (dated.promise_id, since)
            for dated in promises(session)
            if (since := _moved_since(dated, as_of))
            and session.exec(_moved(dated.promise_id, since).limit(1)).first()
        ]
        return moved, session.exec(_overdue(as_of).limit(1)).first() is not None


def _moved_since(dated: Dated, as_of: datetime) -> datetime | None:
    """When the versions of a promise that are chosen by breach or end last became others."""
    if dated.versions[-1].terms.moment == "start" or len(dated.versions) == 1:
        return None
    later = dated.versions[1:]
    return max((at for one in later for at in (one.made_at, one.starts_at) if at <= as_of), default=None)


def _moved(promise_id: int, since: datetime) -> Any:
    return select(col(Verdict.branch_id), col(Verdict.id)).where(
        col(Verdict.promise_id) == promise_id,
        col(Verdict.status) == "pending",
        col(Verdict.judged_at) < since,
    )


def _overdue(as_of: datetime) -> Any:
    return select(col(Verdict.branch_id), col(Verdict.id)).where(
        and_(col(Verdict.status) == "pending", col(Verdict.due_at) < as_of)
    )


def _next(engine: Engine, work: Any, stuck: set[Key]) -> Key:
    """The verdict that a claim of one would take."""
    with open_session(engine, writes=False) as session:
        row = session.exec(_in_turn(work, stuck).limit(1)).one()
        return row[0], row[1]


def _in_turn(work: Any, stuck: set[Key]) -> Any:
    key = tuple_(col(Verdict.branch_id), col(Verdict.id))
    return (work.where(key.not_in(stuck)) if stuck else work).order_by(col(Verdict.due_at), col(Verdict.id))


def _claim(session: Session, work: Any, as_of: datetime, most: int, stuck: set[Key]) -> list[Row[Any]]:
    # Watchers on PostgreSQL pass over each other's rows instead of waiting for them.
    picked = _in_turn(work, stuck).limit(most).with_for_update(skip_locked=True)
    overdue = col(Verdict.due_at) < as_of
    claim = (
        update(Verdict)
        .where(tuple_(col(Verdict.branch_id), col(Verdict.id)).in_(picked), col(Verdict.status) == "pending")
        .values(
            status=case((overdue, "broken"), else_="pending"),
            reason=case((overdue, "still_open"), else_=col(Verdict.reason)),
            dated_at=case((overdue, col(Verdict.due_at)), else_=None),
            judged_at=as_of,
        )
        .returning(*(col(getattr(Verdict, column.name)) for column in _table.columns))
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(claim))


def overdue_since(session: Session, as_of: datetime) -> datetime | None:
    """Since when something is overdue that the watch hasn't broken yet; none if it keeps up."""
    query = select(func.min(col(Verdict.due_at))).where(
        col(Verdict.status) == "pending", col(Verdict.due_at) < as_of
    )
    return session.exec(query).one()
