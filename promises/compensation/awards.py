"""Awards by hand, where the terms foresee them: an amount with a reason, above a limit by two people."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert
from sqlmodel import Session, col, func, select

from promises.compensation import ledger
from promises.compensation.award_tables import Award, AwardDecision, decided
from promises.compensation.late import expect
from promises.compensation.tables import Compensation
from promises.compensation.telling import tell_owed
from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.by_hand import check_words, decision_row, hold_case
from promises.service.tables import Case, Verdict
from promises.terms.paying import check_award, pay_by
from promises.terms.queries import of_terms

_compensation: Table = Compensation.__table__  # type: ignore[attr-defined]
_decision: Table = AwardDecision.__table__  # type: ignore[attr-defined]


def make_award(
    session: Session,
    branch: Branch,
    case_id: int,
    promise_id: int,
    *,
    amount: Decimal,
    reason: str,
    evidence: str = "",
    reference: str = "",
    by: int,
    as_of: datetime,
) -> Award:
    """Award *amount* for a case, by the terms that it is judged by. Owed at once, or, if all awards for the
    case together are above the terms' limit for one person, when another person agrees.

    :raises Refusal: ``cases.unknown``, ``award.not_about``, ``award.not_foreseen``, ``award.amount``,
        ``award.in_all``, ``by_hand.no_reason``, ``by_hand.no_evidence``.
    """
    check_words(reason, evidence, reference)
    case = hold_case(session, branch, case_id)
    verdict = _verdict(session, case, promise_id)
    terms = of_terms(session, {verdict.terms_id})[verdict.terms_id].terms
    check_award(terms, amount, 2, reason)
    rule = terms.remedy.by_hand
    before = awarded(session, case, promise_id)
    if rule is None or before + amount > rule.at_most:
        raise Refusal("award.in_all", before=before, at_most=rule.at_most if rule else 0)
    award = Award(
        branch_id=case.branch_id,
        id=new_id(int(as_of.timestamp() * 1000)),
        verdict_id=verdict.id,
        case_id=case.id,
        promise_id=promise_id,
        terms_id=verdict.terms_id,
        amount=amount,
        currency=terms.currency,
        reason=reason.strip(),
        evidence=evidence.strip(),
        reference=reference.strip(),
        # Several small awards are as good as a large one.
        alone=before + amount <= rule.second_person_above,
        made_at=as_of,
        made_by=by,
    )
    session.add(award)
    session.flush()
    _note(session, "award.made" if award.alone else "award.proposed", award, by, as_of)
    if award.alone:
        _owe(session, award, by, as_of)
    return award


def decide_award(
    session: Session,
    branch: Branch,
    award_id: int,
    *,
    approve: bool,
    reason: str = "",
    by: int,
    as_of: datetime,
) -> Award:
    """Approve a proposed award, whereupon it is owed, or refuse it; once.

    Who proposed it may take it back (refuse it), and not approve it.

    :raises Refusal: ``by_hand.unknown``, ``by_hand.decided_already``, ``by_hand.second_person``,
        ``by_hand.no_reason`` for a refusal.
    """
    award = session.get(Award, (branch.id, award_id))
    if award is None:
        raise Refusal("by_hand.unknown")
    hold_case(session, branch, award.case_id)
    row = decision_row(award, approve=approve, reason=reason, by=by, as_of=as_of)
    if not insert_new(session, _decision, row):
        raise Refusal("by_hand.decided_already")
    _note(session, "award.approved" if approve else "award.refused", award, by, as_of)
    if approve:
        _owe(session, award, by, as_of)
    return award


def awarded(session: Session, case: Case, promise_id: int) -> Decimal:
    """What has been awarded for *case* under a promise, or is proposed to be; not what was refused."""
    query = select(func.sum(Award.amount)).where(
        Award.branch_id == case.branch_id,
        Award.case_id == case.id,
        Award.promise_id == promise_id,
        ~decided("refused"),
    )
    return Decimal(session.exec(query).one() or 0)


def _verdict(session: Session, case: Case, promise_id: int) -> Verdict:
    query = select(Verdict).where(
        Verdict.branch_id == case.branch_id, Verdict.case_id == case.id, Verdict.promise_id == promise_id
    )
    found = session.exec(query.order_by(col(Verdict.part))).first()
    if found is None:
        raise Refusal("award.not_about")
    return found


def _owe(session: Session, award: Award, by: int, as_of: datetime) -> None:
    """The compensation has the award's key, so the database refuses a second one."""
    # The watch, which may break the verdict at this moment, waits or passes it over.
    held = select(Verdict.id).where(Verdict.branch_id == award.branch_id, Verdict.id == award.verdict_id)
    session.exec(held.with_for_update(key_share=True)).one()
    parts = select(func.max(Compensation.part)).where(
        Compensation.branch_id == award.branch_id, Compensation.verdict_id == award.verdict_id
    )
    terms = of_terms(session, {award.terms_id})[award.terms_id].terms
    row: dict[str, Any] = {
        "branch_id": award.branch_id,
        "id": award.id,
        "verdict_id": award.verdict_id,
        "part": (session.exec(parts).one() or 0) + 1,
        "case_id": award.case_id,
        "promise_id": award.promise_id,
        "terms_id": award.terms_id,
        "amount": award.amount,
        "currency": award.currency,
        "dated_at": as_of,
        "pay_by": pay_by(terms, as_of),
        "made_at": as_of,
    }
    session.execute(insert(_compensation), [row])
    ledger.owe(session, [row], by=by)
    expect(session, [row])
    tell_owed(session, [row])


def _note(session: Session, verb: str, award: Award, by: int, as_of: datetime) -> None:
    # Reasons name people at times, and so stand in the award and not in the journal.
    facts = {"amount": str(award.amount), "currency": award.currency}
    record(session, verb, "award", award.id, by=by, as_of=as_of, case=str(award.case_id), **facts)
