"""What a proposal answers: problems to choose from, and the customers' words behind one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

import sqlalchemy
from sqlalchemy import Float, cast
from sqlmodel import Session, col, func, select

from promises.feedback.queries import clearness
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.tables import Branch
from promises.proposals.tables import Answers

FEWEST_SCORES = 10
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Quote:
    """A customer's words about a problem."""

    feedback_id: int
    words: str
    language: str
    score: int | None
    given_at: datetime
    branch: str | None


@dataclass(frozen=True)
class Evidence:
    """What stands behind a problem.

    ``score`` is the mean of the ``scored`` scores (0 to 10) and ``within`` half the width of its 95 %
    interval (normal approximation); both are empty under ten scores.
    """

    quotes: tuple[Quote, ...]
    mentions: int
    branches: int
    scored: int
    score: float | None
    within: float | None


@dataclass(frozen=True)
class Choice:
    """A problem that a proposal may answer."""

    problem: Problem
    mentions: int
    proposals: int
    quote: str


def evidence(session: Session, problem_id: int, most: int = 4) -> Evidence:
    """The clearest *most* quotes of a problem, and its figures."""
    best = (
        select(Mention, Feedback, Branch.name)
        .join(Feedback, col(Feedback.id) == Mention.feedback_id)
        .outerjoin(Branch, col(Branch.id) == Feedback.branch_id)
        .where(Mention.problem_id == problem_id)
        .order_by(clearness(), col(Mention.strength).desc(), col(Mention.id))
        .limit(most)
    )
    quotes = tuple(
        Quote(feedback.id or 0, mention.quote, feedback.language, feedback.score, feedback.given_at, branch)
        for mention, feedback, branch in session.exec(best)
    )
    score = cast(col(Feedback.score), Float)
    figures = (
        sqlalchemy.select(
            func.count(),
            func.count(func.distinct(col(Feedback.branch_id))),
            func.count(col(Feedback.score)),
            func.sum(score),
            func.sum(score * score),
        )
        .select_from(Mention)
        .join(Feedback)
        .where(col(Mention.problem_id) == problem_id)
    )
    mentions, branches, n, total, squares = session.execute(figures).one()
    if n < FEWEST_SCORES:
        return Evidence(quotes, mentions, branches, n, None, None)
    mean = total / n
    deviation = sqrt(max(squares - n * mean * mean, 0.0) / (n - 1))
    return Evidence(quotes, mentions, branches, n, mean, NORMAL_95 * deviation / sqrt(n))


def choices(session: Session) -> list[Choice]:
    """The problems that stand, the most spoken of first, each with its clearest quote."""
    surest = (clearness(), col(Mention.strength).desc(), col(Mention.id))
    ranked = (
        select(
            Mention.problem_id,
            Mention.quote,
            func.count().over(partition_by=col(Mention.problem_id)).label("mentions"),
            func.row_number().over(partition_by=col(Mention.problem_id), order_by=surest).label("place"),
        )
        .join(Feedback)
        .subquery()
    )
    answered = (
        select(Answers.problem_id, func.count().label("proposals"))
        .group_by(col(Answers.problem_id))
        .subquery()
    )
    query = (
        select(Problem, ranked.c.mentions, ranked.c.quote, answered.c.proposals)
        .outerjoin(ranked, (ranked.c.problem_id == Problem.id) & (ranked.c.place == 1))
        .outerjoin(answered, answered.c.problem_id == Problem.id)
        .where(col(Problem.state).in_(["found", "accepted"]))
    )
    found = [
        Choice(problem, mentions or 0, proposals or 0, quote or "")
        for problem, mentions, quote, proposals in session.exec(query)
    ]
    return sorted(found, key=lambda choice: (-choice.mentions, choice.problem.id or 0))


def merged(session: Session) -> dict[int, int]:
    """Problems that were merged into others → the one in which each ends."""
    steps = {
        old: new
        for old, new in session.exec(select(Problem.id, Problem.merged_into_id))
        if old is not None and new is not None
    }
    ends = {}
    for start in steps:
        end = start
        while end in steps:
            end = steps[end]
        ends[start] = end
    return ends


def answered(session: Session, proposals: Collection[int] | None = None) -> dict[int, list[Problem]]:
    """The problems that each of *proposals* (all, unless given) answers, as they stand after merging."""
    ends = merged(session)
    pairs = select(Answers.proposal_id, Answers.problem_id).order_by(col(Answers.problem_id))
    if proposals is not None:
        pairs = pairs.where(col(Answers.proposal_id).in_(proposals))
    found: dict[int, list[int]] = {}
    for proposal, problem in session.exec(pairs):
        those = found.setdefault(proposal, [])
        end = ends.get(problem, problem)
        if end not in those:
            those.append(end)
    wanted = {problem for those in found.values() for problem in those}
    by_id = {
        problem.id: problem for problem in session.exec(select(Problem).where(col(Problem.id).in_(wanted)))
    }
    return {proposal: [by_id[problem] for problem in those] for proposal, those in found.items()}


def answers_to(session: Session, problem_id: int) -> list[int]:
    """Ids of the proposals that answer a problem, or one that was merged into it."""
    family = [problem_id, *(old for old, end in merged(session).items() if end == problem_id)]
    query = select(Answers.proposal_id).where(col(Answers.problem_id).in_(family)).distinct()
    return sorted(session.exec(query).all())
