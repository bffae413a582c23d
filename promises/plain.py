"""Rows as plainly as the driver gives them: for what is read in every transaction, and seldom changes.

A statement that goes through SQLAlchemy costs ten times what the database needs for a few rows. What is put
together from such rows is remembered by the rows themselves: they are read again each time, in the same
transaction as all else, so nobody has to be told that something was changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

from sqlmodel import Session

from promises.database import driver_of

T = TypeVar("T")
Rows = tuple[tuple[Any, ...], ...]
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}


def plain_rows(session: Session, statement: str, values: Collection[int] | Collection[str] = ()) -> Rows:
    """The rows of *statement*, without SQLAlchemy's types: times and JSON are what the driver takes them for.

    :param statement: ``{among}`` in it stands for being one of *values*; each time it does, they are told.
    """
    session.flush()
    dialect = session.get_bind().dialect.name
    told: Any = list(values)
    told = (told if dialect == "postgresql" else json.dumps(told),) * statement.count("{among}")
    with driver_of(session) as driver:
        found = driver.execute(statement.replace("{among}", _AMONG[dialect]), told).fetchall()
    return tuple(map(tuple, found))


class Remembered(Generic[T]):
    """The last few things that were put together from plain rows.

    :param most: so many; then all are forgotten.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._known: dict[Any, T] = {}

    def get(self, rows: Any, put_together: Callable[[], T]) -> T:
        """What *rows* were put together to before, or are by *put_together*."""
        found = self._known.get(rows)
        if found is None:
            found = put_together()
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[rows] = found
        return found
