"""A copy of a SQLite database, whole as of one moment, while others read and write it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from promises.refusal import Refusal


def back_up(engine: Engine, file: Path) -> int:
    """Copy the database of *engine* to *file*, which only its owner can read; its size in bytes.

    The copy appears under its name only when it is whole, and writers don't wait for it.

    :raises Refusal: ``backup.exists``; ``backup.no_folder``; ``backup.postgresql`` (its own tools do that
        better: README says how).
    """
    if engine.dialect.name != "sqlite":
        raise Refusal("backup.postgresql")
    if not file.parent.is_dir():
        raise Refusal("backup.no_folder", found=str(file.parent))
    if file.exists():
        raise Refusal("backup.exists", found=str(file))
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(part)) as copy:
            _copy(engine, copy)
        with part.open("rb") as whole:
            os.fsync(whole.fileno())
        os.link(part, file)
    except FileExistsError:
        raise Refusal("backup.exists", found=str(file)) from None
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def _copy(engine: Engine, copy: sqlite3.Connection) -> None:
    with closing(engine.raw_connection()) as source:
        # All pages in one step are one read of the database; in several, a writer would restart it.
        cast("sqlite3.Connection", source.driver_connection).backup(copy, pages=-1)
    # A copy stands alone, without the log beside it.
    copy.execute("PRAGMA journal_mode = DELETE")
