"""Interviews are taken: their notes, masked, and each quote as feedback with the notes as its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from promises.feedback.actions import branch_names, company_zone
from promises.feedback.hearing import Said, hear, open_source
from promises.feedback.keeping import Masking, Originals
from promises.feedback.tables import Feedback, Interview
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal

SOURCE = "interview"
LONGEST_NOTES = 100_000


def take_interview(
    session: Session,
    *,
    title: str,
    held_on: date,
    branch: Branch | None,
    touchpoint: str,
    customer: str,
    notes: str,
    quotes: Sequence[str],
    by: int,
    as_of: datetime,
    originals: Originals | None = None,
) -> Interview:
    """Keep an interview and its *quotes*; all or nothing.

    :raises Refusal: ``interviews.no_quotes``, ``feedback.day_in_future``, and what
        :func:`promises.feedback.hearing.hear` refuses.
    """
    if not quotes:
        raise Refusal("interviews.no_quotes")
    given_at = datetime.combine(held_on, time(), company_zone(session))
    if given_at > as_of:
        raise Refusal("feedback.day_in_future")
    intake = open_source(session, title, SOURCE, by=by, as_of=as_of)
    said = [
        Said(
            key=str(number),
            text=quote,
            given_at=given_at,
            branch=branch.code if branch else "",
            customer=customer.strip(),
            touchpoint=touchpoint.strip(),
        )
        for number, quote in enumerate(quotes, 1)
    ]
    hear(session, intake, said, as_of=as_of, originals=originals)
    interview = Interview(
        intake_id=intake.id or 0,
        title=Masking(branch_names(session))(title.strip()),
        held_on=held_on,
        branch_id=branch.id if branch else None,
        touchpoint=touchpoint.strip(),
        notes=Masking(branch_names(session))(notes.strip()),
        made_at=as_of,
        made_by=by,
    )
    session.add(interview)
    session.flush()
    record(session, "interviews.taken", "interview", interview.id, by=by, as_of=as_of, quotes=len(quotes))
    return interview


def quotes_of(session: Session, interview: Interview) -> list[Feedback]:
    """The quotes of an interview, in their order."""
    query = select(Feedback).where(Feedback.intake_id == interview.intake_id)
    return list(session.exec(query.order_by(col(Feedback.row))))
