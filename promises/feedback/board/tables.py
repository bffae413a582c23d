"""The counts that the problem board reads instead of feedback; only counts.py writes here."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class ProblemCount(SQLModel, table=True):
    """What is said of one problem in one place and week.

    ``facet`` is which side of the feedback ``value`` is of: none (all of it), branch, touchpoint, source,
    language, weekday or hour. ``week`` counts weeks in the company's zone (see facts.py), and is 0 where
    all the time is counted as one, as weekdays and hours are, and branches too. ``customers`` counts each
    in the last week in which they spoke of the problem there, so that the sum from any week on is the
    number of different ones since then.
    """

    __tablename__ = "problem_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    facet: str = Field(max_length=16, primary_key=True)
    value: str = Field(max_length=64, primary_key=True)
    week: int = Field(primary_key=True)
    pieces: int
    customers: int
    promoters: int
    passives: int
    detractors: int


class FeedbackCount(SQLModel, table=True):
    """All feedback of one kind in one place and week; places and weeks as with :class:`ProblemCount`."""

    __tablename__ = "feedback_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    facet: str = Field(max_length=16, primary_key=True)
    value: str = Field(max_length=64, primary_key=True)
    week: int = Field(primary_key=True)
    kind: str = Field(max_length=16, primary_key=True)
    pieces: int
    promoters: int
    passives: int
    detractors: int
