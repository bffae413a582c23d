"""What people and time make of problems: merged and parted, steady or not, begun or fading, rated by two."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class Merging(SQLModel, table=True):
    """A problem became part of another; ``Problem.merged_into_id`` may lead further, if that one was merged.

    ``made_by`` is empty where problem finding did it. Undone by deleting it, see :class:`Parting`.
    """

    __tablename__ = "merging"
    __table_args__ = (CheckConstraint("problem_id <> into_id", name="another"),)

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    into_id: int = Field(foreign_key="problem.id", index=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class Handed(SQLModel, table=True):
    """A piece of feedback came to another problem by way of ``problem_id``, which was merged into that one.

    ``shared`` says that the other one had it by itself, too: then both keep it when they are parted.
    """

    __tablename__ = "handed"

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True, index=True)
    shared: bool = False


class Parting(SQLModel, table=True):
    """A person said that two problems are two: ``problem_id`` was split off ``from_id``, or merged no more.

    Neither is given up to the other by problem finding from then on.
    """

    __tablename__ = "parting"
    __table_args__ = (CheckConstraint("problem_id <> from_id", name="two"),)

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    from_id: int = Field(foreign_key="problem.id", primary_key=True, index=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class Steadiness(SQLModel, table=True):
    """How much of a problem is found again from parts of the feedback: ``share`` 0-1, mean over ``looks``."""

    __tablename__ = "steadiness"
    __table_args__ = (CheckConstraint("share BETWEEN 0 AND 1", name="share"),)

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    share: float
    looks: int
    made_at: datetime


class Turn(SQLModel, table=True):
    """A problem turned, and this was announced: it emerged, it grows, or it fades.

    ``texts`` pieces since ``since``, where ``expected`` were to be expected from the time before it.
    """

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("problem_id", "kind", "since"),
        CheckConstraint("kind IN ('emerged', 'growing', 'fading')", name="kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", index=True)
    kind: str = Field(max_length=16)
    since: date
    texts: int
    expected: float
    made_at: datetime = Field(index=True)


class RatingRound(SQLModel, table=True):
    """A sample of feedback that several people label without seeing each other's answers."""

    __tablename__ = "rating_round"

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class RatedText(SQLModel, table=True):
    """One piece of feedback of a sample, the ``number``-th to be shown."""

    __tablename__ = "rated_text"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: int = Field(foreign_key="rating_round.id", primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True, index=True)
    number: int


class Rating(SQLModel, table=True):
    """What one person said of one piece: its main problem, or none."""

    __tablename__ = "rating"

    round_id: int = Field(foreign_key="rating_round.id", primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    problem_id: int | None = Field(default=None, foreign_key="problem.id", index=True)
    made_at: datetime
