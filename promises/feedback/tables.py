"""Feedback as it came in, the problems found in it, and which feedback speaks of which problem."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from promises.files.tables import Taking


class Intake(SQLModel, table=True):
    """One file brought in, with the mapping that was used and what became of its rows.

    ``columns`` is a digest of the file's header: the same header again is offered the same mapping.
    ``set_aside`` lists {row, faults: [{field, reason, found}], cells} with personal data masked, the first
    thousand; others are rows of :class:`IntakeSetAside`.
    """

    __tablename__ = "intake"

    id: int | None = Field(default=None, primary_key=True)
    filename: str = Field(max_length=255)
    sha256: str = Field(max_length=64, index=True)
    source: str = Field(max_length=64)
    columns: str = Field(default="", max_length=64, index=True)
    mapping: dict[str, Any] = Field(sa_type=JSON)
    taken: int
    known: int
    set_aside: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class IntakeWork(Taking, table=True):
    """How far the taking of a file of feedback has come: ``seen`` counts its rows."""

    __tablename__ = "intake_work"
    __table_args__ = (
        Index(
            "ix_intake_work_unfinished",
            "intake_id",
            postgresql_where=text("finished_at IS NULL"),
            sqlite_where=text("finished_at IS NULL"),
        ),
    )

    intake_id: int = Field(foreign_key="intake.id", primary_key=True)


class IntakeSetAside(SQLModel, table=True):
    """A row that was not taken, beyond the first thousand of its file: {row, faults, cells}."""

    __tablename__ = "intake_set_aside"

    intake_id: int = Field(foreign_key="intake.id", primary_key=True)
    number: int = Field(primary_key=True)
    fault: dict[str, Any] = Field(sa_type=JSON)


class Feedback(SQLModel, table=True):
    """One customer's words. ``fingerprint`` is what makes the same row of the same source known again.

    ``kind`` is empty until problems have been looked for in it; then trouble (a problem holds it), unplaced
    (tells of trouble that fits no problem), praise or nothing.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        Index(None, "branch_id", "given_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    intake_id: int = Field(foreign_key="intake.id", index=True)
    row: int
    fingerprint: str = Field(max_length=64, unique=True)
    given_at: datetime = Field(index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    touchpoint: str = Field(default="", max_length=64)
    source: str = Field(max_length=64)
    language: str = Field(default="", max_length=8)
    score: int | None = None
    customer: str = Field(default="", max_length=64, index=True)
    text: str
    kind: str = Field(default="", max_length=16, index=True)


class Finding(SQLModel, table=True):
    """One look for problems over all feedback. ``space`` is what the centroids it found are measured in."""

    __tablename__ = "finding"

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
    texts: int
    space: bytes = Field(sa_type=LargeBinary)


class Problem(SQLModel, table=True):
    """Feedback with one cause. The found labels come from the texts; the given ones from people.

    ``centroid`` (in the space of ``finding_id``) and ``reach`` let new feedback join without finding
    everything anew. A merged problem stays, so
    that what would join it joins the one it was merged into.
    """

    __tablename__ = "problem"
    __table_args__ = (
        CheckConstraint("state IN ('found', 'accepted', 'dismissed', 'merged')", name="state"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_somewhere"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    found_fi: str = Field(max_length=120)
    found_en: str = Field(max_length=120)
    given_fi: str = Field(default="", max_length=120)
    given_en: str = Field(default="", max_length=120)
    state: str = Field(default="found", max_length=16)
    reason: str = Field(default="", max_length=500)
    merged_into_id: int | None = Field(default=None, foreign_key="problem.id", index=True)
    merged_by: int | None = Field(default=None, foreign_key="person.id")
    centroid: bytes | None = Field(default=None, sa_type=LargeBinary)
    reach: float = 0.0
    finding_id: int | None = Field(default=None, foreign_key="finding.id")
    made_at: datetime

    def label(self, language: str) -> str:
        """The name people gave it, else the one found, in *language*."""
        if language == "fi":
            return self.given_fi or self.found_fi
        return self.given_en or self.found_en


class Mention(SQLModel, table=True):
    """A piece of feedback speaks of a problem; ``quote`` is the clause that does.

    ``placed_by`` is the person who said so; empty where it was found. Finding anew leaves a person's alone.
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("problem_id", "feedback_id"),
        Index(None, "problem_id", "strength"),
    )

    id: int | None = Field(default=None, primary_key=True)
    problem_id: int = Field(foreign_key="problem.id")
    feedback_id: int = Field(foreign_key="feedback.id", index=True)
    strength: float
    quote: str
    placed_by: int | None = Field(default=None, foreign_key="person.id")


class Meaning(SQLModel, table=True):
    """What the latest feedback says, as the sentence encoder puts it: one signed byte a direction.

    Kept so that new feedback can be compared with what was said before without reading all of it again; only
    of feedback that tells of trouble, and as long as its words are kept.
    """

    __tablename__ = "meaning"

    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    vector: bytes = Field(sa_type=LargeBinary)


class Denial(SQLModel, table=True):
    """A person said that this feedback does not speak of this problem; finding anew respects it."""

    __tablename__ = "denial"

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True, index=True)
    made_by: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime


class NameSaid(SQLModel, table=True):
    """A name that masking took out of praise, so that it can reach whom it is for; only managers see it.

    Kept with its end date, and only as long as the feedback hasn't turned out to be no praise.
    """

    __tablename__ = "name_said"
    __table_args__ = (UniqueConstraint("feedback_id", "words"),)

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id")
    words: str = Field(max_length=120)
    forget_at: datetime = Field(index=True)


class Original(SQLModel, table=True):
    """What a customer wrote before masking, encrypted; only where a setting says so, until ``forget_at``."""

    __tablename__ = "original"

    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    forget_at: datetime = Field(index=True)


class Interview(SQLModel, table=True):
    """Notes of a talk with a customer, masked; each quote cut out of them is feedback of ``intake_id``."""

    __tablename__ = "interview"

    id: int | None = Field(default=None, primary_key=True)
    intake_id: int = Field(foreign_key="intake.id", unique=True)
    title: str = Field(max_length=120)
    held_on: date
    branch_id: int | None = Field(default=None, foreign_key="branch.id")
    touchpoint: str = Field(default="", max_length=64)
    notes: str
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
