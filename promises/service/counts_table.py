"""Adding to the rows of the counts by the hour."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table

from promises.counted import add_to
from promises.service.tables import WAIT_BINS, HourlyCount, hourly_wait

CountKey = tuple[int, int, int, str, str]
"""Branch, promise, hour, status, reason."""

WaitKey = tuple[int, int, int, int]
"""Branch, promise, hour, terms."""

hourly_count: Table = HourlyCount.__table__  # type: ignore[attr-defined]


def add_counts(connection: Connection, rows: Sequence[tuple[CountKey, int]]) -> None:
    """Add to the counts; *rows* are in the order of their keys."""
    add_to(connection, hourly_count, COUNT_COLUMNS, [(*key, n) for key, n in rows])


def add_waits(connection: Connection, rows: Sequence[tuple[WaitKey, list[int]]]) -> None:
    """Add to the waits: number, microseconds and bins; *rows* are in the order of their keys."""
    add_to(connection, hourly_wait, WAIT_COLUMNS, [(*key, *values) for key, values in rows])


WAIT_COLUMNS = ("branch_id", "promise_id", "hour", "terms_id", "n", "elapsed_us", *WAIT_BINS)
COUNT_COLUMNS = ("branch_id", "promise_id", "hour", "status", "reason", "n")
