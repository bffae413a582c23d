"""The survey room finds and erases what it keeps of a customer."""

from __future__ import annotations

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, col

from promises.feedback.erasing import Gone, erases, finds
from promises.outbox.tables import Letter
from promises.surveys.asking import mark_of
from promises.surveys.tables import Contact, Invitation, Reply


@finds
def find(session: Session, gone: Gone) -> None:
    """Their answers; and by an address the number that they were invited under."""
    for invitation in _invitations(session, gone):
        gone.customer = gone.customer or invitation.customer
        gone.addresses |= {invitation.address} if invitation.address else set()
    replies = (
        select(col(Reply.feedback_id), col(Contact.words))
        .outerjoin(Contact, col(Contact.reply_id) == col(Reply.id))
        .where(
            or_(
                col(Reply.invitation_id).in_([one.id for one in _invitations(session, gone)]),
                func.lower(col(Contact.words)) == gone.address.lower(),
            )
        )
    )
    for feedback_id, words in session.execute(replies):
        gone.feedback.add(feedback_id)
        gone.addresses |= {words} if words else set()


@erases
def erase(session: Session, gone: Gone) -> None:
    """Addresses, ways to reach them, letters to them. Who was invited and who answered stays a figure."""
    ids = [one.id for one in _invitations(session, gone)]
    forget = update(Invitation).where(col(Invitation.id).in_(ids))
    session.execute(
        forget.values(address=None, due_at=None, forget_at=None, customer=gone.stand_in, mark=gone.stand_in)
    )
    gone.count("invitation", len(ids))
    theirs = select(col(Reply.id)).where(col(Reply.feedback_id).in_(gone.feedback))
    contacts = session.execute(delete(Contact).where(col(Contact.reply_id).in_(theirs)))
    gone.count("contact", contacts.rowcount)  # type: ignore[attr-defined]
    known = {one.strip().lower() for one in gone.addresses | {gone.address} if "@" in one}
    letters = session.execute(delete(Letter).where(func.lower(col(Letter.to)).in_(known)))
    gone.count("letter", letters.rowcount)  # type: ignore[attr-defined]


def _invitations(session: Session, gone: Gone) -> list[Invitation]:
    mark = mark_of(gone.secret, gone.address)
    own = or_(
        col(Invitation.mark) == mark, (col(Invitation.customer) == gone.customer) & (gone.customer != "")
    )
    return list(session.execute(select(Invitation).where(own)).scalars())
