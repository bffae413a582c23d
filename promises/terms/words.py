"""The small words of an explanation: lengths, amounts, milestones, reasons, conditions."""

from __future__ import annotations

from datetime import date, time, timedelta
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
OF_SPANS = {
    "s": ("explain.of_second", "explain.of_seconds"),
    "min": ("explain.of_minute", "explain.of_minutes"),
    "h": ("explain.of_hour", "explain.of_hours"),
    "working days": ("explain.of_working_day", "explain.of_working_days"),
    "calendar days": ("explain.of_calendar_day", "explain.of_calendar_days"),
    "months": ("explain.of_month", "explain.of_months"),
}
"""The same lengths as a genitive, for languages that have one."""
TRUE = frozenset({"true", "yes"})
FALSE = frozenset({"false", "no"})


def milestone(name: str) -> str:
    """A milestone in the reader's words, or its name as words if there are none; to stand in quotes."""
    return _known(f"milestone.{name}") or spaced(name)


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
    return _known(f"{family}.{name}") or gettext(otherwise, milestone=milestone(name))


def _known(code: str) -> str | None:
    """The words of a code, if the catalogue has any."""
    told = gettext(code) if language.CODE.fullmatch(code) else code
    return None if told == code else told


def spaced(name: str) -> str:
    """A name that a company has given, as words; to stand in quotes."""
    return name.replace("_", " ").replace("-", " ")


def reason(code: str) -> str:
    """A verdict's reason in the reader's words, or the code itself if there are none."""
    return worded("reason", code)


def attribute(name: str) -> str:
    """An attribute in the reader's words, or its name in quotes if there are none."""
    return _known(f"attribute.{name}") or gettext("explain.attribute", name=spaced(name))


def attribute_of(name: str) -> str:
    """An attribute as that of which a share is paid: "of the fare"."""
    return _known(f"attribute_of.{name}") or gettext("explain.attribute_of", name=spaced(name))


def attribute_worded(family: str, name: str) -> str | None:
    """What the catalogue has for an attribute in some place of a sentence, if anything."""
    return _known(f"{family}.{name}")


def value_is(name: str, value: str) -> str:
    """That an attribute is a value."""
    if value in TRUE | FALSE:
        return _true_or_false(name, value in TRUE)
    return gettext("explain.is", attribute=attribute(name), value=_value(name, value))


def _value(name: str, value: str) -> str:
    return _known(f"value.{name}.{value}") or gettext("explain.quoted", value=value)


def span(length: Span) -> str:
    """A length of time in words: "15 minutes", "2 working days"."""
    one, many = SPANS[length.unit]
    return ngettext(one, many, length.count)


def of_span(length: Span) -> str:
    """A length of time as a genitive, where the language has one: "15 minuutin"."""
    one, many = OF_SPANS[length.unit]
    return ngettext(one, many, length.count)


def waited(length: Span) -> str:
    """A length of time as that which somebody waits: "yli 1 tunnin", "yli 2 tuntia"."""
    return of_span(length) if length.count == 1 else span(length)


def between_lengths(low: Span, high: Span | None) -> str:
    """How long it took: at least *low* and less than *high*."""
    if high is None:
        return gettext("explain.length_from", low=span(low))
    if not low.count:
        return gettext("explain.length_under", high=waited(high))
    return gettext("explain.length_between", low=span(low), high=waited(high))


def between_dates(at: str, first: date, following: date | None) -> str:
    """The dates of a case's start, breach or end: from *first* on, before *following*."""
    if following is None:
        return gettext(f"explain.{at}_from_date", first=day(first))
    last = following - timedelta(days=1)
    return gettext(f"explain.{at}_between_dates", first=day(first), last=day(last))


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


def day_of_year(month: int, day_of_month: int) -> str:
    """A day of every year: "1.4.", "1 April"."""
    pattern = "d.M." if language.current() == "fi" else "d MMMM"
    return str(format_date(date(2024, month, day_of_month), pattern, locale=language.locale()))


def time_of_day(minutes: int) -> str:
    """Minutes after midnight as the reader writes a time: "23.59", "23:59"."""
    separator = "." if language.current() == "fi" else ":"
    return time(*divmod(minutes, 60)).strftime(f"%H{separator}%M")


def condition(rule: Condition) -> str:
    """What must hold of an attribute."""
    name = attribute(rule.attribute)
    if isinstance(rule.is_, bool):
        return _true_or_false(rule.attribute, rule.is_)
    if rule.is_ is not None:
        return gettext("explain.is", attribute=name, value=_value(rule.attribute, rule.is_))
    if rule.in_ is not None:
        *others, last = [_value(rule.attribute, value) for value in rule.in_]
        values = gettext("explain.or", first=", ".join(others), last=last) if others else last
        return gettext("explain.is", attribute=name, value=values)
    bounds = []
    if rule.at_least is not None:
        bounds.append(gettext("explain.at_least", attribute=name, value=number(rule.at_least)))
    if rule.at_most is not None:
        bounds.append(gettext("explain.at_most", attribute=name, value=number(rule.at_most)))
    return gettext("explain.and").join(bounds)


def _true_or_false(name: str, holds: bool) -> str:
    known = _known(f"{'when' if holds else 'unless'}.{name}")
    value = gettext("explain.true") if holds else gettext("explain.false")
    return known or gettext("explain.is", attribute=attribute(name), value=value)


def not_met(rule: Condition) -> str:
    """The customer of whose case *rule* doesn't hold, as a relative clause."""
    known = _known(f"fails.{rule.attribute}") if rule.is_ is True else None
    return known or gettext("explain.who_not", condition=condition(rule))


def worded(family: str, name: str) -> str:
    """The words of a code in its family; the code itself where a company has added its own."""
    code = f"{family}.{name}"
    words = gettext(code)
    return name if words == code else words
