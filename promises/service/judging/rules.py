"""The rules by which cases are judged.

The rules stand in the order in which they speak; the first that speaks of a case decides it. All work
on columns, so that one case and a million are judged by the same lines. Times are int64 microseconds
since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from promises.service.judging.attributes import holds, numbers_broken
from promises.service.judging.cases import Case, Cases
from promises.service.judging.owing import owe
from promises.service.judging.pauses import NONE, Pauses, pauses_of
from promises.service.judging.running import run
from promises.service.judging.sheet import Sheet
from promises.service.judging.verdicts import BROKEN, EXCLUDED, KEPT, PENDING, Verdict, Verdicts
from promises.terms.caps import Paid
from promises.terms.columns import MISSING, Flags, Times
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, microseconds
from promises.terms.in_force import begins
from promises.terms.timeline import NEVER

DAY = 24 * 60 * 60 * 1_000_000


def judge(
    case: Case, terms: TermsDocument, as_of: datetime, hours: Mapping[str, OpeningHours] | None = None
) -> Verdict:
    """What *case* is under *terms*, from what had happened by *as_of*. See :func:`judge_many`."""
    return judge_many(Cases.of([case]), terms, as_of, hours)[0]


def due_at(
    case: Case, terms: TermsDocument, hours: Mapping[str, OpeningHours] | None = None
) -> datetime | None:
    """When the time of *case* runs out, by the milestones it has.

    None if there is no such moment: the clock stands still, nothing is limited in time, or the case
    isn't judged under these terms at all.
    """
    if not case.milestones:
        return None
    return judge(case, terms, max(at for _, at in case.milestones), hours).due_at


def judge_many(
    cases: Cases,
    terms: TermsDocument,
    as_of: datetime,
    hours: Mapping[str, OpeningHours] | None = None,
    paid: Paid | None = None,
    since: int | None = None,
) -> Verdicts:
    """What each case is under *terms*, from what had happened by *as_of*.

    :param as_of: a moment with a zone. What happened later is not known yet. A case that is due exactly
        then is still pending.
    :param hours: opening hours by branch code, for branches of which the terms don't tell them.
    :param paid: what earlier cases have come to be owed, for caps by customer and one payment for one
        fault; it is kept up to date. Without it, only the cases judged together are looked at.
    :param since: when the promise came into force, in microseconds, if not at local midnight of the
        terms' first date.
    """
    since = begins(terms) if since is None else since
    matter = _matter(cases, terms, microseconds(as_of))
    _set_aside(matter, since)
    due, elapsed = np.full(len(cases), NEVER), np.full(len(cases), MISSING)
    pauses = NONE
    if isinstance(terms.measure, TimeMeasure):
        pauses, unclear = pauses_of(cases, terms.measure.pauses, matter.now)
        matter.sheet.say(EXCLUDED, "pauses_unclear", unclear)
        _run_clocks(matter, terms.measure, pauses, hours or {}, due, elapsed)
        if terms.moment == "breach":
            matter.sheet.say(EXCLUDED, "before_terms", due < since)
        _exclude(matter)
        _judge_time(matter, terms.measure, due)
        broken = due
    else:
        judged = matter.sheet.undecided
        elapsed[judged] = (matter.until - matter.start)[judged]
        if terms.moment == "breach":
            matter.sheet.say(EXCLUDED, "before_terms", matter.until < since)
        _exclude(matter)
        _judge_attribute(matter, terms.measure)
        broken = matter.end
    cents = owe(
        cases, terms, matter.sheet, matter.start, broken, matter.until, elapsed, pauses, hours or {},
        matter.now, Paid() if paid is None else paid,
    )  # fmt: skip
    sheet = matter.sheet
    return Verdicts(
        sheet.status, sheet.reason, tuple(sheet.reasons), due, matter.end, elapsed, cents, terms.currency
    )


@dataclass(frozen=True)
class _Matter:
    """Cases before the rules, and what is known of each by *now*.

    :param ending: how each case ended: 0 as promised, 1, 2, ... by the terms' endings in their order.
    :param until: the end of each case, or now.
    """

    cases: Cases
    terms: TermsDocument
    now: int
    sheet: Sheet
    start: Times
    end: Times
    ending: Times
    until: Times

    def happened(self, name: str) -> Times:
        """When a milestone first happened, as far as is known by now."""
        return self.cases.happened(name).by(self.now).first


def _matter(cases: Cases, terms: TermsDocument, now: int) -> _Matter:
    start = cases.happened(terms.measure.from_).by(now).first
    end = cases.happened(terms.measure.to).by(now).first
    ending = np.zeros(len(cases), np.int64)
    for number, name in enumerate(terms.endings, start=1):
        at = cases.happened(name).by(now).first
        earlier = (at != MISSING) & ((end == MISSING) | ((at < end) & (ending > 0)))
        end, ending = np.where(earlier, at, end), np.where(earlier, number, ending)
    until = np.where(end == MISSING, now, end)
    return _Matter(cases, terms, now, Sheet(len(cases)), start, end, ending, until)


def _set_aside(matter: _Matter, since: int) -> None:
    """Cases that the promise doesn't cover, and those whose data make no sense."""
    cases, terms, sheet, start, end = matter.cases, matter.terms, matter.sheet, matter.start, matter.end
    began, ended = cases.happened(terms.measure.from_), cases.happened(terms.measure.to)
    sheet.say(EXCLUDED, "not_covered", ~_covered(matter))
    for number, fault in enumerate(cases.faults.values):
        sheet.say(EXCLUDED, fault, cases.faults.codes == number)
    sheet.say(EXCLUDED, "start_missing", began.first == MISSING)
    sheet.say(PENDING, "not_started", start == MISSING)
    if terms.moment != "breach":
        dated = start if terms.moment == "start" else matter.until
        sheet.say(EXCLUDED, "before_terms", dated < since)
    sheet.say(EXCLUDED, "start_twice", began.by(matter.now).twice())
    sheet.say(EXCLUDED, "end_twice", ended.by(matter.now).twice())
    sheet.say(EXCLUDED, "end_before_start", (end != MISSING) & (end < start))
    served = ended.by(matter.now).first
    for name in terms.endings:
        at = matter.happened(name)
        sheet.say(EXCLUDED, "ended_twice", (at != MISSING) & (served != MISSING) & (at < served))
    if terms.set_aside_after:
        after = terms.set_aside_after
        longest = after.count * DAY if after.in_days else after.microseconds
        sheet.say(EXCLUDED, "too_long", (start != MISSING) & (matter.until - start > longest))


def _covered(matter: _Matter) -> Flags:
    """Which cases the promise is about: branch, touchpoint, attributes."""
    cases, terms = matter.cases, matter.terms
    covered = np.ones(len(cases), bool)
    if terms.branches is not None:
        covered &= cases.branches.where([name in terms.branches for name in cases.branches.values])
    if terms.touchpoint is not None:
        touchpoints = cases.attribute("touchpoint")
        covered &= touchpoints.where([name == terms.touchpoint for name in touchpoints.values])
    for condition in terms.cases:
        matter.sheet.say(EXCLUDED, "attribute_not_number", covered & numbers_broken(cases, condition))
        covered &= holds(cases, condition)
    return covered


def _run_clocks(
    matter: _Matter,
    measure: TimeMeasure,
    pauses: Pauses,
    hours: Mapping[str, OpeningHours],
    due: Times,
    elapsed: Times,
) -> None:
    """Fill in *due* and *elapsed* of the cases that are still to be judged."""
    rows = np.flatnonzero(matter.sheet.undecided)
    if not len(rows):
        return
    due[rows], elapsed[rows], unknown = run(
        matter.terms, measure, matter.start[rows], matter.until[rows], pauses.take(rows),
        matter.cases.branches.take(rows), hours,
    )  # fmt: skip
    without_hours = np.zeros(len(matter.cases), bool)
    without_hours[rows[unknown]] = True
    elapsed[without_hours] = MISSING
    matter.sheet.say(EXCLUDED, "hours_unknown", without_hours)
    running = np.ones(len(matter.cases), bool)
    running[pauses.rows[pauses.ends == NEVER]] = False
    matter.sheet.say(EXCLUDED, "never_open", (due == NEVER) & running)


def _exclude(matter: _Matter) -> None:
    """Cases that the terms exclude for what is known of them, with evidence where it is asked for."""
    for exclusion in matter.terms.excluded:
        shown = holds(matter.cases, exclusion.when)
        if exclusion.evidence:
            evidence = matter.cases.attribute(exclusion.evidence)
            shown = shown & evidence.where([bool(text.strip()) for text in evidence.values])
        matter.sheet.say(EXCLUDED, exclusion.reason, shown)


def _judge_time(matter: _Matter, measure: TimeMeasure, due: Times) -> None:
    sheet, end, late_at_limit = matter.sheet, matter.end, measure.exactly == "broken"
    in_time = end < due if late_at_limit else end <= due
    for number, (name, rule) in enumerate(matter.terms.endings.items(), start=1):
        by_this = matter.ending == number
        if rule == "excluded":
            sheet.say(EXCLUDED, name, by_this)
        else:
            sheet.say(EXCLUDED, f"{name}_before_limit", by_this & in_time)
            sheet.say(BROKEN, f"{name}_after_limit", by_this)
    sheet.say(KEPT, "in_time", (end != MISSING) & in_time)
    sheet.say(BROKEN, "late", end != MISSING)
    sheet.say(BROKEN, "still_open", due <= matter.now if late_at_limit else due < matter.now)
    sheet.say(PENDING, "paused", due == NEVER)
    sheet.say(PENDING, "clock_running", sheet.undecided)


def _judge_attribute(matter: _Matter, measure: AttributeMeasure) -> None:
    sheet, cases = matter.sheet, matter.cases
    for number, name in enumerate(matter.terms.endings, start=1):
        sheet.say(EXCLUDED, name, matter.ending == number)
    sheet.say(PENDING, "clock_running", matter.end == MISSING)
    sheet.say(EXCLUDED, "attribute_missing", cases.attribute(measure.must.attribute).codes < 0)
    sheet.say(EXCLUDED, "attribute_not_number", numbers_broken(cases, measure.must))
    sheet.say(KEPT, "met", holds(cases, measure.must))
    sheet.say(BROKEN, "not_met", sheet.undecided)
