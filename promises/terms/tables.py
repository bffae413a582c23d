"""Promises and their dated, immutable terms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.database import append_only


class CustomerPromise(SQLModel, table=True):
    """What the customer is told. Its words and rules live in its terms; this is what they hang on."""

    __tablename__ = "promise"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    made_at: datetime


class Terms(SQLModel, table=True):
    """One dated version of a promise's terms, in force from ``starts_at`` until the next version's.

    ``document`` is the terms format, whole; the columns beside it repeat what queries look for.
    """

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("promise_id", "number"),
        UniqueConstraint("promise_id", "starts_at"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    promise_id: int = Field(foreign_key="promise.id", index=True)
    number: int
    starts_at: datetime
    touchpoint: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


append_only(Terms.__table__)  # type: ignore[attr-defined]
