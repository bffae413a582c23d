"""Which lines a branch's hall has, and the devices that stand in it. Tickets are beside their cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class QueueLine(SQLModel, table=True):
    """A touchpoint that a branch's hall has a line of its own for. Without any, there is the one counter."""

    __tablename__ = "queue_line"

    branch_id: int = Field(foreign_key="branch.id", primary_key=True)
    touchpoint: str = Field(max_length=64, primary_key=True)


class Device(SQLModel, table=True):
    """A screen of a branch that nobody signs in at: kiosk, wall or board. It comes in by a secret link, of
    which only a hash is kept, until the link is ended."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("kind IN ('kiosk', 'wall', 'board')", name="kind"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_when"),
    )

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int = Field(foreign_key="branch.id", index=True)
    kind: str = Field(max_length=16)
    name: str = Field(max_length=60)
    secret_hash: str = Field(max_length=64, unique=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None
    ended_by: int | None = Field(default=None, foreign_key="person.id")
