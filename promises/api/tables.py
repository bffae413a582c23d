"""By which tokens other systems come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field, SQLModel

import promises.database  # noqa: F401 - it says how constraints are named, before there are any


class Token(SQLModel, table=True):
    """What a source of data shows to be let in. Only a digest is kept; the token itself is shown once.

    ``start`` is how it begins, so that people can tell it from others. ``branch_ids`` are the branches
    that it reaches; none listed means all of them.
    """

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=64)
    note: str = Field(default="", max_length=120)
    start: str = Field(max_length=12)
    digest: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(sa_type=JSON)
    branch_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=120)
