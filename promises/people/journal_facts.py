"""What a line of the journal knows about an act, in words. The rooms write codes; see :func:`record`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import dates

from promises.language import gettext, locale
from promises.web.filters import show_date, show_money, show_number, show_since

# Which family of the catalogue a fact's codes belong to; where acts differ, by the act.
FAMILIES = {
    "after": "role",
    "before": "role",
    "channel": "channel",
    "departs": "departure",
    "device.added kind": "device",
    "followup.closed outcome": "followup_outcome",
    "hours": "hours",
    "milestone": "milestone",
    "outcome": "outcome",
    "role": "role",
    "surveys.made kind": "survey_kind",
    "way": "way",
    "week_": "hours",
}
DAYS = {"day", "from", "since"}
MOMENTS = {"happened", "starts"}
WEEK = "week_"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def told(verb: str, facts: dict[str, Any]) -> list[str]:
    """Each of *facts* as ``name: value`` in the reader's language; the currency stands with its amount."""
    return [
        f"{_name(name)}: {_value(verb, name, value, facts)}"
        for name, value in facts.items()
        if not (name == "currency" and facts.get("amount"))
    ]


def _name(name: str) -> str:
    if name.startswith(WEEK):
        names = dates.get_day_names("wide", "stand-alone", locale())
        return "–".join(names[WEEKDAYS.index(day)] for day in name.removeprefix(WEEK).split("-"))
    return _worded(f"detail.{name}", name)


def _value(verb: str, name: str, value: Any, facts: dict[str, Any]) -> str:
    if value is None or value in ("", []):
        return gettext("no") if name == "departs" else "–"
    if isinstance(value, list):
        return ", ".join(_value(verb, name, one, facts) for one in value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "amount":
        return _amount(str(value), str(facts.get("currency", "EUR")))
    if name in DAYS or name in MOMENTS:
        return _moment(name, str(value))
    if isinstance(value, int | float):
        return show_number(value, 1 if isinstance(value, float) else 0)
    family = FAMILIES.get(f"{verb} {name}") or FAMILIES.get(WEEK if name.startswith(WEEK) else name)
    return _worded(f"{family}.{value}", str(value)) if family else str(value)


def _worded(code: str, otherwise: str) -> str:
    words = gettext(code)
    return otherwise if words == code else words


def _amount(value: str, currency: str) -> str:
    try:
        return show_money(Decimal(value), currency)
    except InvalidOperation:
        return value


def _moment(name: str, value: str) -> str:
    try:
        if name in DAYS:
            return show_date(date.fromisoformat(value))
        return show_since(datetime.fromisoformat(value))
    except ValueError:
        return value
