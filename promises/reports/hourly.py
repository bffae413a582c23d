"""Figures read from the hourly counts, where these say the same as the cases: a thousand rows, not millions.

They do where a period's bounds, and with them the hours of the branch's zone, fall on whole hours of UTC.
Elsewhere (India, Nepal) queries.py counts the cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Executable, cast, func, select
from sqlmodel import Session

from promises.reports.counting import QUARTER, Bucket
from promises.service.counts import settle
from promises.service.counts_table import hourly_count
from promises.service.tables import WAIT_BINS, hourly_wait
from promises.service.waits import Bins
from promises.terms.queries import of_terms

HOUR = 3600


def whole_hours(moments: Sequence[datetime]) -> bool:
    """Whether all of them fall on whole hours of UTC, as the midnights of most zones do."""
    return all(moment.timestamp() % HOUR == 0 for moment in moments)


def hour_of(moment: datetime) -> int:
    """The hour in which *moment* lies, as the counts number hours."""
    return int(moment.timestamp() // HOUR)


def buckets(
    session: Session, branch_id: int, promise_id: int, start: datetime, end: datetime
) -> list[Bucket]:
    """Counts by hour, status and reason, each told at its first quarter."""
    settle(session)
    counts = hourly_count.c
    query = select(counts.hour, counts.status, counts.reason, counts.n).where(
        counts.branch_id == branch_id,
        counts.promise_id == promise_id,
        counts.hour >= hour_of(start),
        counts.hour < hour_of(end),
        counts.n != 0,
    )
    return [Bucket(row[0] * HOUR // QUARTER, *row[1:]) for row in session.execute(query)]


def by_period(
    session: Session, branch_ids: Sequence[int], promise_ids: Sequence[int], hours: Sequence[int], place: Any
) -> Executable:
    """Sums by branch, promise, place of the period (an expression over the hour), status and reason."""
    settle(session)
    counts = hourly_count.c
    key = (counts.branch_id, counts.promise_id, place, counts.status, counts.reason)
    return (
        # PostgreSQL would make a sum of such numbers a decimal one.
        select(*key, cast(func.sum(counts.n), BigInteger))
        .where(
            counts.branch_id.in_(branch_ids),
            counts.promise_id.in_(promise_ids),
            counts.hour >= hours[0],
            counts.hour < hours[-1],
            counts.n != 0,
        )
        .group_by(*key)
    )


def broken(session: Session, branch_ids: Sequence[int], start: datetime, end: datetime) -> int:
    """Promises broken to customers who came in ``[start, end)``."""
    settle(session)
    counts = hourly_count.c
    query = select(func.coalesce(func.sum(counts.n), 0)).where(
        counts.branch_id.in_(branch_ids),
        counts.status == "broken",
        counts.hour >= hour_of(start),
        counts.hour < hour_of(end),
    )
    return int(session.execute(query).scalar_one())


def waits(
    session: Session, branch_id: int, promise_id: int, start: datetime, end: datetime, bins: Bins
) -> list[int] | None:
    """How many kept and broken cases lasted how long; None if a version with other bins judged some."""
    settle(session)
    own = hourly_wait.c
    query = (
        select(own.terms_id, *(func.sum(own[name]) for name in WAIT_BINS))
        .where(
            own.branch_id == branch_id,
            own.promise_id == promise_id,
            own.hour >= hour_of(start),
            own.hour < hour_of(end),
            own.n != 0,
        )
        .group_by(own.terms_id)
    )
    rows = session.execute(query).all()
    versions = of_terms(session, {row[0] for row in rows})
    if any(Bins.of(version.terms) != bins for version in versions.values()):
        return None
    return [sum(int(row[place + 1]) for row in rows) for place in range(len(bins.edges))]
