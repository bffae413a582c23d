"""How values look on a page: dates in the reader's zone, amounts and shares in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask, g

from promises import language

NOTHING = "–"


def _zone(zone: str | None) -> ZoneInfo:
    """The zone asked for, else the branch's of this page, else the company's."""
    if zone:
        return ZoneInfo(zone)
    branch = g.get("branch")
    return ZoneInfo(branch.zone if branch is not None else g.get("zone", "Europe/Helsinki"))


def show_date(value: date | datetime | None, zone: str | None = None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(_zone(zone)).date()
    return dates.format_date(
        value, "d.M.yyyy" if language.current() == "fi" else "d MMM yyyy", language.locale()
    )


def show_clock(value: datetime | None, zone: str | None = None, seconds: bool = False) -> str:
    if value is None:
        return NOTHING
    local = value.astimezone(_zone(zone))
    separator = "." if language.current() == "fi" else ":"
    return local.strftime(f"%H{separator}%M" + (f"{separator}%S" if seconds else ""))


def show_datetime(value: datetime | None, zone: str | None = None) -> str:
    if value is None:
        return NOTHING
    return f"{show_date(value, zone)} {'klo ' if language.current() == 'fi' else ''}{show_clock(value, zone)}"


def show_deadline(value: datetime | None, zone: str | None = None) -> str:
    """A moment at which something runs out. Midnight is said as the end of the day before it."""
    if value is None:
        return NOTHING
    local = value.astimezone(_zone(zone))
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return show_datetime(value, zone)
    midnight = "klo 24.00" if language.current() == "fi" else "24:00"
    return f"{show_date(local.date() - timedelta(days=1))} {midnight}"


def show_since(value: datetime | None, zone: str | None = None) -> str:
    """A moment from which something holds. Midnight is said as the day that begins."""
    if value is None:
        return NOTHING
    local = value.astimezone(_zone(zone))
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return show_date(local.date()) if midnight else show_datetime(value, zone)


def show_money(value: Decimal | None, currency: str = "EUR") -> str:
    return NOTHING if value is None else numbers.format_currency(value, currency, locale=language.locale())


def show_number(value: float | Decimal | None, digits: int = 0) -> str:
    if value is None:
        return NOTHING
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return numbers.format_decimal(value, pattern, locale=language.locale())


def show_percent(value: float | None, digits: int = 1) -> str:
    if value is None:
        return NOTHING
    unit = "\N{NO-BREAK SPACE}%" if language.current() == "fi" else "%"
    return show_number(value * 100, digits) + unit


def show_duration(seconds: float | None) -> str:
    """Whole units a person would say: days and hours, hours and minutes, minutes and seconds."""
    if seconds is None:
        return NOTHING
    whole = int(abs(seconds))
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        parts = [(days, "unit.days"), (hours, "unit.hours")]
    elif hours:
        parts = [(hours, "unit.hours"), (minutes, "unit.minutes")]
    else:
        parts = [(minutes, "unit.minutes"), (left, "unit.seconds")]
    told = [f"{n}\N{NO-BREAK SPACE}{language.gettext(unit)}" for n, unit in parts if n] or [
        f"0\N{NO-BREAK SPACE}{language.gettext('unit.seconds')}"
    ]
    return ("−" if seconds < 0 else "") + " ".join(told)


def show_code(code: str | None, family: str) -> str:
    """The words of a stored code, for example ``"broken"|code("verdict")``."""
    return NOTHING if not code else language.gettext(f"{family}.{code}")


def attach(app: Flask) -> None:
    """Give *app*'s templates these filters."""
    app.jinja_env.filters.update(
        date=show_date,
        clock=show_clock,
        datetime=show_datetime,
        deadline=show_deadline,
        since=show_since,
        money=show_money,
        number=show_number,
        percent=show_percent,
        duration=show_duration,
        code=show_code,
    )
