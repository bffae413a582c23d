"""Promises and their dated, immutable terms; dated opening hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
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


class HoursChange(SQLModel, table=True):
    """From a date on, a branch is open at other hours of the week than before.

    ``week`` is written as terms write it: ``{"mon-fri": "09:00-17:00", "sat": "10:00-14:00"}``. Of several
    for one date the newest counts. Inserted before its date and never edited, so that what happened on any
    date can be judged by the hours of that date however late it is told.
    """

    __tablename__ = "hours_change"
    __table_args__ = (Index(None, "branch_id", "valid_from"),)

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int = Field(foreign_key="branch.id")
    valid_from: date
    week: dict[str, str] = Field(sa_type=JSON)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


append_only(HoursChange.__table__)  # type: ignore[attr-defined]
append_only(Terms.__table__)  # type: ignore[attr-defined]
