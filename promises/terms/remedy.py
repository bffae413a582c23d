"""From breaches to amounts: the remedy rule worked out for many broken cases at once.

Money is counted in whole numbers of a hundred-millionth of the currency, so that percentages stay exact
until the one rounding at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from promises.terms.columns import Coded, Flags, Times
from promises.terms.document import TermsDocument
from promises.terms.hours import instant
from promises.terms.numbers import number
from promises.terms.quantities import Span
from promises.terms.remedies import Amount, ByDate, ByLength, BySize, ByValue, Cap, Percent

UNITS_PER_CENT = 10**6
_SCALE = 10**8
_MOST = 10**9
"""No single figure of a case may pass this; larger ones are mistakes in the data."""


@dataclass(frozen=True)
class Breaches:
    """Broken cases as columns.

    :param start: microseconds, and so are *broken* (when the time ran out) and *end* (or now).
    :param elapsed: what the measure's clock has counted from start to end, in microseconds.
    :param periods: how many periods of a length lie between breach and end: ``periods(per, started)``.
    """

    start: Times
    broken: Times
    end: Times
    elapsed: Times
    attributes: Mapping[str, Coded]
    periods: Callable[[Span, bool], Times]

    def __len__(self) -> int:
        return len(self.start)

    def attribute(self, name: str) -> Coded:
        """One attribute; nowhere, if no case has it."""
        return self.attributes.get(name) or Coded((), np.full(len(self), -1, np.int32))


@dataclass
class Worked:
    """Amounts in cents, and for some rows why there can't be one: a reason code by rows."""

    cents: Times
    faults: dict[str, Flags]

    def fault(self, reason: str, where: Flags) -> None:
        """These rows can't have an amount. Of several reasons a row has the first, whichever rows are
        worked out beside it."""
        new = where & ~np.logical_or.reduce(list(self.faults.values())) if self.faults else where
        if new.any():
            self.faults[reason] = self.faults.get(reason, False) | new


def work_out(terms: TermsDocument, breaches: Breaches) -> Worked:
    """What each broken case pays by itself, before rules that look at several cases together."""
    remedy = terms.remedy
    worked = Worked(np.zeros(len(breaches), np.int64), {})
    units = np.zeros(len(breaches), np.int64)
    everywhere = np.ones(len(breaches), bool)
    zone = ZoneInfo(terms.zone)
    for payment in remedy.pays:
        times = np.ones(len(breaches), np.int64)
        if payment.per is not None:
            times = breaches.periods(payment.per, payment.counting == "started")
        units += _times(_amount(payment.amount, breaches, everywhere, zone, worked), times, worked)
    if remedy.times:
        units = _times(units, _count(breaches.attribute(remedy.times), worked), worked)
    for cap in remedy.caps:
        if cap.per == "case":
            units = np.minimum(units, cap_units(cap, breaches, zone, worked))
    step = int(remedy.round_to.scaleb(2)) * UNITS_PER_CENT
    units = (units + step // 2) // step * step
    if remedy.at_least is not None:
        units = np.maximum(units, int(remedy.at_least.scaleb(8)))
    if remedy.nothing_below is not None:
        units[units < int(remedy.nothing_below.scaleb(8))] = 0
    worked.cents = units // UNITS_PER_CENT
    for where in worked.faults.values():
        worked.cents[where] = 0
    return worked


def cap_units(cap: Cap, breaches: Breaches, zone: ZoneInfo, worked: Worked) -> Times:
    """A cap's amount for each case."""
    assert cap.amount is not None
    return _amount(cap.amount, breaches, np.ones(len(breaches), bool), zone, worked)


def _amount(amount: Amount, breaches: Breaches, where: Flags, zone: ZoneInfo, worked: Worked) -> Times:
    """*amount* for the rows *where* it is asked for; zero elsewhere."""
    if isinstance(amount, Decimal):
        return np.where(where, int(amount.scaleb(8)), 0)
    if isinstance(amount, Percent):
        base = _money(breaches.attribute(amount.of), where, worked)
        share = amount.percent / 100
        return _looked_up(base, lambda value: int((value * share).scaleb(8).to_integral_value()))
    if isinstance(amount, ByValue):
        return _by_value(amount, breaches, where, zone, worked)
    if isinstance(amount, BySize):
        return _by_size(amount, breaches, where, zone, worked)
    if isinstance(amount, ByLength):
        bounds = np.array([band.from_.microseconds for band in amount.by_length])
        band = np.searchsorted(bounds, breaches.elapsed, side="right") - 1
        choices = [band.pays for band in amount.by_length]
    else:
        band = _date_band(amount, breaches, zone)
        choices = [band.pays for band in amount.by_date]
    return sum(
        (
            _amount(choice, breaches, where & (band == place), zone, worked)
            for place, choice in enumerate(choices)
        ),
        start=np.zeros(len(breaches), np.int64),
    )


def _date_band(amount: ByDate, breaches: Breaches, zone: ZoneInfo) -> Times:
    at = {"start": breaches.start, "breach": breaches.broken, "end": breaches.end}[amount.at]
    bounds = [instant(band.from_, 0, zone) for band in amount.by_date]
    return np.searchsorted(np.array(bounds), at, side="right") - 1


def _by_value(amount: ByValue, breaches: Breaches, where: Flags, zone: ZoneInfo, worked: Worked) -> Times:
    coded = breaches.attribute(amount.by)
    worked.fault("attribute_missing", where & (coded.codes < 0))
    worked.fault("attribute_unknown", where & coded.where([text not in amount.is_ for text in coded.values]))
    units = np.zeros(len(breaches), np.int64)
    for value, inner in amount.is_.items():
        chosen = where & coded.where([text == value for text in coded.values])
        if chosen.any():
            units += _amount(inner, breaches, chosen, zone, worked)
    return units


def _by_size(amount: BySize, breaches: Breaches, where: Flags, zone: ZoneInfo, worked: Worked) -> Times:
    coded = breaches.attribute(amount.by)
    sizes = [number(text) for text in coded.values]
    worked.fault("attribute_missing", where & (coded.codes < 0))
    worked.fault("attribute_not_number", where & coded.where([size is None for size in sizes]))
    units = np.zeros(len(breaches), np.int64)
    rest = [size is not None for size in sizes]
    for band in amount.bands:
        bound = band.up_to
        inside = [
            unplaced and (bound is None or (size is not None and size <= bound))
            for unplaced, size in zip(rest, sizes, strict=True)
        ]
        rest = [unplaced and not taken for unplaced, taken in zip(rest, inside, strict=True)]
        chosen = where & coded.where(inside)
        if chosen.any():
            units += _amount(band.pays, breaches, chosen, zone, worked)
    return units


@dataclass(frozen=True)
class _Base:
    coded: Coded
    numbers: list[Decimal | None]
    where: Flags


def _money(coded: Coded, where: Flags, worked: Worked) -> _Base:
    numbers = [number(text) for text in coded.values]
    worked.fault("attribute_missing", where & (coded.codes < 0))
    worked.fault("attribute_not_number", where & coded.where([value is None for value in numbers]))
    worked.fault(
        "attribute_negative", where & coded.where([value is not None and value < 0 for value in numbers])
    )
    worked.fault(
        "amount_absurd", where & coded.where([value is not None and value > _MOST for value in numbers])
    )
    return _Base(coded, numbers, where)


def _looked_up(base: _Base, amount: Callable[[Decimal], int]) -> Times:
    """An amount worked out once for each distinct value, then for every row."""
    table = [amount(value) if value is not None and 0 <= value <= _MOST else 0 for value in base.numbers] + [
        0
    ]
    return np.where(base.where, np.array(table, np.int64)[base.coded.codes], 0)


def _count(coded: Coded, worked: Worked) -> Times:
    """An attribute as a whole number of persons or the like."""
    numbers = [number(text) for text in coded.values]
    whole = [value is not None and value == int(value) and 0 <= value <= _MOST for value in numbers]
    worked.fault("attribute_missing", coded.codes < 0)
    worked.fault("attribute_not_number", coded.where([not right for right in whole]))
    table = [
        int(value) if right and value is not None else 0 for value, right in zip(numbers, whole, strict=True)
    ]
    return np.array([*table, 0], np.int64)[coded.codes]


def _times(units: Times, times: Times, worked: Worked) -> Times:
    """The product, unless it is beyond all reason."""
    absurd = units.astype(np.float64) * times > float(_MOST) * _SCALE
    worked.fault("amount_absurd", absurd)
    return np.where(absurd, 0, units * np.where(absurd, 0, times))
