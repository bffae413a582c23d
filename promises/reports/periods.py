"""Weeks and months as a branch lives them: local dates, and the moments where they begin and end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from promises.terms.hours import instant, moment

_CODE = re.compile(r"(\d{4})-W(\d{2})")
FIRST_YEAR = "1900"


def day_starts(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of *day* in *zone*, in UTC; clock changes at midnight included."""
    return moment(instant(day, 0, zone))


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO 8601 week, named by its Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Week:
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def at(cls, at: datetime, zone: ZoneInfo) -> Week:
        """The week that it is in *zone* at the moment *at*."""
        return cls.of(at.astimezone(zone).date())

    @classmethod
    def read(cls, code: str | None) -> Week | None:
        """``"2026-W23"`` as a week; None when there is no such week, or none that a company could know."""
        match = _CODE.fullmatch(code or "")
        try:
            return (
                cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))
                if match and match[1] >= FIRST_YEAR
                else None
            )
        except ValueError:
            return None

    @property
    def code(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    def plus(self, weeks: int) -> Week:
        return Week(self.monday + timedelta(weeks=weeks))

    def starts(self, zone: ZoneInfo) -> datetime:
        return day_starts(self.monday, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The moment that the next week begins: no longer a part of this one."""
        return self.plus(1).starts(zone)


def weeks_to(last: Week, count: int) -> list[Week]:
    """The *count* weeks up to and with *last*, oldest first."""
    return [last.plus(-back) for back in range(count - 1, -1, -1)]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, named by its first date."""

    first: date

    @classmethod
    def last_full(cls, at: datetime, zone: ZoneInfo) -> Month:
        """The month before the one that it is in *zone* at the moment *at*."""
        this = at.astimezone(zone).date().replace(day=1)
        return cls((this - timedelta(days=1)).replace(day=1))

    @property
    def next(self) -> Month:
        return Month((self.first + timedelta(days=31)).replace(day=1))

    def starts(self, zone: ZoneInfo) -> datetime:
        return day_starts(self.first, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        return self.next.starts(zone)
