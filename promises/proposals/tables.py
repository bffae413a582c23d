"""What staff propose: numbered text versions, and other people's support and comments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.database import append_only


class Proposal(SQLModel, table=True):
    __tablename__ = "proposal"

    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="person.id", index=True)
    made_at: datetime


class Answers(SQLModel, table=True):
    """A proposal answers a problem."""

    __tablename__ = "answers"

    proposal_id: int = Field(foreign_key="proposal.id", primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", primary_key=True, index=True)


class Version(SQLModel, table=True):
    """One text of a proposal: the promise, and the operating model as a list of {step, who}."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id")
    number: int
    title: str = Field(max_length=120)
    text: str
    steps: list[dict[str, str]] = Field(sa_type=JSON)
    author_id: int = Field(foreign_key="person.id")
    made_at: datetime


class Endorsement(SQLModel, table=True):
    """One person's support of one text version."""

    __tablename__ = "endorsement"
    __table_args__ = (UniqueConstraint("version_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    made_at: datetime


class Comment(SQLModel, table=True):
    __tablename__ = "comment"

    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    made_at: datetime


append_only(Version.__table__)  # type: ignore[attr-defined]
