"""Rules that look at several broken cases together: one payment for one fault, caps by customer and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from promises.terms.columns import Times
from promises.terms.document import TermsDocument
from promises.terms.hours import moment
from promises.terms.remedies import Cap, Remedy
from promises.terms.remedy import UNITS_PER_CENT, Breaches, Worked, cap_units

Key = tuple[str, str, str, str]


@dataclass
class Paid:
    """What earlier cases have come to be owed, as far as later ones depend on it.

    :param sums: cents and number of payments by promise, the attribute that tells customers apart, the
        customer and the period; the same for every cap and version of the promise that counts so.
    :param faults: faults that have been paid for, each as the attribute that tells it and its value; the
        same for all promises, so that of two that could pay for one fault the one judged first does.
    :param credited: cents that are owed for a fault already, under promises that rank behind the one that is
        judged: only what it pays beyond them is owed.
    """

    sums: dict[Key, tuple[int, int]] = field(default_factory=dict)
    faults: set[tuple[str, str]] = field(default_factory=set)
    credited: dict[tuple[str, str], int] = field(default_factory=dict)


def looks_at_others(remedy: Remedy) -> bool:
    """Whether what a case pays depends on what other cases have been paid."""
    return bool(shared_by(remedy))


def shared_by(remedy: Remedy) -> set[str]:
    """The attributes that tell which other cases those are: the customer, the fault."""
    names = {cap.by for cap in remedy.caps if cap.per != "case"} | {remedy.once_per}
    return {name for name in names if name}


def period_of(cap: Cap, day: date) -> str:
    """The month or year of *cap* in which *day* lies, named by its first day."""
    if cap.per == "month":
        return f"{day:%Y-%m}"
    year = day.year if (day.month, day.day) >= cap.year_starts else day.year - 1
    return f"{year}-{cap.year_starts[0]:02}-{cap.year_starts[1]:02}"


def share(terms: TermsDocument, breaches: Breaches, worked: Worked, paid: Paid) -> Times:
    """The cents of each case after these rules, in the order of the breaches; *paid* is kept up to date."""
    remedy = terms.remedy
    caps = [(place, cap) for place, cap in enumerate(remedy.caps) if cap.per != "case"]
    cents = worked.cents.copy()
    if not looks_at_others(remedy):
        return cents
    zone = ZoneInfo(terms.zone)
    most = {
        place: cap_units(cap, breaches, zone, worked) // UNITS_PER_CENT for place, cap in caps if cap.amount
    }
    faults = breaches.attribute(remedy.once_per or "")
    customers = {place: breaches.attribute(cap.by or "") for place, cap in caps}
    for row in np.argsort(breaches.broken, kind="stable"):
        if not cents[row]:
            continue
        fault = (remedy.once_per or "", faults.values[faults.codes[row]]) if faults.codes[row] >= 0 else None
        if fault in paid.faults:
            cents[row] = 0
            continue
        day = moment(int(breaches.broken[row])).astimezone(zone).date()
        keys = [
            (place, cap, (terms.promise, cap.by or "", customers[place].values[code], period_of(cap, day)))
            for place, cap in caps
            if (code := customers[place].codes[row]) >= 0
        ]
        owed = max(int(cents[row]) - (paid.credited.get(fault, 0) if fault else 0), 0)
        for place, cap, key in keys:
            earlier, times = paid.sums.get(key, (0, 0))
            left = max(int(most[place][row]) - earlier, 0) if place in most else owed
            owed = min(owed, left) if cap.times is None or times < cap.times else 0
        cents[row] = owed
        if owed:
            for key in {key for _, _, key in keys}:
                earlier, times = paid.sums.get(key, (0, 0))
                paid.sums[key] = (earlier + owed, times + 1)
            if fault:
                paid.faults.add(fault)
    return cents
