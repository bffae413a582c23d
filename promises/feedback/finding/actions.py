"""Problems are looked for: new feedback joins the standing ones, and new ones appear.

In three steps, so that a command can let go of the database while it thinks: gather, look, apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from promises.database import open_session, transaction
from promises.feedback.actions import one_at_a_time
from promises.feedback.board import counts
from promises.feedback.finding import announcing, applying, arising, emerging
from promises.feedback.finding.looking import LANGUAGES, WEAK, Further, Material, Row, look
from promises.feedback.mining.results import Centre, Found, Joined, Said, Standing, Text
from promises.feedback.tables import Denial, Feedback, Finding, Mention, Problem
from promises.journal.actions import record

# Problems are found anew over all feedback when there is this much more of it than last time.
GROWN = 1.2
GROWN_LEAST = 50
# Of what people said of single texts, so many of the last count; and so much feedback that fits no problem
# is looked at for new ones.
MOST_SAID = 1_000
MOST_UNPLACED = 2_000
YEAR, LATELY = timedelta(days=365), timedelta(days=60)
NOTHING = Further()


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
    material = gather(session, anew=anew, as_of=as_of)
    looked = apply(session, material, *look(material), by=by, as_of=as_of)
    arising.now(session, {row.id for row in material.pending}, as_of)
    announcing.now(session, as_of)
    return looked


def mine_pending(
    engine: Engine, *, as_of: datetime, by: int | None = None, anew: bool | None = None
) -> Looked | None:
    """The same in transactions of its own: nobody waits for the database while texts are read.

    Nothing if there was nothing to look at.
    """
    with open_session(engine, writes=False) as session:
        material = gather(session, anew=anew, as_of=as_of)
    if not material.pending and not material.everything:
        return None
    seen = look(material)
    with transaction(engine) as session:
        one_at_a_time(session)
        looked = apply(session, material, *seen, by=by, as_of=as_of)
    arising.watch(engine, {row.id for row in material.pending}, as_of=as_of)
    announcing.watch(engine, as_of=as_of)
    return looked


def gather(session: Session, *, anew: bool | None = None, as_of: datetime | None = None) -> Material:
    """Read what is to be looked at. Without *as_of*, new problems aren't sought among older feedback."""
    last = latest(session)
    over_all = (wants_anew(session) if anew is None else anew) or (last is None and pending(session) > 0)
    table = Feedback.__table__.c  # type: ignore[attr-defined]
    told = sqlalchemy.select(table.id, table.text, table.score, table.language, table.touchpoint)
    told = told.where(table.text != "").order_by(table.id)
    waiting = session.execute(told.where(table.kind == "")).all()
    everything = session.execute(told).all() if over_all else []
    loose = told.where(table.kind == "unplaced", table.given_at > as_of - YEAR) if as_of else None
    newest = (
        loose.order_by(None).order_by(table.id.desc()).limit(MOST_UNPLACED) if loose is not None else None
    )
    unplaced = session.execute(newest).all() if newest is not None and waiting and not over_all else []
    weak = (
        select(Feedback, func.max(Mention.strength))
        .join(Mention, col(Mention.feedback_id) == col(Feedback.id))
        .where(Feedback.given_at > as_of - LATELY, Feedback.text != "")
        .group_by(col(Feedback.id))
        .having(func.max(Mention.strength) < WEAK)
        .order_by(col(Feedback.id).desc())
        .limit(MOST_UNPLACED)
        if as_of and waiting and not over_all
        else None
    )
    weakly = session.exec(weak).all() if weak is not None else []
    return Material(
        pending=tuple(Row(*row) for row in waiting),
        everything=tuple(Row(*row) for row in everything),
        standing=_standing(session),
        said=_said(session),
        unplaced=tuple(Row(*row) for row in reversed(unplaced)),
        weak=tuple((_row(one), strength) for one, strength in weakly),
        codes=frozenset(session.exec(select(Problem.code))),
    )


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


def _said(session: Session) -> tuple[Said, ...]:
    """What people said of single texts: which problem they speak of, or of none that they were in."""
    placed = (
        select(Mention.problem_id, Mention.quote, Feedback)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(col(Mention.placed_by).is_not(None), Mention.quote != "")
        .order_by(col(Mention.id).desc())
        .limit(MOST_SAID)
    )
    elsewhere = select(Mention.id).where(Mention.feedback_id == Denial.feedback_id)
    denied = (
        select(Feedback)
        .join(Denial, col(Denial.feedback_id) == col(Feedback.id))
        .where(~elsewhere.exists(), Feedback.text != "")
        .order_by(col(Denial.made_at).desc(), col(Feedback.id).desc())
        .limit(MOST_SAID)
    )
    said = [Said(str(problem), _text(quote, one)) for problem, quote, one in session.exec(placed).all()]
    said += [Said("", _text(one.text, one)) for one in session.exec(denied).all()]
    return tuple(reversed(said))


def _row(one: Feedback) -> Row:
    return Row(one.id or 0, one.text, one.score, one.language, one.touchpoint)


def _text(words: str, of: Feedback) -> Text:
    return Text(words, of.score, of.language if of.language in LANGUAGES else None, of.touchpoint)


def apply(
    session: Session,
    material: Material,
    joined: Joined | None,
    found: Found | None,
    further: Further = NOTHING,
    *,
    by: int | None,
    as_of: datetime,
) -> Looked:
    """Write down what :func:`look` found. What people changed in the meantime stays as they changed it."""
    new: list[Problem] = []
    pieces = [row.id for row in (*material.pending, *further.loose)]
    with counts.recounting(session) if found is not None else counts.changing(session, pieces):
        if joined is not None:
            applying.join_standing(session, material.pending, joined)
        if found is not None:
            new = applying.find_anew(session, material.everything, found, by=by, as_of=as_of)
        elif joined is None and material.pending:
            applying.note_kinds(session, ((row.id, "unplaced", row.language) for row in material.pending))
        if further.fresh is not None:
            new = emerging.come_in(session, further.loose, further.fresh, as_of=as_of)
    if further.meanings:
        applying.note_meanings(session, further.meanings)
    if found is not None:
        applying.note_steadiness(session, further.steadiness, as_of=as_of)
    read = material.everything or material.pending
    if read:
        facts = {"texts": len(read), "new": len(new), "anew": found is not None}
        record(session, "problems.looked", "feedback", "", by=by, as_of=as_of, **facts)
    session.flush()
    return Looked(len(read), tuple(problem.id or 0 for problem in new), found is not None)


def _worded(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Feedback).where(Feedback.text != "")).one()


__all__ = ["Looked", "find", "latest", "mine_pending", "pending", "wants_anew", "work"]
