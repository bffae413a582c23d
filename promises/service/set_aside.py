"""The rows of a file of cases that were set aside, in words and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlmodel import Session

from promises.files.set_aside import beyond, lines
from promises.language import gettext, sentence
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


def as_csv(session: Session, intake: CaseIntake) -> Iterator[str]:
    """Row, case, field, what was found and why, in the reader's language, line by line."""
    return lines(_rows(session, intake))


def _rows(session: Session, intake: CaseIntake) -> Iterator[list[object]]:
    yield [gettext(f"set_aside.{name}") for name in (*FIELDS, "why")]
    for one in chain(intake.set_aside, beyond(session, CaseSetAside, intake.id)):
        yield [*(one["facts"].get(name, "") for name in FIELDS), told(one)]
