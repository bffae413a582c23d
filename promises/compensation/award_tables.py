"""Awards by hand: an amount that people decide on, with a reason, where the terms foresee it."""

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
)
from sqlmodel import Field, SQLModel, col

from promises.compensation.tables import Compensation
from promises.database import Money, append_only

WORDS = 1000
NAME = 200


class Award(SQLModel, table=True):
    """Somebody awards an amount for one verdict, with a reason and evidence.

    ``alone`` says that the terms ask for no second person at this amount, so it is owed at once; otherwise it
    waits for its decision. The compensation that follows has the same key, so it is owed once.
    """

    __tablename__ = "award"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "verdict_id"], ["verdict.branch_id", "verdict.id"]),
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        # For the decision's key, so that the database itself can compare the two people.
        UniqueConstraint("branch_id", "id", "made_by"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("evidence <> '' OR reference <> ''", name="evidence"),
        Index(None, "branch_id", "case_id"),
        Index(None, "branch_id", "verdict_id"),
        Index(None, "made_by", "made_at"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    verdict_id: int = Field(sa_type=BigInteger)
    case_id: int = Field(sa_type=BigInteger)
    promise_id: int = Field(foreign_key="promise.id")
    terms_id: int = Field(foreign_key="terms.id")
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    reason: str = Field(max_length=WORDS)
    evidence: str = Field(default="", max_length=WORDS)
    reference: str = Field(default="", max_length=NAME)
    alone: bool
    made_at: datetime
    made_by: int = Field(foreign_key="person.id")


class AwardDecision(SQLModel, table=True):
    """An award was approved by another person than its maker, or refused: one of them, once."""

    __tablename__ = "award_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["branch_id", "award_id", "made_by"], ["award.branch_id", "award.id", "award.made_by"]
        ),
        CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),
        CheckConstraint("outcome = 'refused' OR decided_by <> made_by", name="second_person"),
        CheckConstraint("outcome = 'approved' OR reason <> ''", name="reason_of_a_refusal"),
    )

    branch_id: int = Field(primary_key=True)
    award_id: int = Field(sa_type=BigInteger, primary_key=True)
    made_by: int
    outcome: str = Field(max_length=16)
    reason: str = Field(default="", max_length=WORDS)
    decided_at: datetime
    decided_by: int = Field(foreign_key="person.id")


append_only(Award.__table__)  # type: ignore[attr-defined]
append_only(AwardDecision.__table__)  # type: ignore[attr-defined]


def decided(outcome: str) -> ColumnElement[bool]:
    """Whether the award of a query was decided so."""
    return exists().where(
        col(AwardDecision.branch_id) == Award.branch_id,
        col(AwardDecision.award_id) == Award.id,
        col(AwardDecision.outcome) == outcome,
    )


def by_hand() -> ColumnElement[bool]:
    """Whether the compensation of a query was awarded by hand."""
    return exists().where(col(Award.branch_id) == Compensation.branch_id, col(Award.id) == Compensation.id)
