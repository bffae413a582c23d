"""When a branch is open: weekly intervals, dates that differ, public holidays, in the branch's own zone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import holidays as public_holidays
from pydantic_core import PydanticCustomError

from promises.refusal import Refusal
from promises.terms.quantities import DAY_MINUTES, read_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INTERVAL = re.compile(r"(\d\d:\d\d) ?[-–] ?(\d\d:\d\d)")
_DAYS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")

Interval = tuple[int, int]
"""Opening and closing in minutes after local midnight; a closing above 1440 is on the next day."""
Week = tuple[tuple[Interval, ...], ...]
"""Seven days from Monday, each with its open intervals in order."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A branch's hours. Hashable, so that what is computed from it can be kept.

    :param zone: IANA name, for example ``"Europe/Helsinki"``.
    :param week: seven days from Monday, each with its open intervals in order.
    :param dates: dates whose hours differ, in order; no intervals means closed.
    :param holidays: calendar whose holidays are closed unless ``dates`` says otherwise (see
        :func:`holiday_dates`), or "" for none.
    :param changes: weeks that took the place of ``week``, each from a date on, in order of those dates.
    """

    zone: str
    week: Week
    dates: tuple[tuple[date, tuple[Interval, ...]], ...] = ()
    holidays: str = ""
    changes: tuple[tuple[date, Week], ...] = ()

    def __post_init__(self) -> None:
        weeks = (self.week, *(week for _, week in self.changes))
        for week in weeks:
            if len(week) != 7:
                raise Refusal("hours.seven_days", found=len(week))
        known_zone(self.zone)
        known_holidays(self.holidays)
        for day in (*(day for week in weeks for day in week), *(intervals for _, intervals in self.dates)):
            _in_order(day)

    @classmethod
    def of(
        cls,
        zone: str,
        week: Iterable[tuple[int, int, int]],
        dates: Mapping[date, Iterable[Interval]] | None = None,
        holidays: str = "",
        changes: Mapping[date, Week] | None = None,
    ) -> OpeningHours:
        """From rows of ``(weekday, opens, closes)`` with Monday 0 and minutes after midnight.

        Give a date no intervals to close the branch on it.
        """
        days: list[list[Interval]] = [[] for _ in WEEKDAYS]
        for weekday, opens, closes in week:
            days[weekday].append((opens, closes))
        special = sorted((day, tuple(sorted(intervals))) for day, intervals in (dates or {}).items())
        first = tuple(tuple(sorted(day)) for day in days)
        return cls(zone, first, tuple(special), holidays, tuple(sorted((changes or {}).items())))

    @classmethod
    def always(cls, zone: str = "UTC") -> OpeningHours:
        """Open day and night, every day."""
        return cls(zone, (((0, DAY_MINUTES),),) * 7)

    def on(self, day: date) -> tuple[Interval, ...]:
        """The open intervals that begin on *day*."""
        for special, intervals in self.dates:
            if special == day:
                return intervals
        if self.holidays and day in holiday_dates(self.holidays, day.year):
            return ()
        return self.usual(day)

    def usual(self, day: date) -> tuple[Interval, ...]:
        """The intervals of *day* in the week that is valid on it, holidays and special days left aside."""
        place = bisect_right(self.changes, day, key=lambda change: change[0])
        week = self.changes[place - 1][1] if place else self.week
        return week[day.weekday()]


def _in_order(day: tuple[Interval, ...]) -> None:
    last = 0
    for opens, closes in day:
        if not (last <= opens < closes <= opens + DAY_MINUTES and opens < DAY_MINUTES):
            raise Refusal("hours.interval", opens=opens, closes=closes)
        last = closes


def read_intervals(text: str) -> tuple[Interval, ...]:
    """``"09:00-12:00, 13:00-16:30"``, ``"22:00-02:00"``, ``"open"`` (all day), ``"closed"`` as intervals."""
    if text == "closed":
        return ()
    if text == "open":
        return ((0, DAY_MINUTES),)
    intervals = []
    for part in text.split(","):
        match = _INTERVAL.fullmatch(part.strip())
        if not match:
            raise PydanticCustomError("intervals", "not opening hours", {"found": repr(text)})
        opens, closes = read_time(match[1]), read_time(match[2])
        intervals.append((opens, closes if closes > opens else closes + DAY_MINUTES))
    try:
        _in_order(tuple(intervals))
    except Refusal as refused:
        raise PydanticCustomError("intervals", "not in order", {"found": repr(text)}) from refused
    return tuple(intervals)


def write_intervals(intervals: tuple[Interval, ...]) -> str:
    """The inverse of :func:`read_intervals`."""
    if not intervals:
        return "closed"
    if intervals == ((0, DAY_MINUTES),):
        return "open"
    clock = [f"{m // 60:02}:{m % 60:02}" for pair in intervals for m in (pair[0], _wrapped(pair[1]))]
    return ", ".join(f"{a}-{b}" for a, b in zip(clock[::2], clock[1::2], strict=True))


def read_week(written: Mapping[str, str]) -> Week:
    """``{"mon-fri": "09:00-17:00"}`` as seven days; a day that isn't named is closed."""
    days: list[tuple[Interval, ...]] = [()] * len(WEEKDAYS)
    for names, text in written.items():
        for weekday in read_days(names):
            days[weekday] = read_intervals(text)
    return tuple(days)


def _wrapped(minute: int) -> int:
    return minute if minute <= DAY_MINUTES else minute - DAY_MINUTES


def read_days(text: str) -> tuple[int, ...]:
    """``"mon-fri"`` or ``"sat"`` as weekdays, Monday 0."""
    match = _DAYS.fullmatch(text)
    names = (match[1], match[2] or match[1]) if match else ("", "")
    if names[0] not in WEEKDAYS or names[1] not in WEEKDAYS:
        raise PydanticCustomError("weekdays", "not weekdays", {"found": repr(text)})
    first, last = (WEEKDAYS.index(name) for name in names)
    if last < first:
        raise PydanticCustomError("weekdays", "not weekdays", {"found": repr(text)})
    return tuple(range(first, last + 1))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """*name*, if it is a time zone; otherwise a :class:`Refusal`."""
    if name not in _zones():
        raise Refusal("hours.unknown_zone", found=name)
    return name


def known_holidays(name: str) -> str:
    """*name*, if there is such a calendar of holidays; otherwise a :class:`Refusal`."""
    country, _, part = name.partition("-")
    supported = public_holidays.list_supported_countries()
    financial = public_holidays.list_supported_financial()
    if name and not (
        (country in supported and (not part or part in supported[country])) or name in financial
    ):
        raise Refusal("hours.unknown_holidays", found=name)
    return name


@lru_cache(maxsize=4096)
def holiday_dates(name: str, year: int) -> frozenset[date]:
    """The holidays of one year in a country ("FI"), a part of it ("GB-ENG") or a market ("ECB")."""
    country, _, part = name.partition("-")
    if country in public_holidays.list_supported_countries():
        return frozenset(public_holidays.country_holidays(country, subdiv=part or None, years=year))
    return frozenset(public_holidays.financial_holidays(name, years=year))


def instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """The first moment of *day* when its local clock shows *minute* or later, in UTC microseconds.

    A time that comes twice (the change to winter time) means the first of the two; a time that the
    change to summer time skips means the moment of the change. *minute* may pass 1440 into the next day.
    """
    day, minute = day + timedelta(days=minute // DAY_MINUTES), minute % DAY_MINUTES
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    early, late = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    first = early.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return microseconds(first)
    before, after = late.astimezone(UTC), first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return microseconds(after.replace(microsecond=0))


def microseconds(moment: datetime) -> int:
    """*moment* (with a zone) as microseconds since 1970 in UTC, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def moment(microsecond: int) -> datetime:
    """The inverse of :func:`microseconds`, in UTC."""
    return EPOCH + timedelta(microseconds=microsecond)
