"""What pages about surveys show: how many were asked, answered and what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from promises.feedback.tables import Feedback
from promises.people.tables import Branch, Person
from promises.shares import Interval, wilson
from promises.surveys.kinds import KINDS, MAIL
from promises.surveys.tables import Contact, Door, Invitation, Reply, Survey

PAGE = 50


@dataclass(frozen=True)
class Rate:
    """Of *invited*, *answered*. Through a public door nobody knows who was asked: ``invited`` is None."""

    invited: int | None
    answered: int

    @property
    def share(self) -> float | None:
        return self.answered / self.invited if self.invited else None

    @property
    def interval(self) -> Interval | None:
        return wilson(min(self.answered, self.invited), self.invited) if self.invited else None


@dataclass(frozen=True)
class Line:
    """A survey with its answers in all and the rate of those who were asked by mail."""

    survey: Survey
    answers: int
    mail: Rate
    last_at: datetime | None


@dataclass(frozen=True)
class Way:
    """How customers of one branch (None: none known) came by one channel: ``mail``, ``link`` or ``qr``."""

    branch: Branch | None
    channel: str
    rate: Rate


@dataclass(frozen=True)
class Entrance:
    """A public door, whose it is, and how many have come through it."""

    door: Door
    branch: Branch | None
    person: Person | None
    answers: int


@dataclass(frozen=True)
class Answer:
    """One answer as a list shows it."""

    reply: Reply
    feedback: Feedback
    branch: Branch | None
    channel: str
    wish: bool


@dataclass(frozen=True)
class Sought:
    """Which answers are wanted; empty is all."""

    door_id: int | None = None
    served_by: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def surveys(session: Session) -> list[Line]:
    """Every survey, open ones first, the newest first."""
    answers = {
        survey_id: (count, last)
        for survey_id, count, last in session.execute(
            select(col(Reply.survey_id), func.count(), func.max(col(Reply.answered_at))).group_by(
                col(Reply.survey_id)
            )
        )
    }
    rates = _mail_rates(session, col(Invitation.survey_id))
    every = session.execute(select(Survey).order_by(col(Survey.id).desc())).scalars()
    lines = [
        Line(
            survey,
            answers.get(survey.id, (0, None))[0],
            rates.get(survey.id, Rate(0, 0)),
            answers.get(survey.id, (0, None))[1],
        )
        for survey in every
    ]
    return sorted(lines, key=lambda line: line.survey.closed_at is not None)


def _mail_rates(session: Session, by: Any, *where: ColumnElement[bool]) -> dict[Any, Rate]:
    """Invitations that have left, and their answers, by *by*."""
    sent = (
        select(by, func.count(), func.count(col(Reply.id)))
        .select_from(Invitation)
        .outerjoin(Reply, col(Reply.invitation_id) == col(Invitation.id))
        .where(col(Invitation.sent_at).is_not(None), *where)
        .group_by(by)
    )
    return {key: Rate(invited, answered) for key, invited, answered in session.execute(sent)}


def ways(session: Session, survey: Survey) -> list[Way]:
    """The response rates of *survey* by branch and channel, in the order of the branches' names."""
    branches: dict[int | None, Branch] = {b.id: b for b in session.execute(select(Branch)).scalars()}
    mailed = _mail_rates(session, col(Invitation.branch_id), col(Invitation.survey_id) == survey.id)
    found = [Way(branches.get(branch_id), MAIL, rate) for branch_id, rate in mailed.items()]
    came = session.execute(
        select(col(Reply.branch_id), col(Door.channel), func.count())
        .join(Door, col(Door.id) == col(Reply.door_id))
        .where(col(Reply.survey_id) == survey.id)
        .group_by(col(Reply.branch_id), col(Door.channel))
    )
    found += [Way(branches.get(branch_id), channel, Rate(None, n)) for branch_id, channel, n in came]
    return sorted(found, key=lambda way: (way.branch.name if way.branch else "", way.channel))


def doors(session: Session, survey: Survey) -> list[Entrance]:
    """The public doors of *survey*, open ones first."""
    answers: dict[int | None, int] = dict(
        session.execute(
            select(col(Reply.door_id), func.count())
            .where(col(Reply.survey_id) == survey.id, col(Reply.door_id).is_not(None))
            .group_by(col(Reply.door_id))
        ).all()
    )
    query = (
        select(Door, Branch, Person)
        .outerjoin(Branch, col(Branch.id) == col(Door.branch_id))
        .outerjoin(Person, col(Person.id) == col(Door.person_id))
        .where(col(Door.survey_id) == survey.id)
        .order_by(col(Door.shut_at).is_not(None), col(Branch.name), col(Door.id))
    )
    return [
        Entrance(door, branch, person, answers.get(door.id, 0))
        for door, branch, person in session.execute(query)
    ]


def values(session: Session, survey: Survey) -> list[tuple[int, int]]:
    """Every value of the scale of *survey*, and how many gave it."""
    query = select(col(Reply.value), func.count()).where(col(Reply.survey_id) == survey.id)
    counts: dict[int, int] = dict(session.execute(query.group_by(col(Reply.value))).all())
    return [(value, counts.get(value, 0)) for value in KINDS[survey.kind].values]


def answers(session: Session, survey: Survey, sought: Sought, page: int) -> tuple[list[Answer], int]:
    """One page of the answers to *survey*, the newest first, and how many there are in all."""
    where = [col(Reply.survey_id) == survey.id]
    if sought.door_id is not None:
        where.append(col(Reply.door_id) == sought.door_id)
    if sought.served_by is not None:
        theirs = (col(Invitation.served_by) == sought.served_by) | (col(Door.person_id) == sought.served_by)
        where.append(theirs)
    if sought.since is not None:
        where.append(col(Reply.answered_at) >= sought.since)
    if sought.until is not None:
        where.append(col(Reply.answered_at) < sought.until)
    query = (
        select(Reply, Feedback, Branch, col(Door.channel), col(Contact.wish))
        .join(Feedback, col(Feedback.id) == col(Reply.feedback_id))
        .outerjoin(Branch, col(Branch.id) == col(Reply.branch_id))
        .outerjoin(Door, col(Door.id) == col(Reply.door_id))
        .outerjoin(Invitation, col(Invitation.id) == col(Reply.invitation_id))
        .outerjoin(Contact, col(Contact.reply_id) == col(Reply.id))
        .where(*where)
    )
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = session.execute(
        query.order_by(col(Reply.answered_at).desc(), col(Reply.id).desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    found = [
        Answer(reply, said, branch, channel or MAIL, bool(wish))
        for reply, said, branch, channel, wish in rows
    ]
    return found, total


def waiting(session: Session, survey: Survey) -> tuple[int, int]:
    """How many invitations have a letter yet to leave: the first, and the reminder."""
    query = (
        select(col(Invitation.letters), func.count())
        .where(col(Invitation.survey_id) == survey.id, col(Invitation.due_at).is_not(None))
        .group_by(col(Invitation.letters))
    )
    counts: dict[int, int] = dict(session.execute(query).all())
    return counts.get(0, 0), counts.get(1, 0)


def clerks(session: Session) -> list[Person]:
    """Those who may have a door of their own, by name."""
    query = select(Person).where(
        col(Person.left_at).is_(None), col(Person.role).in_(("staff", "branch_manager"))
    )
    return sorted(session.execute(query).scalars(), key=lambda person: person.name)
