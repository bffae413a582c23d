"""Customers answer: through a door or to an invitation, once, and each answer becomes feedback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from promises.feedback.hearing import Said, hear, hear_anew
from promises.feedback.keeping import Originals
from promises.feedback.tables import Feedback, Intake
from promises.people.signing import throttle
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.surveys.kinds import KINDS, NPS
from promises.surveys.signals import answered
from promises.surveys.tables import Contact, Door, Invitation, Reply, Survey

# A personal answer may be thought over for so long; then it stands.
CHANGEABLE_FOR = timedelta(days=7)
# A few people behind one address of one branch's network may well answer within a quarter of an hour.
MOST_FROM_ONE_PLACE = 15
MOST_BY_ONE_DOOR = 200
CONTACT_KEPT = timedelta(days=90)
TELL_KEPT = timedelta(days=365)
LONGEST_WORDS = 5_000
LONGEST_CONTACT = 254


@dataclass(frozen=True)
class Given:
    """What a customer answers. ``value`` is on the survey's scale.

    :param contact: how to reach the customer; kept only with ``wish`` (to be contacted) or ``tell``
        (to hear what becomes of the words).
    """

    value: int
    text: str = ""
    contact: str = ""
    wish: bool = False
    tell: bool = False


def answer_door(
    session: Session,
    door: Door,
    given: Given,
    *,
    key: str,
    address: str,
    language: str,
    as_of: datetime,
    originals: Originals | None = None,
) -> Reply:
    """An answer through a public *door*. Nothing is kept that tells who it was.

    :param key: of this press of the form's button; the same again is the same answer.
    :param address: where the request came from, only to be throttled by, as a digest, for 15 minutes.
    :raises Refusal: ``surveys.closed``, ``surveys.off_scale``, ``surveys.no_contact``,
        ``people.too_many_tries``.
    """
    survey = session.get_one(Survey, door.survey_id)
    pressed = f"door|{door.id}|{key}"[:64]
    again = session.exec(select(Reply).where(Reply.key == pressed)).first()
    if again is not None:
        return again
    if door.shut_at is not None:
        raise Refusal("surveys.closed")
    _check(survey, given)
    throttle(session, f"survey|{door.id}", MOST_BY_ONE_DOOR, as_of)
    throttle(session, f"survey|{door.id}|{address}", MOST_FROM_ONE_PLACE, as_of)
    said = Said(
        key=pressed,
        text=given.text,
        given_at=as_of,
        score=_score(survey, given),
        branch=_code(session, door.branch_id),
        touchpoint=survey.touchpoint,
        language=language,
    )
    feedback = _hear(session, survey, said, as_of, originals)
    reply = Reply(
        survey_id=survey.id or 0,
        door_id=door.id,
        feedback_id=feedback.id or 0,
        branch_id=door.branch_id,
        key=pressed,
        value=given.value,
        answered_at=as_of,
    )
    return _keep(session, reply, given, language, as_of)


def answer_invitation(
    session: Session,
    invitation: Invitation,
    given: Given,
    *,
    language: str,
    as_of: datetime,
    originals: Originals | None = None,
) -> Reply:
    """The answer to an *invitation*: one, which the customer may change for a week.

    :raises Refusal: ``surveys.closed``, ``surveys.answered_already``, ``surveys.off_scale``,
        ``surveys.no_contact``.
    """
    survey = session.get_one(Survey, invitation.survey_id)
    _check(survey, given)
    _claim(session, invitation)
    said = Said(
        key=f"invitation|{invitation.id}",
        text=given.text,
        given_at=as_of,
        score=_score(survey, given),
        branch=_code(session, invitation.branch_id),
        customer=invitation.customer,
        touchpoint=survey.touchpoint,
        language=language,
    )
    reply = reply_to(session, invitation)
    if reply is not None:
        if not changeable(reply, survey, as_of):
            raise Refusal("surveys.answered_already")
        feedback = session.get_one(Feedback, reply.feedback_id)
        hear_anew(session, feedback, said, as_of=as_of, originals=originals)
        reply.value, reply.changed_at = given.value, as_of
    else:
        feedback = _hear(session, survey, said, as_of, originals)
        reply = Reply(
            survey_id=survey.id or 0,
            invitation_id=invitation.id,
            feedback_id=feedback.id or 0,
            branch_id=invitation.branch_id,
            key=f"invitation|{invitation.id}",
            value=given.value,
            answered_at=as_of,
        )
    return _keep(session, reply, given, language, as_of)


def reply_to(session: Session, invitation: Invitation) -> Reply | None:
    """The answer to *invitation*, if there is one."""
    return session.exec(select(Reply).where(Reply.invitation_id == invitation.id)).first()


def changeable(reply: Reply, survey: Survey, as_of: datetime) -> bool:
    """Whether the customer may still change the answer."""
    return survey.closed_at is None and as_of < reply.answered_at + CHANGEABLE_FOR


def _check(survey: Survey, given: Given) -> None:
    if survey.closed_at is not None:
        raise Refusal("surveys.closed")
    if given.value not in KINDS[survey.kind].values:
        raise Refusal("surveys.off_scale")
    if (given.wish or given.tell) and not given.contact.strip():
        raise Refusal("surveys.no_contact")


def _claim(session: Session, invitation: Invitation) -> None:
    """No letter leaves any more; two presses at once meet at this row, and the second finds an answer."""
    claim = update(Invitation).where(col(Invitation.id) == invitation.id)
    session.execute(claim.values(due_at=None))


def _score(survey: Survey, given: Given) -> int | None:
    return given.value if survey.kind == NPS else None


def _code(session: Session, branch_id: int | None) -> str:
    branch = session.get(Branch, branch_id) if branch_id is not None else None
    return branch.code if branch else ""


def _hear(
    session: Session, survey: Survey, said: Said, as_of: datetime, originals: Originals | None
) -> Feedback:
    intake = session.get_one(Intake, survey.intake_id)
    return hear(session, intake, [said], as_of=as_of, originals=originals)[0]


def _keep(session: Session, reply: Reply, given: Given, language: str, as_of: datetime) -> Reply:
    session.add(reply)
    session.flush()
    kept = session.get(Contact, reply.id)
    if kept is not None:
        session.delete(kept)
        session.flush()
    if given.wish or given.tell:
        session.add(
            Contact(
                reply_id=reply.id or 0,
                words=given.contact.strip()[:LONGEST_CONTACT],
                wish=given.wish,
                tell=given.tell,
                language=language,
                forget_at=as_of + (TELL_KEPT if given.tell else CONTACT_KEPT),
            )
        )
        session.flush()
    answered.send(session, reply=reply, as_of=as_of)
    return reply
