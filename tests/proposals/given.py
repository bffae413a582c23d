"""What tests about proposing and choosing start from."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from promises.feedback.tables import Feedback, Intake, Mention, Problem
from promises.proposals import actions
from promises.proposals.actions import Step
from tests.conftest import NOON

TEXT = "Palvelemme sinut konttorissa 15 minuutissa tai maksamme 10 euroa"
STEPS: list[Step] = [
    {"step": "Vuoronumero annetaan ovella", "who": "aulavastaava"},
    {"step": "Kolmas kassa avataan, kun jonossa on viisi", "who": "palveluesimies"},
]


def problem(
    session: Session, label: str = "Jonot kassalla", quotes: tuple[str, ...] = ("Odotin tunnin",)
) -> int:
    """A problem with its feedback; scores are 2 throughout."""
    intake = Intake(
        filename="a.csv", sha256="0" * 64, source="test", mapping={}, taken=1, known=0, made_at=NOON
    )
    made = Problem(code=label.lower(), found_fi=label, found_en=f"{label} (en)", made_at=NOON)
    session.add_all([intake, made])
    session.flush()
    for row, words in enumerate(quotes):
        feedback = Feedback(
            intake_id=intake.id or 0,
            row=row,
            fingerprint=f"{label}{row}",
            given_at=NOON - timedelta(days=row),
            source="test",
            language="fi",
            score=2,
            text=words,
        )
        session.add(feedback)
        session.flush()
        session.add(
            Mention(
                problem_id=made.id or 0, feedback_id=feedback.id or 0, strength=1 - row / 1000, quote=words
            )
        )
    session.flush()
    return made.id or 0


def proposal(
    session: Session,
    by: int,
    *,
    title: str = "Palvelu vartissa",
    text: str = TEXT,
    about: int | None = None,
    as_of: datetime = NOON,
) -> int:
    """A proposal, by itself about a problem of its own."""
    about = about or problem(session, f"Ongelma: {title}")
    made = actions.propose(session, problems=[about], title=title, text=text, steps=STEPS, by=by, as_of=as_of)
    return made.id or 0
