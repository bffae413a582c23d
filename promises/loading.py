"""Many rows into one table at once: COPY on PostgreSQL, one prepared statement on SQLite.

Columns go in as the database keeps them (money as cents, JSON as text), without an object per row. Rows are
best sorted by the table's key, so that its pages are written one after another.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray
from sqlalchemy import Table
from sqlmodel import Session

from promises.database import driver_of

Value: TypeAlias = int | str | datetime | None
Column: TypeAlias = NDArray[Any] | pa.Array | Value
"""Whole numbers or fractions as an array, texts and times as Arrow's, or one value for all rows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def times(at: NDArray[np.int64], none: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of times from microseconds since 1970 in UTC; where *none* holds, there is no time."""
    return pa.array(at, pa.timestamp("us"), mask=none)


def texts(values: Iterable[str], codes: NDArray[np.signedinteger[Any]], none: str | None = None) -> pa.Array:
    """A column of texts from distinct *values* and each row's number of one; below 0 it is *none*."""
    every = pa.array([*values, none], pa.string())
    return every.take(pa.array(np.where(codes < 0, len(every) - 1, codes)))


def load(session: Session, table: Table, count: int, columns: Mapping[str, Column]) -> None:
    """Insert *count* rows into *table* within the session's transaction; all columns are of that length.

    :raises sqlalchemy.exc.IntegrityError: if the database refuses a row.
    """
    if any(len(one) != count for one in columns.values() if isinstance(one, np.ndarray | pa.Array)):
        raise ValueError(f"columns of {table.name} that aren't {count} long")
    if not count:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, count, columns)
    else:
        _insert(session, table, count, columns)


def _insert(session: Session, table: Table, count: int, columns: Mapping[str, Column]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" for _ in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608 - names are the table's
    rows = zip(*(_listed(column, count) for column in columns.values()), strict=False)
    with driver_of(session) as driver:
        driver.executemany(statement, rows)


def _listed(column: Column, count: int) -> Iterable[Any]:
    """A column as SQLite's driver takes it; times as the texts that it keeps."""
    if isinstance(column, np.ndarray):
        found = column.tolist()
        if column.dtype.kind == "f":
            return [None if value != value else value for value in found]
        return found  # type: ignore[no-any-return]
    if isinstance(column, pa.Array):
        written = pc.cast(column, pa.string()) if pa.types.is_timestamp(column.type) else column
        return written.to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]
    return repeat(_written(column), count)


def _written(value: Value) -> int | str | None:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def _copy(session: Session, table: Table, count: int, columns: Mapping[str, Column]) -> None:
    arrays = [_arrow(column, count) for column in columns.values()]
    out = io.BytesIO()
    options = pcsv.WriteOptions(include_header=False)
    # Absent values are written as nothing and texts in quotes, as COPY tells them apart.
    pcsv.write_csv(pa.table(arrays, names=list(columns)), out, options)
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN WITH (FORMAT csv)'
    with driver_of(session) as driver, driver.cursor() as cursor, cursor.copy(statement) as copying:
        copying.write(out.getbuffer())


def _arrow(column: Column, count: int) -> pa.Array:
    if isinstance(column, np.ndarray):
        return pa.array(column, mask=np.isnan(column) if column.dtype.kind == "f" else None)
    if isinstance(column, pa.Array):
        return column
    if isinstance(column, datetime):
        return times(np.full(count, (column - _EPOCH) // timedelta(microseconds=1)))
    if column is None:
        return pa.nulls(count, pa.string())
    return pa.repeat(pa.scalar(column), count)
