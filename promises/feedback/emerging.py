"""New problems among the feedback that fitted none come onto the board, before anything is found anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from promises.feedback.applying import add, new_problems, note_kinds, row_of
from promises.feedback.looking import LEAST_LOOSE, Row
from promises.feedback.tables import Feedback, Problem
from promises.journal.actions import record

if TYPE_CHECKING:
    from promises.feedback.mining.learned import Fresh

UNPLACED = "unplaced"


def come_in(session: Session, loose: Sequence[Row], fresh: Fresh, *, as_of: datetime) -> list[Problem]:
    """Make the *fresh* groups among *loose* problems, so that further feedback joins them; the problems.

    Feedback that has found a problem meanwhile stays there; a group of which too little is left is none.
    """
    ids = [row.id for row in loose]
    query = select(Feedback.id).where(col(Feedback.id).in_(ids), Feedback.kind == UNPLACED)
    still = set(session.exec(query).all())
    members = [member for member in fresh.found.members if loose[member.text].id in still]
    sizes = Counter(member.problem for member in members)
    groups = [group for group in fresh.found.problems if sizes[group.id] >= LEAST_LOOSE]
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
