"""The outbox's tables: letters to people, and what is told to other systems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from promises.database import COUNTER, Money


class Letter(SQLModel, table=True):
    """A mail to one person. ``due_at`` is when the next try is made; empty once it is over.

    ``stop_url`` is where one click ends mails of this kind, for the reader's mail program.
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR due_at IS NULL", name="sent_is_over"),
        Index(None, "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    to: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    body: str
    made_at: datetime
    due_at: datetime | None
    sent_at: datetime | None = None
    tries: int = 0
    fault: str = Field(default="", max_length=500)
    stop_url: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})


class Notice(SQLModel, table=True):
    """Things of one kind that happened at one branch, told of together.

    ``facts`` lists what is told of each; where no other system hears it, only the first few, as a mail
    names no more. ``count`` and ``total`` are of all. ``mailed_at`` is when it was gathered into mail.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("count >= 1", name="count"),
        CheckConstraint("(total IS NULL) = (currency = '')", name="total_in_a_currency"),
        Index(
            "ix_notice_not_mailed",
            "branch_id",
            postgresql_where=text("mailed_at IS NULL"),
            sqlite_where=text("mailed_at IS NULL"),
        ),
        Index(None, "made_at"),
    )

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    kind: str = Field(max_length=32)
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    count: int
    total: Decimal | None = Field(default=None, sa_type=Money)
    currency: str = Field(default="", max_length=3)
    facts: list[dict[str, Any]] = Field(sa_type=JSON)
    made_at: datetime
    mailed_at: datetime | None = None


class Digest(SQLModel, table=True):
    """When a branch (0: the whole company) was last written to, so that letters keep their distance."""

    __tablename__ = "digest"

    branch_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sent_at: datetime


class Webhook(SQLModel, table=True):
    """Another system that wants to hear of some kinds of things, at some branches (none named: at all).

    ``salt`` makes its secret; see :func:`promises.outbox.signing.secret_of`.
    """

    __tablename__ = "webhook"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120)
    address: str = Field(max_length=500)
    kinds: list[str] = Field(sa_type=JSON)
    branch_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    salt: str = Field(max_length=32)
    made_at: datetime
    ended_at: datetime | None = None


class Delivery(SQLModel, table=True):
    """One notice to one other system. ``due_at`` is when the next try is made; empty once it is over:
    confirmed, or given up."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "notice_id"),
        CheckConstraint("confirmed_at IS NULL OR due_at IS NULL", name="confirmed_is_over"),
        Index(None, "due_at"),
        Index(None, "notice_id"),
    )

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    webhook_id: int = Field(foreign_key="webhook.id")
    notice_id: int = Field(foreign_key="notice.id")
    made_at: datetime
    due_at: datetime | None
    confirmed_at: datetime | None = None
    tries: int = 0
    status: int | None = None
    answer: str = Field(default="", max_length=500)
    fault: str = Field(default="", max_length=500)
