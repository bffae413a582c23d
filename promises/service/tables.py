"""Cases, their milestones, and the verdict of each under its terms.

The large tables are keyed by branch first and by a time-ordered number second, so that a branch's
rows lie together and a month is one range of keys.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from promises.files.tables import Taking
from promises.service.waits import MOST_BINS

_IN_HAND = "state IN ('called', 'serving')"


class Case(SQLModel, table=True):
    """One visit, call, order or fault. ``source`` and ``reference`` make it known when it is told again."""

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("branch_id", "reference", "source"),
        Index(None, "branch_id", "started_at"),
        # Whoever looks a customer up asks for customer <> '' too, as most cases name none.
        Index(
            "ix_case_customer",
            "customer",
            postgresql_where=text("customer <> ''"),
            sqlite_where=text("customer <> ''"),
        ),
    )

    branch_id: int = Field(foreign_key="branch.id", primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    source: str = Field(max_length=64)
    reference: str = Field(max_length=128)
    touchpoint: str = Field(max_length=64)
    started_at: datetime
    customer: str = Field(default="", max_length=64)
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Milestone(SQLModel, table=True):
    """A thing that happened to a case at a moment."""

    __tablename__ = "milestone"
    __table_args__ = (ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),)

    branch_id: int = Field(primary_key=True)
    case_id: int = Field(sa_type=BigInteger, primary_key=True)
    name: str = Field(max_length=32, primary_key=True)
    at: datetime = Field(primary_key=True)
    by: int | None = Field(default=None, foreign_key="person.id")


class Verdict(SQLModel, table=True):
    """What one case is under one version of terms.

    ``due_at`` is kept while the case is pending, so the watch finds the overdue by an index.
    ``dated_at`` is when it happened (served, or due), never when it was noticed. ``part`` numbers the
    stretches of a case that its terms split in several; others have the one.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        UniqueConstraint("branch_id", "case_id", "promise_id", "part"),
        CheckConstraint("part >= 1", name="part"),
        CheckConstraint("status IN ('pending', 'kept', 'broken', 'excluded')", name="status"),
        CheckConstraint("(status = 'pending') = (dated_at IS NULL)", name="dated_once_decided"),
        Index(
            "ix_verdict_watch",
            "due_at",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
        Index("ix_verdict_report", "branch_id", "promise_id", "started_at"),
        Index("ix_verdict_told", "branch_id", "judged_at", "id"),
    )

    branch_id: int = Field(primary_key=True)
    id: int = Field(sa_type=BigInteger, primary_key=True)
    case_id: int = Field(sa_type=BigInteger)
    promise_id: int = Field(foreign_key="promise.id")
    part: int = 1
    terms_id: int = Field(foreign_key="terms.id")
    status: str = Field(max_length=16)
    reason: str = Field(default="", max_length=64)
    started_at: datetime
    due_at: datetime | None = None
    ended_at: datetime | None = None
    dated_at: datetime | None = None
    judged_at: datetime
    elapsed_s: float | None = None


class HourlyCount(SQLModel, table=True):
    """How many verdicts of cases that began in one hour became what: what reports read instead of cases.

    ``hour`` counts from 1970 in UTC. The reason of a pending verdict is left out, as it changes with the
    clock. Only counts.py writes here, with every change of a verdict and in its transaction.
    """

    __tablename__ = "hourly_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    branch_id: int = Field(foreign_key="branch.id", primary_key=True)
    promise_id: int = Field(foreign_key="promise.id", primary_key=True)
    hour: int = Field(primary_key=True)
    status: str = Field(max_length=16, primary_key=True)
    reason: str = Field(max_length=64, primary_key=True)
    n: int = Field(sa_type=BigInteger)


WAIT_BINS = tuple(f"w{place:02}" for place in range(MOST_BINS))

hourly_wait = Table(
    "hourly_wait",
    SQLModel.metadata,
    Column("branch_id", Integer, ForeignKey("branch.id"), primary_key=True),
    Column("promise_id", Integer, ForeignKey("promise.id"), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("terms_id", Integer, ForeignKey("terms.id"), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("elapsed_us", BigInteger, nullable=False),
    *(Column(name, Integer, nullable=False) for name in WAIT_BINS),
    sqlite_with_rowid=False,
)
"""How long the kept and broken cases of an hour lasted that have ended: their number, the sum in
microseconds, and how many fall into each of the bins that their terms' limit has (waits.Bins)."""


class Ticket(SQLModel, table=True):
    """A customer in the branch's own queue of one day: number, line, and who has called them to which desk.

    A person serves one ticket at a time; the database refuses a second. ``touchpoint`` is the line in which
    they wait, ``for_person`` and ``for_desk`` whom it was transferred to. ``calls`` counts how often the
    number was called, ``called_at`` is the last of them.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),
        UniqueConstraint("branch_id", "day", "number"),
        CheckConstraint("state IN ('waiting', 'called', 'serving', 'parked', 'over')", name="state"),
        CheckConstraint("called_by IS NOT NULL OR state IN ('waiting', 'over')", name="called_by_somebody"),
        Index(None, "branch_id", "day", "state"),
        Index(
            "uq_ticket_one_at_a_time",
            "branch_id",
            "called_by",
            unique=True,
            postgresql_where=text(_IN_HAND),
            sqlite_where=text(_IN_HAND),
        ),
    )

    branch_id: int = Field(primary_key=True)
    case_id: int = Field(sa_type=BigInteger, primary_key=True)
    day: date
    number: int
    state: str = Field(default="waiting", max_length=16)
    desk: str = Field(default="", max_length=16)
    called_by: int | None = Field(default=None, foreign_key="person.id")
    given_at: datetime
    touchpoint: str = Field(default="branch", max_length=64)
    for_desk: str = Field(default="", max_length=16)
    for_person: int | None = Field(default=None, foreign_key="person.id")
    called_at: datetime | None = None
    calls: int = 0


class CaseIntake(SQLModel, table=True):
    """One file of cases brought in, and what became of its rows.

    ``columns`` is a digest of the file's header: the same header again is offered the same mapping.
    ``set_aside`` lists {row, case, code, facts} of the rows that were not taken, the first thousand.
    """

    __tablename__ = "case_intake"

    id: int | None = Field(default=None, primary_key=True)
    filename: str = Field(max_length=255)
    sha256: str = Field(max_length=64, index=True)
    source: str = Field(max_length=64)
    columns: str = Field(default="", max_length=64, index=True)
    mapping: dict[str, Any] = Field(sa_type=JSON)
    taken: int
    known: int
    refused: int = 0
    set_aside: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")


class CaseIntakeWork(Taking, table=True):
    """How far the taking of a file of cases has come: ``seen`` counts its cases."""

    __tablename__ = "case_intake_work"
    __table_args__ = (
        Index(
            "ix_case_intake_work_unfinished",
            "intake_id",
            postgresql_where=text("finished_at IS NULL"),
            sqlite_where=text("finished_at IS NULL"),
        ),
    )

    intake_id: int = Field(foreign_key="case_intake.id", primary_key=True)


class CaseSetAside(SQLModel, table=True):
    """A row that was not taken, beyond the first thousand of its file, which stand with the file."""

    __tablename__ = "case_set_aside"

    intake_id: int = Field(foreign_key="case_intake.id", primary_key=True)
    number: int = Field(primary_key=True)
    fault: dict[str, Any] = Field(sa_type=JSON)
