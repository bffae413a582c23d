"""Batches: one person makes the file, another approves it; then its payments arrive or come back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from secrets import token_hex
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises import language
from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.receipts import write_number
from promises.compensation.tables import Compensation, Entry
from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.language import gettext
from promises.outbox.actions import notify
from promises.payments.bank_file import CURRENCY, BankFile, Payer, Transfer, bank_file
from promises.payments.banking_days import next_banking_day
from promises.payments.credit_file import Credit, credit_file
from promises.payments.tables import Batch, BatchDecision, Choice, Payment
from promises.payments.waiting import waiting_keys
from promises.people.tables import Company
from promises.refusal import Refusal
from promises.service.tables import Case
from promises.terms.tables import CustomerPromise

MOST = 200
"""The most payments of one batch; the rest wait for the next. At 5 to 9 ms of processor time each, SQLite's
one writer is held for less than two seconds."""
WAYS = ("bank", "credit")
_decision: Table = BatchDecision.__table__  # type: ignore[attr-defined]


def make(
    session: Session,
    way: str,
    branches: Collection[int],
    *,
    payer: Payer | None,
    currency: str = CURRENCY,
    by: int,
    as_of: datetime,
) -> Batch:
    """Put what waits for *way* at *branches* into one file, the oldest first, at most :data:`MOST`.

    From here on the payments are on their way; nobody can pay them otherwise until they come back.

    :param payer: whose account a transfer leaves; not needed for credits.
    :raises Refusal: ``payments.no_payer``, ``payments.nothing_waiting``, ``payments.file_invalid``.
    """
    if way == "bank" and payer is None:
        raise Refusal("payments.no_payer")
    company = session.get(Company, 1) or Company(name="")
    zone = ZoneInfo(company.zone)
    today = as_of.astimezone(zone).date()
    execute_on = next_banking_day(today) if way == "bank" else None
    paid_at = datetime.combine(execute_on, time(12), zone) if execute_on else as_of
    payments = _sent(
        session, waiting_keys(session, way, branches, currency, MOST), paid_at, by=by, as_of=as_of
    )
    if not payments:
        raise Refusal("payments.nothing_waiting")
    if execute_on and payer:
        made = bank_file(payer, _transfers(payments, company.name), execute_on=execute_on, as_of=as_of)
    else:
        made = BankFile(
            f"CR{token_hex(12).upper()}", credit_file(_credits(session, payments, currency, zone))
        )
    batch = Batch(
        way=way,
        currency=currency,
        count=len(payments),
        total=sum((one.amount for one in payments), Decimal("0.00")),
        execute_on=execute_on,
        message=made.message,
        filename=f"promises-{way}-{today}-{made.message[-6:].lower()}.{'xml' if execute_on else 'csv'}",
        document=made.document,
        sha256=hashlib.sha256(made.document).hexdigest(),
        made_at=as_of,
        made_by=by,
    )
    session.add(batch)
    session.flush()
    for one in payments:
        one.batch_id = batch.id or 0
    session.add_all(payments)
    session.flush()
    _tell(session, "batch.made", batch, by=by, as_of=as_of)
    facts = {"batch_id": batch.id, "count": batch.count, "amount": str(batch.total), "currency": currency}
    notify(session, "batch.waiting", facts, None, as_of)
    return batch


def _sent(
    session: Session, keys: Sequence[tuple[int, int]], paid_at: datetime, *, by: int, as_of: datetime
) -> list[Payment]:
    """The payments of what is still open of *keys*, each sent; who pays one meanwhile takes it out."""
    payments = []
    for branch_id, compensation_id in keys:
        owed = compensation.hold(session, branch_id, compensation_id)
        choice = session.get_one(Choice, (branch_id, compensation_id), populate_existing=True)
        try:
            sent = compensation.send(
                session, owed, account=ledger.ON_THE_WAY, paid_at=paid_at, by=by, as_of=as_of
            )
        except Refusal:
            continue
        number = new_id(int(as_of.timestamp() * 1000))
        case = session.get_one(Case, (branch_id, owed.case_id))
        payments.append(
            Payment(
                branch_id=branch_id,
                id=number,
                batch_id=0,
                compensation_id=compensation_id,
                entry_id=sent.id,
                name=f"{branch_id}-{write_number(number)}",
                amount=sent.amount,
                holder=choice.holder,
                iban=choice.iban,
                customer=case.customer,
            )
        )
    return payments


def _transfers(payments: Sequence[Payment], company: str) -> list[Transfer]:
    # What a customer reads on a statement is in the product's first language, whoever makes the file.
    with language.spoken(language.LANGUAGES[0]):
        return [
            Transfer(
                one.name,
                one.holder,
                one.iban,
                one.amount,
                gettext("payments.subject", number=write_number(one.compensation_id), company=company),
            )
            for one in payments
        ]


def _credits(session: Session, payments: Sequence[Payment], currency: str, zone: ZoneInfo) -> list[Credit]:
    codes = dict(session.exec(select(CustomerPromise.id, CustomerPromise.code)).all())
    credits = []
    for one in payments:
        owed = session.get_one(Compensation, (one.branch_id, one.compensation_id))
        case = session.get_one(Case, (one.branch_id, owed.case_id))
        broken_on: date = owed.dated_at.astimezone(zone).date()
        code = codes[owed.promise_id]
        credits.append(Credit(one.name, one.customer, one.amount, currency, code, case.reference, broken_on))
    return credits


def approve(session: Session, batch_id: int, *, by: int, as_of: datetime) -> BatchDecision:
    """Let a batch leave: another person than its maker, once.

    :raises Refusal: ``payments.batch_unknown``, ``payments.own_batch``, ``payments.day_passed`` if the bank
        would be asked for a day that is over, ``payments.decided_already``.
    """
    batch = find(session, batch_id)
    if batch.made_by == by:
        raise Refusal("payments.own_batch")
    company = session.get(Company, 1) or Company(name="")
    if batch.execute_on and batch.execute_on < as_of.astimezone(ZoneInfo(company.zone)).date():
        raise Refusal("payments.day_passed", day=str(batch.execute_on))
    return _decide(session, batch, "approved", "", by=by, as_of=as_of)


def note_refusal(session: Session, batch_id: int, reason: str, *, by: int, as_of: datetime) -> BatchDecision:
    """Write that a batch is refused; :func:`promises.payments.arriving.refuse` does the whole of it.

    :raises Refusal: ``payments.batch_unknown``, ``payments.no_reason``, ``payments.decided_already``.
    """
    batch = find(session, batch_id)
    reason = " ".join(reason.split())
    if not reason:
        raise Refusal("payments.no_reason")
    return _decide(session, batch, "refused", reason[:500], by=by, as_of=as_of)


def _decide(
    session: Session, batch: Batch, outcome: str, reason: str, *, by: int, as_of: datetime
) -> BatchDecision:
    row = {
        "batch_id": batch.id,
        "made_by": batch.made_by,
        "outcome": outcome,
        "reason": reason,
        "decided_at": as_of,
        "decided_by": by,
    }
    if not insert_new(session, _decision, row):
        raise Refusal("payments.decided_already")
    _tell(session, f"batch.{outcome}", batch, by=by, as_of=as_of)
    return session.get_one(BatchDecision, batch.id)


def download(session: Session, batch_id: int, *, by: int, as_of: datetime) -> Batch:
    """The batch whose file *by* takes out; the journal keeps who did, each time.

    :raises Refusal: ``payments.batch_unknown``, ``payments.not_approved``.
    """
    batch = find(session, batch_id)
    check_approved(session, batch)
    _tell(session, "batch.downloaded", batch, by=by, as_of=as_of)
    return batch


def find(session: Session, batch_id: int) -> Batch:
    """:raises Refusal: ``payments.batch_unknown``."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise Refusal("payments.batch_unknown")
    return batch


def check_approved(session: Session, batch: Batch) -> None:
    """:raises Refusal: ``payments.not_approved``."""
    decision = session.get(BatchDecision, batch.id)
    if decision is None or decision.outcome != "approved":
        raise Refusal("payments.not_approved")


def lines_of(session: Session, batch: Batch) -> list[tuple[Payment, Entry]]:
    """The payments of a batch and the lines by which they are on their way, in the order of their keys."""
    query = (
        select(Payment, Entry)
        .join(Entry, (col(Entry.branch_id) == Payment.branch_id) & (col(Entry.id) == Payment.entry_id))
        .where(Payment.batch_id == batch.id)
        .order_by(col(Payment.branch_id), col(Payment.compensation_id))
    )
    return list(session.exec(query))


def _tell(session: Session, verb: str, batch: Batch, *, by: int, as_of: datetime) -> None:
    facts = {"way": batch.way, "count": batch.count, "amount": str(batch.total), "currency": batch.currency}
    record(session, verb, "batch", batch.id, by=by, as_of=as_of, sha256=batch.sha256, **facts)
