"""Judging by the dated versions of a promise: each case by the version that applies to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from promises.service.judging.cases import Case, Cases
from promises.service.judging.rules import judge_many
from promises.service.judging.verdicts import Verdict, Verdicts
from promises.terms.caps import Paid
from promises.terms.columns import MISSING, Times
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours, microseconds
from promises.terms.in_force import in_order, places_in_force
from promises.terms.timeline import NEVER


def judge_dated(
    cases: Cases,
    versions: Sequence[TermsDocument],
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None = None,
    paid: Paid | None = None,
) -> tuple[Verdicts, Times]:
    """What each case is under the version that applies to it, and the place of that version by date.

    The newest version names the moment (start, breach or end) whose version applies. A breach is looked
    for under the version of the start. Cases before the first version are judged not to be covered.
    """
    ordered = in_order(versions)
    paid = Paid() if paid is None else paid
    if len(ordered) == 1:
        return judge_many(cases, ordered[0], as_of, hours, paid), np.zeros(len(cases), np.int64)
    places = np.maximum(_places(cases, ordered, as_of, hours), 0)
    parts = []
    for place, terms in enumerate(ordered):
        rows = np.flatnonzero(places == place)
        if len(rows):
            own = cases if len(rows) == len(cases) else cases.take(rows)
            by_moment = terms.model_copy(update={"moment": ordered[-1].moment})
            parts.append((rows, judge_many(own, by_moment, as_of, hours, paid)))
    return Verdicts.joined(parts, len(cases)), places


def judge_by(
    case: Case,
    versions: Sequence[TermsDocument],
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None = None,
) -> tuple[Verdict, TermsDocument]:
    """What one case is under the version that applies to it, and that version."""
    verdicts, places = judge_dated(Cases.of([case]), versions, as_of, hours)
    return verdicts[0], in_order(versions)[int(places[0])]


def _places(
    cases: Cases,
    ordered: Sequence[TermsDocument],
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None,
) -> Times:
    newest = ordered[-1]
    start = cases.happened(newest.measure.from_).first
    by_start = places_in_force(ordered, start)
    if newest.moment == "start":
        return by_start
    if newest.moment == "end":
        end = judge_many(cases, newest, as_of, hours).ended_at
        return places_in_force(ordered, np.where(end == MISSING, microseconds(as_of), end))
    moments = start.copy()
    for place, terms in enumerate(ordered):
        rows = np.flatnonzero(np.maximum(by_start, 0) == place)
        if len(rows):
            by_version = terms.model_copy(update={"moment": "start"})
            verdicts = judge_many(cases.take(rows), by_version, as_of, hours)
            moments[rows] = np.where(verdicts.due_at == NEVER, verdicts.ended_at, verdicts.due_at)
    return places_in_force(ordered, np.where(moments == MISSING, start, moments))
