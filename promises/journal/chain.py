"""The hash chain over journal and ledger: whoever changes a line of the past can't do it unseen.

Every transaction that writes lines ends with one link per chain that it has written to: chain 0 is the
journal, and each branch has a chain for its ledger, so that branches don't wait for each other. Writers
only ask :func:`seal` for the seal of their transaction and put it on their rows; the link follows as the
last act before the commit, from the rows as the database holds them. The head of a chain is therefore
locked last, and in the order of the chains: writers on PostgreSQL wait for each other only for the time of
a commit, and never in a circle. However many chains a transaction has written to, their links take the same
few statements.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    event,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
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

_HEADS = select(_head).where(_head.c.chain.in_(bindparam("chains", expanding=True)))
_HEADS = _HEADS.order_by(_head.c.chain).with_for_update()
_MOVED = update(_head).where(_head.c.chain == bindparam("of_chain"))


@dataclass(frozen=True)
class Chained:
    """A table whose rows chains bind. ``chain`` says which chain a row belongs to; ``with_`` joins what is
    bound together with a row.

    ``columns`` is a part of the format (see :mod:`promises.journal.rows`): it is not to be changed.
    """

    table: Table
    columns: tuple[ColumnElement[Any], ...]
    chain: ColumnElement[int]
    with_: Callable[[Select[Any]], Select[Any]] = lambda query: query

    def rows(self, chain: int) -> Select[Any]:
        """The rows of *chain*, each led by its seal and its id, in the order in which they are bound."""
        query = self._led.where(self.chain == chain)
        return query.order_by(self.table.c.seal, self.table.c.id)

    @cached_property
    def sealed(self) -> Select[Any]:
        """The rows of some *chains* under one *seal*, as :meth:`rows` gives them, with the chain behind each;
        chain by chain."""
        some = self.chain.in_(bindparam("chains", expanding=True))
        query = self._led.add_columns(self.chain.label("of_chain"))
        query = query.where(some, self.table.c.seal == bindparam("seal"))
        return query.order_by(self.chain, self.table.c.id)

    @property
    def _led(self) -> Select[Any]:
        columns = (self.table.c.seal, self.table.c.id, *map(_bare, self.columns))
        return self.with_(select(*columns).select_from(self.table))

    def bytes_of(self, row: Sequence[Any]) -> bytes:
        """A row of :meth:`rows` as it is bound."""
        return row_bytes(self.table.name, row[2:])


def _bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Money as the cents that are stored."""
    return type_coerce(column, BigInteger) if isinstance(column.type, Money) else column


_journal = Chained(
    _event,
    tuple(_event.c[name] for name in ("id", "at", "person_id", "verb", "subject", "subject_id", "facts")),
    chain=literal(JOURNAL),
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


def lengthen(connection: Connection, number: int, chains: Collection[int]) -> None:
    """Add a link to each of *chains* over its rows under the seal *number*, if there are any."""
    # What was written inside a savepoint may have been taken back: then a chain has none.
    contents = _contents(connection, chains, number)
    heads = _hold(connection, contents)
    at = clock.now()
    links = [
        {
            "chain": chain,
            "number": heads[chain].number + 1,
            "seal": number,
            "rows": content.rows,
            "marks": content.marks,
            "previous": heads[chain].digest,
            "digest": link_digest(chain, heads[chain].number + 1, number, at, content, heads[chain].digest),
            "at": at,
        }
        for chain, content in contents.items()
    ]
    if not links:
        return
    connection.execute(insert(_link), links)
    moved = [{"of_chain": one["chain"], "number": one["number"], "digest": one["digest"]} for one in links]
    connection.execute(_MOVED, moved)


def _contents(connection: Connection, chains: Collection[int], number: int) -> dict[int, Content]:
    """The rows of each of *chains* under the seal *number*, as the database holds them."""
    found: dict[int, Content] = {}
    for chained, own in ((_journal, {JOURNAL}), *((ledger, set(chains) - {JOURNAL}) for ledger in _ledger)):
        if own := own.intersection(chains):
            rows = connection.execute(chained.sealed, {"chains": sorted(own), "seal": number})
            for chain, some in groupby(_some_at_a_time(rows), key=lambda row: int(row[-1])):
                found[chain] = gathered(chained.bytes_of(row[:-1]) for row in some)
    return found


def _some_at_a_time(rows: Any) -> Iterator[Row[Any]]:
    for part in rows.partitions(AT_ONCE):
        yield from part


def _hold(connection: Connection, chains: Iterable[int]) -> dict[int, Any]:
    """Lock the heads of *chains* until the transaction ends: the number and the digest of each last link."""
    wanted = sorted(chains)
    heads = {row.chain: row for row in connection.execute(_HEADS, {"chains": wanted})}
    if new := [chain for chain in wanted if chain not in heads]:
        begun = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        first = [{"chain": chain, "number": 0, "digest": FIRST} for chain in new]
        connection.execute(begun(_head).on_conflict_do_nothing(), first)
        heads = {row.chain: row for row in connection.execute(_HEADS, {"chains": wanted})}
    return heads
