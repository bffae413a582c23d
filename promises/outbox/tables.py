"""The outbox's one table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel


class Letter(SQLModel, table=True):
    """A mail to one person. ``due_at`` is when the next try is made; empty once it is over."""

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
