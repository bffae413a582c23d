"""Whether what customers are told agrees with what the terms say, as far as numbers go (pure).

A company is held to its words. A sentence that names 10 euros beside a remedy of 15, or half an hour beside
a limit of 20 minutes, is a mistake in one of them, and people should see it before either is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from promises.terms.document import TermsDocument
from promises.terms.free_text import amounts, lengths
from promises.terms.quantities import HOUR, Span
from promises.terms.remedies import Remedy

READ_IN = "EUR"
"""The only currency whose amounts are read out of sentences."""


@dataclass(frozen=True)
class Doubt:
    """Words of a sentence told to customers that the terms don't bear out."""

    kind: Literal["amount", "length"]
    words: str


def doubts(terms: TermsDocument) -> list[Doubt]:
    """Amounts of money and lengths of time that the sentences name and the terms don't, each once."""
    texts = [text for told in (terms.name, terms.told) if told for text in (told.fi, told.en)]
    sums = {value for value in _values(terms.remedy) if isinstance(value, Decimal)}
    spans = {_alike(value) for value in _values(terms) if isinstance(value, Span)}
    found: list[Doubt] = []
    for text in texts:
        if terms.currency == READ_IN:
            found += [Doubt("amount", one.words) for one in amounts(text) if one.value not in sums]
        found += [Doubt("length", one.words) for one in lengths(text) if _alike(one.span) not in spans]
    return list(dict.fromkeys(found))


def _alike(span: Span) -> tuple[int, str]:
    """A length so that 60 minutes are an hour, and 24 hours a day as people say it."""
    if span.in_days:
        return span.count, span.unit
    days, rest = divmod(span.microseconds, 24 * HOUR)
    return (span.microseconds, "") if rest else (days, "calendar days")


def _values(part: object) -> Iterator[object]:
    """Every single value of a part of the terms, however deep it stands; of the remedy all but its bounds."""
    if isinstance(part, BaseModel):
        left_out = {"round_to", "voucher_valid"} if isinstance(part, Remedy) else {"set_aside_after"}
        for name in type(part).model_fields:
            if name not in left_out:
                yield from _values(getattr(part, name))
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _values(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _values(inner)
    else:
        yield part
