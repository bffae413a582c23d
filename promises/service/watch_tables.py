"""Who watches, and when nobody did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel


class Watcher(SQLModel, table=True):
    """A ``promises watch``, and when it last finished a tick. Those of the past are swept away once another
    begins."""

    __tablename__ = "watcher"

    id: str = Field(max_length=32, primary_key=True)
    host: str = Field(max_length=120)
    pid: int
    started_at: datetime
    ticked_at: datetime
    stuck: int = 0


class Standstill(SQLModel, table=True):
    """A time in which the overdue were not found: nobody watched, or the watch was behind.

    One goes on at most, so somebody is told of it once.
    """

    __tablename__ = "standstill"
    __table_args__ = (
        CheckConstraint("over_at IS NULL OR over_at >= told_at", name="over_after_told"),
        Index(
            "uq_standstill_going_on",
            "what",
            unique=True,
            postgresql_where=text("over_at IS NULL"),
            sqlite_where=text("over_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    what: str = Field(max_length=16)
    since: datetime
    told_at: datetime
    over_at: datetime | None = None
