"""How many things wait, and for whom: the small counts that home pages are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Executable, and_, func, or_, select, tuple_
from sqlmodel import Session, col

from promises.decisions.tables import Ballot, Candidate, Decision, Launch, Round
from promises.feedback.tables import Feedback, Intake, Mention, Problem
from promises.journal.tables import Event
from promises.outbox.tables import Letter
from promises.people.tables import Branch, Person
from promises.proposals.tables import Endorsement, Proposal, Version
from promises.queue.desk import today
from promises.reports import hourly
from promises.service.tables import Ticket, Verdict

SOON = timedelta(minutes=5)
"""How long before its time runs out a customer is worth a teller's haste."""

NEW = timedelta(days=7)


def queue(session: Session, branch: Branch, as_of: datetime) -> int:
    """Customers waiting in the branch's own queue today."""
    return _count(
        session,
        select(func.count()).where(
            col(Ticket.branch_id) == branch.id,
            col(Ticket.day) == today(branch, as_of),
            col(Ticket.state) == "waiting",
        ),
    )


def running_out(session: Session, branch: Branch, as_of: datetime) -> int:
    """Customers in that queue whose promise breaks within :data:`SOON`, or has broken already."""
    in_queue = and_(
        col(Ticket.branch_id) == col(Verdict.branch_id), col(Ticket.case_id) == col(Verdict.case_id)
    )
    late = or_(
        and_(col(Verdict.status) == "pending", col(Verdict.due_at) <= as_of + SOON),
        col(Verdict.status) == "broken",
    )
    return _count(
        session,
        select(func.count(func.distinct(col(Ticket.case_id))))
        .join(Verdict, in_queue)
        .where(
            col(Ticket.branch_id) == branch.id,
            col(Ticket.day) == today(branch, as_of),
            col(Ticket.state) == "waiting",
            late,
        ),
    )


def broken_between(session: Session, branch_ids: Sequence[int], start: datetime, end: datetime) -> int:
    """Promises broken to customers who came in ``[start, end)``."""
    if hourly.whole_hours([start, end]):
        return hourly.broken(session, branch_ids, start, end)
    return _count(
        session,
        select(func.count()).where(
            col(Verdict.branch_id).in_(branch_ids),
            col(Verdict.status) == "broken",
            col(Verdict.started_at) >= start,
            col(Verdict.started_at) < end,
        ),
    )


def proposals_to_support(session: Session, person_id: int) -> int:
    """Other people's proposals, not yet in any round, whose newest text the person hasn't supported."""
    newest = select(col(Version.proposal_id), func.max(col(Version.number))).group_by(
        col(Version.proposal_id)
    )
    supported = select(col(Endorsement.version_id)).where(col(Endorsement.person_id) == person_id)
    in_round = select(col(Version.proposal_id)).join(Candidate, col(Candidate.version_id) == col(Version.id))
    return _count(
        session,
        select(func.count())
        .select_from(Version)
        .join(Proposal, col(Proposal.id) == col(Version.proposal_id))
        .where(
            tuple_(col(Version.proposal_id), col(Version.number)).in_(newest),
            col(Proposal.author_id) != person_id,
            col(Version.id).not_in(supported),
            col(Version.proposal_id).not_in(in_round),
        ),
    )


def rounds_to_vote(session: Session, person_id: int, as_of: datetime) -> list[Round]:
    """Open rounds in which the person hasn't voted, the one that closes first before others."""
    voted = select(col(Ballot.round_id)).where(col(Ballot.person_id) == person_id)
    query = (
        select(Round)
        .where(col(Round.opens_at) <= as_of, col(Round.closes_at) > as_of, col(Round.id).not_in(voted))
        .order_by(col(Round.closes_at))
    )
    return list(session.execute(query).scalars())


def rounds_to_decide(session: Session, as_of: datetime) -> list[Round]:
    """Closed rounds with a candidate that nobody has decided on."""
    undecided = (
        select(col(Candidate.round_id))
        .outerjoin(Decision, col(Decision.candidate_id) == col(Candidate.id))
        .where(col(Decision.id).is_(None))
    )
    query = (
        select(Round)
        .where(col(Round.closes_at) <= as_of, col(Round.id).in_(undecided))
        .order_by(col(Round.closes_at))
    )
    return list(session.execute(query).scalars())


def without_terms(session: Session) -> list[tuple[int, str]]:
    """Chosen proposals that haven't become a promise: decision id and the proposal's title."""
    query = (
        select(col(Decision.id), col(Version.title))
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .join(Version, col(Version.id) == col(Candidate.version_id))
        .outerjoin(Launch, col(Launch.decision_id) == col(Decision.id))
        .where(col(Decision.outcome) == "chosen", col(Launch.decision_id).is_(None))
        .order_by(col(Decision.made_at))
    )
    return [(number, title) for number, title in session.execute(query)]


def new_problems(session: Session) -> int:
    """Problems that were found and that nobody has accepted or dismissed."""
    return _count(session, select(func.count()).where(col(Problem.state) == "found"))


def feedback_and_unplaced(session: Session) -> tuple[int, int]:
    """All feedback, and how much of it speaks of no known problem."""
    every = _count(session, select(func.count()).select_from(Feedback))
    placed = _count(session, select(func.count(func.distinct(col(Mention.feedback_id)))))
    return every, every - placed


def last_intake(session: Session) -> Intake | None:
    """The newest file of feedback."""
    query = select(Intake).order_by(col(Intake.made_at).desc(), col(Intake.id).desc()).limit(1)
    return session.execute(query).scalar_one_or_none()


def acts_since(session: Session, moment: datetime) -> int:
    """Lines of the journal from *moment* on."""
    return _count(session, select(func.count()).where(col(Event.at) >= moment))


def not_come_in(session: Session) -> int:
    """People who were invited and have not chosen a password."""
    query = select(func.count()).where(
        col(Person.password_hash).is_(None), col(Person.left_at).is_(None), ~col(Person.demo)
    )
    return _count(session, query)


def stuck_letters(session: Session) -> int:
    """Mails that could not be sent at the last try, or for good."""
    return _count(session, select(func.count()).where(col(Letter.fault) != "", col(Letter.sent_at).is_(None)))


def _count(session: Session, query: Executable) -> int:
    return int(session.execute(query).scalar_one())
