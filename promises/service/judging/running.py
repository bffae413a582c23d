"""When the time of a case runs out and how much of it has passed, on the clock that its terms name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from promises.service.judging.pauses import Pauses
from promises.terms.columns import Coded, Flags, Rows, Times
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, read_days
from promises.terms.quantities import DAY_MINUTES
from promises.terms.timeline import (
    FARTHEST_YEARS,
    NEVER,
    Clock,
    Days,
    ElapsedTime,
    days,
    open_time,
    years,
)

_WHOLE_DAY = ((0, DAY_MINUTES),)


def run(
    terms: TermsDocument,
    measure: TimeMeasure,
    start: Times,
    until: Times,
    pauses: Pauses,
    branches: Coded,
    hours: Mapping[str, OpeningHours],
) -> tuple[Times, Times, Flags]:
    """Due time, time counted from *start* to *until*, and whether the branch's hours are unknown, by row."""
    due = np.full(len(start), NEVER)
    elapsed = np.zeros(len(start), np.int64)
    unknown = np.zeros(len(start), bool)
    if measure.clock_name == "elapsed":
        due = due_in_time(ElapsedTime(), start, measure.limit.microseconds, pauses)
        return due, counted_time(ElapsedTime(), start, until, pauses), unknown
    for calendar, rows in by_calendar(terms, branches, hours):
        if calendar is None and measure.clock_name == "opening_hours":
            unknown[rows] = True
        elif len(rows):
            own = pauses.take(rows)
            due[rows], elapsed[rows] = _on_calendar(terms, measure, start[rows], until[rows], own, calendar)
    return due, elapsed, unknown


def by_calendar(
    terms: TermsDocument, branches: Coded, hours: Mapping[str, OpeningHours]
) -> list[tuple[OpeningHours | None, Rows]]:
    """Rows by the opening hours of their branch, or None where they are not known."""
    names = [*branches.values, ""]
    calendars = [terms.hours_of(name, hours) for name in names]
    distinct = list(dict.fromkeys(calendars))
    if len(distinct) == 1:
        return [(distinct[0], np.arange(len(branches.codes)))]
    number = np.array([distinct.index(calendar) for calendar in calendars])[branches.codes]
    return [(calendar, np.flatnonzero(number == n)) for n, calendar in enumerate(distinct)]


def _on_calendar(
    terms: TermsDocument,
    measure: TimeMeasure,
    start: Times,
    until: Times,
    pauses: Pauses,
    calendar: OpeningHours | None,
) -> tuple[Times, Times]:
    zone = calendar.zone if calendar else terms.zone
    first, last = years(np.array([start.min(), max(start.max(), until.max())]))
    if measure.clock_name == "opening_hours":
        assert calendar is not None

        def in_time(last_year: int) -> Times:
            clock = open_time(calendar, first, last_year)
            return due_in_time(clock, start, measure.limit.microseconds, pauses)

        due = _far_enough(in_time, pauses, last)
        return due, counted_time(open_time(calendar, first, last), start, until, pauses)
    working = measure.clock_name == "working_days"
    weekdays = read_days(terms.working_days.weekdays) if working else tuple(range(7))
    holidays = terms.working_days.holidays if working else ""

    def in_days(last_year: int) -> Times:
        dates = days(zone, weekdays, holidays, terms.due_time, first, last_year)
        return due_in_days(dates, start, measure.limit.count, pauses)

    due = _far_enough(in_days, pauses, last)
    if not working:
        return due, counted_time(ElapsedTime(), start, until, pauses)
    week = tuple(_WHOLE_DAY if day in weekdays else () for day in range(7))
    clock = open_time(OpeningHours(zone, week, (), holidays), first, last)
    return due, counted_time(clock, start, until, pauses)


def _far_enough(due_by: Callable[[int], Times], pauses: Pauses, last: int) -> Times:
    """Due times looked for in ever more years, until found or past all reason."""
    stopped = pauses.rows[pauses.ends == NEVER]
    ahead = 1
    while True:
        due = due_by(last + ahead)
        missing = due == NEVER
        missing[stopped] = False
        if ahead >= FARTHEST_YEARS or not missing.any():
            return due
        ahead = min(ahead * 4, FARTHEST_YEARS)


def due_in_time(clock: Clock, start: Times, limit: int, pauses: Pauses) -> Times:
    """The first moment at which *clock* has counted *limit* microseconds since *start* outside pauses.

    A pause moves it by what the clock counts during the pause, so a pause over a closed night moves it
    by nothing, and time in two pauses at once is credited once.
    """
    count = clock.used(start) + limit
    due = clock.reach(count)
    credited = start.copy()
    for rows, stops, starts in pauses.rounds():
        stop = np.maximum(stops, credited[rows])
        begin = np.maximum(starts, stop)
        hit = stop < due[rows]
        rows, stop, begin = rows[hit], stop[hit], begin[hit]
        open_ended = begin == NEVER
        moved = clock.used(np.where(open_ended, stop, begin)) - clock.used(stop)
        count[rows] += moved
        due[rows] = np.where(open_ended, NEVER, np.where(moved > 0, clock.reach(count[rows]), due[rows]))
        credited[rows] = begin
    return due


def due_in_days(dates: Days, start: Times, limit: int, pauses: Pauses) -> Times:
    """The end of the *limit*-th counted date after the date of *start*.

    With a limit of 0 it is the end of that date itself, or of the first counted one after it. A counted
    date on which the clock stood still at any moment is not counted.
    """
    begun = dates.date_of(start)
    position = dates.through[begun] + limit if limit else dates.through[begun - 1] + 1
    last = dates.last(position)
    due = dates.end_of(last)
    credited = begun if limit else begun - 1
    for rows, stops, starts in pauses.rounds():
        stop = np.maximum(dates.date_of(stops), credited[rows] + 1)
        hit = (stops < due[rows]) & (stop <= last[rows]) & (starts > start[rows])
        rows, stop, starts = rows[hit], stop[hit], starts[hit]
        open_ended = starts == NEVER
        until = np.maximum(dates.date_of(np.where(open_ended, start[rows], starts)), stop - 1)
        position[rows] += dates.through[until] - dates.through[stop - 1]
        last[rows] = dates.last(position[rows])
        due[rows] = np.where(open_ended, NEVER, dates.end_of(last[rows]))
        credited[rows] = until
    return due


def counted_time(clock: Clock, start: Times, until: Times, pauses: Pauses) -> Times:
    """What *clock* has counted from *start* to *until* outside pauses, in microseconds."""
    counted = clock.used(until) - clock.used(start)
    credited = start.copy()
    for rows, stops, starts in pauses.rounds():
        stop = np.minimum(np.maximum(stops, credited[rows]), until[rows])
        begin = np.minimum(np.maximum(starts, stop), until[rows])
        counted[rows] -= clock.used(begin) - clock.used(stop)
        credited[rows] = begin
    return counted
