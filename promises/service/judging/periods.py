"""How many periods have passed since a breach, started or complete."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from promises.service.judging.pauses import Pauses
from promises.service.judging.running import by_calendar, counted_time
from promises.terms.columns import Coded, Times
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, read_days
from promises.terms.quantities import DAY_MINUTES, Span
from promises.terms.timeline import Clock, Days, ElapsedTime, days, open_time, years


def periods(
    terms: TermsDocument,
    broken: Times,
    until: Times,
    pauses: Pauses,
    branches: Coded,
    hours: Mapping[str, OpeningHours],
    per: Span,
    started: bool,
) -> Times:
    """How many periods *per* lie between *broken* and *until*, outside pauses.

    Periods of time run on the measure's clock, or in real time if its limit is in days. Of days, a
    complete one is a whole local date after the breach, and one is started as soon as the breach
    lasts at all; dates on which the clock stood still are not counted.
    """
    counts = np.zeros(len(broken), np.int64)
    measure = terms.measure
    by_hours = isinstance(measure, TimeMeasure) and measure.clock_name == "opening_hours" and not per.in_days
    if not per.in_days and not by_hours:
        return _of_time(ElapsedTime(), broken, until, pauses, per.microseconds, started)
    for calendar, rows in by_calendar(terms, branches, hours):
        if not len(rows):
            continue
        own, first, last = pauses.take(rows), broken[rows], until[rows]
        between = years(np.array([first.min(), last.max()]))
        if by_hours:
            assert calendar is not None
            clock = open_time(calendar, *between)
            counts[rows] = _of_time(clock, first, last, own, per.microseconds, started)
        else:
            dates = _dates(terms, calendar, per, *between)
            counts[rows] = _of_days(dates, first, last, own, per.count, started)
    return counts


def _of_time(clock: Clock, broken: Times, until: Times, pauses: Pauses, per: int, started: bool) -> Times:
    late = np.maximum(counted_time(clock, broken, until, pauses), 0)
    return -(-late // per) if started else late // per


def _dates(terms: TermsDocument, calendar: OpeningHours | None, per: Span, first: int, last: int) -> Days:
    zone = calendar.zone if calendar else terms.zone
    if per.unit == "calendar days":
        return days(zone, tuple(range(7)), "", DAY_MINUTES, first, last)
    weekdays = read_days(terms.working_days.weekdays)
    return days(zone, weekdays, terms.working_days.holidays, DAY_MINUTES, first, last)


def _of_days(dates: Days, broken: Times, until: Times, pauses: Pauses, per: int, started: bool) -> Times:
    begun = dates.date_of(broken - 1)
    last = dates.date_of(until - 1) if started else dates.date_of(until) - 1
    last = np.maximum(last, begun)
    counted = dates.through[last] - dates.through[begun]
    credited = begun.copy()
    for rows, stops, starts in pauses.rounds():
        stop = np.maximum(dates.date_of(stops), credited[rows] + 1)
        begin = np.minimum(dates.date_of(np.minimum(starts, until[rows])), last[rows])
        hit = (stop <= begin) & (starts > broken[rows])
        rows, stop, begin = rows[hit], stop[hit], begin[hit]
        counted[rows] -= dates.through[begin] - dates.through[stop - 1]
        credited[rows] = begin
    if not started:
        return counted // per
    return np.where(until > broken, np.maximum(-(-counted // per), 1), 0)
