"""Regions, branches with their opening hours, and staff."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.people.roles import Role

_ROLES = ", ".join(f"'{role}'" for role in Role)


class Company(SQLModel, table=True):
    """The one company of this installation."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    name: str = Field(max_length=120)
    currency: str = Field(default="EUR", max_length=3)
    country: str = Field(default="FI", max_length=2)
    zone: str = Field(default="Europe/Helsinki", max_length=64)


class Region(SQLModel, table=True):
    __tablename__ = "region"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=120)


class Branch(SQLModel, table=True):
    """A place of service with hours and a time zone of its own."""

    __tablename__ = "branch"

    id: int | None = Field(default=None, primary_key=True)
    region_id: int = Field(foreign_key="region.id", index=True)
    code: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=120)
    zone: str = Field(default="Europe/Helsinki", max_length=64)
    closed_on: date | None = None


class OpeningHours(SQLModel, table=True):
    """One open interval of a weekday (Monday 0). Minutes from midnight; 1440 is the end of the day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="interval"),
        UniqueConstraint("branch_id", "weekday", "opens"),
    )

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int = Field(foreign_key="branch.id")
    weekday: int
    opens: int
    closes: int


class SpecialDay(SQLModel, table=True):
    """A date whose hours differ: closed when ``opens`` is empty."""

    __tablename__ = "special_day"
    __table_args__ = (
        CheckConstraint(
            "(opens IS NULL AND closes IS NULL) OR (opens >= 0 AND opens < closes AND closes <= 1440)",
            name="interval",
        ),
        UniqueConstraint("branch_id", "day", "opens"),
    )

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int = Field(foreign_key="branch.id")
    day: date
    opens: int | None = None
    closes: int | None = None
    note: str = Field(default="", max_length=200)


class Person(SQLModel, table=True):
    """A member of staff. Without a password hash the person is invited and has not yet come in."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint(f"role IN ({_ROLES})", name="role"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120)
    title: str = Field(default="", max_length=120)
    email: str = Field(max_length=254, unique=True)
    role: str = Field(max_length=32)
    language: str = Field(default="fi", max_length=2)
    theme: str = Field(default="auto", max_length=8)
    password_hash: str | None = Field(default=None, max_length=255)
    demo: bool = False
    invited_at: datetime
    left_at: datetime | None = None


class Membership(SQLModel, table=True):
    """A person belongs to a branch."""

    __tablename__ = "membership"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    branch_id: int = Field(foreign_key="branch.id", primary_key=True, index=True)


class Attempt(SQLModel, table=True):
    """One failed try at a throttled door, by a hash of who and where; old ones are swept away."""

    __tablename__ = "attempt"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64, index=True)
    at: datetime
