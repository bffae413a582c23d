"""Dates and times as people and programs write them in Finland and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_month_names


class Order(StrEnum):
    """Which number comes first in dates written with slashes or hyphens, such as 3/4/2026."""

    DAY = "day"
    MONTH = "month"
    UNCLEAR = "unclear"
    NONE = ""  # no such dates


_CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|[+-]\d{2}:?\d{2})?"
)
_WEEKDAY = r"(?:[a-zåäö]{2,12}\.?,?\s+)?"
_REST = rf"(?:(?:[t,]|,?\s+(?:klo\.?\s*|at\s+)?)\s*{_CLOCK})?\s*$"
_ISO = re.compile(rf"^(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_REST}")
_DOTTED = re.compile(
    rf"^{_WEEKDAY}(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}|\d{{2}}){_REST}"
)
_SLASHED = re.compile(
    rf"^(?P<one>\d{{1,2}})(?P<mark>[/-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_REST}"
)
_WORDS = re.compile(
    rf"^{_WEEKDAY}(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]+(?P<name>[a-zåäö]+)\.?,?[\s-]+(?P<year>\d{{4}}){_REST}"
)
_WORDS_FIRST = re.compile(
    rf"^{_WEEKDAY}(?P<name>[a-z]+)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_REST}"
)
# Two digits of a year mean the last hundred years that end here.
LAST_SHORT_YEAR = 69


def order_of(values: Iterable[str]) -> Order:
    """Which number comes first in this column's slashed dates, as far as the column itself tells.

    One 13 or more settles it for the whole column; where both kinds stand, the more frequent one
    wins and the others can't be read.
    """
    day = month = seen = 0
    for value in values:
        found = _SLASHED.match(value.strip().lower())
        if found:
            seen += 1
            day += int(found["one"]) > 12
            month += int(found["two"]) > 12
    if not seen:
        return Order.NONE
    if day == month:
        return Order.UNCLEAR
    return Order.DAY if day > month else Order.MONTH


def read_moment(value: str, order: Order, zone: ZoneInfo) -> datetime:
    """The moment that *value* names, in UTC; a date alone means its first moment in *zone*.

    Dates with dots are Finnish: the day comes first. A clock time that the change to summer time
    leaves out is read as if the clocks had not been changed; one that comes twice, as its first.

    :param zone: where the clock stood, unless *value* names its own offset from UTC.
    :raises ValueError: if it is no date in a form that we know.
    """
    text = " ".join(value.strip().lower().split())
    found = _ISO.match(text) or _DOTTED.match(text)
    if found:
        return _moment(found, int(found["month"]), int(found["day"]), zone)
    slashed = _SLASHED.match(text)
    if slashed:
        one, two = int(slashed["one"]), int(slashed["two"])
        if order is Order.DAY or order is Order.MONTH:
            day, month = (one, two) if order is Order.DAY else (two, one)
            return _moment(slashed, month, day, zone)
        raise ValueError(value)
    named = _WORDS.match(text) or _WORDS_FIRST.match(text)
    if named:
        return _moment(named, _month(named["name"]), int(named["day"]), zone)
    raise ValueError(value)


def _moment(found: re.Match[str], month: int, day: int, zone: ZoneInfo) -> datetime:
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 2000 if year <= LAST_SHORT_YEAR else 1900
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(found.string)
        hour = hour % 12 + (12 if found["half"].startswith("p") else 0)
    part = int((found["part"] or "0").ljust(6, "0")[:6])
    local = datetime(year, month, day, hour, minute, second, part, tzinfo=_offset(found["zone"]) or zone)
    return local.astimezone(UTC)


def _offset(written: str | None) -> timezone | None:
    if not written:
        return None
    if written in {"z", "utc"}:
        return UTC
    sign = -1 if written[0] == "-" else 1
    digits = written[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _month(name: str) -> int:
    months = _month_names()
    if name in months:
        return months[name]
    fitting = {number for known, number in months.items() if len(name) >= 3 and known.startswith(name)}
    if len(fitting) != 1:
        raise ValueError(name)
    return fitting.pop()


@cache
def _month_names() -> dict[str, int]:
    """Month names of the languages that we meet, in the forms that stand in dates."""
    return {
        str(name).lower().rstrip("."): number
        for language in ("fi", "en", "sv")
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, context, language).items()  # type: ignore[arg-type]
    }
