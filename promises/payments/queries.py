"""Reading payments for pages: where the money of one compensation is, the batches, what waits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from promises.compensation import ledger
from promises.compensation.tables import Compensation, Entry, Payout
from promises.language import gettext
from promises.payments.account import masked
from promises.payments.answer import REJECTED
from promises.payments.arriving import BY_HAND
from promises.payments.tables import (
    BankAnswer,
    Batch,
    BatchDecision,
    Choice,
    Payment,
    PaymentEnd,
    Voucher,
    VoucherEnd,
)
from promises.people.tables import Branch, Person
from promises.service.tables import Case

OPEN, CHOSEN, VOUCHER, IN_BATCH, ON_ITS_WAY, PAID, REVERSED = (
    "open", "chosen", "voucher", "in_batch", "on_its_way", "paid", "reversed",
)  # fmt: skip
PAGE = 50
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Whereabouts:
    """Where the money of one compensation is.

    ``state``: nothing chosen yet (open), waiting for the counter or the next batch (chosen), a voucher that
    can be redeemed (voucher), in a file that waits for approval (in_batch), with the bank or the billing
    system (on_its_way), paid, or reversed. ``rejected`` is why the last transfer came back, until the
    customer has chosen anew; ``account`` the chosen account, masked.
    """

    state: str
    way: str = ""
    choice: Choice | None = None
    voucher: Voucher | None = None
    payment: Payment | None = None
    batch: Batch | None = None
    rejected: PaymentEnd | None = None
    payout: Payout | None = None

    @property
    def account(self) -> str:
        return masked(self.choice.iban) if self.choice else ""


def whereabouts(session: Session, compensation: Compensation) -> Whereabouts:
    """Where the money of *compensation* is now."""
    key = (compensation.branch_id, compensation.id)
    choice = session.get(Choice, key)
    payout = session.exec(
        rows_of(Payout).where(Payout.branch_id == key[0], Payout.compensation_id == key[1])
    ).first()
    if payout is not None:
        return Whereabouts(PAID, payout.way, choice, payout=payout)
    reversal = rows_of(Entry.id).where(Entry.branch_id == key[0], Entry.reverses == key[1])
    if session.exec(reversal).first() is not None:
        return Whereabouts(REVERSED)
    voucher = _standing_voucher(session, key)
    if voucher is not None:
        return Whereabouts(VOUCHER, "voucher", choice, voucher=voucher)
    found = _last_payment(session, key)
    if found is not None:
        payment, batch, decision, end = found
        if end is None:
            state = ON_ITS_WAY if decision is not None else IN_BATCH
            return Whereabouts(state, batch.way, choice, payment=payment, batch=batch)
        if end.what == REJECTED and choice is None:
            return Whereabouts(OPEN, rejected=end, payment=payment, batch=batch)
    return Whereabouts(CHOSEN, choice.way, choice) if choice is not None else Whereabouts(OPEN)


def _standing_voucher(session: Session, key: tuple[int, int]) -> Voucher | None:
    ended = (col(VoucherEnd.branch_id) == Voucher.branch_id) & (col(VoucherEnd.voucher_id) == Voucher.id)
    query = (
        rows_of(Voucher)
        .outerjoin(VoucherEnd, ended)
        .where(
            Voucher.branch_id == key[0],
            Voucher.compensation_id == key[1],
            col(VoucherEnd.voucher_id).is_(None),
        )
    )
    return session.exec(query).first()


def _last_payment(
    session: Session, key: tuple[int, int]
) -> tuple[Payment, Batch, BatchDecision | None, PaymentEnd | None] | None:
    query = (
        select(Payment, Batch, BatchDecision, PaymentEnd)
        .join(Batch, col(Batch.id) == col(Payment.batch_id))
        .outerjoin(BatchDecision, col(BatchDecision.batch_id) == col(Batch.id))
        .outerjoin(PaymentEnd, _its_end())
        .where(col(Payment.branch_id) == key[0], col(Payment.compensation_id) == key[1])
        .order_by(col(Payment.batch_id).desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return (found[0], found[1], found[2], found[3]) if found else None


def _its_end() -> ColumnElement[bool]:
    return and_(
        col(PaymentEnd.branch_id) == col(Payment.branch_id), col(PaymentEnd.payment_id) == col(Payment.id)
    )


def reason_words(end: PaymentEnd) -> str:
    """Why a payment came back, in the reader's words: the code explained, and what else was written."""
    if end.reason == BY_HAND:
        return end.told
    code = f"bank_reason.{end.reason.lower()}"
    words = gettext(code)
    if words == code:  # a bank may have reasons of its own
        words = gettext("bank_reason.other", code=end.reason)
    return f"{words} ({end.told})" if end.told else words


@dataclass(frozen=True)
class BatchLine:
    """One batch as it is listed. ``state``: waiting (for approval), refused, on_its_way, done."""

    batch: Batch
    maker: str
    decision: BatchDecision | None
    decider: str | None
    ended: int
    rejected: int

    @property
    def state(self) -> str:
        if self.decision is None:
            return "waiting"
        if self.decision.outcome == "refused":
            return "refused"
        return "done" if self.ended == self.batch.count else ON_ITS_WAY

    @property
    def left(self) -> int:
        """How many payments are still on their way."""
        return self.batch.count - self.ended


def batch_lines(session: Session, branches: Collection[int] | None, page: int = 1) -> list[BatchLine]:
    """One page of the batches, the newest first.

    :param branches: only batches all of whose payments are of these branches; None for all.
    """
    query = _batches().order_by(col(Batch.id).desc()).offset((page - 1) * PAGE).limit(PAGE)
    return _lines(session, query.where(*_within(branches)))


def batch_count(session: Session, branches: Collection[int] | None) -> int:
    """How many batches there are (see :func:`batch_lines`)."""
    query = select(func.count()).select_from(Batch).where(*_within(branches))
    return int(session.execute(query).scalar_one())


def one_batch(session: Session, batch_id: int, branches: Collection[int] | None) -> BatchLine | None:
    """A batch, if the reader may see all of it."""
    query = _batches().where(col(Batch.id) == batch_id, *_within(branches))
    return next(iter(_lines(session, query)), None)


def _within(branches: Collection[int] | None) -> list[ColumnElement[bool]]:
    if branches is None:
        return []
    others = select(col(Payment.id)).where(
        col(Payment.batch_id) == col(Batch.id), col(Payment.branch_id).not_in(branches)
    )
    return [~others.exists()]


def _batches() -> Query:
    maker, decider = aliased(Person), aliased(Person)
    ends = (
        select(
            col(Payment.batch_id).label("batch_id"),
            func.count().label("ended"),
            func.sum(case((col(PaymentEnd.what) == REJECTED, 1), else_=0)).label("rejected"),
        )
        .join(PaymentEnd, _its_end())
        .group_by(col(Payment.batch_id))
        .subquery()
    )
    return (
        select(
            Batch,
            col(maker.name),
            BatchDecision,
            col(decider.name),
            func.coalesce(ends.c.ended, 0),
            func.coalesce(ends.c.rejected, 0),
        )
        .join(maker, col(maker.id) == col(Batch.made_by))
        .outerjoin(BatchDecision, col(BatchDecision.batch_id) == col(Batch.id))
        .outerjoin(decider, col(decider.id) == col(BatchDecision.decided_by))
        .outerjoin(ends, ends.c.batch_id == col(Batch.id))
    )


def _lines(session: Session, query: Query) -> list[BatchLine]:
    return [BatchLine(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class PaymentLine:
    """One payment of a batch as it is listed. The account is masked."""

    payment: Payment
    branch: Branch
    reference: str
    end: PaymentEnd | None

    @property
    def account(self) -> str:
        return masked(self.payment.iban)


def payment_lines(session: Session, batch_id: int) -> list[PaymentLine]:
    """The payments of one batch: those that came back first, then by branch."""
    query = (
        select(Payment, Branch, col(Case.reference), PaymentEnd)
        .join(Branch, col(Branch.id) == col(Payment.branch_id))
        .join(
            Compensation,
            and_(
                col(Compensation.branch_id) == col(Payment.branch_id),
                col(Compensation.id) == col(Payment.compensation_id),
            ),
        )
        .join(
            Case,
            and_(
                col(Case.branch_id) == col(Compensation.branch_id),
                col(Case.id) == col(Compensation.case_id),
            ),
        )
        .outerjoin(PaymentEnd, _its_end())
        .where(col(Payment.batch_id) == batch_id)
        .order_by(case((col(PaymentEnd.what) == REJECTED, 0), else_=1), col(Branch.name), col(Payment.id))
    )
    return [PaymentLine(*row) for row in session.execute(query)]


def answers(session: Session, batch_id: int) -> list[BankAnswer]:
    """The bank's answers to one batch, in the order in which they came."""
    query = rows_of(BankAnswer).where(BankAnswer.batch_id == batch_id).order_by(col(BankAnswer.id))
    return list(session.exec(query))


@dataclass(frozen=True)
class Redeemed:
    """A voucher that was brought, what became of it, and what it is for."""

    voucher: Voucher
    end: VoucherEnd | None
    branch: Branch
    at_branch: str | None
    by: str | None

    def state(self, as_of: datetime) -> str:
        """valid, or how it ended: redeemed, expired, given_back."""
        if self.end is not None:
            return self.end.what
        return "expired" if as_of >= self.voucher.expires_at else "valid"


def brought(session: Session, voucher: Voucher) -> Redeemed:
    """All that the counter should know of *voucher*."""
    there = aliased(Branch)
    query = (
        select(VoucherEnd, Branch, col(there.name), col(Person.name))
        .select_from(Voucher)
        .join(Branch, col(Branch.id) == col(Voucher.branch_id))
        .outerjoin(
            VoucherEnd,
            and_(
                col(VoucherEnd.branch_id) == col(Voucher.branch_id),
                col(VoucherEnd.voucher_id) == col(Voucher.id),
            ),
        )
        .outerjoin(there, col(there.id) == col(VoucherEnd.at_branch_id))
        .outerjoin(Person, col(Person.id) == col(VoucherEnd.made_by))
        .where(tuple_(col(Voucher.branch_id), col(Voucher.id)) == (voucher.branch_id, voucher.id))
    )
    end, branch, at_branch, by = session.execute(query).one()
    return Redeemed(voucher, end, branch, at_branch, by)


def returned_total(lines: Collection[PaymentLine]) -> Decimal:
    """What of a batch came back."""
    return sum((one.payment.amount for one in lines if one.end and one.end.what == REJECTED), Decimal("0.00"))


def last_day_of(voucher: Voucher, zone: str) -> date:
    """The last date in *zone* on which a voucher can be redeemed."""
    return (voucher.expires_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def amount_of(session: Session, payout: Payout) -> tuple[Decimal, str]:
    """What was paid by *payout*, and its currency."""
    compensation = session.get_one(Compensation, (payout.branch_id, payout.compensation_id))
    return ledger.paid(session, compensation), compensation.currency
