"""Exclusions by hand: a case that a promise is not to be judged on, and who agreed to that."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, or_
from sqlmodel import Field, SQLModel, col

from promises.database import Money, append_only
from promises.service import by_hand_tables
from promises.service.by_hand_tables import NAME, WORDS, rules_of_decisions, rules_of_proposals


class Exclusion(SQLModel, table=True):
    """Somebody proposes to take a case out of a promise. ``amount`` is what the customer was owed for it
    then; ``alone`` means that it was little."""

    __tablename__ = "exclusion"
    __table_args__ = (*rules_of_proposals(), CheckConstraint("amount >= 0", name="amount"))

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
    """An exclusion was approved or refused."""

    __tablename__ = "exclusion_decision"
    __table_args__ = rules_of_decisions("exclusion")

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
    return by_hand_tables.decided(Exclusion, ExclusionDecision, outcome)


def in_force() -> ColumnElement[bool]:
    """Whether the exclusion of a query holds: nobody else had to agree, or somebody did."""
    return or_(col(Exclusion.alone), decided("approved"))
