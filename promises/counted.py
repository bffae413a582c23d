"""Kept counts: adding to their rows, and how a row that is wrong is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, Table, TypeDecorator, text


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of kept counts that doesn't say what the things counted say.

    :param table: the table of the row.
    :param key: its key by column.
    :param kept: its values as they are kept, *counted* as they should be.
    """

    table: str
    key: dict[str, int | str]
    kept: tuple[int, ...]
    counted: tuple[int, ...]


def add_to(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Insert *rows*, or add their values to the rows that have their keys.

    On SQLite row by row, on PostgreSQL by one statement, so that writers never wait for each other in a
    circle.

    :param columns: those of the key first, then all others.
    :param rows: values of *columns*, in the order of their keys.
    """
    if not rows:
        return
    key = len(table.primary_key.columns)
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in columns[key:])
    into = f"INSERT INTO {table.name} ({', '.join(columns)})"
    on = f"ON CONFLICT ({', '.join(columns[:key])}) DO UPDATE SET {added}"
    if connection.dialect.name != "postgresql":
        places = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(f"{into} VALUES ({places}) {on}", list(rows))
        return
    arrays = {name: list(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)}
    types = {name: "varchar" if _is_text(table, name) else "bigint" for name in columns}
    listed = ", ".join(f"CAST(:{name} AS {types[name]}[])" for name in columns)
    order = ", ".join(str(place + 1) for place in range(key))
    told = f"SELECT * FROM unnest({listed}) AS told ({', '.join(columns)}) ORDER BY {order}"  # noqa: S608
    connection.execute(text(f"{into} {told} {on}"), arrays)


def _is_text(table: Table, name: str) -> bool:
    """SQLModel's texts are decorated ones."""
    kind = table.c[name].type
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, String)
