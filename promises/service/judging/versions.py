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
from promises.terms.in_force import begins, in_order
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
    return judge_in_force(cases, [(begins(terms), terms) for terms in in_order(versions)], as_of, hours, paid)


InForce = tuple[int, TermsDocument]
"""A version, and the moment from which it is in force, in microseconds."""


def judge_in_force(
    cases: Cases,
    versions: Sequence[InForce],
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None = None,
    paid: Paid | None = None,
) -> tuple[Verdicts, Times]:
    """The same for versions in order with the moments from which they are in force, which may lie within
    their first dates: terms set at noon don't reach back to the morning."""
    paid = Paid() if paid is None else paid
    since = versions[0][0]
    if len(versions) == 1:
        found = judge_many(cases, versions[0][1], as_of, hours, paid, since)
        return found, np.zeros(len(cases), np.int64)
    places = np.maximum(_places(cases, versions, as_of, hours), 0)
    parts = []
    for place, (_, terms) in enumerate(versions):
        rows = np.flatnonzero(places == place)
        if len(rows):
            own = cases if len(rows) == len(cases) else cases.take(rows)
            by_moment = terms.model_copy(update={"moment": versions[-1][1].moment})
            parts.append((rows, judge_many(own, by_moment, as_of, hours, paid, since)))
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
    versions: Sequence[InForce],
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None,
) -> Times:
    starts, newest = np.array([at for at, _ in versions], np.int64), versions[-1][1]

    def in_force(at: Times) -> Times:
        return np.searchsorted(starts, at, side="right") - 1

    start = cases.happened(newest.measure.from_).first
    by_start = in_force(start)
    if newest.moment == "start":
        return by_start
    if newest.moment == "end":
        end = judge_many(cases, newest, as_of, hours).ended_at
        return in_force(np.where(end == MISSING, microseconds(as_of), end))
    moments = start.copy()
    for place, (_, terms) in enumerate(versions):
        rows = np.flatnonzero(np.maximum(by_start, 0) == place)
        if len(rows):
            by_version = terms.model_copy(update={"moment": "start"})
            verdicts = judge_many(cases.take(rows), by_version, as_of, hours)
            moments[rows] = np.where(verdicts.due_at == NEVER, verdicts.ended_at, verdicts.due_at)
    return in_force(np.where(moments == MISSING, start, moments))
