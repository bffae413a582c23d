"""What reports read, counted by the database: a case belongs to the moment at which it began.

Figures come from the hourly counts (hourly.py) where these can say them; each other query reads one range
of ``ix_verdict_report`` per branch and promise. None loads whole cases but the list of broken ones, a page
at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, case, func, literal, not_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation.tables import Compensation, Entry, Payout
from promises.reports import hourly
from promises.reports.compliance import Figures
from promises.reports.counting import QUARTER, Bucket, figures_of
from promises.service.counts_table import hourly_count
from promises.service.tables import Case, Verdict
from promises.service.waits import Bins
from promises.sqltime import seconds_of

PAGE = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """The cases of one branch under one promise that began in ``[start, end)``."""

    branch_id: int
    promise_id: int
    start: datetime
    end: datetime


def within(scope: Scope) -> ColumnElement[bool]:
    """The condition that a verdict is of *scope*."""
    return and_(
        col(Verdict.branch_id) == scope.branch_id,
        col(Verdict.promise_id) == scope.promise_id,
        col(Verdict.started_at) >= scope.start,
        col(Verdict.started_at) < scope.end,
    )


def buckets(session: Session, scope: Scope, edges: Sequence[datetime] = ()) -> list[Bucket]:
    """Counts by hour or quarter of an hour, status and reason: some thousand rows, however many cases.

    :param edges: moments between which the buckets will be parted, such as the beginnings of weeks.
    """
    if hourly.whole_hours([scope.start, scope.end, *edges]):
        return hourly.buckets(session, scope.branch_id, scope.promise_id, scope.start, scope.end)
    quarter = (seconds_of(col(Verdict.started_at)) // QUARTER).label("quarter")
    query = (
        select(quarter, col(Verdict.status), col(Verdict.reason), func.count())
        .where(within(scope))
        .group_by(quarter, col(Verdict.status), col(Verdict.reason))
    )
    return [Bucket(*row) for row in session.execute(query)]


def by_period(
    session: Session, branch_ids: Sequence[int], promise_ids: Sequence[int], edges: Sequence[datetime]
) -> dict[tuple[int, int, int], Figures]:
    """Figures of many branches and promises at once, by (branch, promise, place of the period).

    :param edges: n + 1 moments in order, which bound n periods; each belongs to the later one.
    """
    if not branch_ids or not promise_ids:
        return {}
    if hourly.whole_hours(edges):
        hours = [hourly.hour_of(edge) for edge in edges]
        place = _place(hourly_count.c.hour, hours, 0, len(hours) - 2).label("place")
        query = hourly.by_period(session, branch_ids, promise_ids, hours, place)
    else:
        query = _by_cases(branch_ids, promise_ids, edges)
    found: defaultdict[tuple[int, int, int], Figures] = defaultdict(Figures)
    for branch_id, promise_id, number, status, reason, n in session.execute(query):
        found[branch_id, promise_id, number] += figures_of(status, reason, n)
    return dict(found)


def _by_cases(branch_ids: Sequence[int], promise_ids: Sequence[int], edges: Sequence[datetime]) -> Executable:
    place = _place(col(Verdict.started_at), edges, 0, len(edges) - 2).label("place")
    key = (
        col(Verdict.branch_id),
        col(Verdict.promise_id),
        place,
        col(Verdict.status),
        col(Verdict.reason),
    )
    return (
        select(*key, func.count())
        .where(
            col(Verdict.branch_id).in_(branch_ids),
            col(Verdict.promise_id).in_(promise_ids),
            col(Verdict.started_at) >= edges[0],
            col(Verdict.started_at) < edges[-1],
        )
        .group_by(*key)
    )


def _place(started: Any, edges: Sequence[Any], low: int, high: int) -> Any:
    """The number of the period, from *low* to *high*, found by halving: five steps for 26 weeks."""
    if low == high:
        return literal(low)
    middle = (low + high) // 2
    return case(
        (started < edges[middle + 1], _place(started, edges, low, middle)),
        else_=_place(started, edges, middle + 1, high),
    )


def binned_waits(session: Session, scope: Scope, bins: Bins) -> list[int]:
    """How many kept and broken cases lasted how long, in *bins*; those still open have no length yet."""
    counted = None
    if hourly.whole_hours([scope.start, scope.end]):
        counted = hourly.waits(session, scope.branch_id, scope.promise_id, scope.start, scope.end, bins)
    if counted is None:
        counted = waits(session, scope, bins.edges, to_the_edge=bins.to_the_edge)
    return counted


def waits(session: Session, scope: Scope, edges: Sequence[int], *, to_the_edge: bool) -> list[int]:
    """How many kept and broken cases lasted how long; those still open have no length yet.

    :param edges: bounds of the bins in seconds; the last number is of all that lasted beyond the last.
    :param to_the_edge: a case that lasts exactly to an edge counts before it, as terms do that keep a
        promise to the last moment; otherwise after it.
    """
    elapsed = col(Verdict.elapsed_s)

    def beyond(edge: int) -> ColumnElement[bool]:
        return elapsed > edge if to_the_edge and edge else elapsed >= edge

    bins = [func.sum(case((and_(beyond(a), not_(beyond(b))), 1), else_=0)) for a, b in pairwise(edges)]
    bins.append(func.sum(case((beyond(edges[-1]), 1), else_=0)))
    ended = and_(col(Verdict.status).in_(["kept", "broken"]), col(Verdict.ended_at).is_not(None))
    row = session.execute(select(*bins).where(within(scope), ended)).one()
    return [int(n or 0) for n in row]


@dataclass(frozen=True, slots=True)
class BrokenCase:
    """A line of the list of broken cases; ``compensation_id`` is of this branch."""

    case_id: int
    reference: str
    started_at: datetime
    reason: str
    elapsed_s: float | None
    compensation_id: int | None
    amount: Decimal | None
    currency: str | None
    paid: bool


def broken_cases(
    session: Session, scope: Scope, *, reason: str = "", page: int = 1, size: int = PAGE
) -> list[BrokenCase]:
    """Page *page* (from 1) of the broken cases, the newest first."""
    return list(_broken(session, scope, reason, size, (page - 1) * size))


def every_broken_case(session: Session, scope: Scope, *, reason: str = "") -> Iterator[BrokenCase]:
    """All of them, read as they are asked for."""
    return _broken(session, scope, reason, None, 0)


def _parts_of_verdict() -> tuple[Any, Any]:
    """The number of the newest part of what a verdict is owed, and the sum of the parts that stand."""
    part, undone = aliased(Compensation), aliased(Entry)
    own = (col(part.branch_id) == col(Verdict.branch_id), col(part.verdict_id) == col(Verdict.id))
    mirror = select(col(undone.id)).where(
        col(undone.branch_id) == col(part.branch_id), col(undone.reverses) == col(part.id)
    )
    newest = select(func.max(part.part)).where(*own).correlate(Verdict).scalar_subquery()
    owed = select(func.sum(part.amount)).where(*own, ~mirror.exists()).correlate(Verdict).scalar_subquery()
    return newest, owed


def _broken(session: Session, scope: Scope, reason: str, most: int | None, skip: int) -> Iterator[BrokenCase]:
    newest, owed = _parts_of_verdict()
    query = (
        select(
            col(Verdict.case_id),
            col(Case.reference),
            col(Verdict.started_at),
            col(Verdict.reason),
            col(Verdict.elapsed_s),
            col(Compensation.id),
            owed,
            col(Compensation.currency),
            col(Payout.id).is_not(None),
        )
        .select_from(Verdict)
        .join(Case, and_(col(Case.branch_id) == col(Verdict.branch_id), col(Case.id) == col(Verdict.case_id)))
        .outerjoin(
            Compensation,
            and_(
                col(Compensation.branch_id) == Verdict.branch_id,
                col(Compensation.verdict_id) == Verdict.id,
                col(Compensation.part) == newest,
            ),
        )
        .outerjoin(
            Payout,
            and_(
                col(Payout.branch_id) == Verdict.branch_id,
                col(Payout.compensation_id) == Compensation.id,
            ),
        )
        .where(within(scope), col(Verdict.status) == "broken")
        .order_by(col(Verdict.started_at).desc(), col(Verdict.id).desc())
    )
    if reason:
        query = query.where(col(Verdict.reason) == reason)
    if most is not None:
        query = query.limit(most).offset(skip)
    for row in session.execute(query.execution_options(yield_per=500)):
        yield BrokenCase(*row)
