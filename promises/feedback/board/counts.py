"""The counts of the problem board, kept up to date with every change and in its transaction.

Whoever changes what a piece of feedback is, or which problems it speaks of, does so inside
:func:`changing`, which looks at both before and after; whoever takes new feedback tells :func:`heard`. The
differences are gathered and written as the transaction commits, summed up and in the order of their keys,
so that writers on PostgreSQL hold busy rows only for the time of a commit. Inside a savepoint they are
written at once, so that it takes them back with all else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, delete, event, select, text
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col

from promises.counted import Difference, add_to
from promises.feedback.board.facts import Calendar, Cell, Fact, Numbers, cells, tallies
from promises.feedback.board.tables import FeedbackCount, ProblemCount
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.queries import company_zone

_LOG = "changes of feedback that are not in its counts yet"
_INSIDE = "feedback is being changed"
CHUNK = 1_000
KEY = 4
"""Both tables have keys of so many columns; the first ones."""
problem_count: Table = ProblemCount.__table__  # type: ignore[attr-defined]
feedback_count: Table = FeedbackCount.__table__  # type: ignore[attr-defined]
COLUMNS = {table: tuple(column.name for column in table.columns) for table in (problem_count, feedback_count)}
FACTS: tuple[Any, ...] = tuple(col(getattr(Feedback, name)) for name in Fact._fields)

Counts = dict[Any, Numbers]


@dataclass
class _Log:
    """What is to be added to the counts of problems, and to those of all feedback."""

    problems: Counts = field(default_factory=dict)
    feedback: Counts = field(default_factory=dict)


def heard(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """New feedback was taken, in which nobody has looked for problems; *rows* are its columns."""
    facts = (Fact(*(row.get(name) for name in Fact._fields)) for row in rows)  # type: ignore[arg-type]
    _note(session, {}, {}, {}, tallies(facts, Calendar(company_zone(session))))


@contextmanager
def changing(session: Session, ids: Collection[int], customers: Collection[str] = ()) -> Iterator[None]:
    """Inside, the pieces of feedback *ids* and what they speak of are changed in whatever way.

    :param customers: those whose these pieces become, if they become somebody else's.
    """
    _enter(session)
    session.flush()
    calendar = Calendar(company_zone(session))
    pieces = sorted(set(ids))
    whose = {*customers, *_customers(session, pieces)} - {""}
    problems, feedback = _counted(session, pieces, whose, calendar)
    session.info[_INSIDE] = True
    try:
        yield
    finally:
        del session.info[_INSIDE]
    session.flush()
    if not whose.issuperset(_customers(session, pieces)):
        raise ValueError("feedback became that of a customer who wasn't told before")
    _note(session, problems, feedback, *_counted(session, pieces, whose, calendar))


@contextmanager
def recounting(session: Session, problems: Collection[int] | None = None) -> Iterator[None]:
    """Inside, so much is changed about *problems* (all, unless given) that they are counted anew after it."""
    _enter(session)
    yield
    rebuild(session, problems)


def _customers(session: Session, pieces: Sequence[int]) -> set[str]:
    query = select(col(Feedback.customer)).distinct()
    return {
        customer
        for some in _chunks(pieces)
        for customer in session.execute(query.where(col(Feedback.id).in_(some))).scalars()
        if customer
    }


def _counted(
    session: Session, pieces: Sequence[int], whose: Collection[str], calendar: Calendar
) -> tuple[Counts, Counts]:
    """What *pieces* and all else of the customers *whose* count as now."""
    facts: dict[int, Fact] = {}
    query = select(col(Feedback.id), *FACTS)
    for column, wanted in ((col(Feedback.id), pieces), (col(Feedback.customer), sorted(whose))):
        for some in _chunks(wanted):
            for number, *fact in session.execute(query.where(column.in_(some))):
                facts[number] = Fact(*fact)
    pairs = select(col(Mention.problem_id), col(Mention.feedback_id))
    mentions = (
        (problem, facts[number])
        for some in _chunks(list(facts))
        for problem, number in session.execute(pairs.where(col(Mention.feedback_id).in_(some)))
    )
    return cells(mentions, calendar), tallies((facts[number] for number in pieces), calendar)


def _note(
    session: Session, problems: Counts, feedback: Counts, problems_now: Counts, feedback_now: Counts
) -> None:
    """The one way into the counts: what counted as this counts as that now."""
    log: _Log = session.info.setdefault(_LOG, _Log())
    for kept, was, now in (
        (log.problems, problems, problems_now),
        (log.feedback, feedback, feedback_now),
    ):
        for sign, counts in ((-1, was), (1, now)):
            for key, numbers in counts.items():
                sums = kept.setdefault(key, [0] * len(numbers))
                for place, number in enumerate(numbers):
                    sums[place] += sign * number
    if session.in_nested_transaction():
        settle(session)


def settle(session: AnySession) -> None:
    """Write what has changed since the last time; done by itself before every commit.

    Readers within the same transaction call it first.
    """
    log: _Log | None = session.info.pop(_LOG, None)
    if log is None:
        return
    connection = session.connection()
    for table, counts in ((problem_count, log.problems), (feedback_count, log.feedback)):
        changed = sorted((key, n) for key, n in counts.items() if any(n))
        add_to(connection, table, COLUMNS[table], [(*key, *n) for key, n in changed])


@event.listens_for(AnySession, "before_commit", insert=True)
def _commits(session: AnySession) -> None:
    # Before the chain takes its heads, which are always held last.
    settle(session)


@event.listens_for(AnySession, "after_soft_rollback")
def _takes_back(session: AnySession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_LOG, None)


def rebuild(session: Session, problems: Collection[int] | None = None) -> int:
    """Count *problems* anew from what is said of them, or, without any named, everything.

    :returns: how many rows were wrong.
    """
    _enter(session)
    session.flush()
    if problems is None and session.get_bind().dialect.name == "postgresql":
        # New feedback that is being taken would be counted by neither.
        session.execute(text("LOCK TABLE feedback IN SHARE MODE"))
    settle(session)
    wrong, connection = 0, session.connection()
    for table, own, kept, counted in _looked_at(session, problems):
        wrong += sum(kept.get(each) != counted.get(each) for each in kept.keys() | counted.keys())
        if kept != counted:
            connection.execute(delete(table).where(*own))
            add_to(connection, table, COLUMNS[table], [(*key, *n) for key, n in sorted(counted.items())])
    return wrong


def recount(session: Session) -> list[Difference]:
    """Every difference between the counts and the feedback; none, if all is well. Reads all feedback."""
    settle(session)
    found = []
    for table, _, kept, counted in _looked_at(session, None):
        for key in sorted(kept.keys() | counted.keys()):
            before, after = kept.get(key, []), counted.get(key, [])
            if before != after:
                named = dict(zip(COLUMNS[table], key, strict=False))
                found.append(Difference(table.name, named, tuple(before), tuple(after)))
    return found


def fill(session: Session) -> bool:
    """Count what was there before there were counts; whether there was anything."""
    if session.execute(select(feedback_count.c.pieces).limit(1)).first() is not None:
        return False
    return session.execute(select(col(Feedback.id)).limit(1)).first() is not None and rebuild(session) > 0


def _looked_at(
    session: Session, problems: Collection[int] | None
) -> Iterator[tuple[Table, tuple[Any, ...], Counts, Counts]]:
    """The counts of each problem, and then those of all feedback where everything is looked at: in which
    rows of which table they are kept, what is kept there, and what is counted now.

    One problem at a time, so that no more than that has to be held.
    """
    calendar = Calendar(company_zone(session))
    for one in problems if problems is not None else list(session.execute(select(col(Problem.id))).scalars()):
        own = (problem_count.c.problem_id == one,)
        yield problem_count, own, _kept(session, problem_count, *own), _of_problem(session, one, calendar)
    if problems is None:
        facts = (Fact(*row) for row in session.execute(select(*FACTS)).yield_per(CHUNK))
        yield feedback_count, (), _kept(session, feedback_count), tallies(facts, calendar)


def _kept(session: Session, table: Table, *where: Any) -> Counts:
    rows = session.execute(select(table).where(*where))
    return {tuple(row[:KEY]): list(row[KEY:]) for row in rows if any(row[KEY:])}


def _of_problem(session: Session, problem: int, calendar: Calendar) -> dict[Cell, Numbers]:
    query = select(*FACTS).join(Mention, col(Mention.feedback_id) == col(Feedback.id))
    rows = session.execute(query.where(col(Mention.problem_id) == problem))
    return cells(((problem, Fact(*row)) for row in rows), calendar)


def _enter(session: Session) -> None:
    """One at a time: whether a customer is a new one is known only to who sees what the others change."""
    if _INSIDE in session.info:
        raise RuntimeError("what is changed inside of a change would be counted twice")
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(sha256(b"counts of feedback").digest()[:4], "big")
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
