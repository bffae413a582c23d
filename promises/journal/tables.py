"""The journal, and the chain that binds its lines and those of the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.database import COUNTER, append_only

DIGEST = 64
"""Hexadecimal digits of a SHA-256 digest."""


class Event(SQLModel, table=True):
    """One act. ``person_id`` is empty where the product acted by itself (the watch, a command).

    ``seal`` names the transaction that wrote it, and so the link of the chain that holds it.
    """

    __tablename__ = "event"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "seal"))

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    at: datetime
    person_id: int | None = Field(default=None, index=True)
    verb: str = Field(max_length=64)
    subject: str = Field(max_length=64)
    subject_id: str = Field(max_length=64)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    seal: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class Link(SQLModel, table=True):
    """One link of a chain: everything that one transaction added to it, bound to all that was before.

    :ivar chain: 0 is the journal; any other number is a branch's, whose ledger it is.
    :ivar number: from 1, without a gap.
    :ivar seal: what the rows of this link carry; 0 is what was there before there was a chain.
    :ivar rows: how many they are.
    :ivar marks: four bytes of each row, in their order, by which a fault is brought home to a row.
    :ivar digest: see :func:`promises.journal.rows.link_digest`.
    """

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("chain", "seal"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("rows >= 1", name="rows"),
    )

    chain: int = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger, primary_key=True)
    seal: int = Field(sa_type=BigInteger)
    rows: int
    marks: bytes
    previous: str = Field(max_length=DIGEST)
    digest: str = Field(max_length=DIGEST)
    at: datetime


class Head(SQLModel, table=True):
    """The last link of each chain; who lengthens the chain holds this row until the commit."""

    __tablename__ = "head"

    chain: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(sa_type=BigInteger)
    digest: str = Field(max_length=DIGEST)


class Verification(SQLModel, table=True):
    """One run of ``promises verify``: how far each chain went then, and what was found.

    :ivar heads: by chain, the number and the digest of its last link: ``{"0": [17, "ab…"]}``.
    :ivar digest: SHA-256 of *heads*: the one number that a company notes elsewhere.
    :ivar faults: how many things were wrong.
    """

    __tablename__ = "verification"

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    at: datetime
    heads: dict[str, Any] = Field(sa_type=JSON)
    digest: str = Field(max_length=DIGEST, index=True)
    rows: int = Field(sa_type=BigInteger)
    faults: int


append_only(Event.__table__)  # type: ignore[attr-defined]
append_only(Link.__table__)  # type: ignore[attr-defined]
append_only(Verification.__table__)  # type: ignore[attr-defined]
