"""The hash chain over journal and ledger: whoever changes a line of the past can't do it unseen.

Every transaction that writes lines ends with one link per chain that it has written to: chain 0 is the
journal, and each branch has a chain for its ledger, so that branches don't wait for each other. Writers
only ask :func:`seal` for the seal of their transaction and put it on their rows; the link follows as the
last act before the commit, from the rows as the database holds them. The head of a chain is therefore
locked last, and in the order of the chains: writers on PostgreSQL wait for each other only for the time of
a commit, and never in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, event, insert, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.types import BigInteger
from sqlmodel import Session

from promises import clock
from promises.database import Money, new_id
from promises.journal.rows import FIRST, Content, gathered, link_digest, row_bytes
from promises.journal.tables import Event, Head, Link

JOURNAL = 0
BEFORE = 0
"""The seal of rows that were there before there was a chain."""
AT_ONCE = 2000
_OPEN = "seal of this transaction"

_event: Table = Event.__table__  # type: ignore[attr-defined]
_link: Table = Link.__table__  # type: ignore[attr-defined]
_head: Table = Head.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Chained:
    """A table whose rows chains bind. ``of`` narrows a query of it to one chain; ``with_`` joins what is
    bound together with a row.

    ``columns`` is a part of the format (see :mod:`promises.journal.rows`): it is not to be changed.
    """

    table: Table
    columns: tuple[ColumnElement[Any], ...]
    of: Callable[[int], ColumnElement[bool] | None]
    with_: Callable[[Select[Any]], Select[Any]] = lambda query: query

    def rows(self, chain: int) -> Select[Any]:
        """The rows of *chain*, each led by its seal and its id, in the order in which they are bound."""
        seal, key = self.table.c.seal, self.table.c.id
        query = self.with_(select(seal, key, *map(_bare, self.columns)).select_from(self.table))
        narrowed = self.of(chain)
        return (query if narrowed is None else query.where(narrowed)).order_by(seal, key)

    def bytes_of(self, row: Sequence[Any]) -> bytes:
        """A row of :meth:`rows` as it is bound."""
        return row_bytes(self.table.name, row[2:])


def _bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Money as the cents that are stored."""
    return type_coerce(column, BigInteger) if isinstance(column.type, Money) else column


_journal = Chained(
    _event,
    tuple(_event.c[name] for name in ("id", "at", "person_id", "verb", "subject", "subject_id", "facts")),
    of=lambda _chain: None,
)
_ledger: list[Chained] = []


def bind_ledger(chained: Chained) -> None:
    """Tell what the chains of branches are over. Only the ledger itself does."""
    _ledger[:] = [chained]


def bound(chain: int) -> Chained:
    """What *chain* is over."""
    return _journal if chain == JOURNAL else _ledger[0]


def seal(session: Session, chain: int) -> int:
    """The seal for rows that this transaction adds to *chain*; the link follows before the commit."""
    number, chains = session.info.setdefault(_OPEN, (new_id(), set()))
    chains.add(chain)
    return int(number)


@event.listens_for(AnySession, "before_commit")
def _close(session: AnySession) -> None:
    """Add the links of what this transaction has written."""
    if _OPEN not in session.info or session.in_nested_transaction():
        return
    session.flush()
    number, chains = session.info.pop(_OPEN)
    lengthen(session.connection(), number, chains)


def lengthen(connection: Connection, number: int, chains: set[int]) -> None:
    """Add a link to each of *chains* over its rows under the seal *number*, if there are any."""
    contents = {chain: content_of(connection, chain, number) for chain in sorted(chains)}
    # What was written inside a savepoint may have been taken back.
    for chain, content in contents.items():
        if content.rows:
            _add(connection, chain, number, content)


def content_of(connection: Connection, chain: int, number: int) -> Content:
    """The rows of *chain* under the seal *number*, as the database holds them."""
    chained = bound(chain)
    query = chained.rows(chain).where(chained.table.c.seal == number)
    return gathered(map(chained.bytes_of, _some_at_a_time(connection, query)))


def _some_at_a_time(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    for part in connection.execute(query).partitions(AT_ONCE):
        yield from part


def _add(connection: Connection, chain: int, number: int, content: Content) -> None:
    following, previous = _hold(connection, chain)
    at = clock.now()
    digest = link_digest(chain, following, number, at, content, previous)
    connection.execute(
        insert(_link).values(
            chain=chain, number=following, seal=number, rows=content.rows, marks=content.marks,
            previous=previous, digest=digest, at=at,
        )
    )  # fmt: skip
    connection.execute(update(_head).where(_head.c.chain == chain).values(digest=digest))


def _hold(connection: Connection, chain: int) -> tuple[int, str]:
    """Lock the head of *chain* until the transaction ends: the number of the next link, the last digest."""
    take = update(_head).where(_head.c.chain == chain).values(number=_head.c.number + 1)
    take = take.returning(_head.c.number, _head.c.digest)
    found = connection.execute(take).first()
    if found is None:
        new = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        first = new(_head).values(chain=chain, number=0, digest=FIRST).on_conflict_do_nothing()
        connection.execute(first)
        found = connection.execute(take).one()
    return found[0], found[1]
