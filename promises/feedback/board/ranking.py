"""What each problem does, and in which order the board has them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from sqlmodel import Session

from promises.feedback.board.facts import week_of
from promises.feedback.board.figures import Figures, Seen
from promises.feedback.board.growth import WEEKS, Growth, growth
from promises.feedback.board.worth import Costs
from promises.feedback.nps import Impact, impact
from promises.people.queries import company_zone


@dataclass(frozen=True)
class Doing:
    """What one problem does. ``money`` is what it has cost, by currency, where that is known."""

    problem_id: int
    figures: Figures
    impact: Impact | None
    growth: Growth
    money: Mapping[str, Decimal]


class Doer:
    """Reckons what problems do, and of a long board no more than is ordered by or shown."""

    def __init__(self, session: Session, found: Seen, as_of: datetime, costs: Costs) -> None:
        self.found, self.costs = found, costs
        self._last = week_of(as_of.astimezone(company_zone(session)).date())
        self._everyone = found.heard.distribution
        self._weekly: Mapping[int, Mapping[int, int]] | None = None

    def figures(self, problem: int) -> Figures:
        return self.found.totals.get(problem, Figures())

    def impact(self, problem: int) -> Impact | None:
        return impact(self._everyone, self.figures(problem).distribution)

    def growth(self, problem: int, ids: Collection[int]) -> Growth:
        """The trend of *problem*, one of *ids*, which all are looked up at once."""
        if self._weekly is None:
            self._weekly = self.found.weekly(self._last - WEEKS + 1, ids)
        return growth(self._weekly.get(problem, {}), self._heard, self._last)

    @cached_property
    def _heard(self) -> Mapping[int, int]:
        return self.found.heard_weekly(self._last - WEEKS + 1)

    def all_of(self, problem: int, ids: Collection[int]) -> Doing:
        return Doing(
            problem_id=problem,
            figures=self.figures(problem),
            impact=self.impact(problem),
            growth=self.growth(problem, ids),
            money=self.costs.get(problem, {}),
        )


def _by_customers(does: Doer, problem: int) -> tuple[float, ...]:
    figures = does.figures(problem)
    return -figures.customers, -figures.texts, problem


def _by_detractors(does: Doer, problem: int) -> tuple[float, ...]:
    # By the lower end of the interval: one of one is no larger share than ninety of a hundred.
    interval = does.figures(problem).detractor_interval
    return -(interval.low if interval else -1.0), *_by_customers(does, problem)


def _by_impact(does: Doer, problem: int) -> tuple[float, ...]:
    told = does.impact(problem)
    return not (told and told.enough), told.points if told else 0.0, *_by_customers(does, problem)


def _by_growth(does: Doer, problem: int) -> tuple[float, ...]:
    told = does.growth(problem, does.found.totals)
    return told.course == "unknown", -told.change, *_by_customers(does, problem)


def _by_money(does: Doer, problem: int) -> tuple[float, ...]:
    return -float(sum(does.costs.get(problem, {}).values())), *_by_customers(does, problem)


ORDERS = ("customers", "detractors", "impact", "trend", "money")
RANKS: dict[str, Callable[[Doer, int], tuple[float, ...]]] = {
    "customers": _by_customers,
    "detractors": _by_detractors,
    "impact": _by_impact,
    "trend": _by_growth,
    "money": _by_money,
}
