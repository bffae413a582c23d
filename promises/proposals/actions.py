"""What is done about proposals: writing, revising, supporting, commenting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlmodel import Session, col, select

from promises.feedback.tables import Problem
from promises.journal.actions import record
from promises.language import gettext, spoken
from promises.outbox.actions import write
from promises.people.tables import Person
from promises.proposals.standing import DECIDED, state
from promises.proposals.tables import Answers, Comment, Endorsement, Proposal, Version
from promises.refusal import Refusal


class Step(TypedDict):
    """One step of an operating model: what is done, and who does it (may be empty)."""

    step: str
    who: str


def propose(
    session: Session,
    *,
    problems: Sequence[int],
    title: str,
    text: str,
    steps: Sequence[Step],
    by: int,
    as_of: datetime,
) -> Proposal:
    """Write down a promise that would solve *problems* (their ids), as text version 1.

    :raises Refusal: ``proposals.needs_problem``, ``proposals.problem_gone``, ``proposals.needs_steps``.
    """
    _check_problems(session, problems)
    proposal = Proposal(author_id=by, made_at=as_of)
    session.add(proposal)
    session.flush()
    proposal_id = proposal.id or 0
    session.add_all(Answers(proposal_id=proposal_id, problem_id=problem) for problem in set(problems))
    _add_version(session, proposal_id, 1, title, text, steps, by, as_of)
    record(session, "proposals.proposed", "proposal", proposal_id, by=by, as_of=as_of, problems=[*problems])
    return proposal


def revise(
    session: Session,
    proposal_id: int,
    *,
    based_on: int,
    title: str,
    text: str,
    steps: Sequence[Step],
    by: int,
    as_of: datetime,
) -> Version:
    """Add a text version to one's own proposal. Support of the earlier ones stays with them.

    :param based_on: number of the version that was read while writing.
    :raises Refusal: ``proposals.not_author``, ``proposals.in_round``, ``proposals.decided``,
        ``proposals.newer_version``, ``proposals.unchanged``, ``proposals.needs_steps``.
    """
    proposal = _hold(session, proposal_id)
    if proposal.author_id != by:
        raise Refusal("proposals.not_author")
    stands = state(session, proposal_id)
    if stands == "standing":
        raise Refusal("proposals.in_round")
    if stands in DECIDED:
        raise Refusal("proposals.decided")
    latest = current(session, proposal_id)
    if latest.number != based_on:
        raise Refusal("proposals.newer_version", number=latest.number, read=based_on)
    if (latest.title, latest.text, latest.steps) == (title, text, list(steps)):
        raise Refusal("proposals.unchanged")
    version = _add_version(session, proposal_id, latest.number + 1, title, text, steps, by, as_of)
    record(session, "proposals.revised", "proposal", proposal_id, by=by, as_of=as_of, number=version.number)
    return version


def endorse(session: Session, proposal_id: int, *, number: int, by: int, as_of: datetime) -> None:
    """Stand behind text version *number*, which must be the current one. A second time changes nothing.

    :raises Refusal: ``proposals.own``, ``proposals.decided``, ``proposals.text_changed``.
    """
    proposal = _hold(session, proposal_id)
    if proposal.author_id == by:
        raise Refusal("proposals.own")
    version = _undecided_version(session, proposal_id, number)
    if _endorsement(session, version, by) is None:
        session.add(Endorsement(version_id=version.id or 0, person_id=by, made_at=as_of))
        record(session, "proposals.endorsed", "proposal", proposal_id, by=by, as_of=as_of, number=number)


def withdraw(session: Session, proposal_id: int, *, number: int, by: int, as_of: datetime) -> None:
    """Take back one's support of text version *number*, the current one. Without any, nothing changes.

    :raises Refusal: ``proposals.decided``, ``proposals.text_changed``.
    """
    _hold(session, proposal_id)
    version = _undecided_version(session, proposal_id, number)
    endorsement = _endorsement(session, version, by)
    if endorsement is not None:
        session.delete(endorsement)
        record(session, "proposals.withdrew", "proposal", proposal_id, by=by, as_of=as_of, number=number)


def comment(
    session: Session, proposal_id: int, *, text: str, by: int, as_of: datetime, link: str | None = None
) -> Comment:
    """Say something about a proposal.

    :param link: the proposal's full address for the mail to its author; without it no mail is written.
    """
    proposal = session.get_one(Proposal, proposal_id)
    made = Comment(proposal_id=proposal_id, person_id=by, text=text, made_at=as_of)
    session.add(made)
    session.flush()
    record(session, "proposals.commented", "proposal", proposal_id, by=by, as_of=as_of, comment=made.id)
    author = session.get_one(Person, proposal.author_id)
    if link is not None and author.id != by and author.left_at is None:
        who = session.get_one(Person, by).name
        title = current(session, proposal_id).title
        with spoken(author.language):
            subject = gettext("mail.proposal_commented.subject", title=title)
            body = gettext(
                "mail.proposal_commented.body", name=author.name, who=who, title=title, text=text, link=link
            )
        write(session, author.email, subject, body, as_of=as_of)
    return made


def current(session: Session, proposal_id: int) -> Version:
    """The newest text version of a proposal."""
    newest = select(Version).where(Version.proposal_id == proposal_id).order_by(col(Version.number).desc())
    return session.exec(newest.limit(1)).one()


def _hold(session: Session, proposal_id: int) -> Proposal:
    """The proposal, locked, so that what is decided about its newest version stays true until the commit."""
    return session.exec(select(Proposal).where(Proposal.id == proposal_id).with_for_update()).one()


def _undecided_version(session: Session, proposal_id: int, number: int) -> Version:
    if state(session, proposal_id) in DECIDED:
        raise Refusal("proposals.decided")
    newest = current(session, proposal_id)
    if newest.number != number:
        raise Refusal("proposals.text_changed", number=newest.number, read=number)
    return newest


def _endorsement(session: Session, version: Version, person: int) -> Endorsement | None:
    query = select(Endorsement).where(Endorsement.version_id == version.id, Endorsement.person_id == person)
    return session.exec(query).first()


def _check_problems(session: Session, problems: Sequence[int]) -> None:
    if not problems:
        raise Refusal("proposals.needs_problem")
    standing = select(Problem.id).where(
        col(Problem.id).in_(problems), col(Problem.state).in_(["found", "accepted"])
    )
    if len(session.exec(standing).all()) != len(set(problems)):
        raise Refusal("proposals.problem_gone")


def _add_version(
    session: Session,
    proposal_id: int,
    number: int,
    title: str,
    text: str,
    steps: Sequence[Step],
    by: int,
    as_of: datetime,
) -> Version:
    kept = [{"step": step["step"], "who": step["who"]} for step in steps if step["step"]]
    if not kept:
        raise Refusal("proposals.needs_steps")
    version = Version(
        proposal_id=proposal_id,
        number=number,
        title=title,
        text=text,
        steps=kept,
        author_id=by,
        made_at=as_of,
    )
    session.add(version)
    session.flush()
    return version
