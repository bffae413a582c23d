"""Compensation, the ledger and payments. Only ledger.py writes entries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.database import Money, append_only


class Compensation(SQLModel, table=True):
    """What is owed for one broken verdict.

    ``part`` 1 is what was owed when it broke. What comes to be owed later for the same verdict, because
    the breach went on or because something was told late, is a part of its own.
    """

    __tablename__ = "compensation"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "verdict_id"], ["verdict.branch_id", "verdict.id"]),
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        UniqueConstraint("branch_id", "verdict_id", "part"),
        CheckConstraint("part >= 1", name="part"),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "branch_id", "dated_at"),
        Index(None, "branch_id", "case_id"),
        Index(None, "pay_by"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    verdict_id: int = Field(sa_type=BigInteger)
    part: int = 1
    case_id: int = Field(sa_type=BigInteger)
    promise_id: int = Field(foreign_key="promise.id")
    terms_id: int = Field(foreign_key="terms.id")
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    dated_at: datetime
    pay_by: datetime | None = None
    made_at: datetime


class Entry(SQLModel, table=True):
    """One line of the ledger: *amount* moves from account ``credit`` to account ``debit``.

    Each line carries both its sides, so the ledger balances by its shape. A correction is a line of
    kind ``reversed`` with the sides swapped, once, naming the line that it undoes. ``seal`` names the
    transaction that wrote it, and so the link of the branch's chain that holds it.
    """

    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        ForeignKeyConstraint(["branch_id", "reverses"], ["entry.branch_id", "entry.id"]),
        UniqueConstraint("branch_id", "reverses"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit <> credit", name="two_sides"),
        CheckConstraint("kind IN ('owed', 'sent', 'paid', 'reversed')", name="kind"),
        CheckConstraint("(kind = 'reversed') = (reverses IS NOT NULL)", name="reversal_names_its_target"),
        Index(None, "branch_id", "compensation_id"),
        Index(None, "branch_id", "dated_at"),
        Index(None, "branch_id", "seal"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=16)
    debit: str = Field(max_length=32)
    credit: str = Field(max_length=32)
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    reverses: int | None = Field(default=None, sa_type=BigInteger)
    dated_at: datetime
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    seal: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class Payout(SQLModel, table=True):
    """A compensation has reached the customer: once, ever."""

    __tablename__ = "payout"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        UniqueConstraint("branch_id", "compensation_id"),
        CheckConstraint("way IN ('counter', 'voucher', 'credit', 'bank')", name="way"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger)
    way: str = Field(max_length=16)
    receiver: str = Field(default="", max_length=120)
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class Deadline(SQLModel, table=True):
    """What happens next to a compensation by itself, and when: it becomes late (where the terms then add
    a sum), or its voucher runs out. Whoever takes the row away does it.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        CheckConstraint("what IN ('late', 'voucher')", name="what"),
        Index(None, "at"),
    )

    branch_id: int = Field(primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger, primary_key=True)
    what: str = Field(max_length=16)
    at: datetime


class Toward(SQLModel, table=True):
    """What a compensation counts towards: one customer's cap, or one fault that is paid for once.

    Written only under terms that ask for it; ``name`` is the case's attribute.
    """

    __tablename__ = "toward"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        Index(None, "name", "value"),
    )

    branch_id: int = Field(primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger, primary_key=True)
    name: str = Field(max_length=64, primary_key=True)
    value: str = Field(max_length=256)


append_only(Toward.__table__)  # type: ignore[attr-defined]
append_only(Entry.__table__)  # type: ignore[attr-defined]
append_only(Compensation.__table__)  # type: ignore[attr-defined]
append_only(Payout.__table__)  # type: ignore[attr-defined]
