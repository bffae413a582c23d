"""What has been said about compensation that isn't paid yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, SQLModel


class Reminder(SQLModel, table=True):
    """That a compensation is soon to be paid, or late, was told: each ``number`` of a kind once."""

    __tablename__ = "reminder"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "compensation_id"], ["compensation.branch_id", "compensation.id"]),
        CheckConstraint("kind IN ('due_soon', 'late')", name="kind"),
        CheckConstraint("number >= 1", name="number"),
    )

    branch_id: int = Field(primary_key=True)
    compensation_id: int = Field(sa_type=BigInteger, primary_key=True)
    kind: str = Field(max_length=16, primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    told_at: datetime
