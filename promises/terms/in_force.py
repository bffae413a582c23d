"""Which version of a promise's terms applies: a look-up by date, never an edit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from promises.refusal import Refusal
from promises.terms.columns import Times
from promises.terms.document import TermsDocument
from promises.terms.hours import instant, microseconds


def in_order(versions: Sequence[TermsDocument]) -> list[TermsDocument]:
    """The versions of one promise by their first dates.

    :raises Refusal: if two begin on one date, or they are of different promises.
    """
    ordered = sorted(versions, key=lambda terms: terms.starts)
    for earlier, later in pairwise(ordered):
        if earlier.starts == later.starts:
            raise Refusal("terms.starts_twice", promise=later.promise, date=str(later.starts))
        if earlier.promise != later.promise:
            raise Refusal("terms.two_promises", promise=earlier.promise, other=later.promise)
    return ordered


def begins(terms: TermsDocument) -> int:
    """The moment from which *terms* are in force, in microseconds: local midnight of their first date."""
    return instant(terms.starts, 0, ZoneInfo(terms.zone))


def places_in_force(ordered: Sequence[TermsDocument], at: Times) -> Times:
    """For each moment, the place of the version in force in *ordered*, or -1 before the first."""
    starts = np.array([begins(terms) for terms in ordered], np.int64)
    return np.searchsorted(starts, at, side="right") - 1


def in_force(versions: Sequence[TermsDocument], at: datetime) -> TermsDocument | None:
    """The version in force at a moment, if any."""
    ordered = in_order(versions)
    place = int(places_in_force(ordered, np.array([microseconds(at)]))[0])
    return ordered[place] if place >= 0 else None
