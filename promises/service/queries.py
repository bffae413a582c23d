"""Reading cases: a filtered list, a page at a time, and one case with all that is known of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from promises.people.tables import Branch, Person
from promises.service.tables import Case, CaseIntake, Milestone, Ticket, Verdict
from promises.service.told_tables import taken_back
from promises.terms.queries import Version, of_terms

PAGE = 25
_OF_CASE = and_(col(Verdict.branch_id) == Case.branch_id, col(Verdict.case_id) == Case.id)
_TICKET = and_(col(Ticket.branch_id) == Case.branch_id, col(Ticket.case_id) == Case.id)


@dataclass(frozen=True)
class Asked:
    """What cases to show. *since* and *until* are local dates of the branches, both included."""

    branches: Collection[Branch]
    promise_id: int | None = None
    status: str | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Found:
    """One line of the list: a case, and its verdict under one promise if it has any."""

    case: Case
    verdict: Verdict | None
    number: int | None

    @property
    def name(self) -> str:
        """By what the case is known: its ticket's number, or its reference."""
        return str(self.number) if self.number is not None else self.case.reference


def cases(session: Session, asked: Asked, page: int = 1) -> list[Found]:
    """One page of the cases asked for, the newest first; a case under two promises is two lines."""
    rows = session.exec(
        select(Case, Verdict, Ticket.number)
        .outerjoin(Verdict, _OF_CASE)
        .outerjoin(Ticket, _TICKET)
        .where(*_conditions(asked))
        .order_by(col(Case.started_at).desc(), col(Case.id).desc(), col(Verdict.promise_id))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return [Found(*row) for row in rows]


def count_cases(session: Session, asked: Asked) -> int:
    """How many lines :func:`cases` has in all."""
    query = select(func.count()).select_from(Case).outerjoin(Verdict, _OF_CASE)
    if asked.text:
        query = query.outerjoin(Ticket, _TICKET)
    return session.exec(query.where(*_conditions(asked))).one()


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    own: list[ColumnElement[bool]] = []
    for branch in asked.branches:
        one = [col(Case.branch_id) == branch.id]
        if asked.since:
            one.append(col(Case.started_at) >= midnight(asked.since, branch.zone))
        if asked.until:
            one.append(col(Case.started_at) < midnight(asked.until + timedelta(days=1), branch.zone))
        own.append(and_(*one))
    conditions: list[ColumnElement[bool]] = [or_(*own) if own else col(Case.branch_id).is_(None)]
    if asked.promise_id is not None:
        conditions.append(col(Verdict.promise_id) == asked.promise_id)
    if asked.status:
        conditions.append(col(Verdict.status) == asked.status)
    if asked.text:
        named: list[ColumnElement[bool]] = [col(Case.reference).startswith(asked.text, autoescape=True)]
        if asked.text.isdecimal() and len(asked.text) < 7:
            named.append(col(Ticket.number) == int(asked.text))
        conditions.append(or_(*named))
    return conditions


def midnight(day: date, zone: str) -> datetime:
    """When *day* begins in *zone*."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


@dataclass(frozen=True)
class Happened:
    """A milestone, and who noted it; ``taken_back`` if its source has said that it didn't happen so."""

    name: str
    at: datetime
    who: str | None
    taken_back: bool = False


@dataclass(frozen=True)
class Judged:
    """A verdict with the version of the terms that it is under."""

    verdict: Verdict
    version: Version
    code: str


def milestones(session: Session, case: Case) -> list[Happened]:
    """What happened to *case*, in order."""
    query = (
        select(Milestone.name, Milestone.at, Person.name, taken_back())
        .outerjoin(Person, col(Person.id) == Milestone.by)
        .where(Milestone.branch_id == case.branch_id, Milestone.case_id == case.id)
        .order_by(col(Milestone.at), col(Milestone.name))
    )
    return [Happened(*row) for row in session.exec(query)]


def verdicts(session: Session, case: Case) -> list[Judged]:
    """The verdicts of *case*, by promise."""
    query = select(Verdict).where(Verdict.branch_id == case.branch_id, Verdict.case_id == case.id)
    found = session.exec(query.order_by(col(Verdict.promise_id))).all()
    versions = of_terms(session, {verdict.terms_id for verdict in found})
    return [
        Judged(verdict, versions[verdict.terms_id], versions[verdict.terms_id].terms.promise)
        for verdict in found
    ]


def ticket_of(session: Session, case: Case) -> Ticket | None:
    """The ticket of the branch's own queue, if the case has one."""
    return session.get(Ticket, (case.branch_id, case.id))


def intakes(session: Session, most: int = 20) -> list[CaseIntake]:
    """The newest files that were brought in."""
    query: Any = select(CaseIntake).order_by(col(CaseIntake.id).desc()).limit(most)
    return list(session.exec(query))
