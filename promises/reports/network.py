"""All branches beside each other, promise by promise: compared only as far as the cases allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from promises.people.tables import Branch
from promises.reports import queries
from promises.reports.branch_report import in_order, target_at
from promises.reports.compliance import Figures, difference, differs
from promises.reports.periods import Week, weeks_to
from promises.shares import Interval
from promises.terms.queries import Dated, promises

SPANS = (4, 13)
"""Full weeks that the comparison may be over; its trend is against as many weeks before."""


@dataclass(frozen=True)
class BranchLine:
    """One branch under one promise.

    :param weeks: the figures week by week over both spans, the oldest first.
    :param stands_out: ``better`` or ``worse`` than all other branches together, where that is no chance.
    """

    branch: Branch
    weeks: tuple[Figures, ...]
    now: Figures
    before: Figures
    stands_out: str | None

    @property
    def change(self) -> Interval | None:
        """The change of the share from the weeks before, with its interval at 95 per cent."""
        return difference(self.now, self.before)

    @property
    def trend(self) -> str | None:
        """``up`` or ``down`` where the change is no chance, ``even`` otherwise; None with too few cases."""
        change = self.change
        if change is None or self.now.few or self.before.few:
            return None
        return "up" if change.low > 0 else "down" if change.high < 0 else "even"


@dataclass(frozen=True)
class PromiseLines:
    """One promise and every branch that it concerns, by the branches' names."""

    dated: Dated
    target: float
    lines: list[BranchLine]
    all: Figures


def compare(session: Session, branches: Sequence[Branch], span: int, as_of: datetime) -> list[PromiseLines]:
    """Every promise with its branches over the last *span* full weeks, each branch in its own time."""
    every = in_order(promises(session))
    found: defaultdict[tuple[int, int], list[Figures]] = defaultdict(lambda: [Figures()] * (2 * span))
    by_zone: defaultdict[str, list[int]] = defaultdict(list)
    for branch in branches:
        by_zone[branch.zone].append(branch.id or 0)
    for name, ids in by_zone.items():
        zone = ZoneInfo(name)
        edges = _edges(Week.at(as_of, zone), 2 * span, zone)
        counted = queries.by_period(session, ids, [dated.promise_id for dated in every], edges)
        for (branch_id, promise_id, place), figures in counted.items():
            found[promise_id, branch_id][place] = figures
    return [_lines(dated, branches, found, span, as_of) for dated in every]


def _edges(running: Week, count: int, zone: ZoneInfo) -> list[datetime]:
    return [week.starts(zone) for week in [*weeks_to(running.plus(-1), count), running]]


def _lines(
    dated: Dated,
    branches: Sequence[Branch],
    found: dict[tuple[int, int], list[Figures]],
    span: int,
    as_of: datetime,
) -> PromiseLines:
    named = dated.shown(as_of).terms.branches
    weekly = {
        branch.code: tuple(found[dated.promise_id, branch.id or 0])
        for branch in branches
        if named is None or branch.code in named or (dated.promise_id, branch.id or 0) in found
    }
    now = {code: sum(weeks[span:], Figures()) for code, weeks in weekly.items()}
    whole = sum(now.values(), Figures())
    asked = sum(1 for figures in now.values() if not figures.few)
    lines = [
        BranchLine(
            branch,
            weekly[branch.code],
            now[branch.code],
            sum(weekly[branch.code][:span], Figures()),
            differs(now[branch.code], whole - now[branch.code], asked),
        )
        for branch in sorted(branches, key=lambda branch: branch.name)
        if branch.code in weekly
    ]
    return PromiseLines(dated, target_at(dated, as_of), lines, whole)
