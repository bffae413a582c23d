"""Terms in plain words of the reader's language, so that nobody signs what they don't understand.

One sentence says it all ("A customer who ... is owed ..."); what it leaves open follows, line by line.
"""

from __future__ import annotations

from promises.language import gettext
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.explain_remedy import explain_remedy, owed
from promises.terms.line import Line
from promises.terms.quantities import DAY_MINUTES, Span
from promises.terms.words import (
    attribute,
    condition,
    day,
    ending,
    milestone,
    money,
    not_met,
    reason,
    share,
    since,
    span,
    time_of_day,
    until,
    waited,
)

__all__ = ["explain", "in_a_sentence", "milestone", "money", "reason", "span"]


def explain(terms: TermsDocument) -> list[Line]:
    """What *terms* mean: first :func:`in_a_sentence`, then what it leaves open."""
    told = [in_a_sentence(terms), *_counted(terms)]
    lines = [Line(words) for words in told]
    lines += explain_remedy(terms)
    told = [*_endings(terms), *_cover(terms), *_exclusions(terms)]
    if terms.moment != "start":
        told.append(gettext(f"explain.moment_{terms.moment}"))
    if terms.remedy.once_per and terms.rank:
        told.append(gettext("explain.rank", rank=terms.rank))
    told.append(gettext("explain.target", share=share(terms.target), start=day(terms.starts)))
    return lines + [Line(words) for words in told]


def in_a_sentence(terms: TermsDocument) -> str:
    """*terms* in one sentence: which customer is owed what."""
    who, amount = _who(terms), owed(terms)
    if amount is not None:
        return gettext("explain.lead", who=who, amount=amount)
    by_hand = terms.remedy.by_hand
    if by_hand is not None:
        return gettext("explain.lead_by_hand", who=who, most=money(by_hand.at_most, terms.currency))
    return gettext("explain.lead_nothing", who=who)


def _who(terms: TermsDocument) -> str:
    """The customer to whom the promise is broken, as a relative clause."""
    measure = terms.measure
    if isinstance(measure, AttributeMeasure):
        return not_met(measure.must)
    between = {"start": since(measure.from_), "end": until(measure.to)}
    limit = waited(measure.limit)
    if measure.limit.in_days:
        if measure.limit.count:
            return gettext("explain.who_over", limit=limit, **between)
        if terms.due_time == DAY_MINUTES:
            return gettext("explain.who_past_day", **between)
        return gettext("explain.who_past_time", time=time_of_day(terms.due_time), **between)
    if measure.clock == "opening_hours":
        limit = gettext("explain.open_time", limit=limit)
    code = "explain.who_over" if measure.exactly == "kept" else "explain.who_from"
    return gettext(code, limit=limit, **between)


def _counted(terms: TermsDocument) -> list[str]:
    """How time is counted, or when it is decided."""
    measure = terms.measure
    if isinstance(measure, AttributeMeasure):
        return [gettext("explain.decided_at", end=milestone(measure.to))]
    told = []
    if measure.limit.in_days:
        told += _days_counted(measure.limit, terms.due_time)
    told.append(gettext(f"explain.exactly_{measure.exactly}"))
    told += [
        gettext("explain.pause", stop=since(pause.from_), start=until(pause.to)) for pause in measure.pauses
    ]
    if measure.split_after:
        told.append(gettext("explain.split", after=span(measure.split_after)))
    return told


def _days_counted(limit: Span, due_time: int) -> list[str]:
    told = [gettext("explain.days_counted")] if limit.count else []
    if limit.unit == "working days":
        told.append(gettext("explain.working_days_only"))
    which = "last_day" if limit.count else "same_day"
    if due_time == DAY_MINUTES:
        return [*told, gettext(f"explain.{which}")]
    return [*told, gettext(f"explain.{which}_until", time=time_of_day(due_time))]


def _endings(terms: TermsDocument) -> list[str]:
    timed = isinstance(terms.measure, TimeMeasure)
    return [
        gettext(f"explain.ending_{rule}" if timed else "explain.ending_excluded", ending=ending(name))
        for name, rule in terms.endings.items()
    ]


def _cover(terms: TermsDocument) -> list[str]:
    told = []
    if terms.branches is not None:
        told.append(gettext("explain.branches", branches=", ".join(terms.branches)))
    if terms.touchpoint is not None:
        told.append(gettext("explain.touchpoint", touchpoint=terms.touchpoint))
    told += [gettext("explain.only", condition=condition(rule)) for rule in terms.cases]
    return told


def _exclusions(terms: TermsDocument) -> list[str]:
    return [
        gettext("explain.excluded", condition=condition(exclusion.when))
        if exclusion.evidence is None
        else gettext(
            "explain.excluded_with_evidence",
            condition=condition(exclusion.when),
            evidence=attribute(exclusion.evidence),
        )
        for exclusion in terms.excluded
    ]
