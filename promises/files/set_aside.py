"""Rows that were set aside, given back as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from sqlmodel import Session, SQLModel, col, func, select

from promises.language import current

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By this Excel knows UTF-8."""


def beyond(session: Session, table: type[SQLModel], intake_id: int | None) -> Iterator[dict[str, Any]]:
    """The rows beyond those that stand with the file, read as they are asked for."""
    rows = cast("Any", table)
    own = select(rows.fault).where(rows.intake_id == intake_id).order_by(col(rows.number))
    for fault in session.exec(own.execution_options(yield_per=500)):
        yield dict(fault)


def how_many(session: Session, table: type[SQLModel], intake_ids: Sequence[int]) -> dict[int, int]:
    """How many rows there are beyond those that stand with their files."""
    rows = cast("Any", table)
    query = select(rows.intake_id, func.count()).where(col(rows.intake_id).in_(intake_ids))
    return dict(session.exec(query.group_by(rows.intake_id)).all())


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """*rows* as a file for spreadsheets, line by line, of which no cell is run as a formula."""
    out = io.StringIO()
    # Excel in Finland splits at semicolons; our own intake reads any.
    writer = csv.writer(out, delimiter=";" if current() == "fi" else ",")
    for row in rows:
        writer.writerow([harmless(str(cell)) for cell in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; with an apostrophe it shows it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
