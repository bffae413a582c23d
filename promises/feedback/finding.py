"""Problems are looked for: new feedback joins the standing ones, and new ones appear.

In three steps, so that a command can let go of the database while it thinks: gather, look, apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from promises.database import open_session, transaction
from promises.feedback import applying, counts
from promises.feedback.actions import one_at_a_time
from promises.feedback.mining.results import Centre, Found, Joined, Standing, Text
from promises.feedback.tables import Feedback, Finding, Problem
from promises.journal.actions import record

LANGUAGES = {"fi", "sv", "en"}
# Problems are found anew over all feedback when there is this much more of it than last time.
GROWN = 1.2
GROWN_LEAST = 50


@dataclass(frozen=True)
class Material:
    """What is looked at.

    :param pending: feedback in which nobody has looked for problems yet.
    :param everything: all feedback, if problems are to be found anew, else nothing.
    :param standing: the spaces that problems were found in, the newest first, with those problems.
    """

    pending: tuple[applying.Row, ...]
    everything: tuple[applying.Row, ...]
    standing: tuple[Standing, ...]


@dataclass(frozen=True)
class Looked:
    """What a look for problems gave: how many pieces of feedback were looked at, and the new problems."""

    texts: int
    new: tuple[int, ...]
    anew: bool


def pending(session: Session) -> int:
    """How many pieces of feedback nobody has looked for problems in."""
    return session.exec(select(func.count()).select_from(Feedback).where(Feedback.kind == "")).one()


def work(session: Session) -> int:
    """How many texts the next look has to read: the pending ones, or all if problems are found anew."""
    return _worded(session) if wants_anew(session) else pending(session)


def wants_anew(session: Session) -> bool:
    """Whether there is so much more feedback than at the last look over all that it is time for another."""
    if not pending(session):
        return False
    last = latest(session)
    return last is None or _worded(session) >= max(last.texts * GROWN, last.texts + GROWN_LEAST)


def latest(session: Session) -> Finding | None:
    """The last look over all feedback."""
    return session.exec(select(Finding).order_by(col(Finding.id).desc()).limit(1)).first()


def find(session: Session, *, by: int | None, as_of: datetime, anew: bool | None = None) -> Looked:
    """Look for problems in the feedback that has come in, inside the caller's transaction.

    New feedback joins standing problems. When there is much more than last time (or *anew* says so),
    problems are found over all feedback and matched to the standing ones: those keep their ids, and
    what people have named, accepted, dismissed, merged, placed or denied stays as they left it.
    Calling it again without new feedback changes nothing.
    """
    one_at_a_time(session)
    material = gather(session, anew=anew)
    return apply(session, material, *look(material), by=by, as_of=as_of)


def mine_pending(
    engine: Engine, *, as_of: datetime, by: int | None = None, anew: bool | None = None
) -> Looked | None:
    """The same in transactions of its own: nobody waits for the database while texts are read.

    Nothing if there was nothing to look at.
    """
    with open_session(engine, writes=False) as session:
        material = gather(session, anew=anew)
    if not material.pending and not material.everything:
        return None
    joined, found = look(material)
    with transaction(engine) as session:
        one_at_a_time(session)
        return apply(session, material, joined, found, by=by, as_of=as_of)


def gather(session: Session, *, anew: bool | None = None) -> Material:
    """Read what is to be looked at."""
    last = latest(session)
    over_all = (wants_anew(session) if anew is None else anew) or (last is None and pending(session) > 0)
    table = Feedback.__table__.c  # type: ignore[attr-defined]
    told = sqlalchemy.select(table.id, table.text, table.score, table.language, table.touchpoint)
    told = told.where(table.text != "").order_by(table.id)
    waiting = session.execute(told.where(table.kind == "")).all()
    everything = session.execute(told).all() if over_all else []
    return Material(
        pending=tuple(applying.Row(*row) for row in waiting),
        everything=tuple(applying.Row(*row) for row in everything),
        standing=_standing(session),
    )


def look(material: Material) -> tuple[Joined | None, Found | None]:
    """Read the texts. Needs no database, and is the only step that takes long."""
    # Imported here: it brings the sentence encoder with it, which no page needs.
    from promises.feedback.mining.problems import find_problems, join

    joined = found = None
    if material.pending and material.standing:
        newest, *older = material.standing
        joined = join(newest, _texts(material.pending))
        for standing in older:
            left = joined.unplaced
            further = join(standing, _texts([material.pending[i] for i in left]))
            joined = _completed(joined, further, left)
    if material.everything:
        found = find_problems(_texts(material.everything))
    return joined, found


def _standing(session: Session) -> tuple[Standing, ...]:
    query = (
        select(Problem, Finding)
        .join(Finding, col(Finding.id) == col(Problem.finding_id))
        .order_by(col(Finding.id).desc(), col(Problem.id))
    )
    centres: dict[bytes, list[Centre]] = {}
    for problem, finding in session.exec(query).all():
        centre = Centre(str(problem.id), problem.centroid or b"", problem.reach)
        centres.setdefault(finding.space, []).append(centre)
    return tuple(Standing(space, tuple(found)) for space, found in centres.items())


def _texts(rows: Sequence[applying.Row]) -> list[Text]:
    return [
        Text(row.text, row.score, row.language if row.language in LANGUAGES else None, row.touchpoint)
        for row in rows
    ]


def _completed(joined: Joined, further: Joined, left: Sequence[int]) -> Joined:
    """*joined*, with the texts number *left* as *further* has them."""
    kinds = list(joined.kinds)
    for place, kind in zip(left, further.kinds, strict=True):
        kinds[place] = kind
    moved = tuple(replace(member, text=left[member.text]) for member in further.members)
    return Joined(joined.members + moved, joined.languages, tuple(kinds))


def apply(
    session: Session,
    material: Material,
    joined: Joined | None,
    found: Found | None,
    *,
    by: int | None,
    as_of: datetime,
) -> Looked:
    """Write down what :func:`look` found. What people changed in the meantime stays as they changed it."""
    new: list[Problem] = []
    pieces = [row.id for row in material.pending]
    with counts.recounting(session) if found is not None else counts.changing(session, pieces):
        if joined is not None:
            applying.join_standing(session, material.pending, joined)
        if found is not None:
            new = applying.find_anew(session, material.everything, found, by=by, as_of=as_of)
        elif joined is None and material.pending:
            applying.note_kinds(session, ((row.id, "unplaced", row.language) for row in material.pending))
    read = material.everything or material.pending
    if read:
        facts = {"texts": len(read), "new": len(new), "anew": found is not None}
        record(session, "problems.looked", "feedback", "", by=by, as_of=as_of, **facts)
    session.flush()
    return Looked(len(read), tuple(problem.id or 0 for problem in new), found is not None)


def _worded(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Feedback).where(Feedback.text != "")).one()


__all__ = ["Looked", "find", "latest", "mine_pending", "pending", "wants_anew", "work"]
