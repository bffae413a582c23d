"""What terms must also be before they are set for cases that come in live, beyond being well formed.

Nothing is accepted there that the keeping of promises would not honour.
"""

from __future__ import annotations

from promises.refusal import Refusal
from promises.terms.document import TermsDocument, TimeMeasure

LONGEST_NAME = 32
"""Milestones are kept by names of at most so many letters."""
RESERVED = frozenset({"new", "templates"})
"""Codes that would stand where pages of the terms room have their addresses."""


def check_live(terms: TermsDocument, before: TermsDocument | None) -> None:
    """Whether *terms* can be the next version after *before* (none for a new promise).

    :raises Refusal: ``terms.reserved_code``; ``terms.long_milestone``; ``terms.moment_stays`` and
        ``terms.currency_stays``, because a case under way must not be moved between versions that count
        it by other moments, nor owe in two currencies: that is another promise.
    """
    if before is None and terms.promise in RESERVED:
        raise Refusal("terms.reserved_code", found=terms.promise)
    for name in _milestones(terms):
        if len(name) > LONGEST_NAME:
            raise Refusal("terms.long_milestone", found=name, longest=LONGEST_NAME)
    if before is not None and terms.moment != before.moment:
        raise Refusal("terms.moment_stays", found=terms.moment, expected=before.moment)
    if before is not None and terms.currency != before.currency and (before.remedy.pays or terms.remedy.pays):
        raise Refusal("terms.currency_stays", found=terms.currency, expected=before.currency)


def _milestones(terms: TermsDocument) -> list[str]:
    measure, remedy = terms.measure, terms.remedy
    found = [measure.from_, measure.to, *terms.endings]
    if isinstance(measure, TimeMeasure):
        found += [name for pause in measure.pauses for name in (pause.from_, pause.to)]
    found += [remedy.claim.milestone] if remedy.claim else []
    return found + ([remedy.pay_from] if remedy.pay_from else [])
