"""The report of one branch on one promise: gathered here, shown by the page, drawn by the charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from promises.people.tables import Branch
from promises.reports import queries
from promises.reports.compliance import Figures, differs
from promises.reports.counting import by_hour, by_reason, by_week, total
from promises.reports.money import Owing, owing
from promises.reports.periods import Week, weeks_to
from promises.reports.queries import Scope
from promises.service.waits import Bins
from promises.terms.document import TermsDocument
from promises.terms.queries import Dated, promises

PERIODS = (4, 13, 26, 52)
"""Weeks that a report may span."""

WORST_HOURS = 3


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One week of a report. ``target`` is of the terms in force as the week ends, 0 to 1."""

    week: Week
    figures: Figures
    target: float
    unfinished: bool


@dataclass(frozen=True, slots=True)
class HourLine:
    """An hour of the week (Monday 0, local hour) and the cases that began in it."""

    weekday: int
    hour: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the judged cases of the period lasted.

    :param edges: where the bins begin, in seconds; the last one has no end.
    :param limit: the promised limit in seconds, which is one of the edges.
    """

    edges: tuple[int, ...]
    counts: tuple[int, ...]
    limit: int


@dataclass(frozen=True)
class BranchReport:
    """What a branch's report says of one promise over some weeks, the oldest first."""

    scope: Scope
    weeks: list[WeekLine]
    all: Figures
    broken: list[tuple[str, int]]
    excluded: list[tuple[str, int]]
    hours: dict[tuple[int, int], Figures]
    waits: Waits | None
    owing: list[Owing]

    @property
    def last_full(self) -> WeekLine | None:
        """The last week that is over: the report's answer."""
        return next((line for line in reversed(self.weeks) if not line.unfinished), None)

    @property
    def running(self) -> WeekLine | None:
        """The week that is not yet over, if the report reaches it."""
        return self.weeks[-1] if self.weeks[-1].unfinished else None

    @property
    def before_last(self) -> WeekLine | None:
        """The full week before :attr:`last_full`."""
        full = [line for line in self.weeks if not line.unfinished]
        return full[-2] if len(full) > 1 else None

    @property
    def target(self) -> float:
        """The target of the answer."""
        return (self.last_full or self.weeks[-1]).target

    @property
    def worst_hours(self) -> list[HourLine]:
        """Hours that break the promise more than the branch's other hours by more than chance."""
        asked = sum(1 for figures in self.hours.values() if not figures.few)
        worse = [
            HourLine(*key, figures)
            for key, figures in self.hours.items()
            if differs(figures, self.all - figures, asked) == "worse"
        ]
        return sorted(worse, key=lambda line: line.figures.share or 0.0)[:WORST_HOURS]


def in_order(every: Iterable[Dated]) -> list[Dated]:
    """The oldest promise first: those that readers have known longest lead, here as on every page."""
    return sorted(every, key=lambda dated: (dated.versions[0].starts_at, dated.promise_id))


def promises_of(session: Session, branch: Branch) -> list[Dated]:
    """The promises that any version of their terms gives to this branch."""
    return in_order(
        dated
        for dated in promises(session)
        if any(v.terms.branches is None or branch.code in v.terms.branches for v in dated.versions)
    )


def build(
    session: Session, branch: Branch, dated: Dated, last: Week, count: int, as_of: datetime
) -> BranchReport:
    """The report over the *count* weeks up to and with *last*, in the branch's own time."""
    zone = ZoneInfo(branch.zone)
    weeks = weeks_to(last, count)
    scope = Scope(branch.id or 0, dated.promise_id, weeks[0].starts(zone), last.ends(zone))
    buckets = queries.buckets(session, scope, [week.starts(zone) for week in weeks])
    counted = by_week(buckets, zone, weeks)
    return BranchReport(
        scope=scope,
        weeks=[_line(week, counted[week], dated, zone, as_of) for week in weeks],
        all=total(buckets),
        broken=by_reason(buckets, "broken"),
        excluded=by_reason(buckets, "excluded"),
        hours=by_hour(buckets, zone),
        waits=_waits(session, scope, dated.shown(min(scope.end, as_of)).terms),
        owing=owing(session, scope),
    )


def _line(week: Week, figures: Figures, dated: Dated, zone: ZoneInfo, as_of: datetime) -> WeekLine:
    end = week.ends(zone)
    return WeekLine(week, figures, target_at(dated, min(end, as_of)), end > as_of)


def target_at(dated: Dated, moment: datetime) -> float:
    """The target of the terms in force at *moment*, or of the first to come; 0 to 1."""
    return float(dated.shown(moment).terms.target)


def _waits(session: Session, scope: Scope, terms: TermsDocument) -> Waits | None:
    """None for promises whose limit isn't a length of time that a clock can show."""
    bins = Bins.of(terms)
    if bins is None:
        return None
    counts = queries.binned_waits(session, scope, bins)
    return Waits(bins.edges, tuple(counts), bins.limit) if any(counts) else None


def neighbours(of: Sequence[Dated], code: str) -> tuple[Dated | None, Dated | None]:
    """The promises before and after the one of *code*, for leafing through them."""
    codes = [dated.code for dated in of]
    place = codes.index(code)
    return (of[place - 1] if place else None), (of[place + 1] if place + 1 < len(of) else None)
