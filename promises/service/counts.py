"""Counts by the hour, kept up to date with every change of a verdict and in its transaction.

Whoever writes a verdict says here what it counted as before and what it counts as now (:func:`changed`,
or :func:`inserted` for many at once). The differences are gathered and written as the transaction
commits, summed up and in the order of their keys: writers on PostgreSQL hold the rows of a busy hour only
for the time of a commit, and never wait for each other in a circle. What a savepoint takes back is taken
out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    """What one verdict counts as: *hour* is the one from 1970 in which its case began; ``elapsed_s`` is known
    only once that has ended."""

    branch_id: int
    promise_id: int
    terms_id: int
    hour: int
    status: str
    reason: str
    elapsed_s: float | None


def as_counted(verdict: Any) -> Counted:
    """What a verdict, or a row with its columns, counts as."""
    return Counted(
        verdict.branch_id,
        verdict.promise_id,
        verdict.terms_id,
        int(verdict.started_at.timestamp() // 3600),
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
    """Changes in the order in which they were told, so that a savepoint can take back its own.

    *waits* are columns: branch, promise, hour and terms; microseconds; and whether one more or one less.
    """

    counts: list[tuple[CountKey, int]] = field(default_factory=list)
    waits: list[tuple[NDArray[np.int64], Times, Rows]] = field(default_factory=list)
    savepoints: dict[SessionTransaction, tuple[int, int]] = field(default_factory=dict)


Change = tuple[Counted | None, Counted | None]
"""What a verdict counted as (None: it wasn't there), and what it counts as now (None: it is gone)."""


def changed(session: Session, was: Counted | None, now: Counted | None) -> None:
    """A verdict that counted as *was* counts as *now*."""
    all_changed(session, [(was, now)])


def all_changed(session: Session, changes: Iterable[Change]) -> None:
    """The same for many verdicts."""
    log = _log(session)
    waits = []
    for was, now in changes:
        for one, n in ((was, -1), (now, 1)) if was != now else ():
            if one is None:
                continue
            key = (one.branch_id, one.promise_id, one.hour)
            log.counts.append(((*key, one.status, "" if one.status == "pending" else one.reason), n))
            if one.elapsed_s is not None and one.status in LASTED:
                waits.append((*key, one.terms_id, round(one.elapsed_s * 1_000_000), n))
    if waits:
        columns = np.array(waits).T
        log.waits.append((columns[:4], columns[4], columns[5]))


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
    told = np.where(status == STATUSES.index("pending"), -1, reason)
    keys, sizes = _grouped(branch_ids, hours, status, told)
    for branch, hour, code, why, n in np.column_stack([*keys, sizes]).tolist():
        name = "" if why < 0 else reasons[why]
        log.counts.append(((branch, promise_id, hour, STATUSES[code], name), n))
    lasted = np.isin(status, [STATUSES.index("kept"), STATUSES.index("broken")]) & (elapsed != MISSING)
    own = np.flatnonzero(lasted)
    if len(own):
        same = np.full(len(own), promise_id)
        log.waits.append(
            (
                np.stack([branch_ids[own], same, hours[own], terms_ids[own]]),
                elapsed[own],
                np.ones(len(own), np.int64),
            )
        )


def _grouped(*columns: NDArray[Any]) -> tuple[list[NDArray[Any]], Rows]:
    """The different rows of *columns*, in order, and how often each comes."""
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    new = np.zeros(len(order), bool)
    new[:1] = True
    for column in ordered:
        new[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(new)
    return [column[starts] for column in ordered], np.diff(np.append(starts, len(order)))


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
    keys = np.concatenate([keys for keys, _, _ in log.waits], axis=1)
    elapsed, n = (np.concatenate([one[place] for one in log.waits]) for place in (1, 2))
    bin_of = np.full(len(n), MISSING)
    for terms_id, version in of_terms(session, set(np.unique(keys[3]).tolist())).items():
        bins, own = Bins.of(version.terms), keys[3] == terms_id
        if bins is not None:
            bin_of[own] = bins.places(elapsed[own] / 1_000_000)
    known = bin_of != MISSING
    keys, elapsed, n, bin_of = keys[:, known], elapsed[known], n[known], bin_of[known]
    order = np.lexsort(keys[::-1])
    keys, elapsed, n, bin_of = keys[:, order], elapsed[order], n[order], bin_of[order]
    new = np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0))[: len(n)]
    group = np.cumsum(new) - 1
    rows = np.zeros((int(new.sum()), 2 + len(WAIT_BINS)), np.int64)
    np.add.at(rows[:, 0], group, n)
    np.add.at(rows[:, 1], group, n * elapsed)
    np.add.at(rows, (group, 2 + bin_of), n)
    changed = rows.any(axis=1)
    return list(zip(map(tuple, keys[:, new][:, changed].T.tolist()), rows[changed].tolist(), strict=True))


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
