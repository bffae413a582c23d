"""Time in SQL, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class seconds_of(GenericFunction[int]):
    """Whole seconds from 1970 in UTC to a stored time; what is below a second is cut off."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds_of, "sqlite")
def _sqlite(element: seconds_of, compiler: Any, **kw: Any) -> str:
    # Whole seconds only: SQLite would round the last half millisecond of a second up.
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **kw)}, 1, 19)) AS INTEGER)"


@compiles(seconds_of, "postgresql")
def _postgresql(element: seconds_of, compiler: Any, **kw: Any) -> str:
    # A cast to bigint alone would round up the last half second.
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kw)})) AS BIGINT)"
