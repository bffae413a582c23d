"""Checking the chains: every link against the rows that the database holds now, in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, func, select

from promises.audit.faults import Fault
from promises.journal.chain import AT_ONCE, JOURNAL, Chained, bound
from promises.journal.rows import FIRST, MARK, Content, gathered, link_digest, mark
from promises.journal.tables import Head, Link
from promises.people.tables import Branch

LINKS = 500
ROWS = 5000
STRAYS = 20

_link: Table = Link.__table__  # type: ignore[attr-defined]
_head: Table = Head.__table__  # type: ignore[attr-defined]
_branch: Table = Branch.__table__  # type: ignore[attr-defined]

Told = Callable[[int], None]
"""Is told how many rows have been checked since it was told last."""
Links = list[Row[Any]]
NOTHING = Content(0, b"", gathered(()).digest)


@dataclass
class Checked:
    """How far one chain goes, and what is wrong with it, the first broken link first."""

    chain: int
    number: int
    digest: str
    rows: int
    faults: list[Fault]


def every_chain(connection: Connection) -> list[int]:
    """The journal, each branch, and whatever else has links or a head, though it shouldn't."""
    found = {JOURNAL}
    for query in (select(_branch.c.id), select(_head.c.chain), select(_link.c.chain).distinct()):
        found.update(connection.execute(query).scalars())
    return sorted(found)


def count_rows(connection: Connection) -> int:
    """How many rows the chains hold: the length of a verification."""
    return int(connection.execute(select(func.coalesce(func.sum(_link.c.rows), 0))).scalar_one())


def check_chain(connection: Connection, chain: int, told: Told = lambda _rows: None) -> Checked:
    """Check *chain* from its first link to its head, and that no row lies outside of it.

    :param connection: in one transaction that sees one state of the database throughout.
    """
    checked = Checked(chain, 0, FIRST, 0, [])
    chained = bound(chain)
    for links in _links(connection, chain):
        contents = _contents(connection, chained, chain, links)
        for link in links:
            content = contents[link.seal]
            checked.faults += _link_faults(connection, chained, checked, link, content)
            checked.number, checked.digest = link.number, link.digest
            checked.rows += content.rows
            told(content.rows)
    checked.faults += _head_faults(connection, checked)
    checked.faults += _strays(connection, chained, chain)
    return checked


def _links(connection: Connection, chain: int) -> Iterator[Links]:
    """The links of *chain* in their order, some at a time, so that their rows together are not many."""
    last = -1
    while True:
        query = select(_link).where(_link.c.chain == chain, _link.c.number > last)
        found = connection.execute(query.order_by(_link.c.number).limit(LINKS)).all()
        if not found:
            return
        last = found[-1].number
        some: Links = []
        for link in found:
            if some and sum(one.rows for one in some) + link.rows > ROWS:
                yield some
                some = []
            some.append(link)
        yield some


def _contents(connection: Connection, chained: Chained, chain: int, links: Links) -> dict[int, Content]:
    """What the database holds now under the seals of *links*."""
    contents = dict.fromkeys((link.seal for link in links), NOTHING)
    rows = _rows(connection, chained.rows(chain).where(chained.table.c.seal.in_(list(contents))))
    for seal, own in groupby(rows, itemgetter(0)):
        contents[seal] = gathered(map(chained.bytes_of, own))
    return contents


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    yield from connection.execute(query.execution_options(yield_per=AT_ONCE))


def _link_faults(
    connection: Connection, chained: Chained, before: Checked, link: Row[Any], content: Content
) -> list[Fault]:
    where = {"chain": before.chain, "link": link.number}
    if link.number != before.number + 1:
        return [Fault("fault.link_missing", {**where, "link": before.number + 1})]
    if link.previous != before.digest:
        return [Fault("fault.link_moved", where)]
    if content.marks != link.marks or content.rows != link.rows:
        return [_row_fault(connection, chained, link, where)]
    digest = link_digest(link.chain, link.number, link.seal, link.at, content, link.previous)
    return [] if digest == link.digest else [Fault("fault.link_changed", where)]


def _row_fault(connection: Connection, chained: Chained, link: Row[Any], where: dict[str, Any]) -> Fault:
    """Which row of a broken link it is: the first whose mark isn't the one that was noted."""
    then = [link.marks[at : at + MARK] for at in range(0, len(link.marks), MARK)]
    query = chained.rows(link.chain).where(chained.table.c.seal == link.seal)
    now = [(row[1], mark(chained.bytes_of(row))) for row in _rows(connection, query)]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1][1], zip(then, now, strict=False)))
    about = {**where, "kind": chained.table.name}
    if len(now) < len(then):
        return Fault("fault.row_missing", {**about, "row": now[same - 1][0] if same else "–"})
    if same == len(now):
        return Fault("fault.link_changed", where)
    code = "fault.row_added" if len(now) > len(then) else "fault.row_changed"
    return Fault(code, {**about, "row": now[same][0]})


def _head_faults(connection: Connection, checked: Checked) -> list[Fault]:
    """Whether the chain ends where its head says; without links there is no head."""
    head = connection.execute(select(_head).where(_head.c.chain == checked.chain)).first()
    ends = (head.number, head.digest) if head else (0, FIRST)
    if ends == (checked.number, checked.digest):
        return []
    return [Fault("fault.head", {"chain": checked.chain, "link": ends[0], "found": checked.number})]


def _strays(connection: Connection, chained: Chained, chain: int) -> list[Fault]:
    """Rows that no link holds."""
    held = select(_link.c.number).where(_link.c.chain == chain, _link.c.seal == chained.table.c.seal)
    query = chained.rows(chain).where(~held.exists()).limit(STRAYS)
    return [
        Fault("fault.row_outside", {"chain": chain, "kind": chained.table.name, "row": row[1]})
        for row in connection.execute(query)
    ]
