"""How a batch ends: its payments arrive or are rejected, by hand or as the bank answers."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.tables import Entry
from promises.database import insert_new
from promises.journal.actions import record
from promises.payments import batches
from promises.payments.answer import PAID, REJECTED, WAITING, Answer, Told, read_answer
from promises.payments.tables import BankAnswer, Batch, BatchDecision, Choice, Payment, PaymentEnd
from promises.refusal import Refusal

ACCOUNTS = {"bank": ledger.BANK, "credit": ledger.CREDITS}
BY_HAND = "hand"
"""The reason of a rejection that a person entered; what it was stands in words."""
_end: Table = PaymentEnd.__table__  # type: ignore[attr-defined]


def refuse(session: Session, batch_id: int, reason: str, *, by: int, as_of: datetime) -> BatchDecision:
    """Take a batch back before it is approved; its payments wait again, as they were chosen.

    Its maker may do it too.

    :raises Refusal: ``payments.batch_unknown``, ``payments.no_reason``, ``payments.decided_already``.
    """
    decision = batches.note_refusal(session, batch_id, reason, by=by, as_of=as_of)
    batch = batches.find(session, batch_id)
    for payment, sent in batches.lines_of(session, batch):
        _finish(session, batch, payment, sent, "taken_back", by=by, as_of=as_of)
    return decision


def confirm(session: Session, batch_id: int, *, by: int, as_of: datetime) -> int:
    """Note by hand that all payments of a batch that are still on their way have arrived; how many.

    :raises Refusal: ``payments.batch_unknown``, ``payments.not_approved``.
    """
    batch = batches.find(session, batch_id)
    batches.check_approved(session, batch)
    lines = _unfinished(session, batch)
    arrived = sum(_finish(session, batch, *line, PAID, by=by, as_of=as_of) for line in lines)
    if arrived:
        _tell(session, "batch.confirmed", batch, by=by, as_of=as_of, arrived=arrived)
    return arrived


def reject(
    session: Session, batch_id: int, branch_id: int, payment_id: int, reason: str, *, by: int, as_of: datetime
) -> None:
    """Note by hand that one payment came back, and why; its customer chooses anew.

    :raises Refusal: ``payments.batch_unknown``, ``payments.not_approved``, ``payments.payment_unknown``,
        ``payments.no_reason``, ``payments.finished_already``.
    """
    batch = batches.find(session, batch_id)
    batches.check_approved(session, batch)
    payment = session.get(Payment, (branch_id, payment_id))
    if payment is None or payment.batch_id != batch_id:
        raise Refusal("payments.payment_unknown")
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise Refusal("payments.no_reason")
    sent = session.get_one(Entry, (branch_id, payment.entry_id))
    told = Told(REJECTED, BY_HAND, reason)
    if not _finish(session, batch, payment, sent, REJECTED, told=told, by=by, as_of=as_of):
        raise Refusal("payments.finished_already")
    _tell(session, "batch.payment_rejected", batch, by=by, as_of=as_of, reason=BY_HAND)


def take_answer(
    session: Session, document: bytes, *, filename: str, by: int, as_of: datetime
) -> tuple[BankAnswer, bool]:
    """Take the bank's answer to one of our files, and do to each payment what it says.

    The same file again changes nothing; another file that says the same neither.

    :return: the answer as it is kept, and whether it is new.
    :raises Refusal: what :func:`promises.payments.answer.read_answer` refuses; ``payments.answer_foreign`` if
        it answers no file of ours; ``payments.not_approved``; ``payments.answer_totals``,
        ``payments.answer_unknown_payment``, ``payments.answer_amount`` if it is not about what we sent;
        ``payments.answer_contradicts`` if it denies what an earlier one said. Then nothing of it is taken.
    """
    answer = read_answer(document)
    batch = session.exec(
        select(Batch)
        .where(Batch.message == answer.about, Batch.way == "bank")
        .with_for_update(key_share=True)
    ).first()
    if batch is None:
        raise Refusal("payments.answer_foreign", found=answer.about[:35])
    sha256 = hashlib.sha256(document).hexdigest()
    known = session.exec(select(BankAnswer).where(BankAnswer.sha256 == sha256)).first()
    if known is not None:
        return known, False
    batches.check_approved(session, batch)
    lines = batches.lines_of(session, batch)
    _check(answer, batch, [payment for payment, _ in lines])
    said = {payment.name: answer.of(payment.name) for payment, _ in lines}
    counts = {what: sum(told.what == what for told in said.values()) for what in (PAID, REJECTED, WAITING)}
    kept = BankAnswer(
        batch_id=batch.id or 0,
        message=answer.message,
        filename=filename[-200:],
        document=document,
        sha256=sha256,
        paid=counts[PAID],
        rejected=counts[REJECTED],
        waiting=counts[WAITING],
        made_at=as_of,
        made_by=by,
    )
    session.add(kept)
    session.flush()
    ends = ends_of(session, batch)
    for payment, sent in lines:
        told, before = said[payment.name], ends.get((payment.branch_id, payment.id))
        if told.what == WAITING:
            continue
        if before is not None and before.what != told.what:
            raise Refusal("payments.answer_contradicts", payment=payment.name)
        if before is None:
            _finish(session, batch, payment, sent, told.what, told=told, answer=kept, by=by, as_of=as_of)
    _tell(session, "batch.answered", batch, by=by, as_of=as_of, **counts)
    return kept, True


def ends_of(session: Session, batch: Batch) -> dict[tuple[int, int], PaymentEnd]:
    """How the payments of a batch that are over ended, by branch and id."""
    query = (
        select(PaymentEnd)
        .join(
            Payment,
            (col(Payment.branch_id) == PaymentEnd.branch_id) & (col(Payment.id) == PaymentEnd.payment_id),
        )
        .where(Payment.batch_id == batch.id)
    )
    return {(end.branch_id, end.payment_id): end for end in session.exec(query)}


def _unfinished(session: Session, batch: Batch) -> list[tuple[Payment, Entry]]:
    ends = ends_of(session, batch)
    lines = batches.lines_of(session, batch)
    return [(payment, sent) for payment, sent in lines if (payment.branch_id, payment.id) not in ends]


def _check(answer: Answer, batch: Batch, payments: list[Payment]) -> None:
    """Whether *answer* is about what *batch* holds."""
    count, total = answer.count, answer.total
    if (count is not None and count != batch.count) or (total is not None and total != batch.total):
        raise Refusal(
            "payments.answer_totals",
            count="-" if count is None else count,
            total="-" if total is None else total,
            expected=batch.count,
            expected_total=batch.total,
        )
    amounts = {payment.name: payment.amount for payment in payments}
    for name, (_, amount) in answer.payments.items():
        if name not in amounts:
            raise Refusal("payments.answer_unknown_payment", found=name[:35])
        if amount is not None and amount != amounts[name]:
            raise Refusal("payments.answer_amount", payment=name, found=amount, expected=amounts[name])


def _finish(
    session: Session,
    batch: Batch,
    payment: Payment,
    sent: Entry,
    what: str,
    *,
    told: Told | None = None,
    answer: BankAnswer | None = None,
    by: int,
    as_of: datetime,
) -> bool:
    """End one payment, once; False if it has ended before."""
    owed = compensation.hold(session, payment.branch_id, payment.compensation_id)
    row = {
        "branch_id": payment.branch_id,
        "payment_id": payment.id,
        "what": what,
        "reason": told.reason if told else "",
        "told": told.words if told else "",
        "answer_id": answer.id if answer else None,
        "made_at": as_of,
        "made_by": by,
    }
    if not insert_new(session, _end, row):
        return False
    if what == PAID:
        compensation.arrive(
            session, owed, sent, way=batch.way, account=ACCOUNTS[batch.way], by=by, as_of=as_of
        )
        return True
    compensation.come_back(session, owed, sent, by=by, as_of=as_of)
    if what == REJECTED:
        # The same account would be rejected again, so its customer is asked anew.
        choice = session.get(Choice, (payment.branch_id, payment.compensation_id))
        if choice is not None:
            session.delete(choice)
            session.flush()
    return True


def _tell(session: Session, verb: str, batch: Batch, *, by: int, as_of: datetime, **facts: object) -> None:
    record(session, verb, "batch", batch.id, by=by, as_of=as_of, **facts)
