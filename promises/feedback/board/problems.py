"""The problem board: what each problem does, in the order that is asked for; and a problem's quotes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select, union_all
from sqlmodel import Session, col

from promises.feedback.board.concentration import Concentration, concentrated
from promises.feedback.board.figures import Figures, Places, Seen, speaking
from promises.feedback.board.ranking import ORDERS, RANKS, Doer, Doing
from promises.feedback.board.seeing import seen
from promises.feedback.board.worth import Costs
from promises.feedback.queries import Certainty, Voice, Wanted, clearness, conditions, languages
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.tables import Branch

BRANCHES_SHOWN = 2
QUOTES = 20
PAGE = 25
WHERE = ("branch", "weekday", "hour")
"""The facets in which a problem may be concentrated."""
SUREST = (100, 1_000)
_mention: Table = Mention.__table__  # type: ignore[attr-defined]


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
    does = Doer(session, found, as_of, costs or {})
    ranked = sorted(found.totals, key=lambda problem: RANKS[order](does, problem))
    ids = ranked[(page - 1) * PAGE : page * PAGE]
    problems = {p.id: p for p in session.execute(select(Problem).where(col(Problem.id).in_(ids))).scalars()}
    branches = {str(branch.id): branch for branch in session.execute(select(Branch)).scalars()}
    placed = {facet: found.placed(facet, ids) for facet in WHERE}
    where = concentrations(found, placed)
    best = _best(session, ids, wanted, language, found.few())
    lines = [
        Line(
            problem=problems[one],
            doing=does.all_of(one, ids),
            branches=_largest(placed["branch"].get(one, {}), branches),
            concentrations=where.get(one, ()),
            best=best.get(one),
        )
        for one in ids
    ]
    return Board(lines, len(ranked), found.certainty, branches)


def doing_of(session: Session, problem: Problem, found: Seen, as_of: datetime, costs: Costs) -> Doing:
    """What one problem does, of which *found* was asked."""
    return Doer(session, found, as_of, costs).all_of(problem.id or 0, [problem.id or 0])


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
    own = problem.id or 0
    kept = seen(session, wanted, col(Problem.id) == own).placed("branch", [own]).get(own, {})
    counts = {int(value): pieces for value, (pieces, _) in kept.items()}
    if not counts:
        where, number = col(Feedback.branch_id), func.count()
        query = speaking(wanted, where, number).where(col(Mention.problem_id) == own, where.is_not(None))
        counts = dict(session.execute(query.group_by(where)).all())
    branches = session.execute(select(Branch).where(col(Branch.id).in_(counts))).scalars()
    return sorted(((b, counts[b.id]) for b in branches), key=lambda pair: (-pair[1], pair[0].code))


def quotes(session: Session, problem: Problem, wanted: Wanted, page: int) -> list[Voice]:
    """One page of a problem's quotes: page by page from the surest to the least sure, on a page the clearest
    first."""
    query = (
        _voices(wanted)
        .add_columns(clearness())
        .where(col(Mention.problem_id) == problem.id, col(Mention.quote) != "")
        .order_by(col(Mention.strength).desc(), col(Mention.id))
        .limit(QUOTES)
        .offset((page - 1) * QUOTES)
    )
    rows = sorted(session.execute(query), key=lambda row: row[3])
    return [_voice(mention, feedback, branch) for mention, feedback, branch, _ in rows]


def quoted(session: Session, problem: Problem, wanted: Wanted) -> int:
    """How many quotes a problem has under the reader's filters."""
    where = conditions(wanted)
    query = select(func.count()).select_from(Mention)
    if where:
        query = query.join(Feedback, col(Feedback.id) == col(Mention.feedback_id)).where(*where)
    query = query.where(col(Mention.problem_id) == problem.id, col(Mention.quote) != "")
    return int(session.execute(query).scalar_one())


def names(session: Session, states: Collection[str] = ("found", "accepted")) -> list[Problem]:
    """The problems in *states*, for choosing one."""
    return list(session.execute(select(Problem).where(col(Problem.state).in_(states))).scalars())


def how_many(session: Session, state: str) -> int:
    """The number of problems in *state*."""
    return int(session.execute(select(func.count()).where(col(Problem.state) == state)).scalar_one())


def _best(
    session: Session, problem_ids: Sequence[int], wanted: Wanted, language: str, few: Sequence[int] | None
) -> dict[int, Voice]:
    """The quote of each problem that shows it best: telling and in the reader's language if there is one.

    :param few: the ids of all feedback that is wanted, where there is so little of it; else only the surest
        quotes of each problem are looked at, and more of them where none of those is right.
    """
    best: dict[int, tuple[int, int]] = {}
    if few is not None:
        own = select(Mention).where(col(Mention.feedback_id).in_(few))
        _choose(session, own.where(col(Mention.problem_id).in_(problem_ids)), [], language, best)
    else:
        right = 2 if language in languages(session) else 1
        for many in SUREST:
            missing = [one for one in problem_ids if best.get(one, (-1, 0))[0] < right]
            if missing:
                _choose(session, _surest(missing, many), conditions(wanted), language, best)
    chosen = [mention for _, mention in best.values()]
    voices = session.execute(_voices(Wanted()).where(col(Mention.id).in_(chosen)))
    return {mention.problem_id: _voice(mention, feedback, branch) for mention, feedback, branch in voices}


def _choose(
    session: Session,
    candidates: Any,
    where: Sequence[ColumnElement[bool]],
    language: str,
    best: dict[int, tuple[int, int]],
) -> None:
    """Put into *best* how good the best of *candidates* is for each problem, and its id."""
    c = candidates.subquery().c
    query = (
        select(c.problem_id, c.id, clearness() == 0, col(Feedback.language) == language)
        .join(Feedback, col(Feedback.id) == c.feedback_id)
        .where(c.quote != "", *where)
        .order_by(c.strength.desc(), c.id)
    )
    for problem, mention, tells, readable in session.execute(query):
        good = 2 if tells and readable else 1 if tells else 0
        if problem not in best or good > best[problem][0]:
            best[problem] = good, mention


def _surest(problem_ids: Sequence[int], many: int) -> Any:
    """The *many* surest mentions of each problem, each problem's by its index."""
    c = _mention.c
    first = select(c.id, c.problem_id, c.feedback_id, c.strength, c.quote).limit(many)
    ordered = first.order_by(c.strength.desc(), c.id)
    parts = [ordered.where(c.problem_id == one).subquery() for one in problem_ids]
    return union_all(*(select(part) for part in parts))


def _voices(wanted: Wanted) -> Select[Mention, Feedback, Branch]:
    return (
        select(Mention, Feedback, Branch)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .outerjoin(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(*conditions(wanted))
    )


def _voice(mention: Mention, feedback: Feedback, branch: Branch | None) -> Voice:
    return Voice(feedback, branch, mention.quote, mention.id, mention.strength, mention.placed_by is not None)
