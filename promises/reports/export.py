"""Tables that leave the product as files, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from promises import language
from promises.language import gettext
from promises.reports.queries import BrokenCase
from promises.terms.explain import reason as reason_words

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that make a spreadsheet take a text for a formula (OWASP, CSV injection)."""

COLUMNS = ("case", "started", "waited_s", "reason", "reason_code", "amount", "currency", "paid")


def safe(text: str) -> str:
    """*text* with a leading apostrophe where a spreadsheet would otherwise run it."""
    return f"'{text}" if text.startswith(RISKY) else text


def broken_csv(cases: Iterable[BrokenCase], zone: str) -> Iterator[str]:
    """The lines of a CSV file, beginning with the mark by which Excel knows UTF-8.

    Finnish spreadsheets expect semicolons and decimal commas; English ones commas and points. Times
    are local to *zone*, as ``2026-06-09 12:00:00``; waits are seconds.
    """
    finnish = language.current() == "fi"
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";" if finnish else ",", lineterminator="\r\n")
    where = ZoneInfo(zone)
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    writer.writerow([gettext(f"export.{name}") for name in COLUMNS])
    for case in cases:
        yield _taken(buffer)
        writer.writerow(
            [
                safe(case.reference),
                _time(case.started_at, where),
                _number(case.elapsed_s, finnish),
                safe(reason_words(case.reason)),
                safe(case.reason),
                _number(case.amount, finnish),
                case.currency or "",
                gettext("answer.yes" if case.paid else "answer.no") if case.amount else "",
            ]
        )
    yield _taken(buffer)


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _number(value: float | Decimal | None, comma: bool) -> str:
    text = "" if value is None else f"{value:.2f}" if isinstance(value, Decimal) else f"{value:.0f}"
    return text.replace(".", ",") if comma else text
