"""What people decide on a case by hand is a proposal and a decision. Exclusions and awards differ in what
follows from them; what they are made of, and what the database asks of them, is the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    exists,
)

WORDS = 1000
NAME = 200


def rules_of_proposals() -> tuple[Any, ...]:
    """What the database itself asks of every proposal."""
    return (
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        # For the decision's key, so that the database itself can compare the two people.
        UniqueConstraint("branch_id", "id", "made_by"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("evidence <> '' OR reference <> ''", name="evidence"),
        Index(None, "branch_id", "case_id"),
        Index(None, "made_by", "made_at"),
    )


def rules_of_decisions(table: str) -> tuple[Any, ...]:
    """What the database itself asks of every decision on a row of *table*."""
    theirs = [f"{table}.{name}" for name in ("branch_id", "id", "made_by")]
    return (
        ForeignKeyConstraint(["branch_id", f"{table}_id", "made_by"], theirs),
        CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),
        CheckConstraint("outcome = 'refused' OR decided_by <> made_by", name="second_person"),
        CheckConstraint("outcome = 'approved' OR reason <> ''", name="reason_of_a_refusal"),
    )


def decided(proposal: Any, decision: Any, outcome: str) -> ColumnElement[bool]:
    """Whether the *proposal* of a query was decided so."""
    key = getattr(decision, f"{proposal.__tablename__}_id")
    found: ColumnElement[bool] = exists().where(
        decision.branch_id == proposal.branch_id, key == proposal.id, decision.outcome == outcome
    )
    return found
