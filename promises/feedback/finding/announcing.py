"""A problem that emerges, grows or fades is announced once: in the journal, by mail, and on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Table, case, cast, distinct, func, select
from sqlalchemy.types import String
from sqlmodel import Session, col

from promises.database import insert_new, open_session, transaction
from promises.feedback.actions import one_at_a_time
from promises.feedback.curation.tables import Parting, Turn
from promises.feedback.finding.emergence import YEAR, Change, Days, change, level
from promises.feedback.tables import Feedback, Mention, Problem
from promises.journal.actions import record
from promises.outbox.actions import notify
from promises.sqltime import seconds_of

OPEN = ("found", "accepted")
DAY = 86_400
# So long an announcement stands on the board.
NEWS = timedelta(days=28)
EPOCH = date(1970, 1, 1)
_turn: Table = Turn.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Told:
    """What was said on which day (from 1970): in all, and of each problem.

    :ivar before: problem → the day from which on it counts as what it is now, where that isn't long ago.
    :ivar last: problem → its last turn, so that nothing is announced that another has announced meanwhile.
    """

    heard: Days
    own: Mapping[int, Days]
    before: Mapping[int, int]
    last: Mapping[int, int]


@dataclass(frozen=True)
class News:
    """An announcement as the board shows it."""

    turn: Turn
    problem: Problem


def watch(engine: Engine, *, as_of: datetime) -> tuple[int, ...]:
    """Announce what has turned; the problems. Calling it again announces nothing anew.

    The year is read without holding up whoever writes.
    """
    with open_session(engine, writes=False) as session:
        told = gather(session, as_of)
    changes = look(told, as_of)
    if not changes:
        return ()
    with transaction(engine) as session:
        one_at_a_time(session)
        return announce(session, changes, told, as_of)


def now(session: Session, as_of: datetime) -> tuple[int, ...]:
    """The same inside the caller's transaction."""
    session.flush()
    told = gather(session, as_of)
    return announce(session, look(told, as_of), told, as_of)


def gather(session: Session, as_of: datetime) -> Told:
    """Read what was said in the year before *as_of*.

    Each known customer counts once a day for a problem, however often they speak of it.
    """
    day = seconds_of(col(Feedback.given_at)) // DAY
    recent = (col(Feedback.given_at) >= as_of - timedelta(days=YEAR), col(Feedback.given_at) <= as_of)
    looked_at = (*recent, col(Feedback.kind) != "")
    heard = session.execute(select(day, func.count()).where(*looked_at).group_by(day)).all()
    who = case((col(Feedback.customer) == "", cast(col(Feedback.id), String)), else_=col(Feedback.customer))
    spoken = (
        select(col(Mention.problem_id), day, func.count(distinct(who)))
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .join(Problem, col(Problem.id) == col(Mention.problem_id))
        .where(*recent, col(Problem.state).in_(OPEN))
        .group_by(col(Mention.problem_id), day)
        .order_by(col(Mention.problem_id))
    )
    rows = [(problem, int(on), pieces) for problem, on, pieces in session.execute(spoken)]
    return Told(
        heard=Days({int(on): pieces for on, pieces in heard}),
        own={
            problem: Days({on: pieces for _, on, pieces in own})
            for problem, own in groupby(rows, key=lambda row: row[0])
        },
        before=_before(session),
        last=_last(session),
    )


def look(told: Told, as_of: datetime) -> dict[int, Change]:
    """Problem → how it turned, for those that did."""
    today = _day(as_of)
    at = level(sum(own.between(today - YEAR, today) for own in told.own.values()))
    found = {
        problem: change(own, told.heard, today=today, before=told.before.get(problem), at=at)
        for problem, own in told.own.items()
    }
    return {problem: one for problem, one in found.items() if one is not None}


def announce(session: Session, changes: Mapping[int, Change], told: Told, as_of: datetime) -> tuple[int, ...]:
    """Announce *changes* that nobody has announced yet; the problems."""
    last = _last(session)
    done = []
    for problem_id, one in sorted(changes.items()):
        problem = session.get_one(Problem, problem_id, populate_existing=True)
        if last.get(problem_id) != told.last.get(problem_id) or problem.state not in OPEN:
            continue
        if tell(session, problem, one, as_of):
            done.append(problem_id)
    session.flush()
    return tuple(done)


def tell(session: Session, problem: Problem, one: Change, as_of: datetime) -> bool:
    """Announce that *problem* turned; whether nobody has done so."""
    since = EPOCH + timedelta(days=one.since)
    facts: dict[str, Any] = {"texts": one.texts, "expected": round(one.expected, 1)}
    row = {"problem_id": problem.id, "kind": one.kind, "since": since, "made_at": as_of, **facts}
    if not insert_new(session, _turn, row):
        return False
    facts["since"] = since.isoformat()
    record(session, f"problems.{TURNED[one.kind]}", "problem", problem.id, by=None, as_of=as_of, **facts)
    name = {"fi": problem.label("fi"), "en": problem.label("en")}
    notify(session, f"problem.{one.kind}", {"problem": problem.id, "name": name, **facts}, None, as_of)
    return True


# An event of its own: ``problems.emerged`` says that a problem came onto the board.
TURNED = {"emerged": "announced", "growing": "grows", "fading": "fades"}


def news(session: Session, as_of: datetime) -> list[News]:
    """The last turn of each problem on the board that was announced in the last weeks, the newest first."""
    query = (
        select(Turn, Problem)
        .join(Problem, col(Problem.id) == col(Turn.problem_id))
        .where(col(Turn.made_at) > as_of - NEWS, col(Turn.made_at) <= as_of, col(Problem.state).in_(OPEN))
        .order_by(col(Turn.made_at).desc(), col(Turn.id).desc())
    )
    found: dict[int, News] = {}
    for turn, problem in session.execute(query):
        found.setdefault(turn.problem_id, News(turn, problem))
    return list(found.values())


def turns(session: Session, problem_id: int) -> list[Turn]:
    """All announcements of a problem, the newest first."""
    query = select(Turn).where(col(Turn.problem_id) == problem_id).order_by(col(Turn.id).desc())
    return list(session.execute(query).scalars())


def _before(session: Session) -> dict[int, int]:
    found: dict[int, int] = {}
    for problem, since in session.execute(
        select(col(Turn.problem_id), func.max(col(Turn.since))).group_by(col(Turn.problem_id))
    ):
        found[problem] = (since - EPOCH).days
    # What was split off has only those older texts that somebody marked.
    split = (
        select(col(Parting.problem_id), col(Parting.made_at))
        .join(Problem, col(Problem.id) == col(Parting.problem_id))
        .where(col(Problem.made_at) == col(Parting.made_at))
    )
    for problem, made_at in session.execute(split):
        found[problem] = max(found.get(problem, 0), _day(made_at))
    return found


def _last(session: Session) -> dict[int, int]:
    query: Any = select(col(Turn.problem_id), func.max(col(Turn.id))).group_by(col(Turn.problem_id))
    return dict(session.execute(query).all())


def _day(moment: datetime) -> int:
    return (moment.astimezone(UTC).date() - EPOCH).days
