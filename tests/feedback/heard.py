"""Feedback for tests: rows brought in through the real door, and looks for problems made by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlmodel import select

from promises.feedback import taking
from promises.feedback.finding import actions as finding
from promises.feedback.intake.mapping import guess
from promises.feedback.intake.sheet import of_rows
from promises.feedback.mining.results import Found, Label, Member, Problem
from promises.feedback.tables import Feedback

NOON = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
NAMES = ("text", "score", "date", "branch", "customer", "source", "language")


def bring(session, *rows, by=None, as_of=NOON, fingerprint="", source="kysely", columns=None):
    """Bring in *rows* of (text, score, date, branch, customer, source, language), as many as wanted."""
    sheet = of_rows(NAMES, [[str(cell) for cell in row] for row in rows], fingerprint)
    columns = replace(columns or guess(sheet), source=source)
    return taking.bring_in(session, sheet, columns, filename="rows.csv", by=by, as_of=as_of)


def texts(session):
    """Text → its feedback."""
    return {feedback.text: feedback for feedback in session.exec(select(Feedback)).all()}


def look(session, groups, kinds=None, by=None, as_of=NOON):
    """Look over all feedback, where mining finds just these: group → texts that hold it."""
    material = finding.gather(session, anew=True)
    place = {row.text: i for i, row in enumerate(material.everything)}
    members = tuple(
        Member(place[text], group, round(0.9 - n / 100, 2), 0, len(text), True)
        for group, said in groups.items()
        for n, text in enumerate(said)
    )
    problems = tuple(
        Problem(
            id=group,
            label=Label(f"{group} suomeksi", f"{group} in English"),
            known=False,
            texts=len(said),
            strength=0.5,
            quotes=(),
            terms=Label("", ""),
            centre=group.encode(),
            reach=0.4,
        )
        for group, said in groups.items()
    )
    held = {member.text for member in members}
    found = Found(
        members=members,
        languages=tuple("fi" for _ in material.everything),
        kinds=tuple(
            "trouble" if i in held else (kinds or {}).get(row.text, "unplaced")
            for i, row in enumerate(material.everything)
        ),
        problems=problems,
        space=b"space",
    )
    return finding.apply(session, material, None, found, by=by, as_of=as_of)
