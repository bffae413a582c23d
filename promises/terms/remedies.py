"""The remedy rule of a terms document: what a broken case pays."""

from __future__ import annotations

from pydantic import Field

from promises.terms.parts import Part
from promises.terms.quantities import Money, SpanField


class Payment(Part):
    """One payment for a broken case."""

    amount: Money = Field(description='In the terms\' currency: "10.00".')


class Remedy(Part):
    """What a broken case pays: the sum of its payments."""

    pays: list[Payment] = Field(default_factory=list)
    pay_within: SpanField | None = Field(
        default=None,
        description='Time from the breach in which it must be paid: "14 calendar days", "10 working days".',
    )
