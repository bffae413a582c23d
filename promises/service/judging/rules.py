"""The rules by which cases are judged.

The rules stand in the order in which they speak; the first that speaks of a case decides it. All work
on columns, so that one case and a million are judged by the same lines. Times are int64 microseconds
since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from promises.service.judging.attributes import holds, numbers_broken
from promises.service.judging.cases import MISSING, Case, Cases, Flags, Times
from promises.service.judging.pauses import pauses_of
from promises.service.judging.running import run
from promises.service.judging.sheet import Sheet
from promises.service.judging.verdicts import BROKEN, EXCLUDED, KEPT, PENDING, Verdict, Verdicts
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, instant, microseconds
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
    cases: Cases, terms: TermsDocument, as_of: datetime, hours: Mapping[str, OpeningHours] | None = None
) -> Verdicts:
    """What each case is under *terms*, from what had happened by *as_of*.

    :param as_of: a moment with a zone. What happened later is not known yet. A case that is due exactly
        then is still pending.
    :param hours: opening hours by branch code, for branches of which the terms don't tell them.
    """
    now = microseconds(as_of)
    sheet = Sheet(len(cases))
    measure = terms.measure
    began, ended = cases.happened(measure.from_), cases.happened(measure.to)
    start = began.by(now).first
    end, ending = _end(cases, terms, now)

    sheet.say(EXCLUDED, "not_covered", ~_covered(cases, terms, sheet))
    for number, fault in enumerate(cases.faults.values):
        sheet.say(EXCLUDED, fault, cases.faults.codes == number)
    sheet.say(EXCLUDED, "start_missing", began.first == MISSING)
    sheet.say(PENDING, "not_started", start == MISSING)
    sheet.say(EXCLUDED, "before_terms", start < instant(terms.starts, 0, ZoneInfo(terms.zone)))
    sheet.say(EXCLUDED, "start_twice", began.by(now).twice())
    sheet.say(EXCLUDED, "end_twice", ended.by(now).twice())
    sheet.say(EXCLUDED, "end_before_start", (end != MISSING) & (end < start))
    sheet.say(EXCLUDED, "ended_twice", _contradicted(cases, terms, now))
    until = np.where(end == MISSING, now, end)
    if terms.set_aside_after:
        after = terms.set_aside_after
        longest = after.count * DAY if after.in_days else after.microseconds
        sheet.say(EXCLUDED, "too_long", (start != MISSING) & (until - start > longest))

    due = np.full(len(cases), NEVER)
    elapsed = np.full(len(cases), MISSING)
    timed = sheet.undecided
    if isinstance(measure, TimeMeasure):
        pauses, unclear = pauses_of(cases, measure.pauses, now)
        sheet.say(EXCLUDED, "pauses_unclear", unclear)
        timed = sheet.undecided
        rows = np.flatnonzero(timed)
        if len(rows):
            due[rows], elapsed[rows], unknown = run(
                terms, measure, start[rows], until[rows], pauses.take(rows), cases.branches.take(rows),
                hours or {},
            )  # fmt: skip
            elapsed[rows[unknown]] = MISSING
            sheet.say(EXCLUDED, "hours_unknown", _at(rows[unknown], len(cases)))
    else:
        elapsed = np.where(timed, until - start, elapsed)

    _exclude(cases, terms, sheet)
    if isinstance(measure, TimeMeasure):
        _judge_time(measure, terms, sheet, end, ending, due, now)
    else:
        _judge_attribute(cases, measure, terms, sheet, end, ending)

    faulty = elapsed == MISSING
    owed = np.where(sheet.status == BROKEN, _cents(terms), 0)
    return Verdicts(
        sheet.status, sheet.reason, tuple(sheet.reasons), np.where(faulty, NEVER, due), end, elapsed,
        owed.astype(np.int64), terms.currency,
    )  # fmt: skip


def _covered(cases: Cases, terms: TermsDocument, sheet: Sheet) -> Flags:
    """Which cases the promise is about: branch, touchpoint, attributes."""
    covered = np.ones(len(cases), bool)
    if terms.branches is not None:
        covered &= cases.branches.where([name in terms.branches for name in cases.branches.values])
    if terms.touchpoint is not None:
        touchpoints = cases.attribute("touchpoint")
        covered &= touchpoints.where([name == terms.touchpoint for name in touchpoints.values])
    for condition in terms.cases:
        sheet.say(EXCLUDED, "attribute_not_number", covered & numbers_broken(cases, condition))
        covered &= holds(cases, condition)
    return covered


def _end(cases: Cases, terms: TermsDocument, now: int) -> tuple[Times, Times]:
    """When each case ended, and how: 0 as promised, 1, 2, ... by the terms' endings in their order."""
    end = cases.happened(terms.measure.to).by(now).first
    ending = np.zeros(len(cases), np.int64)
    for number, name in enumerate(terms.endings, start=1):
        at = cases.happened(name).by(now).first
        earlier = (at != MISSING) & ((end == MISSING) | ((at < end) & (ending > 0)))
        end, ending = np.where(earlier, at, end), np.where(earlier, number, ending)
    return end, ending


def _contradicted(cases: Cases, terms: TermsDocument, now: int) -> Flags:
    """Cases that ended otherwise first and as promised later: one of the two can't be true."""
    end = cases.happened(terms.measure.to).by(now).first
    found = np.zeros(len(cases), bool)
    for name in terms.endings:
        at = cases.happened(name).by(now).first
        found |= (at != MISSING) & (end != MISSING) & (at < end)
    return found


def _exclude(cases: Cases, terms: TermsDocument, sheet: Sheet) -> None:
    for exclusion in terms.excluded:
        shown = holds(cases, exclusion.when)
        if exclusion.evidence:
            evidence = cases.attribute(exclusion.evidence)
            shown = shown & evidence.where([bool(text.strip()) for text in evidence.values])
        sheet.say(EXCLUDED, exclusion.reason, shown)


def _judge_time(
    measure: TimeMeasure,
    terms: TermsDocument,
    sheet: Sheet,
    end: Times,
    ending: Times,
    due: Times,
    now: int,
) -> None:
    ended = end != MISSING
    in_time = end <= due if measure.exactly == "kept" else end < due
    for number, (name, rule) in enumerate(terms.endings.items(), start=1):
        by_this = ending == number
        if rule == "excluded":
            sheet.say(EXCLUDED, name, by_this)
        else:
            sheet.say(EXCLUDED, f"{name}_before_limit", by_this & in_time)
            sheet.say(BROKEN, f"{name}_after_limit", by_this & ~in_time)
    sheet.say(KEPT, "in_time", ended & in_time)
    sheet.say(BROKEN, "late", ended)
    over = due < now if measure.exactly == "kept" else due <= now
    sheet.say(BROKEN, "still_open", over)
    sheet.say(PENDING, "paused", due == NEVER)
    sheet.say(PENDING, "clock_running", sheet.undecided)


def _judge_attribute(
    cases: Cases,
    measure: AttributeMeasure,
    terms: TermsDocument,
    sheet: Sheet,
    end: Times,
    ending: Times,
) -> None:
    for number, name in enumerate(terms.endings, start=1):
        sheet.say(EXCLUDED, name, ending == number)
    sheet.say(PENDING, "clock_running", end == MISSING)
    sheet.say(EXCLUDED, "attribute_missing", cases.attribute(measure.must.attribute).codes < 0)
    sheet.say(EXCLUDED, "attribute_not_number", numbers_broken(cases, measure.must))
    met = holds(cases, measure.must)
    sheet.say(KEPT, "met", met)
    sheet.say(BROKEN, "not_met", ~met)


def _cents(terms: TermsDocument) -> int:
    return sum(int(payment.amount.scaleb(2)) for payment in terms.remedy.pays)


def _at(rows: Times, count: int) -> Flags:
    flags = np.zeros(count, bool)
    flags[rows] = True
    return flags
