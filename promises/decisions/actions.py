"""What is done about choosing: opening rounds, voting, deciding, launching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

import promises.decisions.standing  # noqa: F401  the proposals room asks through what it registers
from promises.decisions import counting
from promises.decisions.tables import Ballot, Candidate, Decision, Launch, Mark, Round
from promises.decisions.tally import departures
from promises.journal.actions import record
from promises.language import gettext, spoken
from promises.outbox.actions import write
from promises.people.roles import MAY
from promises.people.tables import Company, Person
from promises.proposals.standing import state
from promises.proposals.tables import Proposal, Version
from promises.refusal import Refusal
from promises.terms import actions as terms
from promises.terms.tables import CustomerPromise, Terms

CRITERIA = ("solves_problem", "can_keep", "worth_cost")
OUTCOMES = ("chosen", "rejected", "sent_back")
SHORTEST_REASON_TO_DEPART = 40


def open_round(
    session: Session,
    *,
    title: str,
    versions: Sequence[int],
    opens_at: datetime,
    closes_at: datetime,
    quorum: int,
    by: int,
    as_of: datetime,
    criteria: Sequence[str] = CRITERIA,
) -> Round:
    """Let management vote over the text *versions* (ids), each the current one of its proposal.

    :raises Refusal: ``decisions.needs_candidates``, ``decisions.needs_criteria``,
        ``decisions.closes_before_opening``, ``decisions.closes_in_past``, ``decisions.quorum_too_high``,
        ``decisions.text_changed``, ``decisions.not_available``.
    """
    if not versions:
        raise Refusal("decisions.needs_candidates")
    if not criteria or not set(criteria) <= set(CRITERIA):
        raise Refusal("decisions.needs_criteria")
    if closes_at <= opens_at:
        raise Refusal("decisions.closes_before_opening")
    if closes_at <= as_of:
        raise Refusal("decisions.closes_in_past")
    if quorum > (most := voters(session)):
        raise Refusal("decisions.quorum_too_high", most=most)
    _check_available(session, versions)
    made = Round(
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        quorum=quorum,
        criteria=list(criteria),
        made_at=as_of,
        made_by=by,
    )
    session.add(made)
    session.flush()
    round_id = made.id or 0
    for version in dict.fromkeys(versions):
        session.add(Candidate(round_id=round_id, version_id=version))
        session.flush()  # one by one: the order given is the order on the ballot
    record(session, "decisions.opened_round", "round", round_id, by=by, as_of=as_of, versions=[*versions])
    return made


def _check_available(session: Session, versions: Sequence[int]) -> None:
    """Hold the proposals of *versions* and see that each is a draft whose current text this is."""
    chosen = select(Version.proposal_id).where(col(Version.id).in_(versions))
    held = select(Proposal.id).where(col(Proposal.id).in_(chosen)).order_by(col(Proposal.id))
    session.exec(held.with_for_update()).all()
    for version_id in versions:
        version = session.get_one(Version, version_id)
        newest = select(func.max(Version.number)).where(Version.proposal_id == version.proposal_id)
        if session.exec(newest).one() != version.number:
            raise Refusal("decisions.text_changed", title=version.title)
        if state(session, version.proposal_id) != "open":
            raise Refusal("decisions.not_available", title=version.title)


def voters(session: Session) -> int:
    """How many people may vote now."""
    roles = [role.value for role in MAY["rounds.vote"]]
    query = select(func.count()).select_from(Person)
    return session.exec(query.where(col(Person.role).in_(roles), col(Person.left_at).is_(None))).one()


def vote(
    session: Session, round_id: int, *, marks: Mapping[tuple[int, str], int], by: int, as_of: datetime
) -> Ballot:
    """Cast one's ballot, in place of the one that was cast before.

    :param marks: (candidate id, criterion) → 1 to 5, for every candidate and every criterion.
    :raises Refusal: ``decisions.not_open_yet``, ``decisions.closed`` (from the closing second on),
        ``decisions.marks_missing``.
    """
    round_ = _hold(session, round_id)
    if as_of < round_.opens_at:
        raise Refusal("decisions.not_open_yet")
    if as_of >= round_.closes_at:
        raise Refusal("decisions.closed")
    candidates = counting.candidate_ids(session, round_id)
    if set(marks) != {(candidate, criterion) for candidate in candidates for criterion in round_.criteria}:
        raise Refusal("decisions.marks_missing")
    own = select(Ballot).where(Ballot.round_id == round_id, Ballot.person_id == by)
    ballot = session.exec(own).first() or Ballot(round_id=round_id, person_id=by, cast_at=as_of)
    changed = ballot.id is not None
    ballot.cast_at = as_of
    session.add(ballot)
    session.flush()
    session.execute(delete(Mark).where(col(Mark.ballot_id) == ballot.id))
    session.add_all(
        Mark(ballot_id=ballot.id or 0, candidate_id=candidate, criterion=criterion, mark=mark)
        for (candidate, criterion), mark in marks.items()
    )
    session.flush()
    # That somebody voted is noted; how, never.
    verb = "decisions.changed_vote" if changed else "decisions.voted"
    record(session, verb, "round", round_id, by=by, as_of=as_of)
    return ballot


def decide(
    session: Session,
    candidate_id: int,
    *,
    outcome: str,
    reason: str,
    by: int,
    as_of: datetime,
    link: str | None = None,
) -> Decision:
    """Decide what becomes of a candidate of a closed round, once.

    :param outcome: ``chosen``, ``rejected`` or ``sent_back``.
    :param link: the proposal's full address for the mail to its author; without it no mail is written.
    :raises Refusal: ``decisions.still_open``, ``decisions.decided_already``, ``decisions.needs_reason``,
        ``decisions.reason_short`` where the decision departs from the count.
    """
    candidate = session.get_one(Candidate, candidate_id)
    round_ = _hold(session, candidate.round_id)
    result = counting.count_of(session, round_, as_of=as_of)
    earlier = session.exec(select(Decision).where(Decision.candidate_id == candidate_id)).first()
    if earlier is not None:
        raise _decided_already(session, earlier)
    if not reason.strip():
        raise Refusal("decisions.needs_reason")
    departs = departures(result, counting.outcomes(session, candidate.round_id), candidate_id, outcome)
    if departs and len(reason.strip()) < SHORTEST_REASON_TO_DEPART:
        raise Refusal("decisions.reason_short", shortest=SHORTEST_REASON_TO_DEPART)
    decision = Decision(
        candidate_id=candidate_id, outcome=outcome, reason=reason, departs=departs, made_at=as_of, made_by=by
    )
    session.add(decision)
    session.flush()
    facts = {"outcome": outcome, "departs": departs, "candidate": candidate_id}
    record(session, "decisions.decided", "decision", decision.id, by=by, as_of=as_of, **facts)
    if link is not None:
        _tell_author(session, candidate, decision, link, as_of)
    return decision


def _decided_already(session: Session, decision: Decision) -> Refusal:
    who = session.get_one(Person, decision.made_by).name
    company = session.get(Company, 1)
    local = decision.made_at.astimezone(ZoneInfo(company.zone if company else "UTC"))
    return Refusal("decisions.decided_already", who=who, at=f"{local:%Y-%m-%d %H:%M}")


def _tell_author(
    session: Session, candidate: Candidate, decision: Decision, link: str, as_of: datetime
) -> None:
    version = session.get_one(Version, candidate.version_id)
    author = session.get_one(Person, version.author_id)
    if author.left_at is not None:
        return
    with spoken(author.language):
        outcome = gettext(f"outcome.{decision.outcome}")
        subject = gettext("mail.proposal_decided.subject", title=version.title, outcome=outcome)
        body = gettext(
            "mail.proposal_decided.body",
            name=author.name,
            title=version.title,
            outcome=outcome,
            reason=decision.reason,
            link=link,
        )
    write(session, author.email, subject, body, as_of=as_of)


def launch(
    session: Session,
    decision_id: int,
    document: dict[str, Any],
    *,
    by: int,
    as_of: datetime,
    starts_at: datetime | None = None,
) -> Terms:
    """Make a chosen proposal a promise: its first terms, from *document* (the terms format).

    :param starts_at: as in :func:`promises.terms.actions.set_terms`, for history.
    :raises Refusal: ``decisions.not_chosen``, ``decisions.launched_already``, ``decisions.code_taken``,
        and those of the terms.
    """
    decision = session.exec(select(Decision).where(Decision.id == decision_id).with_for_update()).one()
    if decision.outcome != "chosen":
        raise Refusal("decisions.not_chosen")
    if session.get(Launch, decision_id) is not None:
        raise Refusal("decisions.launched_already")
    code = str(document.get("promise", ""))
    if session.exec(select(CustomerPromise).where(CustomerPromise.code == code)).first() is not None:
        raise Refusal("decisions.code_taken", code=code)
    version = terms.set_terms(session, document=document, number=1, by=by, as_of=as_of, starts_at=starts_at)
    session.add(Launch(decision_id=decision_id, promise_id=version.promise_id))
    session.flush()
    record(session, "decisions.launched", "decision", decision_id, by=by, as_of=as_of, promise=code)
    return version


def _hold(session: Session, round_id: int) -> Round:
    """The round, locked: ballots and decisions of one round come one after the other."""
    return session.exec(select(Round).where(Round.id == round_id).with_for_update()).one()
