"""Surveys, the doors to them, who was invited, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from promises.surveys.kinds import CHANNELS, KINDS

_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_CHANNELS = ", ".join(f"'{channel}'" for channel in CHANNELS)


class Survey(SQLModel, table=True):
    """One question on one scale, with a "why". Its words don't change once it is made.

    ``questions`` holds the question by language. ``reminder_days`` after an invitation, those who haven't
    answered are reminded once; empty: never. Nobody is invited again within ``rest_days``.
    """

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("reminder_days IS NULL OR reminder_days > 0", name="reminder"),
        CheckConstraint("rest_days >= 0", name="rest"),
    )

    id: int | None = Field(default=None, primary_key=True)
    intake_id: int = Field(foreign_key="intake.id", unique=True)
    name: str = Field(max_length=120)
    kind: str = Field(max_length=16)
    touchpoint: str = Field(default="", max_length=64)
    questions: dict[str, str] = Field(sa_type=JSON)
    reminder_days: int | None = None
    rest_days: int
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = None


class Door(SQLModel, table=True):
    """A public way to a survey: a link, or a QR code on a counter; of one branch or clerk, if theirs."""

    __tablename__ = "survey_door"
    __table_args__ = (CheckConstraint(f"channel IN ({_CHANNELS})", name="channel"),)

    id: int | None = Field(default=None, primary_key=True)
    survey_id: int = Field(foreign_key="survey.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    channel: str = Field(max_length=8)
    token: str = Field(max_length=32, unique=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    shut_at: datetime | None = None


class Invitation(SQLModel, table=True):
    """One customer asked by mail. ``due_at`` is when the next letter leaves; empty when none will.

    ``address`` is erased once it isn't needed; ``mark`` (a keyed digest of it) stays, so that the time
    between two surveys and a wish to be left alone hold without it. ``served_by`` is the clerk whose
    customer was asked, where known.
    """

    __tablename__ = "survey_invitation"
    __table_args__ = (
        CheckConstraint("letters BETWEEN 0 AND 2", name="letters"),
        CheckConstraint("due_at IS NULL OR (address IS NOT NULL AND letters < 2)", name="sendable"),
        Index(None, "survey_id", "branch_id"),
        Index(None, "mark", "made_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    survey_id: int = Field(foreign_key="survey.id")
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    served_by: int | None = Field(default=None, foreign_key="person.id")
    customer: str = Field(default="", max_length=64, index=True)
    language: str = Field(max_length=2)
    address: str | None = Field(default=None, max_length=254)
    mark: str = Field(max_length=64)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    due_at: datetime | None = Field(default=None, index=True)
    letters: int = 0
    sent_at: datetime | None = None
    forget_at: datetime | None = Field(default=None, index=True)


class Reply(SQLModel, table=True):
    """One answer, through a door or to an invitation; its words are ``feedback_id``'s.

    ``key`` is what makes the same press known again. An invitation is answered once.
    """

    __tablename__ = "survey_reply"
    __table_args__ = (
        CheckConstraint("(door_id IS NULL) <> (invitation_id IS NULL)", name="one_way_in"),
        CheckConstraint("value BETWEEN 0 AND 10", name="value"),
        Index(None, "survey_id", "answered_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    survey_id: int = Field(foreign_key="survey.id")
    door_id: int | None = Field(default=None, foreign_key="survey_door.id", index=True)
    invitation_id: int | None = Field(default=None, foreign_key="survey_invitation.id", unique=True)
    feedback_id: int = Field(foreign_key="feedback.id", unique=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    key: str = Field(max_length=64, unique=True)
    value: int
    answered_at: datetime
    changed_at: datetime | None = None


class Contact(SQLModel, table=True):
    """How a customer wants to be reached, given for just that, and erased at ``forget_at``.

    ``wish`` asks to be contacted; ``tell`` to hear what becomes of the words.
    """

    __tablename__ = "survey_contact"
    __table_args__ = (CheckConstraint("wish OR tell", name="for_something"),)

    reply_id: int = Field(foreign_key="survey_reply.id", primary_key=True)
    words: str = Field(max_length=254)
    wish: bool
    tell: bool
    language: str = Field(max_length=2)
    forget_at: datetime = Field(index=True)


class Stop(SQLModel, table=True):
    """An address that wants no more surveys, by its keyed digest."""

    __tablename__ = "survey_stop"

    mark: str = Field(max_length=64, primary_key=True)
    at: datetime
