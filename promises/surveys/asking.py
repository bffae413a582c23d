"""Surveys are made, opened through doors, sent to customers and closed."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from promises.feedback.hearing import open_source
from promises.feedback.intake.checking import LONGEST_NAME
from promises.journal.actions import record
from promises.language import CUSTOMERS
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.surveys.guests import Guest
from promises.surveys.kinds import KINDS
from promises.surveys.tables import Door, Invitation, Stop, Survey

SOURCE = "survey"
# How long after the last letter an invitation may still be answered; its address is erased then.
OPEN_FOR = timedelta(days=30)
MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class Invited:
    """How many were invited, and how many not: asked too recently, want no surveys, stand there twice."""

    invited: int
    resting: int
    stopped: int
    twice: int


def make(
    session: Session,
    *,
    name: str,
    kind: str,
    touchpoint: str,
    questions: Mapping[str, str],
    reminder_days: int | None,
    rest_days: int,
    by: int | None,
    as_of: datetime,
) -> Survey:
    """A new survey; its answers become feedback of one source.

    :raises Refusal: ``surveys.no_question``, naming the language that lacks its question.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    for language in CUSTOMERS:
        if not questions.get(language, "").strip():
            raise Refusal("surveys.no_question", language=language)
    intake = open_source(session, name, SOURCE, by=by, as_of=as_of)
    survey = Survey(
        intake_id=intake.id or 0,
        name=name.strip(),
        kind=kind,
        touchpoint=touchpoint.strip(),
        questions={language: questions[language].strip() for language in CUSTOMERS},
        reminder_days=reminder_days,
        rest_days=rest_days,
        made_at=as_of,
        made_by=by,
    )
    session.add(survey)
    session.flush()
    record(session, "surveys.made", "survey", survey.id, by=by, as_of=as_of, kind=kind)
    return survey


def open_door(
    session: Session,
    survey: Survey,
    *,
    channel: str,
    branch_id: int | None = None,
    person_id: int | None = None,
    by: int | None,
    as_of: datetime,
) -> Door:
    """A new public way to *survey*; one of the same branch, clerk and channel is there already at most once.

    :raises Refusal: ``surveys.closed``.
    """
    _still_open(survey)
    same = session.exec(
        select(Door).where(
            Door.survey_id == survey.id,
            Door.channel == channel,
            Door.branch_id == branch_id,
            Door.person_id == person_id,
            col(Door.shut_at).is_(None),
        )
    ).first()
    if same is not None:
        return same
    door = Door(
        survey_id=survey.id or 0,
        branch_id=branch_id,
        person_id=person_id,
        channel=channel,
        token=token_urlsafe(9),
        made_at=as_of,
        made_by=by,
    )
    session.add(door)
    session.flush()
    record(session, "surveys.door_opened", "survey", survey.id, by=by, as_of=as_of, channel=channel)
    return door


def shut_door(session: Session, door: Door, *, by: int, as_of: datetime) -> None:
    """Let nobody in by *door* any more, as when its link went where it shouldn't. Twice changes nothing."""
    shut = update(Door).where(col(Door.id) == door.id, col(Door.shut_at).is_(None)).values(shut_at=as_of)
    if session.execute(shut).rowcount == 1:  # type: ignore[attr-defined]
        session.refresh(door)
        record(session, "surveys.door_shut", "survey", door.survey_id, by=by, as_of=as_of)


def close(session: Session, survey: Survey, *, by: int, as_of: datetime) -> None:
    """End *survey*: nobody is asked or reminded any more, and addresses are erased. Twice changes nothing."""
    ended = update(Survey).where(col(Survey.id) == survey.id, col(Survey.closed_at).is_(None))
    if session.execute(ended.values(closed_at=as_of)).rowcount != 1:  # type: ignore[attr-defined]
        return
    forget = update(Invitation).where(col(Invitation.survey_id) == survey.id)
    session.execute(forget.values(due_at=None, address=None, forget_at=None))
    session.refresh(survey)
    record(session, "surveys.closed", "survey", survey.id, by=by, as_of=as_of)


def mark_of(secret: str, address: str) -> str:
    """A digest of *address* that nobody without *secret* can try addresses against."""
    return hmac.new(secret.encode(), b"address|" + _plain(address).encode(), sha256).hexdigest()


def _plain(address: str) -> str:
    return address.strip().lower()


def invite(
    session: Session,
    survey: Survey,
    guests: Sequence[Guest],
    *,
    secret: str,
    by: int | None,
    as_of: datetime,
    at: datetime | None = None,
) -> Invited:
    """Ask *guests* by mail; the letters leave when they are due.

    Who wants no surveys, or was invited to any within the survey's days of rest, isn't asked.

    :param at: when the letters leave; now by default.
    :raises Refusal: ``surveys.closed``, ``surveys.too_many``, ``surveys.unknown_branch``.
    """
    _still_open(survey)
    if len(guests) > MOST_AT_ONCE:
        raise Refusal("surveys.too_many", most=MOST_AT_ONCE)
    branches = {branch.code: branch.id for branch in session.exec(select(Branch))}
    for guest in guests:
        if guest.branch and guest.branch not in branches:
            raise Refusal("surveys.unknown_branch", found=guest.branch)
    marked = {mark_of(secret, guest.address): guest for guest in guests}
    leaves = at or as_of
    stopped = _stopped(session, list(marked))
    resting = _resting(session, list(marked), leaves - timedelta(days=survey.rest_days)) - stopped
    asked = {mark: guest for mark, guest in marked.items() if mark not in stopped | resting}
    for mark, guest in asked.items():
        session.add(
            Invitation(
                survey_id=survey.id or 0,
                branch_id=branches.get(guest.branch),
                served_by=guest.served_by,
                customer=guest.customer.strip()[:LONGEST_NAME],
                language=guest.language if guest.language in CUSTOMERS else CUSTOMERS[0],
                address=guest.address.strip(),
                mark=mark,
                made_at=as_of,
                made_by=by,
                due_at=leaves,
                forget_at=leaves + OPEN_FOR,
            )
        )
    session.flush()
    told = Invited(len(asked), len(resting), len(stopped), len(guests) - len(marked))
    facts = {"invited": told.invited, "resting": told.resting, "stopped": told.stopped}
    record(session, "surveys.invited", "survey", survey.id, by=by, as_of=as_of, **facts)
    return told


def stop(session: Session, mark: str, *, as_of: datetime) -> None:
    """Send the address behind *mark* no surveys any more, and forget it. Twice changes nothing."""
    if session.get(Stop, mark) is None:
        session.add(Stop(mark=mark, at=as_of))
    forget = update(Invitation).where(col(Invitation.mark) == mark)
    session.execute(forget.values(due_at=None, address=None, forget_at=None))
    session.flush()


def _still_open(survey: Survey) -> None:
    if survey.closed_at is not None:
        raise Refusal("surveys.closed")


def _stopped(session: Session, marks: Sequence[str]) -> set[str]:
    return set(session.exec(select(Stop.mark).where(col(Stop.mark).in_(marks))))


def rested_at(session: Session, survey: Survey, mark: str) -> datetime | None:
    """From when on the address behind *mark* may be asked by *survey*; None if it never was asked."""
    asked = session.exec(select(func.max(_asked())).where(col(Invitation.mark) == mark)).one()
    return asked + timedelta(days=survey.rest_days) if asked else None


def _asked() -> Any:
    """When an invitation was, or else will be, sent."""
    return func.coalesce(Invitation.sent_at, Invitation.due_at, Invitation.made_at)


def _resting(session: Session, marks: Sequence[str], since: datetime) -> set[str]:
    """Who was or will be asked after *since*, by whatever survey."""
    query = select(Invitation.mark).where(col(Invitation.mark).in_(marks), _asked() > since)
    return set(session.exec(query))
