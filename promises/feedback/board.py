"""The problem board: what each problem does, in the order that is asked for; and a problem's quotes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from promises.feedback.concentration import Concentration, concentrated
from promises.feedback.facts import week_of
from promises.feedback.figures import Figures, Places, Seen, seen, speaking
from promises.feedback.growth import WEEKS, Growth, growth
from promises.feedback.nps import Impact, impact
from promises.feedback.queries import Certainty, Voice, Wanted, conditions, languages
from promises.feedback.tables import Feedback, Mention, Problem
from promises.feedback.worth import Costs
from promises.people.queries import company_zone
from promises.people.tables import Branch

BRANCHES_SHOWN = 2
QUOTES = 20
PAGE = 50
ORDERS = ("customers", "detractors", "impact", "trend", "money")
WHERE = ("branch", "weekday", "hour")
"""The facets in which a problem may be concentrated."""
# A quote for the board: long enough to tell what goes wrong, short enough to be read in passing.
TELLING = (30, 160)


@dataclass(frozen=True)
class Doing:
    """What one problem does. ``money`` is what it has cost, by currency, where that is known."""

    problem_id: int
    figures: Figures
    impact: Impact | None
    growth: Growth
    money: Mapping[str, Decimal]


@dataclass(frozen=True)
class Line:
    """One problem on the board. ``branches`` are those with most of it, with their counts."""

    problem: Problem
    doing: Doing
    branches: tuple[tuple[Branch, int], ...]
    concentrations: tuple[Concentration, ...]
    best: Voice | None

    @property
    def figures(self) -> Figures:
        return self.doing.figures


@dataclass(frozen=True)
class Board:
    """One page of the board. ``total`` is how many problems there are on all pages."""

    lines: list[Line]
    total: int
    certainty: Certainty
    branches: Mapping[str, Branch]
    """By id, as concentrations name them."""


def board(
    session: Session,
    wanted: Wanted,
    as_of: datetime,
    states: Collection[str],
    language: str,
    *,
    order: str = ORDERS[0],
    page: int = 1,
    costs: Costs | None = None,
) -> Board:
    """The problems in *states* under the reader's filters.

    :param language: of the reader, in which the quotes are, where there are any.
    :param order: one of :data:`ORDERS`: most customers, surest share of detractors, most points of NPS lost,
        most growth or most money first.
    """
    found = seen(session, wanted, col(Problem.state).in_(states))
    ranked = sorted(doings(session, found, as_of, costs or {}), key=_RANKS[order])
    shown = ranked[(page - 1) * PAGE : page * PAGE]
    ids = [doing.problem_id for doing in shown]
    problems = {p.id: p for p in session.execute(select(Problem).where(col(Problem.id).in_(ids))).scalars()}
    branches = {str(branch.id): branch for branch in session.execute(select(Branch)).scalars()}
    placed = {facet: found.placed(facet, ids) for facet in WHERE}
    where = concentrations(found, placed)
    best = _best(session, ids, wanted, language)
    lines = [
        Line(
            problem=problems[doing.problem_id],
            doing=doing,
            branches=_largest(placed["branch"].get(doing.problem_id, {}), branches),
            concentrations=where.get(doing.problem_id, ()),
            best=best.get(doing.problem_id),
        )
        for doing in shown
    ]
    return Board(lines, len(ranked), found.certainty, branches)


def doings(session: Session, found: Seen, as_of: datetime, costs: Costs) -> list[Doing]:
    """What each of the problems does that anybody speaks of."""
    doing = _doer(session, found, as_of, costs)
    return [doing(problem) for problem in found.totals]


def doing_of(session: Session, problem: Problem, found: Seen, as_of: datetime, costs: Costs) -> Doing:
    """What one problem does, of which *found* was asked."""
    return _doer(session, found, as_of, costs)(problem.id or 0)


def _doer(session: Session, found: Seen, as_of: datetime, costs: Costs) -> Callable[[int], Doing]:
    last = week_of(as_of.astimezone(company_zone(session)).date())
    everyone, heard = found.heard.distribution, found.heard_weekly(last - WEEKS + 1)
    weekly = found.weekly(last - WEEKS + 1)

    def doing(problem: int) -> Doing:
        figures = found.totals.get(problem, Figures())
        return Doing(
            problem_id=problem,
            figures=figures,
            impact=impact(everyone, figures.distribution),
            growth=growth(weekly.get(problem, {}), heard, last),
            money=costs.get(problem, {}),
        )

    return doing


def _by_customers(doing: Doing) -> tuple[float, ...]:
    return -doing.figures.customers, -doing.figures.texts, doing.problem_id


def _by_detractors(doing: Doing) -> tuple[float, ...]:
    # By the lower end of the interval: one of one is no larger share than ninety of a hundred.
    interval = doing.figures.detractor_interval
    return -(interval.low if interval else -1.0), *_by_customers(doing)


def _by_impact(doing: Doing) -> tuple[float, ...]:
    told = doing.impact
    return not (told and told.enough), told.points if told else 0.0, *_by_customers(doing)


def _by_growth(doing: Doing) -> tuple[float, ...]:
    return doing.growth.course == "unknown", -doing.growth.change, *_by_customers(doing)


def _by_money(doing: Doing) -> tuple[float, ...]:
    return -float(sum(doing.money.values())), *_by_customers(doing)


_RANKS: dict[str, Callable[[Doing], tuple[float, ...]]] = {
    "customers": _by_customers,
    "detractors": _by_detractors,
    "impact": _by_impact,
    "trend": _by_growth,
    "money": _by_money,
}


def concentrations(
    found: Seen, placed: Mapping[str, Mapping[int, Places]]
) -> dict[int, tuple[Concentration, ...]]:
    """Where each problem is concentrated, with a correction for the number of problems and places asked."""
    told: dict[int, tuple[Concentration, ...]] = {}
    for facet, problems in placed.items():
        everyone = found.trouble(facet)
        for problem, places in problems.items():
            customers = {value: customers for value, (_, customers) in places.items()}
            one = concentrated(facet, customers, everyone, len(problems) * len(everyone))
            if one is not None:
                told[problem] = (*told.get(problem, ()), one)
    return told


def _largest(places: Places, branches: Mapping[str, Branch]) -> tuple[tuple[Branch, int], ...]:
    ordered = sorted(places.items(), key=lambda one: (-one[1][0], int(one[0])))
    return tuple((branches[value], pieces) for value, (pieces, _) in ordered[:BRANCHES_SHOWN])


def by_branch(session: Session, problem: Problem, wanted: Wanted) -> list[tuple[Branch, int]]:
    """The branches of a problem with their number of pieces, the largest first."""
    where, number = col(Feedback.branch_id), func.count()
    query = speaking(wanted, where, number).where(col(Mention.problem_id) == problem.id, where.is_not(None))
    counts: dict[int, int] = dict(session.execute(query.group_by(where)).all())
    branches = session.execute(select(Branch).where(col(Branch.id).in_(counts))).scalars()
    return sorted(((b, counts[b.id]) for b in branches), key=lambda pair: (-pair[1], pair[0].code))


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


def quoted(session: Session, problem: Problem, wanted: Wanted) -> int:
    """How many quotes a problem has under the reader's filters."""
    query = speaking(wanted, func.count()).where(
        col(Mention.problem_id) == problem.id, col(Mention.quote) != ""
    )
    return int(session.execute(query).scalar_one())


def names(session: Session, states: Collection[str] = ("found", "accepted")) -> list[Problem]:
    """The problems in *states*, for choosing one."""
    return list(session.execute(select(Problem).where(col(Problem.state).in_(states))).scalars())


def how_many(session: Session, state: str) -> int:
    """The number of problems in *state*."""
    return int(session.execute(select(func.count()).where(col(Problem.state) == state)).scalar_one())


def _best(session: Session, problem_ids: Sequence[int], wanted: Wanted, language: str) -> dict[int, Voice]:
    """The quote of each problem that shows it best: telling and in the reader's language if there is one.

    Each try walks down a problem's quotes from the surest and stops at the first that fits.
    """
    telling = func.length(Feedback.text).between(*TELLING)
    readable = col(Feedback.language) == language
    tries: list[tuple[ColumnElement[bool], ...]] = [(telling,), ()]
    # Without a single text in that language, the first try would walk down all quotes for nothing.
    if language in languages(session):
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
