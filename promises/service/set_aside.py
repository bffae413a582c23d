"""The rows of a file of cases that were set aside, in words and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from sqlmodel import Session, col, select

from promises.feedback.set_aside import FORMULA_STARTS
from promises.language import current, gettext, sentence
from promises.refusal import Refusal
from promises.service.tables import CaseIntake, CaseSetAside

FIELDS = ("row", "case", "field", "found")


def told(fault: dict[str, Any]) -> str:
    """One set-aside row in a sentence, with its row and case where the sentence doesn't name them."""
    facts = fault["facts"]
    words = sentence(Refusal(fault["code"], **facts))
    row, case = facts.get("row"), facts.get("case")
    if not case:
        return words
    if row is None:
        return f"{case}: {words}"
    return gettext("cases.row_and_case", row=row, case=case, words=words)


def beyond(session: Session, intake: CaseIntake) -> Iterator[dict[str, Any]]:
    """The rows beyond those that stand with the file, read as they are asked for."""
    own = select(CaseSetAside.fault).where(CaseSetAside.intake_id == intake.id)
    for fault in session.exec(own.order_by(col(CaseSetAside.number)).execution_options(yield_per=500)):
        yield dict(fault)


def as_csv(intake: CaseIntake, more: Iterable[dict[str, Any]] = ()) -> Iterator[str]:
    """Row, case, field, what was found and why, in the reader's language, line by line."""
    out = io.StringIO()
    # Excel in Finland splits at semicolons; our own intake reads any.
    writer = csv.writer(out, delimiter=";" if current() == "fi" else ",")
    writer.writerow([gettext(f"set_aside.{name}") for name in (*FIELDS, "why")])
    for one in chain(intake.set_aside, more):
        cells = [str(one["facts"].get(name, "")) for name in FIELDS]
        writer.writerow([_harmless(cell) for cell in (*cells, told(one))])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; with an apostrophe it shows it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
