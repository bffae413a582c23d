"""What was written down while somebody got back to a customer goes with the customer."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlmodel import Session, col

from promises.feedback.erasing import Gone, erases
from promises.followup.codes import BY_HAND
from promises.followup.tables import FollowUp, Step

SAID = (*BY_HAND, "message", "told", "closed")


@erases
def erase(session: Session, gone: Gone) -> None:
    """Words only: that somebody called, and when, stays a figure."""
    theirs = select(col(FollowUp.id)).where(col(FollowUp.feedback_id).in_(gone.feedback))
    words = update(Step).where(
        col(Step.follow_up_id).in_(theirs), col(Step.kind).in_(SAID), col(Step.words) != ""
    )
    gone.count("step", session.execute(words.values(words="")).rowcount)  # type: ignore[attr-defined]
