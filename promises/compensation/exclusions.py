"""Taking a case out of a promise by hand: proposed with reason and evidence, decided by a second person."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from promises.compensation.award_tables import awarded
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.by_hand import check_words, decision_row, hold_case
from promises.service.excluded_tables import Exclusion, ExclusionDecision, decided
from promises.service.judgement import judge_case
from promises.service.tables import Case, Verdict
from promises.terms.queries import of_terms

NOTHING = Decimal("0.00")
_decision: Table = ExclusionDecision.__table__  # type: ignore[attr-defined]


def propose_exclusion(
    session: Session,
    branch: Branch,
    case_id: int,
    promise_id: int,
    *,
    reason: str,
    evidence: str = "",
    reference: str = "",
    alone_up_to: Decimal = NOTHING,
    by: int,
    as_of: datetime,
) -> Exclusion:
    """Propose that a case isn't judged under a promise. A broken one that takes no more than *alone_up_to*
    from the customer is excluded at once; all else waits for another person.

    :param reference: where the evidence is kept, such as the number of a document; *evidence* in words.
    :param alone_up_to: 0 means that a second person must always agree.
    :raises Refusal: ``cases.unknown``, ``exclusion.nothing``, ``exclusion.already``, ``by_hand.no_reason``,
        ``by_hand.no_evidence``.
    """
    check_words(reason, evidence, reference)
    case = hold_case(session, branch, case_id)
    verdicts = session.exec(
        select(Verdict).where(
            Verdict.branch_id == case.branch_id,
            Verdict.case_id == case.id,
            Verdict.promise_id == promise_id,
            col(Verdict.status).in_(("pending", "broken")),
        )
    ).all()
    if not verdicts:
        raise Refusal("exclusion.nothing")
    if session.exec(_standing(case, promise_id)).first() is not None:
        raise Refusal("exclusion.already")
    terms = of_terms(session, {verdicts[0].terms_id})[verdicts[0].terms_id].terms
    at_stake = _open(session, case, promise_id)
    broken = all(verdict.status == "broken" for verdict in verdicts)
    exclusion = Exclusion(
        branch_id=case.branch_id,
        id=new_id(int(as_of.timestamp() * 1000)),
        case_id=case.id,
        promise_id=promise_id,
        amount=at_stake,
        currency=terms.currency,
        reason=reason.strip(),
        evidence=evidence.strip(),
        reference=reference.strip(),
        alone=broken and alone_up_to > NOTHING and at_stake <= alone_up_to,
        made_at=as_of,
        made_by=by,
    )
    session.add(exclusion)
    session.flush()
    verb = "case.excluded" if exclusion.alone else "case.exclusion_proposed"
    _note(session, verb, exclusion, terms.promise, by, as_of)
    if exclusion.alone:
        judge_case(session, case, branch, as_of)
    return exclusion


def decide_exclusion(
    session: Session,
    branch: Branch,
    exclusion_id: int,
    *,
    approve: bool,
    reason: str = "",
    by: int,
    as_of: datetime,
) -> Exclusion:
    """Approve a proposed exclusion, whereupon the case is judged anew, or refuse it; once.

    Who proposed it may take it back (refuse it), and not approve it.

    :raises Refusal: ``by_hand.unknown``, ``by_hand.decided_already``, ``by_hand.second_person``,
        ``by_hand.no_reason`` for a refusal.
    """
    found = session.get(Exclusion, (branch.id, exclusion_id))
    if found is None:
        raise Refusal("by_hand.unknown")
    case = hold_case(session, branch, found.case_id)
    row = decision_row(found, approve=approve, reason=reason, by=by, as_of=as_of)
    if not insert_new(session, _decision, row):
        raise Refusal("by_hand.decided_already")
    terms_id = session.exec(
        select(Verdict.terms_id).where(
            Verdict.branch_id == case.branch_id,
            Verdict.case_id == case.id,
            Verdict.promise_id == found.promise_id,
        )
    ).first()
    promise = of_terms(session, {terms_id})[terms_id].terms.promise if terms_id else ""
    _note(session, "case.excluded" if approve else "case.exclusion_refused", found, promise, by, as_of)
    if approve:
        judge_case(session, case, branch, as_of)
    return found


def _standing(case: Case, promise_id: int) -> Any:
    return select(Exclusion.id).where(
        Exclusion.branch_id == case.branch_id,
        Exclusion.case_id == case.id,
        Exclusion.promise_id == promise_id,
        ~decided("refused"),
    )


def _open(session: Session, case: Case, promise_id: int) -> Decimal:
    """What the customer would lose: owed for the case by the promise, and not yet paid."""
    undone = aliased(Entry)
    ended = select(undone.id).where(
        undone.branch_id == Compensation.branch_id, undone.reverses == Compensation.id
    )
    paid = select(Payout.id).where(
        Payout.branch_id == Compensation.branch_id, Payout.compensation_id == Compensation.id
    )
    query = select(func.sum(Compensation.amount)).where(
        Compensation.branch_id == case.branch_id,
        Compensation.case_id == case.id,
        Compensation.promise_id == promise_id,
        ~ended.exists(),
        ~paid.exists(),
        ~awarded(),
    )
    return Decimal(session.exec(query).one() or NOTHING)


def _note(session: Session, verb: str, exclusion: Exclusion, promise: str, by: int, as_of: datetime) -> None:
    # Reasons name people at times, and so stand in the exclusion and not in the journal.
    facts = {"promise": promise, "amount": str(exclusion.amount), "currency": exclusion.currency}
    record(session, verb, "exclusion", exclusion.id, by=by, as_of=as_of, case=str(exclusion.case_id), **facts)
