"""The rows of a file that were set aside, as a file to put right and bring in again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlmodel import Session

from promises.feedback.tables import Intake, IntakeSetAside
from promises.files.set_aside import beyond, lines
from promises.language import gettext


def as_csv(session: Session, intake: Intake) -> Iterator[str]:
    """Row, reason in the reader's language, then the row's own cells under the names of its columns; line by
    line."""
    return lines(_rows(session, intake))


def _rows(session: Session, intake: Intake) -> Iterator[list[object]]:
    width = max((len(row["cells"]) for row in intake.set_aside), default=0)
    titles = [""] * width
    for name, index in intake.mapping.get("where", {}).items():
        if index < width:
            titles[index] = intake.mapping["columns"][name]
    yield [gettext("set_aside.row"), gettext("set_aside.why"), *titles]
    for row in chain(intake.set_aside, beyond(session, IntakeSetAside, intake.id)):
        yield [row["row"], "; ".join(told(fault) for fault in row["faults"]), *row["cells"]]


def told(fault: dict[str, Any]) -> str:
    """One fault in words: which field, what is wrong, what stood there."""
    words = f"{gettext('column.' + fault['field'])}: {gettext('fault.' + fault['reason'])}"
    return f"{words} ({fault['found']})" if fault["found"] else words
