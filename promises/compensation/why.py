"""What a compensation is owed for, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from promises import language
from promises.compensation.queries import Line
from promises.compensation.receipts import write_number
from promises.people.tables import Branch
from promises.service.actions import find_case
from promises.service.queries import Judged, verdicts
from promises.service.reasons import because
from promises.web.filters import show_duration


@dataclass(frozen=True)
class Why:
    """What a compensation is owed for: the case's verdict and the terms, and the same in words."""

    judged: Judged
    promise: str
    told: str
    because: str
    number: str


def why_owed(session: Session, line: Line, branch: Branch) -> Why | None:
    """Why the compensation *line* of *branch* is owed; None if its case isn't there."""
    owed = line.compensation
    case = find_case(session, branch, owed.case_id)
    if case is None:
        return None
    judged = next(one for one in verdicts(session, case) if one.verdict.id == owed.verdict_id)
    terms = judged.version.terms
    words = language.current()
    reason = because(judged.verdict, terms, show_duration(judged.verdict.elapsed_s))
    return Why(
        judged=judged,
        promise=getattr(terms.name, words),
        told=getattr(terms.told or terms.name, words),
        because=reason[:1].upper() + reason[1:],
        number=write_number(owed.id),
    )
