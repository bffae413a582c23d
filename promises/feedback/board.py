"""The figures of problems: how many it touches, what it does to the score, whether it grows, where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, distinct, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.feedback.queries import (
    HIGHEST_DETRACTOR,
    LOWEST_PROMOTER,
    TREND,
    Voice,
    Wanted,
    conditions,
    counted,
)
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.tables import Branch

BRANCHES_SHOWN = 2
QUOTES = 20
# A quote for the board: long enough to tell what goes wrong, short enough to be read in passing.
TELLING = (30, 160)


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


@dataclass(frozen=True)
class Line:
    """One problem on the board. ``branches`` are those with most of it, with their counts."""

    problem: Problem
    figures: Figures
    branches: tuple[tuple[Branch, int], ...]
    best: Voice | None


def board(
    session: Session, wanted: Wanted, as_of: datetime, states: Collection[str], language: str
) -> list[Line]:
    """The problems in *states* by how many customers they touch, under the reader's filters.

    :param language: of the reader, in which the quotes are, where there are any.
    """
    figures = _figures(session, wanted, as_of, col(Problem.state).in_(states))
    problems = session.execute(select(Problem).where(col(Problem.id).in_(figures))).scalars().all()
    order = sorted(
        problems, key=lambda p: (-figures[p.id or 0].customers, -figures[p.id or 0].texts, p.id or 0)
    )
    ids = [problem.id or 0 for problem in order]
    branches = by_branch(session, ids, wanted)
    best = _best(session, ids, wanted, language)
    return [
        Line(
            problem=problem,
            figures=figures[problem.id or 0],
            branches=tuple(branches.get(problem.id or 0, ())[:BRANCHES_SHOWN]),
            best=best.get(problem.id or 0),
        )
        for problem in order
    ]


def figures_of(session: Session, problem: Problem, wanted: Wanted, as_of: datetime) -> Figures:
    """The figures of one problem."""
    found = _figures(session, wanted, as_of, col(Problem.id) == problem.id)
    return found.get(problem.id or 0, Figures())


def by_branch(
    session: Session, problem_ids: Sequence[int], wanted: Wanted
) -> dict[int, list[tuple[Branch, int]]]:
    """Problem → its branches with their number of pieces, the largest first."""
    number = func.count()
    query = (
        select(col(Mention.problem_id), Branch, number)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .join(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(col(Mention.problem_id).in_(problem_ids), *conditions(wanted))
        .group_by(col(Mention.problem_id), *Branch.__table__.c)  # type: ignore[attr-defined]
        .order_by(col(Mention.problem_id), number.desc(), col(Branch.code))
    )
    found: dict[int, list[tuple[Branch, int]]] = {}
    for problem_id, branch, count in session.execute(query):
        found.setdefault(problem_id, []).append((branch, count))
    return found


def by_week(
    session: Session, problem: Problem, wanted: Wanted, as_of: datetime, zone: ZoneInfo, weeks: int = 26
) -> list[tuple[date, int]]:
    """Monday of each of the last *weeks* weeks in *zone*, and how many pieces were given in that week."""
    today = as_of.astimezone(zone).date()
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(weeks))]
    since = datetime.combine(mondays[0], datetime.min.time(), zone)
    counts = dict.fromkeys(mondays, 0)
    query = _speaking(wanted, col(Feedback.given_at)).where(
        col(Mention.problem_id) == problem.id, col(Feedback.given_at) >= since
    )
    for given_at in session.execute(query).scalars():
        day = given_at.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        if monday in counts:
            counts[monday] += 1
    return list(counts.items())


def quotes(session: Session, problem: Problem, wanted: Wanted, page: int) -> list[Voice]:
    """One page of a problem's quotes, the surest first."""
    query = (
        _voices(wanted)
        .where(col(Mention.problem_id) == problem.id)
        .order_by(col(Mention.strength).desc(), col(Mention.id))
        .limit(QUOTES)
        .offset((page - 1) * QUOTES)
    )
    return [_voice(*row) for row in session.execute(query)]


def names(session: Session, states: Collection[str] = ("found", "accepted")) -> list[Problem]:
    """The problems in *states*, for choosing one."""
    return list(session.execute(select(Problem).where(col(Problem.state).in_(states))).scalars())


def _figures(session: Session, wanted: Wanted, as_of: datetime, which: Any) -> dict[int, Figures]:
    known = case((col(Feedback.customer) != "", col(Feedback.customer)))
    unknown = func.sum(case((col(Feedback.customer) == "", 1), else_=0))
    query = (
        _speaking(
            wanted,
            col(Mention.problem_id),
            func.count(),
            func.count(distinct(known)) + unknown,
            counted(LOWEST_PROMOTER, 10),
            counted(HIGHEST_DETRACTOR + 1, LOWEST_PROMOTER - 1),
            counted(0, HIGHEST_DETRACTOR),
        )
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(which)
        .group_by(col(Mention.problem_id))
    )
    trends = _trends(session, wanted, as_of, which)
    found = {}
    for problem_id, texts, customers, promoters, passives, detractors in session.execute(query):
        recent, before = trends.get(problem_id, (0, 0))
        found[problem_id] = Figures(
            texts, int(customers), int(promoters), int(passives), int(detractors), recent, before
        )
    return found


def _trends(session: Session, wanted: Wanted, as_of: datetime, which: Any) -> dict[int, tuple[int, int]]:
    """The last 28 days and the 28 before, whatever period the reader has chosen."""
    recent = case((col(Feedback.given_at) >= as_of - TREND, 1), else_=0)
    always = replace(wanted, since=as_of - 2 * TREND, until=None)
    query = (
        _speaking(always, col(Mention.problem_id), func.sum(recent), func.count())
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(which)
        .group_by(col(Mention.problem_id))
    )
    return {problem_id: (int(new), int(all_) - int(new)) for problem_id, new, all_ in session.execute(query)}


def _best(session: Session, problem_ids: Sequence[int], wanted: Wanted, language: str) -> dict[int, Voice]:
    """The quote of each problem that shows it best: telling, in the reader's language, and sure."""
    other = aliased(Mention)
    length = func.length(Feedback.text)
    first = (
        select(col(other.id))
        .join(Feedback, col(Feedback.id) == col(other.feedback_id))
        .where(col(other.problem_id) == col(Problem.id), *conditions(wanted))
        .order_by(
            case((length.between(*TELLING), 0), else_=1),
            case((col(Feedback.language) == language, 0), else_=1),
            col(other.strength).desc(),
            col(other.id),
        )
        .limit(1)
        .correlate(Problem)
        .scalar_subquery()
    )
    chosen = select(first).where(col(Problem.id).in_(problem_ids))
    ids = [found for found in session.execute(chosen).scalars() if found is not None]
    rows = session.execute(_voices(Wanted()).where(col(Mention.id).in_(ids)))
    return {mention.problem_id: _voice(mention, feedback, branch) for mention, feedback, branch in rows}


def _speaking(wanted: Wanted, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Mention)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(*conditions(wanted))
    )


def _voices(wanted: Wanted) -> Select[Mention, Feedback, Branch]:
    return (
        select(Mention, Feedback, Branch)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .outerjoin(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(*conditions(wanted))
    )


def _voice(mention: Mention, feedback: Feedback, branch: Branch | None) -> Voice:
    return Voice(feedback, branch, mention.quote, mention.id, mention.strength, mention.placed_by is not None)
