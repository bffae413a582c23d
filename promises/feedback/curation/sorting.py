"""What a problem's page tells of people and time, and what the page to go through its quotes shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from promises.feedback.curation import alike
from promises.feedback.curation.tables import Merging, Steadiness, Turn
from promises.feedback.finding import announcing
from promises.feedback.queries import Voice
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.tables import Branch

# So many of the surest quotes are compared for groups that suggest themselves.
COMPARED = 400


@dataclass(frozen=True)
class Curated:
    """What people and time made of one problem.

    :ivar turns: its announcements, the newest first.
    :ivar parts: the problems that were merged right into it.
    :ivar steadiness: how much of it is found again; none where too little is told.
    """

    turns: tuple[Turn, ...]
    parts: tuple[Problem, ...]
    steadiness: Steadiness | None


def curated(session: Session, problem_id: int) -> Curated:
    """What the page of one problem tells besides its figures."""
    query = (
        select(Problem)
        .join(Merging, col(Merging.problem_id) == col(Problem.id))
        .where(col(Merging.into_id) == problem_id)
        .order_by(col(Problem.id))
    )
    return Curated(
        turns=tuple(announcing.turns(session, problem_id)),
        parts=tuple(session.execute(query).scalars()),
        steadiness=session.get(Steadiness, problem_id),
    )


def steadiness(session: Session) -> dict[int, Steadiness]:
    """Problem → how much of it is found again, for those of which enough is told."""
    return {one.problem_id: one for one in session.execute(select(Steadiness)).scalars()}


def groups(session: Session, problem_id: int) -> list[alike.Alike]:
    """The groups of mentions that suggest themselves for splitting."""
    query = (
        select(col(Mention.id), col(Mention.quote), col(Feedback.touchpoint))
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(col(Mention.problem_id) == problem_id, col(Mention.quote) != "")
        .order_by(col(Mention.strength).desc(), col(Mention.id))
        .limit(COMPARED)
    )
    return alike.groups([alike.Quote(*row) for row in session.execute(query)])


def these(session: Session, ids: Collection[int]) -> list[Voice]:
    """The mentions *ids*, the surest first."""
    query = (
        select(Mention, Feedback, Branch)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .outerjoin(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(col(Mention.id).in_(ids))
        .order_by(col(Mention.strength).desc(), col(Mention.id))
    )
    return [
        Voice(feedback, branch, one.quote, one.id, one.strength, one.placed_by is not None)
        for one, feedback, branch in session.execute(query)
    ]
