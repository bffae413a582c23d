"""What the pages about choosing show. Marks leave the database only as a count, and only after the close."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlmodel import Session, col, func, select

from promises.decisions.phase import Phase, phase
from promises.decisions.tables import Ballot, Candidate, Decision, Launch, Mark, Round
from promises.people.tables import Person
from promises.proposals.tables import Proposal, Version
from promises.terms.tables import CustomerPromise


@dataclass(frozen=True)
class RoundLine:
    """A round in a list."""

    round: Round
    phase: Phase
    candidates: int
    decided: int
    ballots: int


@dataclass(frozen=True)
class Made:
    """A decision, who made it, and the promise that came of it (its code), if any."""

    decision: Decision
    by: str
    promise: str | None


@dataclass(frozen=True)
class Standing:
    """A candidate of a round: one text version of a proposal, and what became of it."""

    id: int
    round: Round
    proposal_id: int
    version: Version
    author: str
    made: Made | None

    @property
    def title(self) -> str:
        return self.version.title


def rounds(session: Session, *, as_of: datetime) -> list[RoundLine]:
    """Every round: open ones first, then those to be decided, those to come, and the decided ones."""
    standing = (
        select(
            Candidate.round_id,
            func.count().label("candidates"),
            func.count(col(Decision.id)).label("decided"),
        )
        .outerjoin(Decision, col(Decision.candidate_id) == Candidate.id)
        .group_by(col(Candidate.round_id))
        .subquery()
    )
    voted = select(Ballot.round_id, func.count().label("n")).group_by(col(Ballot.round_id)).subquery()
    query = (
        select(Round, standing.c.candidates, standing.c.decided, voted.c.n)
        .outerjoin(standing, standing.c.round_id == Round.id)
        .outerjoin(voted, voted.c.round_id == Round.id)
        .order_by(col(Round.closes_at).desc(), col(Round.id).desc())
    )
    found = [
        RoundLine(
            round=one,
            phase=phase(one.opens_at, one.closes_at, candidates - decided, as_of),
            candidates=candidates,
            decided=decided,
            ballots=ballots or 0,
        )
        for one, candidates, decided, ballots in session.exec(query)
    ]
    return sorted(found, key=lambda line: ("open", "closed", "coming", "decided").index(line.phase))


def candidates(session: Session, round_id: int) -> list[Standing]:
    """The candidates of a round in the order in which they stand on the ballot."""
    return _standing(session, rounds=[round_id])


def candidacies(session: Session, proposal_id: int) -> list[Standing]:
    """Every time that a proposal stood in a round, the first one first."""
    versions = session.exec(select(Version.id).where(Version.proposal_id == proposal_id)).all()
    return _standing(session, versions=[version for version in versions if version is not None])


def candidate(session: Session, candidate_id: int) -> Standing | None:
    """One candidate."""
    return next(iter(_standing(session, only=[candidate_id])), None)


def _standing(
    session: Session,
    *,
    rounds: Collection[int] | None = None,
    versions: Collection[int] | None = None,
    only: Collection[int] | None = None,
) -> list[Standing]:
    query = (
        sqlalchemy.select(Candidate, Round, Version, col(Person.name), Decision)
        .join(Round, col(Round.id) == Candidate.round_id)
        .join(Version, col(Version.id) == Candidate.version_id)
        .join(Proposal, col(Proposal.id) == Version.proposal_id)
        .join(Person, col(Person.id) == Proposal.author_id)
        .outerjoin(Decision, col(Decision.candidate_id) == Candidate.id)
        .order_by(col(Candidate.id))
    )
    for column, wanted in (
        (Candidate.round_id, rounds),
        (Candidate.version_id, versions),
        (Candidate.id, only),
    ):
        if wanted is not None:
            query = query.where(col(column).in_(wanted))
    rows = session.execute(query).all()
    made = _made(session, [decision for *_, decision in rows if decision is not None])
    return [
        Standing(
            id=one.id or 0,
            round=round_,
            proposal_id=version.proposal_id,
            version=version,
            author=author,
            made=made.get(decision.id) if decision is not None else None,
        )
        for one, round_, version, author, decision in rows
    ]


def _made(session: Session, decisions: Collection[Decision]) -> dict[int | None, Made]:
    query = (
        select(Decision.id, Person.name, CustomerPromise.code)
        .join(Person, col(Person.id) == Decision.made_by)
        .outerjoin(Launch, col(Launch.decision_id) == Decision.id)
        .outerjoin(CustomerPromise, col(CustomerPromise.id) == Launch.promise_id)
        .where(col(Decision.id).in_([decision.id for decision in decisions]))
    )
    by_id = {decision.id: decision for decision in decisions}
    return {key: Made(by_id[key], by, promise) for key, by, promise in session.exec(query)}


def ballots_cast(session: Session, round_id: int) -> int:
    """How many have voted; who they are is not told."""
    query = select(func.count()).select_from(Ballot).where(Ballot.round_id == round_id)
    return session.exec(query).one()


def own_ballot(session: Session, round_id: int, person_id: int) -> Ballot | None:
    """The person's own ballot."""
    own = select(Ballot).where(Ballot.round_id == round_id, Ballot.person_id == person_id)
    return session.exec(own).first()


def own_marks(session: Session, ballot: Ballot | None) -> dict[tuple[int, str], int]:
    """The marks of one's own ballot: (candidate id, criterion) → mark."""
    if ballot is None:
        return {}
    marks = session.exec(select(Mark).where(Mark.ballot_id == ballot.id))
    return {(mark.candidate_id, mark.criterion): mark.mark for mark in marks}


def origin(session: Session, promise_id: int) -> Standing | None:
    """The candidate that a promise came from; none for a promise set without a round."""
    query = (
        select(Candidate.id)
        .join(Decision, col(Decision.candidate_id) == Candidate.id)
        .join(Launch, col(Launch.decision_id) == Decision.id)
        .where(Launch.promise_id == promise_id)
    )
    found = session.exec(query).first()
    return candidate(session, found) if found is not None else None


def by_decision(session: Session, decision_id: int) -> Standing | None:
    """The candidate that a decision is about."""
    found = session.get(Decision, decision_id)
    return candidate(session, found.candidate_id) if found is not None else None
