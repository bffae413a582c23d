"""Letters of surveys: the invitation, and one reminder to those who have not answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Engine, exists, update
from sqlmodel import Session, col, select

from promises.database import transaction
from promises.language import CUSTOMERS, gettext, spoken
from promises.outbox.actions import write
from promises.people.tables import Company
from promises.refusal import Refusal
from promises.settings import Settings
from promises.surveys.asking import OPEN_FOR
from promises.surveys.tables import Contact, Invitation, Reply, Survey

MOST = 200
_SALT = "survey invitation"


def token_of(secret: str, invitation_id: int) -> str:
    """The signed word in the links of an invitation; made from its id, so that nothing is stored."""
    return str(URLSafeSerializer(secret, salt=_SALT).dumps(invitation_id))


def read_token(session: Session, secret: str, token: str) -> Invitation:
    """:raises Refusal: ``surveys.no_such_invitation``."""
    try:
        invitation = session.get(Invitation, URLSafeSerializer(secret, salt=_SALT).loads(token))
    except BadSignature:
        invitation = None
    if invitation is None:
        raise Refusal("surveys.no_such_invitation")
    return invitation


def send_due(engine: Engine, settings: Settings, *, as_of: datetime) -> int:
    """Put every letter whose time has come into the outbox; how many there were.

    Each is claimed by a conditional update in the same transaction, so that nobody gets one twice.
    """
    with transaction(engine) as session:
        return write_due(session, settings, as_of=as_of)


def write_due(session: Session, settings: Settings, *, as_of: datetime) -> int:
    """The same inside the caller's transaction."""
    query = select(Invitation, Survey).join(Survey).where(col(Invitation.due_at) <= as_of)
    due = session.exec(query.order_by(col(Invitation.due_at), col(Invitation.id)).limit(MOST)).all()
    return sum(_send(session, settings, invitation, survey, as_of) for invitation, survey in due)


def _send(
    session: Session, settings: Settings, invitation: Invitation, survey: Survey, as_of: datetime
) -> bool:
    first = invitation.letters == 0
    reminded = first and survey.reminder_days is not None
    next_at = as_of + timedelta(days=survey.reminder_days or 0) if reminded else None
    # Who waits for a reminder has answered or not by the time it leaves: that is asked here, with the claim.
    answered = exists().where(col(Reply.invitation_id) == invitation.id)
    claimed = session.execute(
        update(Invitation)
        .where(
            col(Invitation.id) == invitation.id,
            col(Invitation.due_at) == invitation.due_at,
            col(Invitation.letters) == invitation.letters,
            ~answered,
        )
        .values(
            due_at=next_at,
            letters=invitation.letters + 1,
            sent_at=invitation.sent_at or as_of,
            forget_at=(next_at or as_of) + OPEN_FOR,
        )
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    company = session.get(Company, 1)
    link = f"{settings.base_url}/i/{token_of(settings.secret_key, invitation.id or 0)}"
    kind = "invitation" if first else "reminder"
    with spoken(invitation.language, CUSTOMERS):
        facts = {
            "company": company.name if company else "",
            "question": survey.questions[invitation.language],
            "link": link,
            "stop": f"{link}/stop",
        }
        subject = gettext(f"survey.mail.{kind}.subject", **facts)
        body = gettext(f"survey.mail.{kind}.body", **facts)
    write(session, invitation.address or "", subject, body, as_of=as_of, stop_url=f"{link}/stop")
    session.refresh(invitation)
    return True


def sweep(session: Session, as_of: datetime) -> None:
    """Erase addresses and contact details whose time is over."""
    over = update(Invitation).where(col(Invitation.forget_at) <= as_of)
    session.execute(over.values(address=None, due_at=None, forget_at=None))
    for contact in session.exec(select(Contact).where(col(Contact.forget_at) <= as_of)):
        session.delete(contact)
    session.flush()
