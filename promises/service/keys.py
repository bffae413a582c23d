"""Keys of many rows at once, for the tables that are keyed by branch and time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, select, text
from sqlmodel import Session

from promises.database import EPOCH_MS, LOW_BITS
from promises.service.many import find_rows

Ids = NDArray[np.int64]
LARGEST_ID = 2**63 - 1
LOOKED_UP_AT_ONCE = 500
FEW = 1000
"""So many keys are looked up one by one; of more it is asked first whether any row lies between them."""
T = TypeVar("T")


def draw_ids(session: Session, table: Table, branches: Ids, at_us: Ids) -> Ids:
    """Keys for new rows of *table*, one per row: like :func:`promises.database.new_id`, but never twice.

    One file may hold thousands of cases of one midnight, where random bits alone would meet.

    :param branches: branch ids.
    :param at_us: the time of each row in microseconds since 1970.
    """
    random = np.random.default_rng()
    base = np.maximum(at_us // 1000 - EPOCH_MS, 0) << LOW_BITS
    ids = base | random.integers(0, 1 << LOW_BITS, len(base))
    while True:
        again = _repeated(branches, ids) | _taken(session, table, branches, ids)
        if not again.any():
            return ids
        ids[again] = base[again] | random.integers(0, 1 << LOW_BITS, int(again.sum()))


def in_key_order(branches: Ids, ids: Ids) -> Ids:
    """The places of rows in the order of their keys."""
    return np.lexsort((ids, branches))


def _repeated(branches: Ids, ids: Ids) -> NDArray[np.bool_]:
    order = in_key_order(branches, ids)
    same = (np.diff(ids[order]) == 0) & (np.diff(branches[order]) == 0)
    repeated = np.zeros(len(ids), bool)
    repeated[order[1:]] = same
    return repeated


def _taken(session: Session, table: Table, branches: Ids, ids: Ids) -> NDArray[np.bool_]:
    """Rows whose key stands in *table* already."""
    if len(ids) <= FEW:
        keys = list(zip(branches.tolist(), ids.tolist(), strict=True))
        by = ("branch_id", "id")
        there = set(find_rows(session, table, by, keys, names=by))
        return np.array([key in there for key in keys], bool)
    taken = np.zeros(len(ids), bool)
    for branch in np.unique(branches):
        rows = np.flatnonzero(branches == branch)
        own = ids[rows]
        within = select(table.c.id).where(
            table.c.branch_id == int(branch), table.c.id >= int(own.min()), table.c.id <= int(own.max())
        )
        if session.execute(within.limit(1)).first() is None:
            continue
        for place, _ in found(session, table, int(branch), "id", own.tolist()):
            taken[rows[place]] = True
    return taken


def found(
    session: Session,
    table: Table,
    branch_id: int,
    column: str,
    values: Sequence[int] | Sequence[str],
    **same: str,
) -> list[tuple[int, int]]:
    """Which of *values* stand in *column* of the branch's rows: the place of each, and its row's ``id``.

    They are told in one parameter, however many, and looked up by the table's index on branch and column.

    :param same: further columns and what they must be.
    """
    also = "".join(f" AND own.{name} = :{name}" for name in same)
    if session.get_bind().dialect.name == "postgresql":
        kind = "bigint" if column == "id" else "varchar"
        statement = (
            f"SELECT told.place - 1, own.id FROM unnest(CAST(:told AS {kind}[])) WITH ORDINALITY "  # noqa: S608
            f'AS told (value, place) JOIN "{table.name}" AS own '
            f"ON own.branch_id = :branch AND own.{column} = told.value{also}"
        )
        told: object = list(values)
    else:
        statement = (
            f'SELECT told.key, own.id FROM json_each(:told) AS told CROSS JOIN "{table.name}" AS own '  # noqa: S608
            f"WHERE own.branch_id = :branch AND own.{column} = told.value{also}"
        )
        told = json.dumps(values)
    rows = session.execute(text(statement), {"told": told, "branch": branch_id, **same})
    return [(row[0], row[1]) for row in rows]


def parts(items: Sequence[T], size: int = LOOKED_UP_AT_ONCE) -> Iterator[Sequence[T]]:
    """*items* some at a time, as many as a statement may name."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
