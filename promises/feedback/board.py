"""The problem board, and what a problem's page shows: figures, quotes, branches, weeks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from promises.feedback.figures import Figures, count, speaking
from promises.feedback.queries import Voice, Wanted, conditions
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.tables import Branch

BRANCHES_SHOWN = 2
QUOTES = 20
# A quote for the board: long enough to tell what goes wrong, short enough to be read in passing.
TELLING = (30, 160)


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
    counts = count(session, wanted, as_of, col(Problem.state).in_(states))
    problems = session.execute(select(Problem).where(col(Problem.id).in_(counts))).scalars().all()
    order = sorted(
        problems,
        key=lambda p: (-counts[p.id or 0].figures.customers, -counts[p.id or 0].figures.texts, p.id or 0),
    )
    branches = {branch.id: branch for branch in session.execute(select(Branch)).scalars()}
    best = _best(session, [problem.id or 0 for problem in order], wanted, language)
    return [
        Line(
            problem=problem,
            figures=counts[problem.id or 0].figures,
            branches=tuple((branches[id_], n) for id_, n in counts[problem.id or 0].largest(BRANCHES_SHOWN)),
            best=best.get(problem.id or 0),
        )
        for problem in order
    ]


def figures_of(session: Session, problem: Problem, wanted: Wanted, as_of: datetime) -> Figures:
    """The figures of one problem."""
    found = count(session, wanted, as_of, col(Problem.id) == problem.id)
    return found[problem.id or 0].figures if problem.id in found else Figures()


def by_branch(session: Session, problem: Problem, wanted: Wanted) -> list[tuple[Branch, int]]:
    """The branches of a problem with their number of pieces, the largest first."""
    where, number = col(Feedback.branch_id), func.count()
    query = speaking(wanted, where, number).where(col(Mention.problem_id) == problem.id, where.is_not(None))
    counts: dict[int, int] = dict(session.execute(query.group_by(where)).all())
    branches = session.execute(select(Branch).where(col(Branch.id).in_(counts))).scalars()
    return sorted(((b, counts[b.id]) for b in branches), key=lambda pair: (-pair[1], pair[0].code))


def by_week(
    session: Session, problem: Problem, wanted: Wanted, as_of: datetime, zone: ZoneInfo, weeks: int = 26
) -> list[tuple[date, int]]:
    """Monday of each of the last *weeks* weeks in *zone*, and how many pieces were given in that week."""
    today = as_of.astimezone(zone).date()
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(weeks))]
    since = datetime.combine(mondays[0], datetime.min.time(), zone)
    counts = dict.fromkeys(mondays, 0)
    query = speaking(wanted, col(Feedback.given_at)).where(
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
        .where(col(Mention.problem_id) == problem.id, col(Mention.quote) != "")
        .order_by(col(Mention.strength).desc(), col(Mention.id))
        .limit(QUOTES)
        .offset((page - 1) * QUOTES)
    )
    return [_voice(*row) for row in session.execute(query)]


def names(session: Session, states: Collection[str] = ("found", "accepted")) -> list[Problem]:
    """The problems in *states*, for choosing one."""
    return list(session.execute(select(Problem).where(col(Problem.state).in_(states))).scalars())


def _best(session: Session, problem_ids: Sequence[int], wanted: Wanted, language: str) -> dict[int, Voice]:
    """The quote of each problem that shows it best: telling and in the reader's language if there is one.

    Each try walks down a problem's quotes from the surest and stops at the first that fits.
    """
    telling = func.length(Feedback.text).between(*TELLING)
    readable = col(Feedback.language) == language
    tries: list[tuple[ColumnElement[bool], ...]] = [(telling,), ()]
    # Without a single text in that language, the first try would walk down all quotes for nothing.
    if session.execute(select(col(Feedback.id)).where(readable).limit(1)).first() is not None:
        tries.insert(0, (telling, readable))
    found: dict[int, Voice] = {}
    for fits in tries:
        missing = [problem_id for problem_id in problem_ids if problem_id not in found]
        first = (
            _surest(wanted, *fits)
            .where(col(Mention.problem_id) == col(Problem.id))
            .correlate(Problem)
            .scalar_subquery()
        )
        if missing:
            chosen = session.execute(select(first).where(col(Problem.id).in_(missing))).scalars()
            ids = [mention_id for mention_id in chosen if mention_id is not None]
            for mention, feedback, branch in session.execute(
                _voices(Wanted()).where(col(Mention.id).in_(ids))
            ):
                found[mention.problem_id] = _voice(mention, feedback, branch)
    return found


def _surest(wanted: Wanted, *fits: Any) -> Select[Any]:
    query = speaking(wanted, col(Mention.id)).where(col(Mention.quote) != "", *fits)
    return query.order_by(col(Mention.strength).desc(), col(Mention.id)).limit(1)


def _voices(wanted: Wanted) -> Select[Mention, Feedback, Branch]:
    return (
        select(Mention, Feedback, Branch)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .outerjoin(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(*conditions(wanted))
    )


def _voice(mention: Mention, feedback: Feedback, branch: Branch | None) -> Voice:
    return Voice(feedback, branch, mention.quote, mention.id, mention.strength, mention.placed_by is not None)
