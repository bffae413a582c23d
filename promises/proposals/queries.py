"""What the pages about proposals show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from promises.feedback.tables import Problem
from promises.people.tables import Person
from promises.proposals import problems
from promises.proposals.standing import State, state, states
from promises.proposals.tables import Comment, Endorsement, Proposal, Version


@dataclass(frozen=True)
class Line:
    """A proposal in a list, by its newest text version. ``endorsements`` are that version's."""

    id: int
    title: str
    text: str
    version: int
    version_id: int
    author_id: int
    author: str
    changed_at: datetime
    endorsements: int
    comments: int
    problems: tuple[Problem, ...]
    state: State


@dataclass(frozen=True)
class Supporter:
    person_id: int
    name: str
    made_at: datetime


@dataclass(frozen=True)
class TextVersion:
    """One text version and who stood behind it."""

    version: Version
    supporters: tuple[Supporter, ...]


@dataclass(frozen=True)
class Said:
    """A comment."""

    name: str
    text: str
    made_at: datetime


@dataclass(frozen=True)
class Whole:
    """All of one proposal. ``versions`` has the newest first."""

    id: int
    author_id: int
    author: str
    made_at: datetime
    versions: tuple[TextVersion, ...]
    comments: tuple[Said, ...]
    problems: tuple[Problem, ...]
    state: State

    @property
    def current(self) -> Version:
        return self.versions[0].version

    @property
    def supporters(self) -> tuple[Supporter, ...]:
        """Who stands behind the newest text."""
        return self.versions[0].supporters

    @property
    def earlier_supporters(self) -> tuple[tuple[Supporter, int], ...]:
        """Who stands behind an earlier text only, with the number of the last one."""
        seen = {supporter.person_id for supporter in self.supporters}
        found: list[tuple[Supporter, int]] = []
        for earlier in self.versions[1:]:
            for supporter in earlier.supporters:
                if supporter.person_id not in seen:
                    seen.add(supporter.person_id)
                    found.append((supporter, earlier.version.number))
        return tuple(found)


def lines(session: Session, only: list[int] | None = None) -> list[Line]:
    """Proposals (*only* those of these ids, if given), the latest changed first."""
    newest = (
        select(Version.proposal_id, func.max(Version.number).label("number"))
        .group_by(col(Version.proposal_id))
        .subquery()
    )
    endorsed = (
        select(Endorsement.version_id, func.count().label("n"))
        .group_by(col(Endorsement.version_id))
        .subquery()
    )
    commented = (
        select(Comment.proposal_id, func.count().label("n")).group_by(col(Comment.proposal_id)).subquery()
    )
    query = (
        select(Version, Person, endorsed.c.n, commented.c.n)
        .join(newest, (newest.c.proposal_id == Version.proposal_id) & (newest.c.number == Version.number))
        .join(Proposal, col(Proposal.id) == Version.proposal_id)
        .join(Person, col(Person.id) == Proposal.author_id)
        .outerjoin(endorsed, endorsed.c.version_id == Version.id)
        .outerjoin(commented, commented.c.proposal_id == Version.proposal_id)
    )
    if only is not None:
        query = query.where(col(Version.proposal_id).in_(only))
    rows = session.exec(query.order_by(col(Version.made_at).desc(), col(Version.id).desc())).all()
    ids = [version.proposal_id for version, *_ in rows]
    answered = problems.answered(session, ids)
    stand = states(session, ids)
    return [
        Line(
            id=version.proposal_id,
            title=version.title,
            text=version.text,
            version=version.number,
            version_id=version.id or 0,
            author_id=author.id or 0,
            author=author.name,
            changed_at=version.made_at,
            endorsements=supporters or 0,
            comments=comments or 0,
            problems=tuple(answered.get(version.proposal_id, ())),
            state=stand[version.proposal_id],
        )
        for version, author, supporters, comments in rows
    ]


def supported_by(session: Session, person_id: int) -> set[int]:
    """Ids of the proposals some text of which the person supports."""
    query = select(Version.proposal_id).join(Endorsement).where(Endorsement.person_id == person_id)
    return set(session.exec(query).all())


def whole(session: Session, proposal_id: int) -> Whole | None:
    """All of one proposal, or nothing if there is no such."""
    found = session.exec(select(Proposal, Person.name).join(Person).where(Proposal.id == proposal_id)).first()
    if found is None:
        return None
    proposal, author = found
    texts = session.exec(
        select(Version).where(Version.proposal_id == proposal_id).order_by(col(Version.number).desc())
    ).all()
    supporters: defaultdict[int, list[Supporter]] = defaultdict(list)
    endorsed = (
        select(Endorsement, Person.name)
        .join(Person)
        .where(col(Endorsement.version_id).in_([version.id for version in texts]))
        .order_by(col(Endorsement.made_at), col(Endorsement.id))
    )
    for endorsement, name in session.exec(endorsed):
        one = Supporter(endorsement.person_id, name, endorsement.made_at)
        supporters[endorsement.version_id].append(one)
    said = (
        select(Comment, Person.name)
        .join(Person)
        .where(Comment.proposal_id == proposal_id)
        .order_by(col(Comment.made_at), col(Comment.id))
    )
    return Whole(
        id=proposal_id,
        author_id=proposal.author_id,
        author=author,
        made_at=proposal.made_at,
        versions=tuple(TextVersion(version, tuple(supporters[version.id or 0])) for version in texts),
        comments=tuple(Said(name, comment.text, comment.made_at) for comment, name in session.exec(said)),
        problems=tuple(problems.answered(session, [proposal_id]).get(proposal_id, ())),
        state=state(session, proposal_id),
    )
