"""Many rows by one statement, whatever their number: found by their keys, inserted, changed.

SQLite gets the keys as rows of values, which it reads twice as fast as a JSON document, and what is written
row by row; PostgreSQL gets each column as one array. The text of a statement hardly depends on how many rows
there are, so it is put together once. This goes straight to the driver: of an event that comes by itself,
what stands around its statements is most of the cost.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import JSON, Boolean, String, Table
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine
from sqlmodel import Session

from promises.database import driver_of
from promises.loading import times
from promises.terms.columns import MISSING, Times

Values = Sequence[tuple[Any, ...]]
Convert = Callable[[Any], Any]
_DIALECT = DefaultDialect()
MOST_KEYS = 1024
"""Keys that one statement to SQLite tells."""


def find_rows(
    session: Session,
    table: Table,
    by: Sequence[str],
    keys: Iterable[tuple[Any, ...]],
    *,
    names: tuple[str, ...] = (),
    hold: bool = False,
    as_kept: bool = False,
) -> list[Any]:
    """The rows of *table* that have one of *keys* in the columns *by*; their columns are attributes by name.
    If *by* begins the primary key, they come in its order.

    :param keys: whole numbers and texts. Each is looked up by itself, so there should be an index.
    :param names: the columns that are wanted, if not all.
    :param hold: keep them from being changed by others until the transaction ends.
    :param as_kept: leave values as the driver gives them, times as :func:`kept_times` makes them.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return []
    session.flush()
    names = names or _all(table)
    shape, postgresql = _shape(table, names), _is_postgresql(session)
    if postgresql:
        arrays = list(map(_array, zip(*wanted, strict=True)))
        found = _run(session, _find_postgresql(table, names, tuple(by), hold), arrays)
    else:
        found = []
        wanted.sort()
        for first in range(0, len(wanted), MOST_KEYS):
            some = wanted[first : first + MOST_KEYS]
            size = _power_of_two(len(some))
            told = list(chain.from_iterable(some)) + [None] * (len(by) * (size - len(some)))
            found += _run(session, _find_sqlite(table, names, tuple(by), size), told)
    readers = () if as_kept or not found else _readers(table, names, postgresql)
    if not readers:
        return list(map(shape._make, found))
    columns: list[Any] = list(zip(*found, strict=True))
    for place, read in readers:
        columns[place] = list(map(read, columns[place]))
    return list(map(shape, *columns))


def kept_times(session: Session, at: Times) -> list[Any]:
    """Times in microseconds, or MISSING, as the database keeps them: to be written, and to be compared with
    what is read as it is kept."""
    if _is_postgresql(session):
        moments = at.view("M8[us]").tolist()
        return [None if one is None else one.replace(tzinfo=UTC) for one in moments]
    written = pc.cast(times(at, at == MISSING), pa.string())
    found: list[Any] = written.to_pylist()
    return found


def insert_rows(
    session: Session, table: Table, names: Sequence[str], rows: Values, *, unless_there: bool = False
) -> int:
    """Insert *rows*, each with its values in the order of *names*; how many there were to insert.

    :param unless_there: pass over rows whose key is there, and wait for others who insert the same. To keep
        two writers from waiting for each other in a circle the rows are to be in the order of that key.
    """
    if not rows:
        return 0
    statement = _insert(table, tuple(names), unless_there, _is_postgresql(session))
    return _write(session, table, tuple(names), rows, statement)


def change_rows(session: Session, table: Table, by: Sequence[str], names: Sequence[str], rows: Values) -> int:
    """Set *names* to new values where the columns *by* are as told; how many rows there were.

    :param rows: for each the values of *names*, then those of *by*.
    """
    if not rows:
        return 0
    statement = _change(table, tuple(by), tuple(names), _is_postgresql(session))
    return _write(session, table, (*names, *by), rows, statement)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _run(session: Session, statement: str, values: Sequence[Any]) -> list[Any]:
    with driver_of(session) as driver:
        found: list[Any] = driver.execute(statement, values).fetchall()
    return found


def _write(session: Session, table: Table, names: tuple[str, ...], rows: Values, statement: str) -> int:
    postgresql = _is_postgresql(session)
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, write in _writers(table, names, postgresql):
        columns[place] = list(map(write, columns[place]))
    with driver_of(session) as driver:
        if postgresql:
            return int(driver.execute(statement, list(map(_array, columns))).rowcount)
        return int(driver.executemany(statement, zip(*columns, strict=True)).rowcount)


def _array(column: Sequence[Any]) -> str:
    """A column as PostgreSQL reads an array: the driver takes many times as long to write one."""
    return "{" + ",".join(map(_element, column)) + "}"


def _element(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "NULL"
    return '"' + value.isoformat() + '"' if isinstance(value, datetime) else str(value)


@lru_cache
def _all(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.c)


@lru_cache
def _shape(table: Table, names: tuple[str, ...]) -> Any:
    return namedtuple(table.name, names)  # type: ignore[misc]


def _power_of_two(size: int) -> int:
    """The first one from *size* on: so many keys a statement tells, the last of them nothing at all."""
    return 1 << (size - 1).bit_length()


@lru_cache
def _find_sqlite(table: Table, names: tuple[str, ...], by: tuple[str, ...], size: int) -> str:
    keys = [f"column{place}" for place in range(1, len(by) + 1)]
    same = " AND ".join(f"t.{name} = k.{key}" for key, name in zip(keys, by, strict=True))
    one = f"({', '.join('?' for _ in by)})"
    # A cross join is SQLite's way of saying which table is walked first.
    found = f'FROM (VALUES {", ".join([one] * size)}) AS k CROSS JOIN "{table.name}" AS t ON {same}'
    return _selected(table, names, found)


@lru_cache
def _find_postgresql(table: Table, names: tuple[str, ...], by: tuple[str, ...], hold: bool) -> str:
    keys = [f"k{place}" for place in range(len(by))]
    same = " AND ".join(f"t.{name} = k.{key}" for key, name in zip(keys, by, strict=True))
    arrays = ", ".join(f"%s::{_array_of(table.c[name].type)}[]" for name in by)
    found = f'FROM unnest({arrays}) AS k({", ".join(keys)}) JOIN "{table.name}" AS t ON {same}'
    return _selected(table, names, found) + (" FOR NO KEY UPDATE OF t" if hold else "")


def _selected(table: Table, names: tuple[str, ...], found: str) -> str:
    columns = ", ".join(f"t.{name}" for name in names)
    order = ", ".join(f"t.{column.name}" for column in table.primary_key.columns)
    # What is put together here and below are names of our own tables and columns.
    return f"SELECT {columns} {found} ORDER BY {order}"


@lru_cache
def _insert(table: Table, names: tuple[str, ...], unless_there: bool, postgresql: bool) -> str:
    into = f'INSERT INTO "{table.name}" ({", ".join(names)})'
    after = " ON CONFLICT DO NOTHING" if unless_there else ""
    if postgresql:
        told = ", ".join(_from_array(table, name) for name in names)
        return f"{into} SELECT {told} FROM {_arrays(table, names)}{after}"  # noqa: S608
    return f"{into} VALUES ({', '.join('?' for _ in names)}){after}"


@lru_cache
def _change(table: Table, by: tuple[str, ...], names: tuple[str, ...], postgresql: bool) -> str:
    if postgresql:
        values = ", ".join(f"{name} = {_from_array(table, name)}" for name in names)
        same = " AND ".join(f"t.{name} = k.{name}_" for name in by)
        arrays = _arrays(table, (*names, *(f"{name}_" for name in by)))
        return f'UPDATE "{table.name}" AS t SET {values} FROM {arrays} WHERE {same}'  # noqa: S608
    values = ", ".join(f"{name} = ?" for name in names)
    same = " AND ".join(f"{name} = ?" for name in by)
    return f'UPDATE "{table.name}" SET {values} WHERE {same}'  # noqa: S608


def _arrays(table: Table, names: Sequence[str]) -> str:
    arrays = ", ".join(f"%s::{_array_of(table.c[name.rstrip('_')].type)}[]" for name in names)
    return f"unnest({arrays}) AS k({', '.join(names)})"


def _from_array(table: Table, name: str) -> str:
    return f"k.{name}::json" if isinstance(table.c[name].type, JSON) else f"k.{name}"


@lru_cache
def _writers(table: Table, names: tuple[str, ...], postgresql: bool) -> list[tuple[int, Convert]]:
    """What makes the values of some columns ready for the driver, by place."""
    found: list[tuple[int, Convert]] = []
    for place, name in enumerate(names):
        kind = table.c[name].type
        if isinstance(kind, JSON):
            found.append((place, _dumped))
        elif _is_time(kind) and not postgresql:
            found.append((place, _written))
    return found


@lru_cache
def _readers(table: Table, names: tuple[str, ...], postgresql: bool) -> list[tuple[int, Convert]]:
    """What makes the values of some columns values again, by place."""
    found: list[tuple[int, Convert]] = []
    for place, name in enumerate(names):
        kind = table.c[name].type
        if isinstance(kind, TypeDecorator) and not _is_time(kind):
            found.append((place, kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None) or str))
        elif not postgresql and isinstance(kind, JSON):
            found.append((place, _loaded))
        elif not postgresql and isinstance(kind, Boolean):
            found.append((place, _truth))
        elif not postgresql and _is_time(kind):
            found.append((place, _moment))
    return found


def _dumped(value: Any) -> str:
    return "{}" if value == {} else json.dumps(value)


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _loaded(text: str) -> Any:
    return {} if text == "{}" else json.loads(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def _written(at: datetime | str | None) -> str | None:
    """A time as SQLAlchemy keeps it in SQLite: in UTC, to the microsecond, without a zone. One that is kept
    so already stays as it is."""
    if at is None or isinstance(at, str):
        return at
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ", "microseconds")[:-6]


def _is_time(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, DateTime)


def _array_of(kind: TypeEngine[Any]) -> str:
    """PostgreSQL's name for a column's values. Texts have no length here: one that is too long is refused
    by its column, not cut."""
    if _is_time(kind):
        return "timestamptz"
    plain = kind.impl if isinstance(kind, TypeDecorator) else kind
    if isinstance(plain, String | JSON):
        return "text"
    names: dict[object, str] = {int: "bigint", float: "float8", bool: "boolean"}
    return names[plain.python_type]
