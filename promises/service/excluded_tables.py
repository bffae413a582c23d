"""Exclusions by hand: a case that a promise is not to be judged on, and who agreed to that."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    exists,
    or_,
)
from sqlmodel import Field, SQLModel, col

from promises.database import Money, append_only

WORDS = 1000
NAME = 200


class Exclusion(SQLModel, table=True):
    """Somebody proposes to take a case out of a promise, with a reason and evidence.

    ``amount`` is what the customer was owed for it then; ``alone`` says that it was so little that no second
    person had to agree, so the exclusion is in force at once. Otherwise it waits for its decision.
    """

    __tablename__ = "exclusion"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        # For the decision's key, so that the database itself can compare the two people.
        UniqueConstraint("branch_id", "id", "made_by"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("evidence <> '' OR reference <> ''", name="evidence"),
        CheckConstraint("amount >= 0", name="amount"),
        Index(None, "branch_id", "case_id"),
        Index(None, "made_by", "made_at"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    case_id: int = Field(sa_type=BigInteger)
    promise_id: int = Field(foreign_key="promise.id")
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    reason: str = Field(max_length=WORDS)
    evidence: str = Field(default="", max_length=WORDS)
    reference: str = Field(default="", max_length=NAME)
    alone: bool
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class ExclusionDecision(SQLModel, table=True):
    """An exclusion was approved by another person than its maker, or refused: one of them, once."""

    __tablename__ = "exclusion_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["branch_id", "exclusion_id", "made_by"],
            ["exclusion.branch_id", "exclusion.id", "exclusion.made_by"],
        ),
        CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),
        CheckConstraint("outcome = 'refused' OR decided_by <> made_by", name="second_person"),
        CheckConstraint("outcome = 'approved' OR reason <> ''", name="reason_of_a_refusal"),
    )

    branch_id: int = Field(primary_key=True)
    exclusion_id: int = Field(sa_type=BigInteger, primary_key=True)
    made_by: int
    outcome: str = Field(max_length=16)
    reason: str = Field(default="", max_length=WORDS)
    decided_at: datetime
    decided_by: int = Field(foreign_key="person.id")


append_only(Exclusion.__table__)  # type: ignore[attr-defined]
append_only(ExclusionDecision.__table__)  # type: ignore[attr-defined]


def decided(outcome: str) -> ColumnElement[bool]:
    """Whether the exclusion of a query was decided so."""
    return exists().where(
        col(ExclusionDecision.branch_id) == Exclusion.branch_id,
        col(ExclusionDecision.exclusion_id) == Exclusion.id,
        col(ExclusionDecision.outcome) == outcome,
    )


def in_force() -> ColumnElement[bool]:
    """Whether the exclusion of a query holds: nobody else had to agree, or somebody did."""
    return or_(col(Exclusion.alone), decided("approved"))
