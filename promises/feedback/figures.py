"""The figures of problems, counted by the database in one walk over what is said of them."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, distinct, func, select, true
from sqlmodel import Session, col

from promises.feedback.queries import HIGHEST_DETRACTOR, LOWEST_PROMOTER, TREND, Wanted, conditions
from promises.feedback.tables import Feedback, Mention, Problem


@dataclass(frozen=True)
class Figures:
    """What one problem does.

    :param texts: pieces of feedback that speak of it.
    :param customers: distinct customers; each piece without a customer counts as one.
    :param promoters, passives, detractors: how many of them scored 9-10, 7-8, 0-6.
    :param recent, before: pieces of the last 28 days and of the 28 days before those.
    """

    texts: int = 0
    customers: int = 0
    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    recent: int = 0
    before: int = 0

    def plus(
        self,
        texts: int = 0,
        customers: int = 0,
        promoters: int = 0,
        passives: int = 0,
        detractors: int = 0,
        recent: int = 0,
        before: int = 0,
    ) -> Figures:
        """These figures and those of further pieces, who are other customers."""
        added = (texts, customers, promoters, passives, detractors, recent, before)
        return Figures(*(own + more for own, more in zip(astuple(self), added, strict=True)))

    @property
    def scored(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def distribution(self) -> tuple[int, ...]:
        """The scores as a distribution over 0 to 10, each group at one of its scores."""
        counts = [0] * 11
        counts[0], counts[HIGHEST_DETRACTOR + 1], counts[10] = self.detractors, self.passives, self.promoters
        return tuple(counts)

    @property
    def trend(self) -> int:
        """1 where it grows, -1 where it fades, 0 where the two counts differ by no more than chance would.

        Counts of independent events: their difference spreads by the root of their sum.
        """
        change = self.recent - self.before
        return 0 if abs(change) <= 2 * (self.recent + self.before) ** 0.5 else 1 if change > 0 else -1

    @property
    def detractor_share(self) -> float | None:
        return self.detractors / self.scored if self.scored else None


@dataclass
class Counts:
    """The figures of one problem, and its number of pieces by branch."""

    figures: Figures = Figures()
    branches: dict[int, int] = field(default_factory=dict)

    def largest(self, most: int) -> list[tuple[int, int]]:
        return sorted(self.branches.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def count(session: Session, wanted: Wanted, as_of: datetime, which: Any) -> dict[int, Counts]:
    """All figures of the problems that *which* picks, in one walk over what is said of them.

    The trend looks at its own weeks whatever period the reader has chosen; so the period is asked of
    each piece rather than of the walk.
    """
    given = col(Feedback.given_at)
    wanted_at = given >= wanted.since if wanted.since else true()
    walk = replace(wanted, since=min(wanted.since, as_of - 2 * TREND) if wanted.since else None)

    def number(*conditions: Any) -> Any:
        return func.sum(case((and_(true(), *conditions), 1), else_=0))

    score = col(Feedback.score)
    query = (
        speaking(
            walk,
            col(Mention.problem_id),
            col(Feedback.branch_id),
            number(wanted_at),
            number(wanted_at, col(Feedback.customer) == ""),
            number(wanted_at, score >= LOWEST_PROMOTER),
            number(wanted_at, score.between(HIGHEST_DETRACTOR + 1, LOWEST_PROMOTER - 1)),
            number(wanted_at, score <= HIGHEST_DETRACTOR),
            number(given >= as_of - TREND),
            number(given >= as_of - 2 * TREND, given < as_of - TREND),
        )
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(which)
        .group_by(col(Mention.problem_id), col(Feedback.branch_id))
    )
    found: dict[int, Counts] = {}
    for problem_id, branch_id, *numbers in session.execute(query):
        counts = found.setdefault(problem_id, Counts())
        counts.figures = counts.figures.plus(*map(int, numbers))
        if branch_id is not None and numbers[0]:
            counts.branches[branch_id] = int(numbers[0])
    customers = _known_customers(session, wanted, which)
    return {
        problem_id: replace(counts, figures=counts.figures.plus(customers=customers.get(problem_id, 0)))
        for problem_id, counts in found.items()
        if counts.figures.texts
    }


def _known_customers(session: Session, wanted: Wanted, which: Any) -> dict[int, int]:
    customer = col(Feedback.customer)
    query = (
        speaking(wanted, col(Mention.problem_id), func.count(distinct(customer)))
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(which, customer != "")
        .group_by(col(Mention.problem_id))
    )
    return dict(session.execute(query).all())


def speaking(wanted: Wanted, *columns: Any) -> Select[Any]:
    """Select *columns* of what is said of problems, under the reader's filters."""
    return (
        select(*columns)
        .select_from(Mention)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(*conditions(wanted))
    )
