"""The remedy rule of a terms document: what a broken case pays.

Amounts are a small language of their own. An amount is a sum of money ("10.00"), a percentage of an
attribute, or a choice between amounts: by what an attribute says, by how large it is, by how long the
case took, by date. Choices may stand inside choices.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from promises.money import CENT
from promises.terms.parts import Part
from promises.terms.quantities import Day, Money, MonthDay, Name, Number, Span, SpanField

Way = Literal["counter", "voucher", "credit", "bank"]
WAYS: tuple[Way, ...] = get_args(Way)
"""How what is owed reaches the customer: at the counter, as a voucher, on the bill, to a bank account."""


class Percent(Part):
    """A percentage of an attribute that is an amount of money: 25 % of the fare."""

    percent: Number
    of: Name = Field(description="The attribute.")


class ByValue(Part):
    """An amount for each value of an attribute."""

    by: Name = Field(description="The attribute.")
    is_: dict[str, Amount] = Field(alias="is", min_length=1, description="An amount for each of its values.")


class SizeBand(Part):
    """One band of a size."""

    up_to: Number | None = Field(default=None, description="Upper bound, included; absent in the last band.")
    pays: Amount


class BySize(Part):
    """An amount by how large an attribute is: to 1500 km, to 3500 km, beyond."""

    by: Name = Field(description="The attribute, a number.")
    bands: list[SizeBand] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> BySize:
        bounds = [band.up_to for band in self.bands]
        inner = [bound for bound in bounds[:-1] if bound is not None]
        if len(inner) < len(bounds) - 1 or bounds[-1] is not None or inner != sorted(set(inner)):
            raise PydanticCustomError("size_bands", "bands must rise and the last be open")
        return self


class LengthBand(Part):
    """One band of a length of time."""

    from_: SpanField = Field(alias="from", description="Lower bound, included.")
    pays: Amount


class ByLength(Part):
    """An amount by how long the case took on the measure's clock, from its start to its end or until now."""

    by_length: list[LengthBand] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> ByLength:
        if any(band.from_.in_days for band in self.by_length):
            raise PydanticCustomError("length_bands_unit", "bands of a length are in s, min or h")
        bounds = [band.from_.microseconds for band in self.by_length]
        if bounds != sorted(set(bounds)):
            raise PydanticCustomError("bands_rising", "bands must rise")
        return self


class DateBand(Part):
    """An amount from a date on."""

    from_: Day = Field(alias="from")
    pays: Amount


class ByDate(Part):
    """An amount that changes by date. Before the first date it is nothing."""

    by_date: list[DateBand] = Field(min_length=1)
    at: Literal["start", "breach", "end"] = Field(
        default="breach", description="The moment of the case whose local date counts; the end may be now."
    )

    @model_validator(mode="after")
    def _rising(self) -> ByDate:
        bounds: list[date] = [band.from_ for band in self.by_date]
        if bounds != sorted(set(bounds)):
            raise PydanticCustomError("bands_rising", "bands must rise")
        return self


_KINDS = {"percent": "percent", "bands": "size", "by_length": "length", "by_date": "date", "by": "value"}


def _kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((kind for key, kind in _KINDS.items() if key in keys), "money")


Amount = Annotated[
    Annotated[Money, Tag("money")]
    | Annotated[Percent, Tag("percent")]
    | Annotated[ByValue, Tag("value")]
    | Annotated[BySize, Tag("size")]
    | Annotated[ByLength, Tag("length")]
    | Annotated[ByDate, Tag("date")],
    Discriminator(_kind),
]
AMOUNT_TAGS = frozenset({"money", "percent", "value", "size", "length", "date"})


class Payment(Part):
    """One payment for a broken case: once, or for each period that the breach has lasted."""

    amount: Amount = Field(description='"10.00", a percentage, or a choice by value, size, length or date.')
    per: SpanField | None = Field(
        default=None, description="Paid for each such period after the time ran out; absent means once."
    )
    counting: Literal["started", "complete"] | None = Field(
        default=None, description="Whether a period counts when it has started or when it is complete."
    )

    @model_validator(mode="after")
    def _whole(self) -> Payment:
        if (self.per is None) != (self.counting is None):
            raise PydanticCustomError("period_counting", "per and counting come together")
        if self.per is not None and (not self.per.count or self.per.unit == "months"):
            raise PydanticCustomError("period_unit", "a period of no time, or in months")
        return self


class Cap(Part):
    """The most that is paid: for one case, or for all cases of one customer in a month or a year."""

    amount: Amount | None = Field(default=None, description="The most money.")
    times: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        default=None, description="The most payments."
    )
    per: Literal["case", "month", "year"] = "case"
    by: Name | None = Field(default=None, description="Attribute that tells customers apart.")
    year_starts: MonthDay = Field(default=(1, 1), description='First day of the year, "04-01".')

    @model_validator(mode="after")
    def _whole(self) -> Cap:
        if (self.amount is None) == (self.times is None):
            raise PydanticCustomError("cap_kind", "say one of amount and times")
        if (self.per == "case") != (self.by is None) or (self.per == "case" and self.times is not None):
            raise PydanticCustomError("cap_by", "a cap by month or year needs by, a cap by case has none")
        return self


class Claim(Part):
    """Paid only when it is asked for in time."""

    milestone: Name
    within: SpanField = Field(description="Time from the end of the case.")


class Rate(Part):
    """A yearly rate of interest from a date on."""

    from_: Day = Field(alias="from")
    percent: Number


class Late(Part):
    """What is added when the payment itself is late."""

    pays: Money | None = Field(default=None, description="Once.")
    interest: list[Rate] = Field(
        default_factory=list, description="Yearly rates by date; actual days over 365, rounded to cents."
    )


class ByHand(Part):
    """Awards that people make, with a reason."""

    at_most: Money = Field(description="The most for one case.")
    second_person_above: Money = Field(description="Above this, a second person must agree.")


def _at_the_counter() -> list[Way]:
    return ["counter"]


class Remedy(Part):
    """What a broken case pays: the sum of its payments, multiplied, capped and rounded, in this order:
    times, cap by case, rounding, at_least, nothing_below, once_per, caps by month and year.
    """

    pays: list[Payment] = Field(default_factory=list)
    times: Name | None = Field(default=None, description="Attribute by whose number it is multiplied.")
    round_to: Money = Field(default=CENT, description='Rounded half up to multiples of this: "0.01".')
    at_least: Money | None = Field(default=None, description="A broken case pays at least this.")
    nothing_below: Money | None = Field(default=None, description="Smaller amounts are not paid at all.")
    caps: list[Cap] = Field(default_factory=list)
    once_per: Name | None = Field(
        default=None, description="Attribute that tells faults apart: several cases of one fault pay once."
    )
    claim: Claim | None = None
    pay_within: SpanField | None = Field(
        default=None,
        description='Time in which it must be paid: "14 calendar days", "10 working days", "6 months".',
    )
    pay_from: Name | None = Field(
        default=None, description="Milestone from which that time counts; unless said, the breach."
    )
    late: Late | None = Field(default=None, description="What is added when it is paid too late.")
    ways: list[Way] = Field(
        default_factory=_at_the_counter,
        min_length=1,
        description="How it may be paid: counter, voucher, credit (on the bill), bank (transfer).",
    )
    voucher_valid: SpanField = Field(
        default=Span(12, "months"),
        description="How long a voucher can be redeemed; after that the money is owed as before.",
    )
    by_hand: ByHand | None = None

    @model_validator(mode="after")
    def _whole(self) -> Remedy:
        if self.late and not self.pay_within:
            raise PydanticCustomError("late_without_limit", "late needs pay_within")
        if not self.round_to:
            raise PydanticCustomError("round_to_nothing", "round_to is zero")
        if len(set(self.ways)) < len(self.ways):
            raise PydanticCustomError("way_twice", "a way of paying twice")
        if not self.voucher_valid.count:
            raise PydanticCustomError("no_time", "a voucher for no time")
        return self

    @cached_property
    def always_the_same(self) -> bool:
        """Whether every broken case is owed the same, from the breach on and whatever else becomes known."""
        fixed = all(isinstance(one.amount, Decimal) and one.per is None for one in self.pays)
        return fixed and not (self.times or self.caps or self.once_per or self.claim or self.pay_from)

    def attributes(self) -> list[str]:
        """The attributes of a case that decide what it pays."""
        names = [name for payment in self.pays for name in _attributes(payment.amount)]
        for cap in self.caps:
            names += _attributes(cap.amount) if cap.amount is not None else []
            names += [cap.by] if cap.by else []
        names += [name for name in (self.times, self.once_per) if name]
        return list(dict.fromkeys(names))


def _attributes(amount: Any) -> list[str]:
    if isinstance(amount, Percent):
        return [amount.of]
    if isinstance(amount, ByValue):
        return [amount.by, *(name for inner in amount.is_.values() for name in _attributes(inner))]
    if isinstance(amount, BySize):
        return [amount.by, *(name for band in amount.bands for name in _attributes(band.pays))]
    bands: list[Any] = getattr(amount, "by_length", None) or getattr(amount, "by_date", None) or []
    return [name for band in bands for name in _attributes(band.pays)]
