"""Something new that many speak of at once becomes one problem and is announced, wherever its texts were put.

What counting by problem finds late: texts of a problem that nobody knew are first scattered over the problems
around it. See :mod:`promises.feedback.finding.bursts`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col, func

from promises.database import open_session, transaction
from promises.feedback.actions import one_at_a_time
from promises.feedback.board import counts
from promises.feedback.curation.tables import Turn
from promises.feedback.finding import announcing, applying
from promises.feedback.finding.announcing import DAY, OPEN
from promises.feedback.finding.emergence import UNHEARD, YEAR, Change
from promises.feedback.finding.looking import COMPARED, Spoken
from promises.feedback.tables import Feedback, Finding, Meaning, Mention, Problem
from promises.journal.actions import record
from promises.sqltime import seconds_of

if TYPE_CHECKING:
    from promises.feedback.finding.newcomers import Newcomer

# What is older isn't asked whether it is one of many that come now.
LATELY = 30
# A problem that holds such a share of the texts is the one they speak of.
SAME = 0.5


@dataclass(frozen=True)
class Heard:
    """What was *said*, in the order in which it was given; *new* are the ids that nobody has asked yet.

    :ivar space: of the standing problems; *finding* is its number.
    :ivar taken: codes and names that problems bear.
    """

    said: tuple[Spoken, ...]
    new: frozenset[int]
    space: bytes
    finding: int
    taken: frozenset[str]


def watch(engine: Engine, new: Collection[int], *, as_of: datetime) -> tuple[int, ...]:
    """Announce what arises in the feedback *new* (ids); the problems. Nobody waits while texts are read."""
    with open_session(engine, writes=False) as session:
        heard = gather(session, new, as_of)
    found = look(heard, as_of)
    if not found:
        return ()
    with transaction(engine) as session:
        one_at_a_time(session)
        return announce(session, found, heard, as_of)


def now(session: Session, new: Collection[int], as_of: datetime) -> tuple[int, ...]:
    """The same inside the caller's transaction."""
    session.flush()
    heard = gather(session, new, as_of)
    return announce(session, look(heard, as_of), heard, as_of)


def gather(session: Session, new: Collection[int], as_of: datetime) -> Heard:
    """Read what was said in the year before *as_of*. Each known customer counts once a day."""
    day = (seconds_of(col(Feedback.given_at)) // DAY).label("day")
    told = (
        select(Feedback, col(Meaning.vector), day)
        .join(Meaning, col(Meaning.feedback_id) == col(Feedback.id))
        .where(col(Feedback.given_at) > as_of - timedelta(days=YEAR), col(Feedback.given_at) <= as_of)
        .where(col(Feedback.text) != "")
        .order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc())
        .limit(COMPARED)
    )
    said, seen = [], set()
    for one, vector, on in reversed(session.execute(told).all()):
        who = (one.customer or one.id, on)
        if who not in seen:
            seen.add(who)
            said.append(Spoken(one.id, vector, int(on), one.language, one.text, one.score))
    newest = session.execute(select(Finding).order_by(col(Finding.id).desc()).limit(1)).scalar()
    problems = session.execute(select(Problem)).scalars().all()
    names = {name for p in problems for name in (p.code, p.found_fi, p.given_fi) if name}
    return Heard(
        tuple(said),
        frozenset(new),
        newest.space if newest else b"",
        (newest.id or 0) if newest else 0,
        frozenset(names),
    )


def look(heard: Heard, as_of: datetime) -> list[Newcomer]:
    """What arises, the surest first."""
    today = int(as_of.timestamp()) // DAY
    asked = [i for i, one in enumerate(heard.said) if one.id in heard.new and one.day > today - LATELY]
    if not asked or not heard.space:
        return []
    # Imported here: it brings the sentence encoder with it, which no page needs.
    from promises.feedback.finding import newcomers

    found: list[Newcomer] = newcomers.find(heard.said, asked, heard.space, heard.taken)
    return found


def announce(session: Session, found: Sequence[Newcomer], heard: Heard, as_of: datetime) -> tuple[int, ...]:
    """Make each of *found* one problem and announce it, unless that has been done or is not wanted."""
    return tuple(problem for one in found if (problem := _come(session, one, heard, as_of)) is not None)


def _come(session: Session, one: Newcomer, heard: Heard, as_of: datetime) -> int | None:
    pieces = sorted(one.strengths)
    problem = _spoken_of(session, one)
    if problem is not None and (problem.state not in OPEN or _told(session, problem, as_of)):
        return None
    with counts.changing(session, pieces):
        if problem is None or not _young(session, problem, one, as_of):
            problem = Problem(
                code=one.code,
                found_fi=one.label.fi[: applying.LONGEST_LABEL],
                found_en=one.label.en[: applying.LONGEST_LABEL],
                centroid=one.centre,
                reach=one.reach,
                finding_id=heard.finding,
                made_at=as_of,
            )
            session.add(problem)
            session.flush()
            record(session, "problems.emerged", "problem", problem.id, by=None, as_of=as_of)
        _gather_into(session, problem, one, heard)
    change = Change(
        "emerged" if one.expected < UNHEARD else "growing", one.since, len(one.inside), one.expected
    )
    announced = announcing.tell(session, problem, change, as_of)
    session.flush()
    return problem.id if announced else None


def _spoken_of(session: Session, one: Newcomer) -> Problem | None:
    """The problem that most of the texts have been put into, if there is one."""
    held = session.execute(
        select(col(Mention.problem_id), func.count())
        .where(col(Mention.feedback_id).in_(one.inside))
        .group_by(col(Mention.problem_id))
        .order_by(func.count().desc(), col(Mention.problem_id))
        .limit(1)
    ).first()
    if held is None or held[1] < SAME * len(one.inside):
        return None
    return session.get_one(Problem, held[0])


def _told(session: Session, problem: Problem, as_of: datetime) -> bool:
    """Whether it was announced that *problem* rises; how it goes on, its own texts tell."""
    lately = col(Turn.made_at) > as_of - timedelta(days=YEAR)
    risen = select(col(Turn.id)).where(col(Turn.problem_id) == problem.id, col(Turn.kind) != "fading", lately)
    return session.execute(risen.limit(1)).first() is not None


def _young(session: Session, problem: Problem, one: Newcomer, as_of: datetime) -> bool:
    """Whether *problem* is what arises, not an older one that draws the texts as well."""
    year = (
        select(func.count(), func.count().filter(seconds_of(col(Feedback.given_at)) // DAY >= one.since))
        .join(Mention, col(Mention.feedback_id) == col(Feedback.id))
        .where(col(Mention.problem_id) == problem.id, col(Feedback.given_at) > as_of - timedelta(days=YEAR))
    )
    heard, inside = session.execute(year).one()
    return bool(inside >= SAME * heard)


def _gather_into(session: Session, problem: Problem, one: Newcomer, heard: Heard) -> None:
    """The texts become those of *problem*. Where problem finding had put them, and nobody has touched it,
    they are left no longer if they fit this one better."""
    firm = applying.touched(session)
    elsewhere = select(col(Mention.id), col(Mention.feedback_id), col(Mention.strength)).where(
        col(Mention.feedback_id).in_(one.inside),
        col(Mention.placed_by).is_(None),
        col(Mention.problem_id).not_in(firm | {problem.id or 0}),
    )
    weaker = [
        number
        for number, feedback, strength in session.execute(elsewhere)
        if strength < one.strengths[feedback]
    ]
    session.execute(delete(Mention).where(col(Mention.id).in_(weaker)))
    words = {said.id: said.text for said in heard.said if said.id in one.strengths}
    applying.add(
        session,
        [
            {"problem_id": problem.id, "feedback_id": piece, "strength": strength, "quote": words[piece]}
            for piece, strength in sorted(one.strengths.items())
        ],
    )
    applying.note_kinds(session, [(piece, applying.TROUBLE, "") for piece in sorted(one.strengths)])
