"""The small words of an explanation: lengths, amounts, milestones, reasons, conditions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from promises import language
from promises.language import gettext, ngettext
from promises.terms.parts import Condition
from promises.terms.quantities import Span

SPANS = {
    "s": ("explain.second", "explain.seconds"),
    "min": ("explain.minute", "explain.minutes"),
    "h": ("explain.hour", "explain.hours"),
    "working days": ("explain.working_day", "explain.working_days"),
    "calendar days": ("explain.calendar_day", "explain.calendar_days"),
    "months": ("explain.month", "explain.months"),
}


def milestone(name: str) -> str:
    """A milestone in the reader's words, or its name if there are none."""
    return worded("milestone", name)


def since(name: str) -> str:
    """A milestone as the moment from which time is counted: "arrival"."""
    return _phrase("milestone_from", name, "explain.since")


def until(name: str) -> str:
    """A milestone as the moment up to which time is counted: "being served"."""
    return _phrase("milestone_to", name, "explain.until")


def ending(name: str) -> str:
    """A milestone as a way in which a case ends, after "if": "the customer leaves"."""
    return _phrase("milestone_if", name, "explain.if")


def _phrase(family: str, name: str, otherwise: str) -> str:
    """The words of a milestone that the catalogue inflects, or else its name in a sentence of its own."""
    message = f"{family}.{name}"
    told = gettext(message)
    return gettext(otherwise, milestone=milestone(name)) if told == message else told


def reason(code: str) -> str:
    """A verdict's reason in the reader's words, or the code itself if there are none."""
    return worded("reason", code)


def attribute(name: str) -> str:
    """An attribute in the reader's words, or its name if there are none."""
    return worded("attribute", name)


def span(length: Span) -> str:
    """A length of time in words: "15 minutes", "2 working days"."""
    one, many = SPANS[length.unit]
    return ngettext(one, many, length.count)


def money(amount: Decimal, currency: str) -> str:
    """An amount as the reader writes it."""
    return str(format_currency(amount, currency, locale=language.locale()))


def number(value: Decimal) -> str:
    """A number as the reader writes it."""
    return str(format_decimal(value, locale=language.locale()))


def share(value: Decimal) -> str:
    """A share of one as a percentage."""
    return str(format_percent(value, locale=language.locale(), decimal_quantization=False))


def day(value: date) -> str:
    """A date as the reader writes it."""
    return str(format_date(value, locale=language.locale()))


def condition(rule: Condition) -> str:
    """What must hold of an attribute."""
    name = attribute(rule.attribute)
    if isinstance(rule.is_, bool):
        value = gettext("explain.true") if rule.is_ else gettext("explain.false")
        return gettext("explain.is", attribute=name, value=value)
    if rule.is_ is not None:
        return gettext("explain.is", attribute=name, value=rule.is_)
    if rule.in_ is not None:
        return gettext("explain.in", attribute=name, values=", ".join(rule.in_))
    bounds = []
    if rule.at_least is not None:
        bounds.append(gettext("explain.at_least", attribute=name, value=number(rule.at_least)))
    if rule.at_most is not None:
        bounds.append(gettext("explain.at_most", attribute=name, value=number(rule.at_most)))
    return gettext("explain.and").join(bounds)


def worded(family: str, name: str) -> str:
    """The words of a code in its family; the code itself where a company has added its own."""
    code = f"{family}.{name}"
    words = gettext(code)
    return name if words == code else words
