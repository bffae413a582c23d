"""The journal's one table."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from promises.database import COUNTER, append_only


class Event(SQLModel, table=True):
    """One act. ``person_id`` is empty where the product acted by itself (the watch, a command)."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: int | None = Field(default=None, sa_type=COUNTER, primary_key=True)  # type: ignore[call-overload]
    at: datetime
    person_id: int | None = Field(default=None, index=True)
    verb: str = Field(max_length=64)
    subject: str = Field(max_length=64)
    subject_id: str = Field(max_length=64)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


append_only(Event.__table__)  # type: ignore[attr-defined]
