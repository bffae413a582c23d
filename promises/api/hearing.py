"""Feedback told by other systems, taken as the rows of a file are: masked, checked, known the second time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from promises.api import tokens
from promises.api.shapes import YEARS, Words
from promises.api.tokens import Bearer
from promises.database import transaction
from promises.feedback.actions import one_at_a_time
from promises.feedback.hearing import Said, hear, open_source
from promises.feedback.tables import Intake
from promises.refusal import Refusal

NAME = "interface"
MOST = 200


def take_words(
    engine: Engine, bearer: Bearer, words: Sequence[Words], as_of: datetime
) -> list[tuple[int, bool, Refusal | None]] | None:
    """Take *words* in; for each its place, whether it was new, and why it was refused. None if the token has
    been revoked meanwhile."""
    rows: list[tuple[int, bool, Refusal | None]] = []
    with transaction(engine) as session:
        if bearer.id not in tokens.standing(session, {bearer.id}):
            return None
        one_at_a_time(session)
        intake = _intake(session, bearer.source, as_of)
        for place, one in enumerate(words):
            if one.branch is not None and not bearer.reaches(one.branch):
                refusal = Refusal("tokens.not_your_branch", field="branch", found=one.branch)
                rows.append((place, False, refusal))
                continue
            if one.given_at.year not in YEARS:
                rows.append((place, False, Refusal("shape.not_so", field="given_at")))
                continue
            before = intake.taken
            try:
                hear(session, intake, [_said(one)], as_of=as_of)
            except Refusal as refusal:
                rows.append((place, False, refusal))
                continue
            session.refresh(intake)
            rows.append((place, intake.taken > before, None))
    return rows


def _intake(session: Session, source: str, as_of: datetime) -> Intake:
    """Where the words of *source* come into; opened with its first."""
    query = select(Intake).where(Intake.source == source, Intake.filename == NAME, col(Intake.sha256) == "")
    found = session.exec(query).first()
    return found or open_source(session, NAME, source, by=None, as_of=as_of)


def _said(words: Words) -> Said:
    return Said(
        key=words.key,
        text=words.text,
        given_at=words.given_at.astimezone(UTC),
        score=words.score,
        branch=words.branch or "",
        customer=words.customer or "",
        touchpoint=words.touchpoint or "",
        language=words.language or "",
    )
