"""New problems among the feedback that fitted none come onto the board, before anything is found anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from promises.feedback.finding.applying import add, new_problems, note_kinds, row_of
from promises.feedback.finding.looking import LEAST_LOOSE, Row
from promises.feedback.tables import Mention, Problem
from promises.journal.actions import record

if TYPE_CHECKING:
    from promises.feedback.mining.learned import Fresh


def come_in(session: Session, loose: Sequence[Row], fresh: Fresh, *, as_of: datetime) -> list[Problem]:
    """Make the *fresh* groups among *loose* problems, so that further feedback joins them; the problems.

    A person's word counts more: what somebody has placed meanwhile stays there alone, and a group of which
    too little is left is none.
    """
    ids = [row.id for row in loose]
    query = select(Mention.feedback_id).where(
        col(Mention.feedback_id).in_(ids), col(Mention.placed_by).is_not(None)
    )
    said = set(session.exec(query).all())
    members = [member for member in fresh.found.members if loose[member.text].id not in said]
    sizes = Counter(member.problem for member in members)
    there = set(session.exec(select(Problem.code)).all())
    groups = [
        group for group in fresh.found.problems if sizes[group.id] >= LEAST_LOOSE and group.id not in there
    ]
    space = session.exec(select(func.max(Problem.finding_id))).one()
    if not groups or space is None:
        return []
    made = new_problems(session, groups, as_of)
    for group, problem in made.items():
        centre = fresh.centres[group]
        problem.centroid, problem.reach, problem.finding_id = centre.centre, centre.reach, space
        session.add(problem)
        record(session, "problems.emerged", "problem", problem.id, by=None, as_of=as_of)
    session.flush()
    held = [member for member in members if member.problem in made]
    add(session, [row_of(loose[one.text], made[one.problem].id or 0, one) for one in held])
    note_kinds(session, sorted({(loose[one.text].id, "trouble", "") for one in held}))
    return list(made.values())
