"""The small words of a terms document: lengths of time, times of day, amounts of money.

Each is written as people write it ("15 min", "2 working days", "16:30", "10.00") and read strictly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY_MINUTES = 24 * 60

Unit = Literal["s", "min", "h", "working days", "calendar days", "months"]
TIME_UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR}

_SPELLINGS: dict[str, Unit] = {
    "s": "s", "second": "s", "seconds": "s",
    "min": "min", "minute": "min", "minutes": "min",
    "h": "h", "hour": "h", "hours": "h",
    "working day": "working days", "working days": "working days",
    "calendar day": "calendar days", "calendar days": "calendar days",
    "month": "months", "months": "months",
}  # fmt: skip
_SPAN = re.compile(r"(\d{1,7}) ?([a-z]+(?: [a-z]+)?)")
_TIME = re.compile(r"(\d\d):(\d\d)")
_MONEY = re.compile(r"\d{1,9}\.\d\d")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in the unit that it was written in, such as ``Span(2, "working days")``."""

    count: int
    unit: Unit

    @property
    def in_days(self) -> bool:
        """Whether whole days are counted, not time."""
        return self.unit not in TIME_UNITS

    @property
    def microseconds(self) -> int:
        """The length in microseconds; only for a span of seconds, minutes or hours."""
        return self.count * TIME_UNITS[self.unit]

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.in_days and self.count == 1 else self.unit
        return f"{self.count} {unit}"


def read_span(value: object) -> Span:
    """``"15 min"``, ``"24 hours"``, ``"2 working days"`` as a :class:`Span`."""
    if isinstance(value, Span):
        return value
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    unit = _SPELLINGS.get(match[2]) if match else None
    if match is None or unit is None:
        raise PydanticCustomError("span", "not a length of time", {"found": repr(value)})
    return Span(int(match[1]), unit)


def read_time(value: object) -> int:
    """``"16:30"`` as minutes after midnight; ``"24:00"`` is the end of the day."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= DAY_MINUTES:
        return value
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise PydanticCustomError("time_of_day", "not a time of day", {"found": repr(value)})
    return minutes


def write_time(minutes: int) -> str:
    """Minutes after midnight as ``"16:30"``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _read_money(value: object) -> Decimal:
    if isinstance(value, Decimal) and value >= 0 and value.as_tuple().exponent == -2:
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise PydanticCustomError("money", "not an amount", {"found": repr(value)})
    return Decimal(value)


def _read_number(value: object) -> Decimal:
    text = value if isinstance(value, str) else str(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise PydanticCustomError("number", "not a number", {"found": repr(value)})
    return Decimal(text)


def _read_name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise PydanticCustomError("name", "not a name", {"found": repr(value)})
    return value


def _read_month_day(value: object) -> tuple[int, int]:
    if isinstance(value, tuple):
        return value
    try:
        day = date.fromisoformat(f"2026-{value}")
    except ValueError:
        raise PydanticCustomError("month_day", "not a day of the year", {"found": repr(value)}) from None
    return day.month, day.day


def _read_day(value: object) -> object:
    if not isinstance(value, str | date) or (isinstance(value, str) and len(value) != 10):
        raise PydanticCustomError("date", "not a date", {"found": repr(value)})
    return value


SpanField = Annotated[
    Span,
    BeforeValidator(read_span),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{1,7} ?(s|seconds?|min|minutes?|h|hours?|(working|calendar) days?|months?)$",
            "examples": ["15 min", "24 h", "2 working days"],
        }
    ),
]
TimeOfDay = Annotated[
    int,
    BeforeValidator(read_time),
    PlainSerializer(write_time),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"}),
]
Money = Annotated[
    Decimal,
    BeforeValidator(_read_money),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,9}\.[0-9]{2}$", "examples": ["10.00"]}),
]
Number = Annotated[
    Decimal,
    BeforeValidator(_read_number),
    PlainSerializer(str),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$"}),
]
Name = Annotated[
    str,
    BeforeValidator(_read_name),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,59}$"}),
]
Day = Annotated[date, BeforeValidator(_read_day), PlainSerializer(str)]
MonthDay = Annotated[
    tuple[int, int],
    BeforeValidator(_read_month_day),
    PlainSerializer(lambda day: f"{day[0]:02}-{day[1]:02}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"}),
]
