"""What sources take back of what they told, and which of their messages have been taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKeyConstraint, exists
from sqlmodel import Field, SQLModel, col

from promises.database import append_only
from promises.service.tables import Milestone


class Withdrawal(SQLModel, table=True):
    """A milestone that its source takes back: it didn't happen, or not at that moment.

    The milestone's row stays as it was told; the judge doesn't see it. A withdrawal may come before the
    milestone that it takes back, and the same milestone told once more stays withdrawn.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),)

    branch_id: int = Field(primary_key=True)
    case_id: int = Field(sa_type=BigInteger, primary_key=True)
    name: str = Field(max_length=32, primary_key=True)
    at: datetime = Field(primary_key=True)
    source: str = Field(max_length=64)
    told_at: datetime


class ToldOnce(SQLModel, table=True):
    """A source's own number of an event that has been taken, so that it is never taken twice.

    ``content`` is a digest of what the event said: the same number with other contents is refused.
    """

    __tablename__ = "told_once"

    branch_id: int = Field(foreign_key="branch.id", primary_key=True)
    source: str = Field(max_length=64, primary_key=True)
    event: str = Field(max_length=64, primary_key=True)
    content: str = Field(max_length=64)
    told_at: datetime


append_only(Withdrawal.__table__)  # type: ignore[attr-defined]


def taken_back() -> ColumnElement[bool]:
    """Whether the milestone of a query has been taken back."""
    return exists().where(
        col(Withdrawal.branch_id) == Milestone.branch_id,
        col(Withdrawal.case_id) == Milestone.case_id,
        col(Withdrawal.name) == Milestone.name,
        col(Withdrawal.at) == Milestone.at,
    )
