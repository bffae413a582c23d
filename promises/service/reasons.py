"""A verdict's reason in one plain sentence, with the times that decided it."""

from __future__ import annotations

from promises.language import gettext
from promises.service.tables import Verdict
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.words import milestone, reason, since, span

MEASURED = {"in_time", "late"}


def because(verdict: Verdict, terms: TermsDocument, took: str) -> str:
    """Why *verdict* is what it is: "served 17 min 12 s after arrived; the limit is 15 minutes".

    :param took: the elapsed time in words.
    """
    measure = terms.measure
    if isinstance(measure, TimeMeasure) and verdict.reason in MEASURED and verdict.ended_at is not None:
        told = gettext(
            f"because.{measure.clock_name}",
            end=milestone(measure.to),
            start=since(measure.from_),
            took=took,
            limit=span(measure.limit),
        )
    else:
        told = reason(verdict.reason)
    return told[:1].upper() + told[1:]
