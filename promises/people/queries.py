"""What the pages about people show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from promises.journal.tables import Event
from promises.people.tables import Branch, Company, Membership, Person


@dataclass(frozen=True)
class Member:
    """A line of the staff register."""

    person: Person
    branches: tuple[str, ...]

    @property
    def standing(self) -> str:
        """Code of the ``standing.*`` family."""
        if self.person.left_at is not None:
            return "left"
        return "in" if self.person.password_hash or self.person.demo else "invited"


def members(session: Session) -> list[Member]:
    """Everybody, those who have left last, by name."""
    names: dict[int, list[str]] = {}
    pairs = select(Membership.person_id, Branch.name).join(Branch).order_by(col(Branch.name))
    for person_id, branch in session.exec(pairs):
        names.setdefault(person_id, []).append(branch)
    everybody = session.exec(select(Person)).all()
    lines = [Member(person, tuple(names.get(person.id or 0, ()))) for person in everybody]
    return sorted(lines, key=lambda line: (line.person.left_at is not None, line.person.name))


def company_zone(session: Session) -> ZoneInfo:
    """Where the company's clocks stand."""
    company = session.get(Company, 1)
    return ZoneInfo(company.zone if company else "Europe/Helsinki")


def branch_choices(session: Session) -> list[tuple[int, str]]:
    """Open branches as (id, name), by name."""
    open_ones = session.exec(select(Branch).where(col(Branch.closed_on).is_(None))).all()
    return sorted(((branch.id or 0, branch.name) for branch in open_ones), key=lambda pair: pair[1])


def branch_ids(session: Session, person_id: int) -> list[int]:
    """Ids of the branches that a person belongs to."""
    return list(session.exec(select(Membership.branch_id).where(Membership.person_id == person_id)).all())


def demo_people(session: Session) -> list[Person]:
    """One person per role, for the demo's sign-in page."""
    everybody = session.exec(select(Person).where(Person.demo, col(Person.left_at).is_(None))).all()
    return sorted(everybody, key=lambda person: person.id or 0)


@dataclass(frozen=True)
class Line:
    """A line of the journal page."""

    id: int
    at: datetime
    who: str | None
    verb: str
    subject: str
    subject_id: str
    facts: dict[str, object]


def journal(session: Session, *, before: int | None, verb: str, most: int) -> list[Line]:
    """The newest *most* acts older than event *before*, of one *verb* if given."""
    query = select(Event, Person.name).outerjoin(Person, col(Event.person_id) == col(Person.id))
    if before is not None:
        query = query.where(col(Event.id) < before)
    if verb:
        query = query.where(Event.verb == verb)
    found = session.exec(query.order_by(col(Event.id).desc()).limit(most)).all()
    return [
        Line(event.id or 0, event.at, name, event.verb, event.subject, event.subject_id, event.facts)
        for event, name in found
    ]


def verbs_used(session: Session) -> list[str]:
    """Verbs that stand in the journal, for its filter."""
    return sorted(session.exec(select(Event.verb).distinct()).all())
