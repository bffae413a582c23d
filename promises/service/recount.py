"""Counting all verdicts anew: whether the hourly counts say the same, and making them say it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, case, delete, func, literal, not_, select, text
from sqlmodel import Session, col

from promises.counted import Difference
from promises.service.counts import LASTED, settle
from promises.service.counts_table import (
    COUNT_COLUMNS,
    WAIT_COLUMNS,
    add_counts,
    add_waits,
    hourly_count,
)
from promises.service.tables import Verdict, hourly_wait
from promises.service.waits import Bins
from promises.sqltime import seconds_of
from promises.terms.queries import promises

Counts = dict[tuple[Any, ...], tuple[int, ...]]


def recount(session: Session) -> list[Difference]:
    """Every difference between the counts and the verdicts; none, if all is well. Reads every verdict.

    Run in one transaction, it sees one state of both also while others write (on PostgreSQL, from
    REPEATABLE READ on).
    """
    settle(session)
    found = []
    for table, key, kept, counted in (
        ("hourly_count", COUNT_COLUMNS[:5], _kept_counts(session), _counted(session)),
        ("hourly_wait", WAIT_COLUMNS[:4], _kept_waits(session), _lasted(session)),
    ):
        for one in sorted(kept.keys() | counted.keys()):
            none = (0,) * len(next(iter((kept or counted).values())))
            before, after = kept.get(one, none), counted.get(one, none)
            if before != after:
                named = dict(zip(key, one, strict=True))
                found.append(Difference(table, named, before, after))
    return found


def rebuild(session: Session) -> int:
    """Count everything anew and keep that; how many rows were wrong. Others who write wait meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE verdict IN SHARE MODE"))
    wrong = len(recount(session))
    if wrong:
        counts, waits = _counted(session), _lasted(session)
        session.execute(delete(hourly_count))
        session.execute(delete(hourly_wait))
        connection = session.connection()
        add_counts(connection, [(key, values[0]) for key, values in sorted(counts.items())])  # type: ignore[misc]
        add_waits(connection, [(key, list(values)) for key, values in sorted(waits.items())])  # type: ignore[misc]
    return wrong


def fill(session: Session) -> bool:
    """Count what was there before there were counts; whether there was anything."""
    if session.execute(select(hourly_count.c.n).limit(1)).first() is not None:
        return False
    return session.execute(select(col(Verdict.id)).limit(1)).first() is not None and rebuild(session) > 0


def _kept_counts(session: Session) -> Counts:
    rows = session.execute(select(*(hourly_count.c[name] for name in COUNT_COLUMNS)))
    return {tuple(row[:5]): (row[5],) for row in rows if row[5]}


def _kept_waits(session: Session) -> Counts:
    rows = session.execute(select(*(hourly_wait.c[name] for name in WAIT_COLUMNS)))
    return {tuple(row[:4]): tuple(row[4:]) for row in rows if any(row[4:])}


def _hour() -> Any:
    return (seconds_of(col(Verdict.started_at)) // 3600).label("hour")


def _counted(session: Session) -> Counts:
    status, hour = col(Verdict.status), _hour()
    reason = case((status == "pending", literal("")), else_=col(Verdict.reason)).label("why")
    key = (col(Verdict.branch_id), col(Verdict.promise_id), hour, status, reason)
    grouped = select(*key, func.count()).group_by(
        col(Verdict.branch_id), col(Verdict.promise_id), text("hour"), status, text("why")
    )
    return {tuple(row[:5]): (row[5],) for row in session.execute(grouped)}


def _lasted(session: Session) -> Counts:
    found: Counts = {}
    for terms_id, bins in _binned_versions(session):
        hour = _hour()
        key = (col(Verdict.branch_id), col(Verdict.promise_id), hour, col(Verdict.terms_id))
        micro = func.sum(func.round(col(Verdict.elapsed_s) * 1_000_000))
        query = select(*key, func.count(), micro, *_in_bins(bins)).where(
            col(Verdict.terms_id) == terms_id,
            col(Verdict.status).in_(sorted(LASTED)),
            col(Verdict.ended_at).is_not(None),
            col(Verdict.elapsed_s).is_not(None),
        )
        query = query.group_by(
            col(Verdict.branch_id), col(Verdict.promise_id), text("hour"), col(Verdict.terms_id)
        )
        empty = (0,) * (len(WAIT_COLUMNS) - 6 - len(bins.edges))
        for row in session.execute(query):
            found[tuple(row[:4])] = (*(int(value) for value in row[4:]), *empty)
    return found


def _binned_versions(session: Session) -> Iterator[tuple[int, Bins]]:
    for dated in promises(session):
        for version in dated.versions:
            bins = Bins.of(version.terms)
            if bins is not None:
                yield version.terms_id, bins


def _in_bins(bins: Bins) -> list[Any]:
    """How many lasted how long, counted by the database and not by the code that it is to check."""
    elapsed = col(Verdict.elapsed_s)

    def beyond(edge: int) -> Any:
        return elapsed > edge if bins.to_the_edge and edge else elapsed >= edge

    counted = [
        func.sum(case((and_(beyond(a), not_(beyond(b))), 1), else_=0)) for a, b in pairwise(bins.edges)
    ]
    return [*counted, func.sum(case((beyond(bins.edges[-1]), 1), else_=0))]
