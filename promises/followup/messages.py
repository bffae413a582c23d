"""What is written to customers: ready words in their language, sent through the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from promises.feedback.tables import Feedback, Mention
from promises.followup.actions import add_step, contact_of
from promises.followup.tables import Asked, Closing, FollowUp, Rule, Step, Told
from promises.journal.actions import record
from promises.language import CUSTOMERS, gettext, spoken
from promises.outbox.actions import write
from promises.people.tables import Branch, Company
from promises.refusal import Refusal
from promises.surveys import asking
from promises.surveys.guests import Guest, is_address
from promises.surveys.tables import Contact, Invitation, Reply, Survey

TEMPLATES = ("sorry", "solved", "ask_more")


def ready(session: Session, template: str, language: str, **facts: str) -> tuple[str, str]:
    """Subject and body of a ready message in a customer's language."""
    company = session.get(Company, 1)
    named = {"company": company.name if company else "", **facts}
    with spoken(language, CUSTOMERS):
        return (
            gettext(f"followup_message.{template}.subject", **named),
            gettext(f"followup_message.{template}.body", **named),
        )


def send(session: Session, follow_up: FollowUp, subject: str, body: str, *, by: int, as_of: datetime) -> None:
    """Write to the customer, who gave an address for just this.

    :raises Refusal: ``followup.no_address``, ``followup.closed``.
    """
    contact = contact_of(session, follow_up.feedback_id)
    if contact is None or not is_address(contact.words):
        raise Refusal("followup.no_address")
    add_step(session, follow_up, "message", f"{subject}\n\n{body}", by=by, as_of=as_of)
    write(session, contact.words, subject, body, as_of=as_of)
    record(session, "followup.written", "follow_up", follow_up.id, by=by, as_of=as_of)


def ask_again(
    session: Session, follow_up: FollowUp, *, secret: str, by: int, as_of: datetime
) -> Invitation | None:
    """Ask the customer of a closed follow-up again, when its rule says, but not before the survey's rest.

    Nothing where the rule doesn't ask again, no address is kept, the survey is over, or they want no surveys.
    """
    rule = session.get_one(Rule, follow_up.rule_id)
    if rule.reask_days is None or session.get(Closing, follow_up.id) is None:
        return None
    reply = session.execute(
        select(Reply).where(col(Reply.feedback_id) == follow_up.feedback_id)
    ).scalar_one_or_none()
    if reply is None or session.get(Asked, follow_up.id) is not None:
        return None
    survey = session.get_one(Survey, reply.survey_id)
    invited = session.get(Invitation, reply.invitation_id) if reply.invitation_id else None
    contact = session.get(Contact, reply.id)
    address = (invited.address if invited else None) or (contact.words if contact else "")
    if survey.closed_at is not None or not address or not is_address(address):
        return None
    leaves = max(
        as_of + timedelta(days=rule.reask_days),
        asking.rested_at(session, survey, asking.mark_of(secret, address)) or as_of,
    )
    said = session.get_one(Feedback, follow_up.feedback_id)
    branch = session.get(Branch, said.branch_id) if said.branch_id else None
    guest = Guest(
        address=address,
        language=contact.language if contact else invited.language if invited else CUSTOMERS[0],
        customer=said.customer,
        branch=branch.code if branch else "",
    )
    told = asking.invite(session, survey, [guest], secret=secret, by=by, as_of=as_of, at=leaves)
    if not told.invited:
        return None
    mark = asking.mark_of(secret, address)
    invitation: Invitation = session.execute(
        select(Invitation).where(col(Invitation.mark) == mark).order_by(col(Invitation.id).desc()).limit(1)
    ).scalar_one()
    session.add(Asked(follow_up_id=follow_up.id or 0, invitation_id=invitation.id or 0))
    session.add(Step(follow_up_id=follow_up.id or 0, at=as_of, made_by=by, kind="asked"))
    session.flush()
    return invitation


def tellable(session: Session, problem_id: int) -> list[Contact]:
    """The customers whose words named a problem, who want to hear what became of them, and haven't yet."""
    query = (
        select(Contact)
        .join(Reply, col(Reply.id) == col(Contact.reply_id))
        .join(Mention, col(Mention.feedback_id) == col(Reply.feedback_id))
        .where(
            col(Contact.tell),
            col(Mention.problem_id) == problem_id,
            ~exists().where(col(Told.reply_id) == col(Reply.id), col(Told.problem_id) == problem_id),
        )
        .order_by(col(Contact.reply_id))
    )
    return [one for one in session.execute(query).scalars() if is_address(one.words)]


def tell(
    session: Session,
    problem_id: int,
    contacts: Sequence[Contact],
    letters: Mapping[str, tuple[str, str]],
    *,
    by: int,
    as_of: datetime,
) -> int:
    """Tell customers what became of their words, each in their language and once; how many were told.

    :param letters: subject and body by language.
    """
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = Told.__table__  # type: ignore[attr-defined]
    told = 0
    for contact in contacts:
        row = {"reply_id": contact.reply_id, "problem_id": problem_id, "at": as_of, "made_by": by}
        claimed = insert(table).values(row).on_conflict_do_nothing().returning(table.c.reply_id)
        if contact.language not in letters or session.execute(claimed).first() is None:
            continue
        subject, body = letters[contact.language]
        write(session, contact.words, subject, body, as_of=as_of)
        told += 1
    if told:
        record(session, "followup.told", "problem", problem_id, by=by, as_of=as_of, customers=told)
    session.flush()
    return told
