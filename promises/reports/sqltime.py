"""Time in SQL, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from promises.reports.counting import QUARTER


class quarter_of(GenericFunction[int]):
    """Quarters of an hour from 1970 in UTC to a stored time, as a whole number."""

    type = BigInteger()
    inherit_cache = True


@compiles(quarter_of, "sqlite")
def _sqlite(element: quarter_of, compiler: Any, **kw: Any) -> str:
    # Whole seconds only: SQLite would round the last half millisecond of a second up.
    seconds = f"strftime('%s', substr({compiler.process(element.clauses, **kw)}, 1, 19))"
    return f"(CAST({seconds} AS INTEGER) / {QUARTER})"


@compiles(quarter_of, "postgresql")
def _postgresql(element: quarter_of, compiler: Any, **kw: Any) -> str:
    # A cast to bigint would round up the last half second of each quarter.
    seconds = f"FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kw)}))"
    return f"(CAST({seconds} AS BIGINT) / {QUARTER})"
