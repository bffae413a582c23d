"""Clocks as arrays: how much of a clock has passed, and when it will have passed.

All times are int64 microseconds since 1970 in UTC. :data:`NEVER` stands for a moment that does not
come. The same functions serve one case and a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from promises.terms.hours import OpeningHours, holiday_dates, instant, moment
from promises.terms.quantities import DAY_MINUTES

Times = NDArray[np.int64]
NEVER: int = int(np.iinfo(np.int64).max)
FARTHEST_YEARS = 30


class Clock(Protocol):
    """A clock that stands still at times."""

    def used(self, at: Times) -> Times:
        """How much the clock has counted by each moment, in microseconds from a start of its own."""

    def reach(self, count: Times) -> Times:
        """The first moment at which the clock has counted each *count*, or :data:`NEVER`."""


class ElapsedTime:
    """Real time, never standing still; clock changes don't touch it."""

    def used(self, at: Times) -> Times:
        return at

    def reach(self, count: Times) -> Times:
        return count


@dataclass(frozen=True)
class OpenTime:
    """Time inside open intervals: ``[opens, closes)``, apart from each other and in order.

    ``before[i]`` is the open time that lies before interval *i*.
    """

    opens: Times
    closes: Times
    before: Times

    def used(self, at: Times) -> Times:
        if not len(self.opens):
            return np.zeros_like(at)
        last = np.searchsorted(self.opens, at, side="right") - 1
        known = np.maximum(last, 0)
        inside = np.minimum(at, self.closes[known]) - self.opens[known]
        return np.where(last >= 0, self.before[known] + inside, 0)

    def reach(self, count: Times) -> Times:
        if not len(self.opens):
            return np.full_like(count, NEVER)
        after = self.before + (self.closes - self.opens)
        which = np.searchsorted(after, count, side="left")
        known = np.minimum(which, len(self.opens) - 1)
        return np.where(which < len(self.opens), self.opens[known] + (count - self.before[known]), NEVER)


@dataclass(frozen=True)
class Days:
    """Local dates in a row, some of which are counted (working days, or all of them).

    :param starts: the moment at which each date begins, one more than there are dates.
    :param through: how many counted dates there are up to and including each date.
    :param ends: the moment of each date at which a period that ends on it runs out.
    """

    starts: Times
    through: Times
    ends: Times

    def date_of(self, at: Times) -> Times:
        """The index of the date in which each moment lies."""
        return np.searchsorted(self.starts, at, side="right") - 1

    def last(self, position: Times) -> Times:
        """The index of the first date by which *position* dates are counted; may lie past the end."""
        return np.searchsorted(self.through, position, side="left")

    def end_of(self, index: Times) -> Times:
        """When a period that ends on each date runs out, or :data:`NEVER` past the known dates."""
        known = np.minimum(index, len(self.ends) - 1)
        return np.where(index < len(self.ends), self.ends[known], NEVER)


@lru_cache(maxsize=512)
def open_time(hours: OpeningHours, first_year: int, last_year: int) -> OpenTime:
    """The open intervals of *hours* over whole years (local, both included), joined where they touch."""
    zone = ZoneInfo(hours.zone)
    special = dict(hours.dates)
    closed = _holidays(hours.holidays, first_year, last_year)
    opens: list[int] = []
    closes: list[int] = []
    day = date(first_year, 1, 1) - timedelta(days=1)
    while day.year <= last_year:
        intervals = special.get(day)
        if intervals is None:
            intervals = () if day in closed else hours.usual(day)
        for start, end in intervals:
            begins, finishes = instant(day, start, zone), instant(day, end, zone)
            if closes and begins <= closes[-1]:
                closes[-1] = max(closes[-1], finishes)
            elif finishes > begins:
                opens.append(begins)
                closes.append(finishes)
        day += timedelta(days=1)
    opened, closed_at = np.array(opens, np.int64), np.array(closes, np.int64)
    passed = np.cumsum(closed_at - opened)
    return OpenTime(opened, closed_at, passed - (closed_at - opened))


@lru_cache(maxsize=512)
def days(
    zone_name: str, weekdays: tuple[int, ...], holidays: str, ends_at: int, first_year: int, last_year: int
) -> Days:
    """The dates of whole years (and one day before), counted on *weekdays* that are not *holidays*.

    :param ends_at: minutes after midnight at which a period that ends on a date runs out; 1440 for
        the end of the date.
    """
    zone = ZoneInfo(zone_name)
    closed = _holidays(holidays, first_year, last_year)
    first = date(first_year, 1, 1) - timedelta(days=1)
    count = (date(last_year, 12, 31) - first).days + 1
    dates = [first + timedelta(days=n) for n in range(count)]
    starts = [instant(day, 0, zone) for day in dates] + [instant(dates[-1], DAY_MINUTES, zone)]
    counted = [day.weekday() in weekdays and day not in closed for day in dates]
    ends = starts[1:] if ends_at == DAY_MINUTES else [instant(day, ends_at, zone) for day in dates]
    return Days(np.array(starts, np.int64), np.cumsum(counted), np.array(ends, np.int64))


def _holidays(name: str, first_year: int, last_year: int) -> frozenset[date]:
    if not name:
        return frozenset()
    return frozenset().union(*(holiday_dates(name, year) for year in range(first_year - 1, last_year + 1)))


def years(times: Times) -> tuple[int, int]:
    """The first and last calendar year that moments may lie in, in any zone."""
    day = timedelta(days=1)
    return (moment(int(times.min())) - day).year, (moment(int(times.max())) + day).year
