"""Two problems in one are told apart: one is split off another, or a merge is undone.

Both stay two, however often problems are looked for again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Table, delete, insert, update
from sqlmodel import Session, col, select

from promises.feedback.board.counts import recounting
from promises.feedback.curation.actions import CERTAIN, OPEN, free
from promises.feedback.curation.tables import Handed, Merging, Parting
from promises.feedback.tables import Denial, Mention, Problem
from promises.journal.actions import record
from promises.refusal import Refusal

_denial: Table = Denial.__table__  # type: ignore[attr-defined]
_mention: Table = Mention.__table__  # type: ignore[attr-defined]
CHUNK = 500


def split(
    session: Session,
    problem: Problem,
    marked: Collection[int],
    fi: str,
    en: str,
    *,
    by: int | None,
    as_of: datetime,
) -> Problem:
    """Make the mentions *marked* of *problem* a problem of their own; it is accepted, since a person saw it.

    What comes in later and is like the marked quotes goes there, too.

    :param fi, en: its names; one of them may be empty, and is then the same as the other.
    :raises Refusal: ``problems.merge_closed``, ``problems.split_nothing``, ``problems.split_all``,
        ``problems.name_missing``, ``problems.name_taken``.
    """
    fi, en = fi.strip(), en.strip()
    if problem.state not in OPEN:
        raise Refusal("problems.merge_closed")
    query = select(Mention.id, Mention.feedback_id).where(Mention.problem_id == problem.id)
    held = {mention or 0: feedback for mention, feedback in session.exec(query).all()}
    moved = sorted(set(marked) & held.keys())
    if not moved:
        raise Refusal("problems.split_nothing")
    if len(moved) == len(held):
        raise Refusal("problems.split_all")
    if not (fi or en):
        raise Refusal("problems.name_missing")
    free(session, None, fi, en)
    feedback = [held[one] for one in moved]
    new = Problem(
        code=_code(session, f"{problem.code} {as_of.isoformat()} {feedback}"),
        found_fi=fi or en,
        found_en=en or fi,
        given_fi=fi,
        given_en=en,
        state="accepted",
        made_at=as_of,
    )
    session.add(new)
    session.flush()
    old, own = problem.id or 0, new.id or 0
    with recounting(session, (old, own)):
        for start in range(0, len(moved), CHUNK):
            some = moved[start : start + CHUNK]
            values = {"problem_id": own, "placed_by": by, "strength": CERTAIN}
            session.execute(update(Mention).where(col(Mention.id).in_(some)).values(**values))
        no_more = [
            {"problem_id": old, "feedback_id": one, "made_by": by, "made_at": as_of} for one in feedback
        ]
        session.execute(insert(_denial), no_more)
        session.add(Parting(problem_id=own, from_id=old, made_at=as_of, made_by=by))
        session.flush()
    record(
        session,
        "problems.split",
        "problem",
        old,
        by=by,
        as_of=as_of,
        into=own,
        quotes=len(moved),
        fi=fi,
        en=en,
    )
    session.expire_all()
    return new


def unmerge(session: Session, problem: Problem, *, by: int | None, as_of: datetime) -> int:
    """Take *problem* out of the one it was merged into, with all that came there by way of it; how much.

    Quotes that both had by themselves stay with both. What was merged into *problem* before comes with it.

    :raises Refusal: ``problems.changed_meanwhile`` when it isn't merged.
    """
    own, heir = problem.id or 0, problem.merged_into_id
    if problem.state != "merged" or heir is None:
        raise Refusal("problems.changed_meanwhile")
    with recounting(session, (own, heir)):
        came = select(Handed.feedback_id).where(Handed.problem_id == own)
        shared = came.where(col(Handed.shared).is_(True))
        theirs = col(Mention.problem_id) == heir
        both = session.exec(select(Mention).where(theirs, col(Mention.feedback_id).in_(shared))).all()
        copies = [
            {
                "problem_id": own,
                "feedback_id": one.feedback_id,
                "strength": one.strength,
                "quote": one.quote,
                "placed_by": one.placed_by,
            }
            for one in both
        ]
        alone = came.where(col(Handed.shared).is_(False))
        back = session.execute(
            update(Mention).where(theirs, col(Mention.feedback_id).in_(alone)).values(problem_id=own)
        )
        if copies:
            session.execute(insert(_mention), copies)
        followers = sorted(_followers(session, own))
        session.execute(update(Problem).where(col(Problem.id).in_(followers)).values(merged_into_id=own))
        session.execute(delete(Handed).where(col(Handed.problem_id) == own))
        session.execute(delete(Merging).where(col(Merging.problem_id) == own))
        session.expire_all()
        problem.state, problem.merged_into_id, problem.merged_by = "accepted", None, None
        session.add(problem)
        if session.get(Parting, (own, heir)) is None:
            session.add(Parting(problem_id=own, from_id=heir, made_at=as_of, made_by=by))
        session.flush()
    count = back.rowcount + len(copies)  # type: ignore[attr-defined]
    record(session, "problems.parted", "problem", own, by=by, as_of=as_of, of=heir, quotes=count)
    session.expire_all()
    return int(count)


def _followers(session: Session, problem_id: int) -> set[int]:
    """What was merged into *problem_id*, directly or by way of another."""
    into = {one.problem_id: one.into_id for one in session.exec(select(Merging)).all()}
    found: set[int] = set()
    reached = {problem_id}
    while reached:
        reached = {one for one, target in into.items() if target in reached} - found
        found |= reached
    return found


def _code(session: Session, what: str) -> str:
    code = sha256(what.encode()).hexdigest()[:8]
    while session.exec(select(Problem.id).where(Problem.code == code)).first() is not None:
        code += "x"
    return code
