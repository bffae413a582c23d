"""How long a wait may still be, told only where today's pace gives grounds for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

FEWEST = 8
"""Stretches of the needed length that must have been seen before anything is said."""

SHARE_OUTSIDE = 10
"""One in this many of the stretches seen may lie below what is said, and one above."""

MINUTE = timedelta(minutes=1)
LOOKS_BACK = timedelta(minutes=90)
STANDSTILL = 3
"""So many times the longest gap seen without any call: the queue stands still, and its pace says nothing."""


def estimate(calls: Sequence[datetime], ahead: int, as_of: datetime) -> tuple[int, int] | None:
    """The range of whole minutes in which the turn of somebody with *ahead* others before them will come.

    Among the calls of the last hour and a half every stretch of ``ahead + 1`` calls in a row is looked at:
    so long would the wait have been. The tenth and the ninetieth percentile are told, rounded up to whole
    minutes. None if fewer than :data:`FEWEST` such stretches were seen, or if the queue stands still.

    :param calls: moments at which numbers of the line were called, in any order.
    """
    known = sorted(at for at in calls if as_of - LOOKS_BACK <= at <= as_of)
    turns = ahead + 1
    stretches = sorted(later - earlier for earlier, later in zip(known, known[turns:], strict=False))
    if len(stretches) < FEWEST:
        return None
    longest = max(later - earlier for earlier, later in pairwise(known))
    if as_of - known[-1] > max(longest * STANDSTILL, 2 * MINUTE):
        return None
    outside = len(stretches) // SHARE_OUTSIDE
    low, high = stretches[outside], stretches[-1 - outside]
    return max(_minutes(low), 1), max(_minutes(high), 1)


def _minutes(length: timedelta) -> int:
    return -(-length // MINUTE)
