"""Counts by the hour, kept up to date with every change of a verdict and in its transaction.

Whoever writes a verdict says here what it counted as before and what it counts as now (:func:`changed`,
or :func:`inserted` for many at once). The differences are gathered and written as the transaction
commits, summed up and in the order of their keys: writers on PostgreSQL hold the rows of a busy hour only
for the time of a commit, and never wait for each other in a circle. What a savepoint takes back is taken
out again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import event
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from promises.service.counts_table import CountKey, WaitKey, add_counts, add_waits
from promises.service.judging.verdicts import STATUSES
from promises.service.tables import WAIT_BINS
from promises.service.waits import Bins
from promises.terms.columns import MISSING, Rows, Times
from promises.terms.quantities import HOUR
from promises.terms.queries import of_terms

_LOG = "changes of verdicts that are not in the counts yet"
LASTED = frozenset({"kept", "broken"})
"""Of verdicts of these, once their case has ended, it is known how long it lasted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one verdict counts as. ``elapsed_s`` only once its case has ended."""

    branch_id: int
    promise_id: int
    terms_id: int
    started_at: datetime
    status: str
    reason: str
    elapsed_s: float | None


def as_counted(verdict: Any) -> Counted:
    """What a verdict, or a row with its columns, counts as."""
    return Counted(
        verdict.branch_id,
        verdict.promise_id,
        verdict.terms_id,
        verdict.started_at,
        verdict.status,
        verdict.reason,
        verdict.elapsed_s if verdict.ended_at is not None else None,
    )


def after(verdict: Any, values: Mapping[str, Any]) -> Counted:
    """What *verdict* counts as once its columns have these *values*."""
    ended = values.get("ended_at", verdict.ended_at) is not None
    return replace(
        as_counted(verdict),
        terms_id=values.get("terms_id", verdict.terms_id),
        status=values["status"],
        reason=values["reason"],
        elapsed_s=values.get("elapsed_s", verdict.elapsed_s) if ended else None,
    )


@dataclass
class _Log:
    """Changes in the order in which they were told, so that a savepoint can take back its own."""

    counts: list[tuple[CountKey, int]] = field(default_factory=list)
    waits: list[tuple[WaitKey, NDArray[np.float64], int]] = field(default_factory=list)
    savepoints: dict[SessionTransaction, tuple[int, int]] = field(default_factory=dict)


def changed(session: Session, was: Counted | None, now: Counted | None) -> None:
    """A verdict that counted as *was* (None: it wasn't there) counts as *now* (None: it is gone)."""
    if was == now:
        return
    log = _log(session)
    for one, n in ((was, -1), (now, 1)):
        if one is None:
            continue
        hour = int(one.started_at.timestamp() // 3600)
        key = (one.branch_id, one.promise_id, hour)
        log.counts.append(((*key, one.status, "" if one.status == "pending" else one.reason), n))
        if one.elapsed_s is not None and one.status in LASTED:
            log.waits.append(((*key, one.terms_id), np.array([one.elapsed_s]), n))


def inserted(
    session: Session,
    *,
    promise_id: int,
    branch_ids: Rows,
    terms_ids: Rows,
    started: Times,
    status: NDArray[np.int8],
    reason: NDArray[np.int16],
    reasons: tuple[str, ...],
    elapsed: Times,
) -> None:
    """Many new verdicts of one promise, as columns of equal length.

    :param started: microseconds, as all times here.
    :param status: numbers into :data:`STATUSES`; *reason*: numbers into *reasons*.
    :param elapsed: how long the case lasted, or MISSING while it hasn't ended.
    """
    log, hours = _log(session), started // HOUR
    pending = STATUSES.index("pending")
    told = np.where(status == pending, -1, reason)
    for (branch, hour, code, why), rows in _grouped(branch_ids, hours, status, told):
        name = "" if why < 0 else reasons[why]
        log.counts.append(((branch, promise_id, hour, STATUSES[code], name), len(rows)))
    lasted = np.isin(status, [STATUSES.index("kept"), STATUSES.index("broken")]) & (elapsed != MISSING)
    own = np.flatnonzero(lasted)
    for (branch, hour, terms_id), rows in _grouped(branch_ids[own], hours[own], terms_ids[own]):
        log.waits.append(((branch, promise_id, hour, terms_id), elapsed[own[rows]] / 1_000_000, 1))


def _grouped(*columns: NDArray[Any]) -> list[tuple[tuple[int, ...], Rows]]:
    """The rows that have the same values in all *columns*, by these values."""
    if not len(columns[0]):
        return []
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    new = np.zeros(len(order), bool)
    new[0] = True
    for column in ordered:
        new[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(new)
    keys = zip(*(column[starts].tolist() for column in ordered), strict=True)
    return list(zip(keys, np.split(order, starts[1:]), strict=True))


def settle(session: AnySession) -> None:
    """Write what has changed since the last time; done by itself before every commit.

    Readers within the same transaction call it first. Inside a savepoint nothing is written.
    """
    log: _Log | None = session.info.get(_LOG)
    if log is None or session.in_nested_transaction():
        return
    del session.info[_LOG]
    counts: Counter[CountKey] = Counter()
    for key, n in log.counts:
        counts[key] += n
    connection = session.connection()
    add_counts(connection, sorted((key, n) for key, n in counts.items() if n))
    if log.waits:
        add_waits(connection, _binned(cast("Session", session), log))


def _binned(session: Session, log: _Log) -> list[tuple[WaitKey, list[int]]]:
    """For each hour and version: how many more, their microseconds, and how many more in each bin."""
    versions = of_terms(session, {key[3] for key, _, _ in log.waits})
    bins = {terms_id: Bins.of(version.terms) for terms_id, version in versions.items()}
    sums: defaultdict[WaitKey, NDArray[np.int64]] = defaultdict(
        lambda: np.zeros(2 + len(WAIT_BINS), np.int64)
    )
    for key, elapsed_s, n in log.waits:
        own = bins[key[3]]
        if own is not None:
            found = sums[key]
            found[0] += n * len(elapsed_s)
            found[1] += n * int(np.rint(elapsed_s * 1_000_000).sum())
            found[2:] += n * np.bincount(own.places(elapsed_s), minlength=len(WAIT_BINS))
    return sorted((key, values.tolist()) for key, values in sums.items() if values.any())


def _log(session: Session) -> _Log:
    found: _Log | None = session.info.get(_LOG)
    if found is None:
        found = session.info[_LOG] = _Log()
        nested = session.get_nested_transaction()
        while nested is not None and nested.nested:
            found.savepoints[nested] = (0, 0)
            nested = nested.parent
    return found


@event.listens_for(AnySession, "before_commit", insert=True)
def _commits(session: AnySession) -> None:
    # Before the chain takes its heads, which are always held last.
    settle(session)


@event.listens_for(AnySession, "after_transaction_create")
def _begins(session: AnySession, transaction: SessionTransaction) -> None:
    log: _Log | None = session.info.get(_LOG)
    if log is not None and transaction.nested:
        log.savepoints[transaction] = (len(log.counts), len(log.waits))


@event.listens_for(AnySession, "after_soft_rollback")
def _takes_back(session: AnySession, transaction: SessionTransaction) -> None:
    log: _Log | None = session.info.get(_LOG)
    if log is None:
        return
    if transaction.parent is None:
        del session.info[_LOG]
    elif transaction.nested:
        _truncate(log, transaction)


def _truncate(log: _Log, transaction: SessionTransaction) -> None:
    counts, waits = log.savepoints.pop(transaction, (len(log.counts), len(log.waits)))
    del log.counts[counts:]
    del log.waits[waits:]
