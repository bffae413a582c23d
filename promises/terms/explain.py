"""Terms in plain sentences of the reader's language, so that nobody signs what they don't understand."""

from __future__ import annotations

from promises.language import gettext
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.explain_remedy import explain_remedy
from promises.terms.quantities import DAY_MINUTES, write_time
from promises.terms.words import condition, day, ending, milestone, money, reason, share, since, span, until

__all__ = ["explain", "milestone", "money", "reason", "span"]


def explain(terms: TermsDocument) -> list[str]:
    """What *terms* mean, a sentence after another: the limit, what is owed, whom it covers, since when."""
    told = [*_measure(terms), *explain_remedy(terms), *_endings(terms), *_cover(terms), *_exclusions(terms)]
    if terms.moment != "start":
        told.append(gettext(f"explain.moment_{terms.moment}"))
    if terms.remedy.once_per and terms.rank:
        told.append(gettext("explain.rank", rank=terms.rank))
    told.append(gettext("explain.target", share=share(terms.target), start=day(terms.starts)))
    return told


def _measure(terms: TermsDocument) -> list[str]:
    measure = terms.measure
    if isinstance(measure, AttributeMeasure):
        return [gettext("explain.must", end=milestone(measure.to), condition=condition(measure.must))]
    facts = {"start": since(measure.from_), "end": until(measure.to), "limit": span(measure.limit)}
    if measure.limit.in_days and not measure.limit.count:
        told = [gettext(f"explain.limit_same_{measure.clock_name}", **facts)]
    else:
        told = [gettext(f"explain.limit_{measure.clock_name}", **facts)]
    told = [sentence[:1].upper() + sentence[1:] for sentence in told]
    if measure.limit.in_days and terms.due_time != DAY_MINUTES:
        told.append(gettext("explain.due_time", time=write_time(terms.due_time)))
    told.append(gettext(f"explain.exactly_{measure.exactly}"))
    told += [
        gettext("explain.pause", stop=since(pause.from_), start=until(pause.to)) for pause in measure.pauses
    ]
    if measure.split_after:
        told.append(gettext("explain.split", after=span(measure.split_after)))
    return told


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
        gettext(
            "explain.excluded_with_evidence" if exclusion.evidence else "explain.excluded",
            condition=condition(exclusion.when),
            evidence=exclusion.evidence or "",
        )
        for exclusion in terms.excluded
    ]
