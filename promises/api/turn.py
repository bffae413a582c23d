"""Processes that write events to one SQLite file take turns.

SQLite makes a writer who finds the file locked sleep for longer and longer, up to a tenth of a second, so of
two busy workers one would mostly sleep. A lock of the system wakes the next at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

try:
    import fcntl
except ImportError:  # not on Windows: there SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


@contextmanager
def our_turn(engine: Engine) -> Iterator[None]:
    """Inside the block no other process is inside one on the same file; on PostgreSQL nobody waits."""
    file = engine.url.database
    if fcntl is None or engine.dialect.name != "sqlite" or not file or file == ":memory:":
        yield
        return
    with Path(f"{file}-turn").open("wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
