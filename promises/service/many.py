"""Many rows by one statement, whatever their number: found by their keys, inserted, changed.

SQLite gets the keys as one JSON document or the rows one after another below SQLAlchemy; PostgreSQL gets
each column as one array. Either way the text of a statement doesn't depend on how many rows there are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Row, String, Table, TextClause, TextualSelect, text
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine
from sqlmodel import Session

Rows = Sequence[tuple[Any, ...]]


def find_rows(
    session: Session, table: Table, by: Sequence[str], keys: Iterable[tuple[Any, ...]], *, hold: bool = False
) -> list[Row[Any]]:
    """The rows of *table* that have one of *keys* in the columns *by*, in the order of the primary key.

    :param keys: whole numbers and texts. Each is looked up by itself, so there should be an index.
    :param hold: keep them from being changed by others until the transaction ends.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return []
    if session.get_bind().dialect.name == "postgresql":
        columns = {f"k{place}": list(column) for place, column in enumerate(zip(*wanted, strict=True))}
        return list(session.execute(_find_postgresql(table, tuple(by), hold), columns))
    return list(session.execute(_find_sqlite(table, tuple(by)), {"keys": json.dumps(wanted)}))


@lru_cache
def _find_sqlite(table: Table, by: tuple[str, ...]) -> TextualSelect:
    same = " AND ".join(f"t.{name} = json_extract(k.value, '$[{place}]')" for place, name in enumerate(by))
    # A cross join is SQLite's way of saying which table is walked first.
    return _typed(table, f'FROM json_each(:keys) AS k CROSS JOIN "{table.name}" AS t ON {same}')


@lru_cache
def _find_postgresql(table: Table, by: tuple[str, ...], hold: bool) -> TextualSelect:
    names = [f"k{place}" for place in range(len(by))]
    same = " AND ".join(f"t.{name} = k.{key}" for key, name in zip(names, by, strict=True))
    arrays = ", ".join(
        f"CAST(:{key} AS {_array_of(table.c[name].type)}[])" for key, name in zip(names, by, strict=True)
    )
    found = f'FROM unnest({arrays}) AS k({", ".join(names)}) JOIN "{table.name}" AS t ON {same}'
    return _typed(table, found, " FOR NO KEY UPDATE OF t" if hold else "")


def _typed(table: Table, found: str, after: str = "") -> TextualSelect:
    columns = ", ".join(f"t.{column.name}" for column in table.c)
    order = ", ".join(f"t.{column.name}" for column in table.primary_key.columns)
    # What is put together here are names of our own tables and columns.
    return text(f"SELECT {columns} {found} ORDER BY {order}{after}").columns(*table.c)


def insert_rows(
    session: Session, table: Table, names: Sequence[str], rows: Rows, *, unless_there: bool = False
) -> None:
    """Insert *rows*, each with its values in the order of *names*.

    :param unless_there: pass over rows whose key is there, and wait for others who insert the same. To keep
        two writers from waiting for each other in a circle the rows are to be in the order of that key.
    """
    if not rows:
        return
    after = " ON CONFLICT DO NOTHING" if unless_there else ""
    into = f'INSERT INTO "{table.name}" ({", ".join(names)})'
    if session.get_bind().dialect.name == "postgresql":
        told = ", ".join(_from_array(table, name) for name in names)
        statement = f"{into} SELECT {told} FROM {_arrays(table, names)}{after}"  # noqa: S608
        session.execute(_text(statement), _as_columns(session, table, names, rows))
        return
    places = ", ".join("?" for _ in names)
    _one_by_one(session, table, names, f"{into} VALUES ({places}){after}", rows)


def change_rows(session: Session, table: Table, by: Sequence[str], names: Sequence[str], rows: Rows) -> int:
    """Set *names* to new values where the columns *by* are as told; how many rows there were.

    :param rows: for each the values of *names*, then those of *by*.
    """
    if not rows:
        return 0
    if session.get_bind().dialect.name == "postgresql":
        every = (*names, *(f"{name}_" for name in by))
        values = ", ".join(f"{name} = {_from_array(table, name)}" for name in names)
        same = " AND ".join(f"t.{name} = k.{name}_" for name in by)
        arrays = _arrays(table, every)
        statement = f'UPDATE "{table.name}" AS t SET {values} FROM {arrays} WHERE {same}'  # noqa: S608
        found: Any = session.execute(_text(statement), _as_columns(session, table, every, rows))
    else:
        values = ", ".join(f"{name} = ?" for name in names)
        same = " AND ".join(f"{name} = ?" for name in by)
        statement = f'UPDATE "{table.name}" SET {values} WHERE {same}'  # noqa: S608
        found = _one_by_one(session, table, (*names, *by), statement, rows)
    return int(found.rowcount)


def _one_by_one(session: Session, table: Table, names: Sequence[str], statement: str, rows: Rows) -> Any:
    writers = [_writer(table.c[name].type, session) for name in names]
    if any(writers):
        kept = [
            tuple(value if write is None else write(value) for write, value in zip(writers, row, strict=True))
            for row in rows
        ]
    else:
        kept = list(rows)
    return session.connection().exec_driver_sql(statement, kept)


def _as_columns(session: Session, table: Table, names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        write = _writer(table.c[name.rstrip("_")].type, session)
        found[name] = list(column) if write is None else [write(value) for value in column]
    return found


def _writer(kind: TypeEngine[Any], session: Session) -> Callable[[Any], Any] | None:
    """What makes a value ready for the driver."""
    dialect = session.get_bind().dialect
    if isinstance(kind, JSON):
        return json.dumps
    if dialect.name == "postgresql" and not (isinstance(kind, TypeDecorator) and not _is_time(kind)):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _is_time(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, DateTime)


def _arrays(table: Table, names: Sequence[str]) -> str:
    arrays = ", ".join(f"CAST(:{name} AS {_array_of(table.c[name.rstrip('_')].type)}[])" for name in names)
    return f"unnest({arrays}) AS k({', '.join(names)})"


def _from_array(table: Table, name: str) -> str:
    return f"CAST(k.{name} AS JSON)" if isinstance(table.c[name].type, JSON) else f"k.{name}"


def _array_of(kind: TypeEngine[Any]) -> str:
    """PostgreSQL's name for a column's values. Texts have no length here: one that is too long is refused
    by its column, not cut."""
    if _is_time(kind):
        return "TIMESTAMP WITH TIME ZONE"
    plain = kind.impl if isinstance(kind, TypeDecorator) else kind
    if isinstance(plain, String | JSON):
        return "TEXT"
    names: dict[object, str] = {int: "BIGINT", float: "DOUBLE PRECISION", bool: "BOOLEAN"}
    return names[plain.python_type]


@lru_cache
def _text(statement: str) -> TextClause:
    return text(statement)
