"""Tables that leave the product as files, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from promises import language
from promises.language import gettext
from promises.reports.network import PromiseLines
from promises.reports.queries import BrokenCase
from promises.terms.explain import reason as reason_words

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that make a spreadsheet take a text for a formula (OWASP, CSV injection)."""

CASE_COLUMNS = ("case", "started", "waited_s", "reason", "reason_code", "amount", "currency", "paid")
NETWORK_COLUMNS = (
    "promise", "branch", "kept", "broken", "pending", "excluded", "share", "low", "high", "target", "before",
)  # fmt: skip


def safe(text: str) -> str:
    """*text* with a leading apostrophe where a spreadsheet would otherwise run it."""
    return f"'{text}" if text.startswith(RISKY) else text


def broken_csv(cases: Iterable[BrokenCase], zone: str) -> Iterator[str]:
    """The lines of a file of broken cases. Times are local to *zone*, as ``2026-06-09 12:00:00``."""
    where, comma = ZoneInfo(zone), _comma()
    rows = (
        [
            safe(case.reference),
            f"{case.started_at.astimezone(where):%Y-%m-%d %H:%M:%S}",
            _number(case.elapsed_s, comma, 0),
            safe(reason_words(case.reason)),
            safe(case.reason),
            _number(case.amount, comma, 2),
            case.currency or "",
            gettext("answer.yes" if case.paid else "answer.no") if case.amount else "",
        ]
        for case in cases
    )
    return _file(CASE_COLUMNS, rows)


def network_csv(compared: Iterable[PromiseLines]) -> Iterator[str]:
    """The lines of a file that sets branches beside each other; shares and bounds run from 0 to 1."""
    comma = _comma()
    rows = (
        [
            safe(promise.dated.code),
            safe(line.branch.name),
            str(line.now.kept),
            str(line.now.broken),
            str(line.now.pending),
            str(line.now.excluded),
            _number(line.now.share, comma, 4),
            _number(line.now.interval.low if line.now.interval else None, comma, 4),
            _number(line.now.interval.high if line.now.interval else None, comma, 4),
            _number(promise.target, comma, 4),
            _number(line.before.share, comma, 4),
        ]
        for promise in compared
        for line in promise.lines
    )
    return _file(NETWORK_COLUMNS, rows)


def _comma() -> bool:
    return language.current() == "fi"


def _file(columns: Iterable[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """CSV that begins with the mark by which Excel knows UTF-8.

    Finnish spreadsheets expect semicolons and decimal commas; English ones commas and points.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";" if _comma() else ",", lineterminator="\r\n")
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    writer.writerow([gettext(f"export.{name}") for name in columns])
    for row in rows:
        yield _taken(buffer)
        writer.writerow(row)
    yield _taken(buffer)


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _number(value: float | Decimal | None, comma: bool, digits: int) -> str:
    text = "" if value is None else f"{value:.{digits}f}"
    return text.replace(".", ",") if comma else text
