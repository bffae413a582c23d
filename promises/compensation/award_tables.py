"""Awards by hand: an amount that people decide on, with a reason, where the terms foresee it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKeyConstraint, Index, exists
from sqlmodel import Field, SQLModel, col

from promises.compensation.tables import Compensation
from promises.database import Money, append_only
from promises.service import by_hand_tables
from promises.service.by_hand_tables import NAME, WORDS, rules_of_decisions, rules_of_proposals


class Award(SQLModel, table=True):
    """Somebody awards an amount for one verdict. The compensation that follows has the same key, so it is
    owed once; ``alone`` means that the terms ask for no second person at this amount."""

    __tablename__ = "award"
    __table_args__ = (
        *rules_of_proposals(),
        ForeignKeyConstraint(["branch_id", "verdict_id"], ["verdict.branch_id", "verdict.id"]),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "branch_id", "verdict_id"),
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
    """An award was approved or refused."""

    __tablename__ = "award_decision"
    __table_args__ = rules_of_decisions("award")

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
    return by_hand_tables.decided(Award, AwardDecision, outcome)


def awarded() -> ColumnElement[bool]:
    """Whether the compensation of a query was awarded by hand."""
    return exists().where(col(Award.branch_id) == Compensation.branch_id, col(Award.id) == Compensation.id)
