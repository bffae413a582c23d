"""Rounds of choosing, ballots, decisions with reasons, and what was launched by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from promises.database import append_only


class Round(SQLModel, table=True):
    """Management's vote over proposals, open from ``opens_at`` until just before ``closes_at``.

    ``criteria`` are codes of the ``criterion.*`` family, each marked 1 to 5 on every ballot.
    """

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        CheckConstraint("quorum >= 1", name="quorum"),
    )

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=120)
    opens_at: datetime
    closes_at: datetime
    quorum: int
    criteria: list[str] = Field(sa_type=JSON)
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class Candidate(SQLModel, table=True):
    """A proposal's text version stands in a round."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("round_id", "version_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    version_id: int = Field(foreign_key="version.id", index=True)


class Ballot(SQLModel, table=True):
    """One person's vote in a round; changed until the close, then fixed."""

    __tablename__ = "ballot"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    person_id: int = Field(foreign_key="person.id")
    cast_at: datetime


class Mark(SQLModel, table=True):
    """A ballot's mark, 1 to 5, for one candidate on one criterion."""

    __tablename__ = "mark"
    __table_args__ = (CheckConstraint("mark BETWEEN 1 AND 5", name="mark"),)

    ballot_id: int = Field(foreign_key="ballot.id", primary_key=True)
    candidate_id: int = Field(foreign_key="candidate.id", primary_key=True)
    criterion: str = Field(max_length=32, primary_key=True)
    mark: int


class Decision(SQLModel, table=True):
    """What became of a candidate, and why.

    ``departs`` has the codes (``departure.*``) of how it departed from the count when it was made.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('chosen', 'rejected', 'sent_back')", name="outcome"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    candidate_id: int = Field(foreign_key="candidate.id", unique=True)
    outcome: str = Field(max_length=16)
    reason: str
    departs: list[str] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class Launch(SQLModel, table=True):
    """A chosen proposal became a promise."""

    __tablename__ = "launch"

    decision_id: int = Field(foreign_key="decision.id", primary_key=True)
    promise_id: int = Field(foreign_key="promise.id", unique=True)


append_only(Decision.__table__)  # type: ignore[attr-defined]
append_only(Launch.__table__)  # type: ignore[attr-defined]
