"""Rules that say which answers need a person, the follow-ups they opened, and each one's history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from promises.followup.codes import OUTCOMES, STEPS

_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in OUTCOMES)
_STEPS = ", ".join(f"'{step}'" for step in STEPS)


class Rule(SQLModel, table=True):
    """Which answers need a person: every condition that is set must hold. Never edited, only ended.

    ``hours`` of opening time may pass until somebody has got back to the customer. Without ``owner_id`` the
    manager of the answer's branch owns the follow-up. ``reask_days`` after it is closed, the customer is
    asked again.
    """

    __tablename__ = "followup_rule"
    __table_args__ = (
        CheckConstraint(
            "highest_score IS NOT NULL OR problem_id IS NOT NULL OR words <> '' OR wish",
            name="some_condition",
        ),
        CheckConstraint("highest_score BETWEEN 0 AND 10", name="highest_score"),
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("reask_days IS NULL OR reask_days > 0", name="reask"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120)
    highest_score: int | None = None
    problem_id: int | None = Field(default=None, foreign_key="problem.id")
    words: str = Field(default="", max_length=200)
    wish: bool = False
    hours: int
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    reask_days: int | None = None
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None


class FollowUp(SQLModel, table=True):
    """One answer that needs a person. ``watch_at`` is ``due_at`` as long as it may still become late."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("watch_at IS NULL OR watch_at = due_at", name="watched_at_its_time"),
        Index(None, "branch_id", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", unique=True)
    rule_id: int = Field(foreign_key="followup_rule.id")
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    opened_at: datetime
    due_at: datetime
    watch_at: datetime | None = Field(default=None, index=True)


class Step(SQLModel, table=True):
    """One thing that was done, or that happened: a late one stands at its due time."""

    __tablename__ = "follow_up_step"
    __table_args__ = (CheckConstraint(f"kind IN ({_STEPS})", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="follow_up.id", index=True)
    at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    kind: str = Field(max_length=16)
    words: str = Field(default="", max_length=4000)


class Closing(SQLModel, table=True):
    """A follow-up is done: once."""

    __tablename__ = "follow_up_closing"
    __table_args__ = (CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),)

    follow_up_id: int = Field(foreign_key="follow_up.id", primary_key=True)
    at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    outcome: str = Field(max_length=16)


class Asked(SQLModel, table=True):
    """The customer of a closed follow-up was asked again, by this invitation."""

    __tablename__ = "follow_up_asked"

    follow_up_id: int = Field(foreign_key="follow_up.id", primary_key=True)
    invitation_id: int = Field(foreign_key="survey_invitation.id", unique=True)


class Told(SQLModel, table=True):
    """A customer was told what became of a problem that their words named: once."""

    __tablename__ = "follow_up_told"

    reply_id: int = Field(foreign_key="survey_reply.id", primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", primary_key=True, index=True)
    at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
