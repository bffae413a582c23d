"""Adding to the rows of the counts: sorted upserts, on SQLite row by row, on PostgreSQL by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

from promises.service.tables import WAIT_BINS, HourlyCount, hourly_wait

CountKey = tuple[int, int, int, str, str]
"""Branch, promise, hour, status, reason."""

WaitKey = tuple[int, int, int, int]
"""Branch, promise, hour, terms."""

hourly_count: Table = HourlyCount.__table__  # type: ignore[attr-defined]


def add_counts(connection: Connection, rows: Sequence[tuple[CountKey, int]]) -> None:
    """Add to the counts; *rows* are in the order of their keys."""
    _add(connection, hourly_count, 5, [(*key, n) for key, n in rows])


def add_waits(connection: Connection, rows: Sequence[tuple[WaitKey, list[int]]]) -> None:
    """Add to the waits: number, microseconds and bins; *rows* are in the order of their keys."""
    _add(connection, hourly_wait, 4, [(*key, *values) for key, values in rows])


WAIT_COLUMNS = ("branch_id", "promise_id", "hour", "terms_id", "n", "elapsed_us", *WAIT_BINS)
COUNT_COLUMNS = ("branch_id", "promise_id", "hour", "status", "reason", "n")


def _add(connection: Connection, table: Table, key: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert *rows*, or add their values to the rows that have their keys (the first *key* columns)."""
    if not rows:
        return
    names = COUNT_COLUMNS if table is hourly_count else WAIT_COLUMNS
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in names[key:])
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    on = f"ON CONFLICT ({', '.join(names[:key])}) DO UPDATE SET {added}"
    if connection.dialect.name != "postgresql":
        places = ", ".join("?" for _ in names)
        connection.exec_driver_sql(f"{into} VALUES ({places}) {on}", list(rows))
        return
    arrays = {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    types = {name: "varchar" if name in ("status", "reason") else "bigint" for name in names}
    listed = ", ".join(f"CAST(:{name} AS {types[name]}[])" for name in names)
    order = ", ".join(str(place + 1) for place in range(key))
    connection.execute(
        text(f"{into} SELECT * FROM unnest({listed}) AS told ({', '.join(names)}) ORDER BY {order} {on}"),  # noqa: S608
        arrays,
    )
