"""How money leaves. What has left is never changed here: its end is a row of its own, once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from promises.database import COUNTER, Money, append_only
from promises.terms.remedies import WAYS

HOLDER = 140
IBAN = 34
_WAYS = ", ".join(f"'{way}'" for way in WAYS)


class Choice(SQLModel, table=True):
    """How a customer wants to be paid; it may be changed until the money has left.

    ``chosen_by`` is empty where the customer chose without help. ``holder`` and ``iban`` are personal
    data: they are shown masked, and stand in no journal and no log.
    """

    __tablename__ = "choice"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        CheckConstraint(f"way IN ({_WAYS})", name="way"),
        CheckConstraint("(way = 'bank') = (iban <> '')", name="account_of_a_transfer"),
        Index(None, "way", "branch_id"),
    )

    branch_id: int = Field(primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger, primary_key=True)
    way: str = Field(max_length=16)
    holder: str = Field(default="", max_length=HOLDER)
    iban: str = Field(default="", max_length=IBAN)
    chosen_at: datetime
    chosen_by: int | None = Field(default=None, foreign_key="person.id")


class Voucher(SQLModel, table=True):
    """A code that is worth *amount* until ``expires_at``.

    The code itself stands nowhere: it follows from ``salt`` and the installation's secret key, so that its
    owner can be shown it again; ``digest`` is the SHA-256 by which it is found. ``entry_id`` is the line
    of the ledger by which the money is on its way.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        ForeignKeyConstraint(["branch_id", "entry_id"], ["entry.branch_id", "entry.id"]),
        UniqueConstraint("branch_id", "entry_id"),
        UniqueConstraint("digest"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("expires_at > made_at", name="expires_later"),
        Index(None, "branch_id", "compensation_id"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger)
    entry_id: int = Field(sa_type=BigInteger)
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    salt: str = Field(max_length=32)
    digest: str = Field(max_length=64)
    expires_at: datetime
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class VoucherEnd(SQLModel, table=True):
    """A voucher was redeemed, or ran out, or was given back for another way of paying: one of them, once."""

    __tablename__ = "voucher_end"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "voucher_id"], ["voucher.branch_id", "voucher.id"]),
        CheckConstraint("what IN ('redeemed', 'expired', 'given_back')", name="what"),
        CheckConstraint(
            "what <> 'redeemed' OR (made_by IS NOT NULL AND at_branch_id IS NOT NULL)",
            name="redeemed_by_somebody",
        ),
    )

    branch_id: int = Field(primary_key=True)
    voucher_id: int = Field(sa_type=BigInteger, primary_key=True)
    what: str = Field(max_length=16)
    at_branch_id: int | None = Field(default=None, foreign_key="branch.id")
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class Batch(SQLModel, table=True):
    """Payments that leave together in one file, made once and kept as made, byte for byte.

    ``message`` is the file's own name for itself, by which the bank's answer names it.
    """

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("way IN ('bank', 'credit')", name="way"),
        CheckConstraint("count >= 1", name="count"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("(way = 'bank') = (execute_on IS NOT NULL)", name="day_of_a_transfer"),
        UniqueConstraint("message"),
        UniqueConstraint("id", "made_by"),
    )

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    way: str = Field(max_length=16)
    currency: str = Field(max_length=3)
    count: int
    total: Decimal = Field(sa_type=Money)
    execute_on: date | None = None
    message: str = Field(max_length=35)
    filename: str = Field(max_length=80)
    document: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(max_length=64)
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class BatchDecision(SQLModel, table=True):
    """A batch was approved by another person than its maker, or refused: one of them, once."""

    __tablename__ = "batch_decision"
    __table_args__ = (
        # The maker is repeated here so that the database itself can compare the two.
        ForeignKeyConstraint(["batch_id", "made_by"], ["batch.id", "batch.made_by"]),
        CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),
        CheckConstraint("outcome = 'refused' OR decided_by <> made_by", name="second_person"),
        CheckConstraint("(outcome = 'refused') = (reason <> '')", name="reason_of_a_refusal"),
    )

    batch_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    made_by: int
    outcome: str = Field(max_length=16)
    reason: str = Field(default="", max_length=500)
    decided_at: datetime
    decided_by: int = Field(foreign_key="person.id")


class Payment(SQLModel, table=True):
    """One compensation in a batch. ``name`` is what the file calls it, and so the bank's answer."""

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        ForeignKeyConstraint(["branch_id", "entry_id"], ["entry.branch_id", "entry.id"]),
        UniqueConstraint("branch_id", "entry_id"),
        UniqueConstraint("name"),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "branch_id", "compensation_id"),
        Index(None, "batch_id"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    batch_id: int = Field(sa_type=BigInteger, foreign_key="batch.id")
    compensation_id: int = Field(sa_type=BigInteger)
    entry_id: int = Field(sa_type=BigInteger)
    name: str = Field(max_length=35)
    amount: Decimal = Field(sa_type=Money)
    holder: str = Field(default="", max_length=HOLDER)
    iban: str = Field(default="", max_length=IBAN)
    customer: str = Field(default="", max_length=64)


class PaymentEnd(SQLModel, table=True):
    """A payment arrived, was rejected, or was taken back with its batch: one of them, once."""

    __tablename__ = "payment_end"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "payment_id"], ["payment.branch_id", "payment.id"]),
        CheckConstraint("what IN ('paid', 'rejected', 'taken_back')", name="what"),
        CheckConstraint("(what = 'rejected') = (reason <> '')", name="reason_of_a_rejection"),
    )

    branch_id: int = Field(primary_key=True)
    payment_id: int = Field(sa_type=BigInteger, primary_key=True)
    what: str = Field(max_length=16)
    reason: str = Field(default="", max_length=35)
    told: str = Field(default="", max_length=500)
    answer_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="bank_answer.id")
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class BankAnswer(SQLModel, table=True):
    """An answer of the bank about one batch, kept as it came. The same file is taken once."""

    __tablename__ = "bank_answer"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint("paid >= 0 AND rejected >= 0 AND waiting >= 0", name="counts"),
        Index(None, "batch_id"),
    )

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    batch_id: int = Field(sa_type=BigInteger, foreign_key="batch.id")
    message: str = Field(max_length=35)
    filename: str = Field(max_length=200)
    document: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(max_length=64)
    paid: int
    rejected: int
    waiting: int
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


append_only(Voucher.__table__)  # type: ignore[attr-defined]
append_only(VoucherEnd.__table__)  # type: ignore[attr-defined]
append_only(Batch.__table__)  # type: ignore[attr-defined]
append_only(BatchDecision.__table__)  # type: ignore[attr-defined]
append_only(Payment.__table__)  # type: ignore[attr-defined]
append_only(PaymentEnd.__table__)  # type: ignore[attr-defined]
append_only(BankAnswer.__table__)  # type: ignore[attr-defined]
