"""Verifying everything that was ever written: chains, books, verdicts, counts; and noting the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, select
from sqlmodel import Session

from promises.audit import chains
from promises.audit.books import check_books
from promises.audit.faults import Fault
from promises.audit.owing import check_owing
from promises.database import open_session
from promises.feedback.board import counts
from promises.journal.actions import record
from promises.journal.rows import heads_digest
from promises.journal.tables import Event, Link, Verification
from promises.outbox.actions import notify
from promises.service.recount import recount

SHOWN = 20
EVERY = timedelta(hours=20)
"""So old a verification is followed by another in the next night."""
NOTED = "chain.verified"
"""The act that the journal keeps of each verification, so that none can vanish."""

_link: Table = Link.__table__  # type: ignore[attr-defined]
_event: Table = Event.__table__  # type: ignore[attr-defined]
_verification: Table = Verification.__table__  # type: ignore[attr-defined]

Told = Callable[[int], None]


@dataclass
class Found:
    """What a verification found. ``heads`` tells how far each chain goes, ``digest`` is over all of them."""

    heads: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return heads_digest(self.heads)


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever others write meanwhile, and writes none."""
    options: dict[str, Any] = {"writes": False}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.execution_options(**options).connect() as connection:
        yield connection


def verify(
    engine: Engine, *, as_of: datetime, expected: str | None = None, told: Told = lambda _rows: None
) -> Found:
    """Check all that can be checked; changes nothing.

    :param expected: a digest that was noted after an earlier verification, or that of any link: what it
        stood for must still be there, unchanged.
    :param told: is told of rows as they are checked.
    """
    with looking(engine) as connection, Session(connection) as session:
        found = verify_chains(connection, told)
        found.faults += _readable(lambda: _noted(connection))
        if expected is not None and not _known(connection, expected):
            found.faults.append(Fault("fault.expected", {"digest": expected}))
        found.faults += _readable(lambda: (one for _, faults in check_books(connection) for one in faults))
        found.faults += _readable(lambda: _some(check_owing(session, as_of)))
        found.faults += _readable(lambda: _counts(session))
    return found


def verify_chains(connection: Connection, told: Told = lambda _rows: None) -> Found:
    """Check the chains alone."""
    found = Found()
    for chain in chains.every_chain(connection):
        try:
            checked = chains.check_chain(connection, chain, told)
        except ValueError as error:
            found.faults.append(_unreadable(error, chain))
            continue
        found.rows += checked.rows
        found.faults += checked.faults
        if checked.number:
            found.heads[str(chain)] = [checked.number, checked.digest]
    return found


def _readable(check: Callable[[], Iterable[Fault]]) -> list[Fault]:
    """What *check* finds; that it can't read what it looks at is a fault too."""
    try:
        return list(check())
    except ValueError as error:
        return [_unreadable(error)]


def _unreadable(error: ValueError, chain: int | None = None) -> Fault:
    """SQLite keeps whatever is written into a column: a moment that is none can only be somebody's doing."""
    return Fault("fault.unreadable", {"chain": "–" if chain is None else chain, "found": str(error)[:120]})


def due(session: Session, as_of: datetime) -> bool:
    """Whether nobody, on this machine or another, has verified for so long that it is time again."""
    last = select(_verification.c.id).where(_verification.c.at > as_of - EVERY).limit(1)
    return session.execute(last).first() is None


def note(engine: Engine, found: Found, *, as_of: datetime) -> None:
    """Keep that and how everything was verified, for the auditor's page and for later expectations; the
    auditors hear of it at once if anything is wrong."""
    with open_session(engine) as session:
        done = Verification(
            at=as_of, heads=found.heads, digest=found.digest, rows=found.rows, faults=len(found.faults)
        )
        session.add(done)
        session.flush()
        facts = {"digest": found.digest, "faults": len(found.faults)}
        record(session, NOTED, "chain", done.id, by=None, as_of=as_of, **facts)
        if found.faults:
            wrong = {"at": as_of.isoformat(), "digest": found.digest, "faults": len(found.faults)}
            notify(session, "books.wrong", wrong, None, as_of)
        session.commit()


def _noted(connection: Connection) -> Iterator[Fault]:
    """Whether the chains still hold what earlier verifications had seen, and those are all there."""
    seen: dict[str, str] = {}
    for one in connection.execute(select(_verification).order_by(_verification.c.id)):
        seen[str(one.id)] = one.digest
        heads = one.heads.items()
        there = all(_digest_at(connection, int(chain), number) == digest for chain, (number, digest) in heads)
        if not there or heads_digest(one.heads) != one.digest:
            yield Fault("fault.noted_heads", {"number": one.id})
    told = select(_event.c.subject_id, _event.c.facts).where(_event.c.verb == NOTED)
    for number, facts in connection.execute(told):
        if seen.get(number) != facts["digest"]:
            yield Fault("fault.verification_missing", {"number": number})


def _digest_at(connection: Connection, chain: int, number: int) -> str | None:
    query = select(_link.c.digest).where(_link.c.chain == chain, _link.c.number == number)
    return connection.execute(query).scalar()


def _known(connection: Connection, digest: str) -> bool:
    return any(
        connection.execute(select(table.c.digest).where(table.c.digest == digest).limit(1)).first()
        for table in (_verification, _link)
    )


def _counts(session: Session) -> Iterator[Fault]:
    """Whether the counts that reports read equal a recount of the verdicts."""
    for one in [*recount(session)[:SHOWN], *counts.recount(session)[:SHOWN]]:
        where = ", ".join(f"{name} {value}" for name, value in one.key.items())
        yield Fault("fault.counts", {"table": one.table, "where": where, "kept": _numbers(one.kept),
                                     "counted": _numbers(one.counted)})  # fmt: skip


def _numbers(values: tuple[int, ...]) -> str:
    return " ".join(map(str, values))


def _some(faults: Iterator[Fault]) -> list[Fault]:
    return [fault for fault, _ in zip(faults, range(SHOWN), strict=False)]
