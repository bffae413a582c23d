"""Terms in plain sentences of the reader's language, so that nobody signs what they don't understand."""

from __future__ import annotations

from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from promises import language
from promises.language import gettext, ngettext
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.parts import Condition
from promises.terms.quantities import DAY_MINUTES, Span, write_time

SPANS = {
    "s": ("explain.second", "explain.seconds"),
    "min": ("explain.minute", "explain.minutes"),
    "h": ("explain.hour", "explain.hours"),
    "working days": ("explain.working_day", "explain.working_days"),
    "calendar days": ("explain.calendar_day", "explain.calendar_days"),
}


def explain(terms: TermsDocument) -> list[str]:
    """What *terms* mean, a sentence after another: the limit, what is owed, whom it covers, since when."""
    told = [*_measure(terms), *_remedy(terms), *_endings(terms), *_cover(terms), *_exclusions(terms)]
    told.append(
        gettext(
            "explain.target",
            share=format_percent(terms.target, locale=language.locale(), decimal_quantization=False),
            start=format_date(terms.starts, locale=language.locale()),
        )
    )
    return told


def milestone(name: str) -> str:
    """A milestone in the reader's words, or its name if there are none."""
    return _words("milestone", name)


def reason(code: str) -> str:
    """A verdict's reason in the reader's words, or the code itself if there are none."""
    return _words("reason", code)


def span(length: Span) -> str:
    """A length of time in words: "15 minutes", "2 working days"."""
    one, many = SPANS[length.unit]
    return ngettext(one, many, length.count)


def money(amount: Decimal, currency: str) -> str:
    """An amount as the reader writes it."""
    return str(format_currency(amount, currency, locale=language.locale()))


def _words(kind: str, name: str) -> str:
    code = f"{kind}.{name}"
    words = gettext(code)
    return name if words == code else words


def _number(value: Decimal) -> str:
    return str(format_decimal(value, locale=language.locale()))


def _measure(terms: TermsDocument) -> list[str]:
    measure = terms.measure
    if isinstance(measure, AttributeMeasure):
        return [gettext("explain.must", end=milestone(measure.to), condition=_condition(measure.must))]
    facts = {"start": milestone(measure.from_), "end": milestone(measure.to), "limit": span(measure.limit)}
    if measure.limit.in_days and not measure.limit.count:
        told = [gettext(f"explain.limit_same_{measure.clock_name}", **facts)]
    else:
        told = [gettext(f"explain.limit_{measure.clock_name}", **facts)]
    if measure.limit.in_days and terms.due_time != DAY_MINUTES:
        told.append(gettext("explain.due_time", time=write_time(terms.due_time)))
    told.append(gettext(f"explain.exactly_{measure.exactly}"))
    told += [
        gettext("explain.pause", stop=milestone(pause.from_), start=milestone(pause.to))
        for pause in measure.pauses
    ]
    return told


def _condition(condition: Condition) -> str:
    name = condition.attribute
    if condition.is_ is not None:
        value = condition.is_
        if isinstance(value, bool):
            value = gettext("explain.true") if value else gettext("explain.false")
        return gettext("explain.is", attribute=name, value=value)
    if condition.in_ is not None:
        return gettext("explain.in", attribute=name, values=", ".join(condition.in_))
    bounds = []
    if condition.at_least is not None:
        bounds.append(gettext("explain.at_least", attribute=name, value=_number(condition.at_least)))
    if condition.at_most is not None:
        bounds.append(gettext("explain.at_most", attribute=name, value=_number(condition.at_most)))
    return gettext("explain.and").join(bounds)


def _remedy(terms: TermsDocument) -> list[str]:
    total = sum((payment.amount for payment in terms.remedy.pays), Decimal(0))
    if not total:
        return [gettext("explain.no_remedy")]
    told = [gettext("explain.pays", amount=money(total, terms.currency))]
    if terms.remedy.pay_within:
        told.append(gettext("explain.pay_within", within=span(terms.remedy.pay_within)))
    return told


def _endings(terms: TermsDocument) -> list[str]:
    timed = isinstance(terms.measure, TimeMeasure)
    return [
        gettext(f"explain.ending_{rule}" if timed else "explain.ending_excluded", ending=milestone(name))
        for name, rule in terms.endings.items()
    ]


def _cover(terms: TermsDocument) -> list[str]:
    told = []
    if terms.branches is not None:
        told.append(gettext("explain.branches", branches=", ".join(terms.branches)))
    if terms.touchpoint is not None:
        told.append(gettext("explain.touchpoint", touchpoint=terms.touchpoint))
    told += [gettext("explain.only", condition=_condition(condition)) for condition in terms.cases]
    return told


def _exclusions(terms: TermsDocument) -> list[str]:
    return [
        gettext(
            "explain.excluded_with_evidence" if exclusion.evidence else "explain.excluded",
            condition=_condition(exclusion.when),
            evidence=exclusion.evidence or "",
        )
        for exclusion in terms.excluded
    ]
