"""Feedback is listed and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from promises.feedback.board.counts import feedback_count, settle
from promises.feedback.board.facts import HIGHEST_DETRACTOR, LOWEST_PROMOTER
from promises.feedback.tables import Feedback, Intake, Mention, Problem
from promises.people.tables import Branch

PAGE = 50
SHORT = 200
TELLING = (30, 160)
"""Letters of a piece of feedback that is long enough to tell and short enough to be read at a glance."""
PENDING = "pending"
SCORES = {
    "detractors": (0, HIGHEST_DETRACTOR),
    "passives": (HIGHEST_DETRACTOR + 1, LOWEST_PROMOTER - 1),
    "promoters": (LOWEST_PROMOTER, 10),
    **{str(score): (score, score) for score in range(11)},
}


@dataclass(frozen=True)
class Wanted:
    """What a reader wants to see; empty is everything. ``scores`` is a key of :data:`SCORES`."""

    branch_id: int | None = None
    touchpoint: str = ""
    source: str = ""
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    kind: str = ""
    scores: str = ""
    intake_id: int | None = None


def clearness() -> ColumnElement[int]:
    """How well a piece of feedback shows its problem, the least first: 0 where it is long enough to tell what
    happened, 1 where it is not, 2 where the customer was content and may say that there was no problem."""
    content = and_(col(Feedback.score).is_not(None), col(Feedback.score) > HIGHEST_DETRACTOR)
    return case((content, 2), (func.length(Feedback.text).between(*TELLING), 0), else_=1)


@dataclass(frozen=True)
class Voice:
    """One piece of feedback as it is shown in a list. ``quote`` is the part that speaks of the problem."""

    feedback: Feedback
    branch: Branch | None
    quote: str
    mention_id: int | None = None
    strength: float = 0.0
    placed: bool = False

    @property
    def shown(self) -> str:
        """The whole text where it is short, else the part that speaks of the problem."""
        return self.feedback.text if len(self.feedback.text) <= SHORT else self.quote


@dataclass(frozen=True)
class Certainty:
    """How much of what was said has found a problem."""

    feedback: int
    trouble: int
    unplaced: int
    praise: int
    nothing: int
    pending: int

    @classmethod
    def of(cls, kinds: Mapping[str, int]) -> Certainty:
        """From the number of pieces of each kind."""
        told = {kind: kinds.get(kind, 0) for kind in ("trouble", "unplaced", "praise", "nothing")}
        return cls(feedback=sum(kinds.values()), pending=kinds.get("", 0), **told)

    @property
    def unplaced_share(self) -> float | None:
        """Of the texts that tell of trouble, the share that fits no problem."""
        told = self.trouble + self.unplaced
        return self.unplaced / told if told else None


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The conditions on Feedback that *wanted* stands for."""
    found: list[ColumnElement[bool]] = []
    if wanted.branch_id is not None:
        found.append(col(Feedback.branch_id) == wanted.branch_id)
    if wanted.touchpoint:
        found.append(col(Feedback.touchpoint) == wanted.touchpoint)
    if wanted.source:
        found.append(col(Feedback.source) == wanted.source)
    if wanted.language:
        found.append(col(Feedback.language) == wanted.language)
    if wanted.kind:
        found.append(col(Feedback.kind) == ("" if wanted.kind == PENDING else wanted.kind))
    if wanted.intake_id is not None:
        found.append(col(Feedback.intake_id) == wanted.intake_id)
    if wanted.scores in SCORES:
        found.append(col(Feedback.score).between(*SCORES[wanted.scores]))
    if wanted.since:
        found.append(col(Feedback.given_at) >= wanted.since)
    if wanted.until:
        found.append(col(Feedback.given_at) < wanted.until)
    if wanted.words:
        found.append(holds(col(Feedback.text), wanted.words))
    return found


def holds(column: Any, words: str) -> ColumnElement[bool]:
    """Whether *column* holds *words*, in any of the ways they are capitalised.

    SQLite knows the capitals of a-z only, so the usual ways of writing are asked for one by one.
    """
    ways = {words, words.lower(), words.upper(), words[:1].upper() + words[1:].lower()}
    return or_(*(column.ilike(f"%{_escaped(way)}%", escape="\\") for way in sorted(ways)))


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def certainty(session: Session, wanted: Wanted) -> Certainty:
    """Counts of feedback by what was found in it."""
    kinds = col(Feedback.kind)
    where = conditions(replace(wanted, kind=""))
    query = select(kinds, func.count()).where(*where).group_by(kinds)
    return Certainty.of(dict(session.execute(query).all()))


def distribution(session: Session, wanted: Wanted) -> tuple[int, ...]:
    """How many pieces scored 0, 1, ... 10."""
    score = col(Feedback.score)
    query = select(score, func.count()).where(score.is_not(None), *conditions(wanted)).group_by(score)
    counts: dict[int, int] = dict(session.execute(query).all())
    return tuple(counts.get(value, 0) for value in range(11))


def listing(session: Session, wanted: Wanted, page: int) -> tuple[list[Voice], int]:
    """One page of the feedback that *wanted* asks for, the newest first, and how many there are in all."""
    where = conditions(wanted)
    total = session.execute(select(func.count()).select_from(Feedback).where(*where)).scalar_one()
    query = (
        select(Feedback, Branch)
        .outerjoin(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(*where)
        .order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [Voice(feedback, branch, feedback.text) for feedback, branch in session.execute(query)], total


def mentions(session: Session, feedback_id: int) -> list[tuple[Mention, Problem]]:
    """The problems that a piece of feedback speaks of, the surest first."""
    query = (
        select(Mention, Problem)
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(col(Mention.feedback_id) == feedback_id)
        .order_by(col(Mention.strength).desc(), col(Mention.id))
    )
    return [(mention, problem) for mention, problem in session.execute(query)]


def problems_by_feedback(session: Session, ids: list[int]) -> dict[int, list[Problem]]:
    """Feedback id → the problems on the board that it speaks of, for one page of a list."""
    query = (
        select(col(Mention.feedback_id), Problem)
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(col(Mention.feedback_id).in_(ids), col(Problem.state).in_(("found", "accepted")))
        .order_by(col(Mention.strength).desc())
    )
    found: dict[int, list[Problem]] = {}
    for feedback_id, problem in session.execute(query):
        found.setdefault(feedback_id, []).append(problem)
    return found


def sources(session: Session) -> list[str]:
    """The sources that feedback has come from."""
    return _values(session, "source")


def touchpoints(session: Session) -> list[str]:
    """The touchpoints that feedback is about."""
    return _values(session, "touchpoint")


def languages(session: Session) -> list[str]:
    """The languages that feedback is written in."""
    return _values(session, "language")


def _values(session: Session, facet: str) -> list[str]:
    settle(session)
    c = feedback_count.c
    told = select(c.value).where(c.facet == facet).group_by(c.value).having(func.sum(c.pieces) > 0)
    return sorted(session.execute(told).scalars())


def intakes(session: Session, most: int = 20) -> list[Intake]:
    """The files brought in last."""
    return list(session.execute(select(Intake).order_by(col(Intake.id).desc()).limit(most)).scalars())
