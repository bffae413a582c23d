"""What goes in and out of the interface: unknown keys are refused, times have a zone, money is text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d")
PLAIN = r"^[^\x00-\x1f\x7f]*$"
MILESTONE = r"^[a-z0-9][a-z0-9_-]{0,31}$"
NAMED = r"^[a-z0-9][a-z0-9_-]{0,59}$"
LARGEST = 10**15
MONEY = r"^-?\d{1,12}\.\d{2}$"


def _read(value: object) -> object:
    """Times as RFC 3339 writes them. A number of seconds could be of any epoch."""
    if not isinstance(value, str):
        return value
    if not _ISO.match(value):
        raise PydanticCustomError("time", "not a time such as 2026-06-09T12:00:00+03:00")
    try:
        at = datetime.fromisoformat(value.upper())
    except ValueError:
        raise PydanticCustomError("time", "no such time") from None
    if at.tzinfo is None:
        raise PydanticCustomError("timezone_aware", "a time without a zone")
    return at


Moment = Annotated[
    datetime,
    BeforeValidator(_read),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-06-09T12:00:00+03:00"]}),
]
Money = Annotated[
    str,
    StringConstraints(pattern=MONEY),
    WithJsonSchema({"type": "string", "pattern": MONEY, "examples": ["10.00"]}),
]


def _text(longest: int, least: int = 1) -> Any:
    return StringConstraints(min_length=least, max_length=longest, pattern=PLAIN)


def _whole(value: object) -> object:
    """JSON knows one kind of numbers: 12.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST), BeforeValidator(_whole)]
Value = Annotated[str, _text(256, 0)] | bool | Whole
Attributes = dict[Annotated[str, StringConstraints(pattern=NAMED)], Value]


class Shape(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Event(Shape):
    """Something that happened to a case, or that is taken back or put right."""

    branch: Annotated[str, _text(32)] = Field(description="Code of the branch.")
    case: Annotated[str, _text(128)] = Field(description="By what you know the case.")
    milestone: Annotated[str, StringConstraints(pattern=MILESTONE)] = Field(
        description="What happened, in the terms' word: arrived, called, served, left ..."
    )
    at: Moment | None = Field(
        default=None,
        description="When it happened. Only a withdrawal may leave it out, of what happened once.",
    )
    operation: Literal["told", "withdrawn", "corrected"] = Field(
        default="told",
        description="told: it happened. withdrawn: it didn't. corrected: it happened at this moment instead.",
    )
    was: Moment | None = Field(
        default=None, description="Of a correction: the moment told before, if it was told more than once."
    )
    touchpoint: Annotated[str, _text(64)] | None = Field(
        default=None, description="Where it happened. Needed with the first events of a case, ignored later."
    )
    customer: Annotated[str, _text(64)] | None = Field(
        default=None, description="A number of the customer that says nothing of the person."
    )
    attributes: Attributes = Field(
        default_factory=dict,
        max_length=50,
        description="What else is known of the case.",
        json_schema_extra={"additionalProperties": False},
    )
    event: Annotated[str, _text(64)] | None = Field(
        default=None, description="Your own number of this event: it is taken once."
    )


class Batch(Shape):
    """Events, the oldest first. Those of one case are taken in their order."""

    events: list[Event] = Field(min_length=1)


WRITTEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


class Words(Shape):
    """What one customer said."""

    key: Annotated[str, _text(200)] = Field(description="Your own number of it: it is taken once.")
    text: Annotated[str, StringConstraints(max_length=10_000, pattern=WRITTEN)] = Field(
        description="The words. Names and numbers of people are masked before they are kept."
    )
    given_at: Moment
    score: Annotated[int, Field(ge=0, le=10), BeforeValidator(_whole)] | None = Field(
        default=None, description="How likely they are to recommend you, 0-10."
    )
    branch: Annotated[str, _text(32)] | None = None
    customer: Annotated[str, _text(64)] | None = None
    touchpoint: Annotated[str, _text(64)] | None = None
    language: Literal["fi", "en", "sv"] | None = None


class Heard(Shape):
    """Feedback, at most 200 at once. All of it must be readable, or none is taken."""

    feedback: list[Words] = Field(min_length=1, max_length=200)


class Row(Shape):
    """What became of one event, by its place in the batch from 0."""

    row: int
    result: Literal["taken", "known", "refused"]
    code: str | None = None
    field: str | None = None
    detail: str | None = Field(default=None, description="Why it was refused, in the language you asked for.")


class Told(Shape):
    """What became of a batch. Taken and known events are kept for good when you read this."""

    taken: int
    known: int
    refused: int
    rows: list[Row]


class Happened(Shape):
    milestone: str
    at: Moment
    withdrawn: bool


class Owed(Shape):
    amount: Money
    currency: str
    state: str = Field(description="open, paid, reversed or on its way (sent).")
    dated_at: Moment
    pay_by: Moment | None


class Verdict(Shape):
    """What one case is under one promise, as known when it was judged last."""

    id: str
    promise: str
    terms: int = Field(description="Version of the terms.")
    part: int
    status: Literal["pending", "kept", "broken", "excluded"]
    reason: str
    due_at: Moment | None
    ended_at: Moment | None
    dated_at: Moment | None = Field(description="When it was decided: a breach at its due time.")
    judged_at: Moment
    elapsed_s: float | None


class JudgedVerdict(Verdict):
    compensation: list[Owed]


class Case(Shape):
    branch: str
    case: str
    touchpoint: str
    started_at: Moment
    customer: str | None
    attributes: dict[str, Any]
    milestones: list[Happened]
    verdicts: list[JudgedVerdict]


class VerdictOfCase(Verdict):
    case: str
    source: str


class Verdicts(Shape):
    """Verdicts of a branch in the order in which they were judged."""

    verdicts: list[VerdictOfCase]
    next: str = Field(description="Ask again with after= this.")
    more: bool = Field(description="Whether there is more already.")


class Movement(Shape):
    """One line of the ledger: owed, sent, paid or reversed."""

    id: str
    compensation: str
    verdict: str
    kind: str
    amount: Money
    currency: str
    dated_at: Moment
    made_at: Moment
    case: str
    source: str


class Movements(Shape):
    """What came to be owed, was paid or taken back at a branch, in the order in which it was written."""

    movements: list[Movement]
    next: str = Field(description="Ask again with after= this.")
    more: bool = Field(description="Whether there is more already.")


class Promise(Shape):
    promise: str
    version: int
    starts_at: Moment
    terms: dict[str, Any] = Field(description="The terms document in force.")


class Promises(Shape):
    promises: list[Promise]


class Problem(BaseModel):
    """What is wrong, after RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str = Field(description="In the language of Accept-Language: fi or en.")
    field: str | None = None
    rows: list[Row] | None = None


YEARS = range(2000, 2101)
"""Times outside of them are mistakes in the data, and told by row."""
CURSOR = r"^[0-9]{1,19}-[0-9]{1,19}$"


class Since(BaseModel):
    """From where on, and how many at most."""

    model_config = ConfigDict(extra="forbid", strict=True)

    after: Annotated[str, StringConstraints(pattern=CURSOR)] | None = Field(
        default=None, description="`next` of the answer before; from the beginning without it."
    )
    limit: Annotated[int, Field(ge=1, le=1000)] = 200
