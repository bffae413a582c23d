"""The terms format: one JSON document that says exactly what is promised and what a broken promise pays.

The same document stands behind the form where management sets terms, in ``promises judge`` and in the
API. Unknown keys are refused; nothing is accepted that judging doesn't honour.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from promises.refusal import Refusal
from promises.terms.hours import OpeningHours, known_holidays, known_zone, read_days, read_intervals
from promises.terms.parts import Condition, Part
from promises.terms.quantities import DAY_MINUTES, Day, Name, Span, SpanField, TimeOfDay
from promises.terms.remedies import Remedy

FORMAT = 1

Ending = Literal["excluded", "owed_after_limit"]
Moment = Literal["start", "breach", "end"]


def _zone(value: object) -> object:
    if isinstance(value, str):
        try:
            known_zone(value)
        except Refusal as refused:
            raise PydanticCustomError("unknown_zone", "no such zone", {"found": repr(value)}) from refused
    return value


def _holidays(value: object) -> object:
    if isinstance(value, str):
        try:
            known_holidays(value)
        except Refusal as refused:
            raise PydanticCustomError("unknown_holidays", "no such calendar") from refused
    return value


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise PydanticCustomError("intervals", "not opening hours", {"found": repr(found)})
    return found


def _checked_days(value: object) -> object:
    if isinstance(value, dict):
        seen: set[int] = set()
        for key, text in value.items():
            weekdays = set(read_days(str(key)))
            if weekdays & seen:
                raise PydanticCustomError("weekday_twice", "a weekday twice", {"found": key})
            seen |= weekdays
            read_intervals(_text(text))
    return value


def _checked_dates(value: object) -> object:
    if isinstance(value, dict):
        for text in value.values():
            read_intervals(_text(text))
    return value


ZoneName = Annotated[str, BeforeValidator(_zone), Field(examples=["Europe/Helsinki"])]
HolidayCalendar = Annotated[str, BeforeValidator(_holidays), Field(examples=["FI", "GB-ENG", "ECB"])]


class Hours(Part):
    """Opening hours of one branch, or of all."""

    week: Annotated[dict[str, str], BeforeValidator(_checked_days)] = Field(
        description='Weekdays and their hours: {"mon-fri": "09:00-12:00, 13:00-16:30", "sat": "closed"}. '
        "A day that isn't named is closed."
    )
    dates: Annotated[dict[Day, str], BeforeValidator(_checked_dates)] = Field(
        default_factory=dict, description='Dates that differ: {"2026-12-31": "09:00-12:00"}.'
    )
    holidays: HolidayCalendar = Field(
        default="", description="Calendar whose holidays are closed, unless dates say otherwise."
    )
    zone: ZoneName | None = Field(default=None, description="The branch's zone, if not that of the terms.")

    def as_value(self, zone: str) -> OpeningHours:
        """The same as :class:`OpeningHours`, in the terms' *zone* unless it has its own."""
        week = [
            (weekday, *interval)
            for names, text in self.week.items()
            for weekday in read_days(names)
            for interval in read_intervals(text)
        ]
        special = {day: read_intervals(text) for day, text in self.dates.items()}
        return OpeningHours.of(self.zone or zone, week, special, self.holidays)


class Pause(Part):
    """Time that doesn't count: from one milestone to another, as often as it happens."""

    from_: Name = Field(alias="from", description="Milestone that stops the clock.")
    to: Name = Field(description="Milestone that starts it again.")


class TimeMeasure(Part):
    """A time limit between two milestones of a case."""

    from_: Name = Field(alias="from", description="Milestone that starts the clock.")
    to: Name = Field(description="Milestone that must come in time.")
    limit: SpanField = Field(description='"15 min", "24 h", "2 working days", "3 calendar days".')
    clock: Literal["elapsed", "opening_hours"] | None = Field(
        default=None,
        description="Which time counts towards a limit in s, min or h: real time (elapsed, unless said) or "
        "the branch's opening hours. Limits in days say their clock themselves.",
    )
    due_time: TimeOfDay | None = Field(
        default=None,
        description="For limits in days: the time of the last day at which it runs out. Unless said, at its "
        'end ("24:00"). The day of the start is not counted.',
    )
    exactly: Literal["kept", "broken"] = Field(
        default="kept", description="What a case is that ends exactly when its time runs out."
    )
    pauses: list[Pause] = Field(default_factory=list, description="When the clock stands still.")
    warn_at: Annotated[Decimal, Field(gt=0, lt=1)] = Field(
        default=Decimal("0.8"),
        description="Share of the limit after which whoever still waits is shown as urgent. Judging doesn't "
        "read it.",
    )
    split_after: SpanField | None = Field(
        default=None,
        description="Where a case can end and begin again (power restored, lost again): an end at least this "
        "long splits it into cases of their own; a shorter one doesn't end it.",
    )

    @model_validator(mode="after")
    def _whole(self) -> TimeMeasure:
        if self.limit.unit == "months":
            raise PydanticCustomError("limit_unit", "a limit in months")
        if self.split_after and (self.split_after.in_days or not self.split_after.count):
            raise PydanticCustomError("split_unit", "a split is in s, min or h")
        if self.limit.in_days and self.clock:
            raise PydanticCustomError("clock_of_days", "a limit in days is its own clock")
        if not self.limit.in_days and self.due_time is not None:
            raise PydanticCustomError("due_time_of_hours", "only a limit in days has a due time")
        if not self.limit.in_days and not self.limit.count:
            raise PydanticCustomError("no_time", "a limit of no time")
        names = [self.from_, self.to] + [name for pause in self.pauses for name in (pause.from_, pause.to)]
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError("milestone_twice", "one milestone in two parts", {"found": name})
        return self

    @property
    def clock_name(self) -> str:
        """``elapsed``, ``opening_hours``, ``working_days`` or ``calendar_days``."""
        return self.limit.unit.replace(" ", "_") if self.limit.in_days else self.clock or "elapsed"


class AttributeMeasure(Part):
    """Something that must hold of a case when it ends: right the first time, at most one transfer."""

    from_: Name = Field(alias="from", description="Milestone that starts the case.")
    to: Name = Field(description="Milestone at which it is decided.")
    must: Condition = Field(description="What must hold.")


def _kind_of_measure(value: Any) -> str:
    keys = value if isinstance(value, dict) else vars(value)
    return "attribute" if "must" in keys else "time"


Measure = Annotated[
    Annotated[TimeMeasure, Tag("time")] | Annotated[AttributeMeasure, Tag("attribute")],
    Discriminator(_kind_of_measure),
]


class WorkingDays(Part):
    """Which dates are working days."""

    weekdays: Annotated[str, BeforeValidator(lambda text: (read_days(str(text)), text)[1])] = "mon-fri"
    holidays: HolidayCalendar = Field(
        default="FI", description='Calendar whose holidays are not working days; "" for none.'
    )


class Exclusion(Part):
    """Cases that are not judged because of what is known of them, with evidence where it is asked for."""

    reason: Name = Field(description="A short code that the verdict shows, such as severe-weather.")
    when: Condition = Field(description="What must hold of the case.")
    evidence: Name | None = Field(
        default=None, description="Attribute that must not be empty; without it the case is judged as usual."
    )


class Texts(Part):
    """A text in the languages of the pages."""

    fi: str = Field(min_length=1, max_length=300)
    en: str = Field(min_length=1, max_length=300)


def _usual_endings() -> dict[str, Ending]:
    return {"left": "owed_after_limit", "no_show": "excluded", "cancelled": "excluded"}


class TermsDocument(BaseModel):
    """One version of a promise's terms."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, populate_by_name=False)

    format: Literal[1] = Field(description="The version of this format.")
    promise: Name = Field(description="The promise's code, the same in all its versions.")
    name: Texts = Field(description="The promise's name.")
    told: Texts | None = Field(default=None, description="What customers are told; unless said, the name.")
    note: Texts | None = Field(
        default=None,
        description="For those who set the terms: where the rule comes from, which dates it covers. Judging "
        "doesn't read it.",
    )
    starts: Day = Field(description="First local date of this version.")
    moment: Moment = Field(
        default="start", description="The moment of a case whose version of the terms applies to it."
    )
    zone: ZoneName = Field(default="Europe/Helsinki", description="Zone of dates and times of day.")
    rank: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=0,
        description="Of promises that could pay for one fault (once_per), the one of lowest rank pays.",
    )
    branches: list[str] | None = Field(default=None, min_length=1, description="Codes; absent means all.")
    touchpoint: Name | None = Field(default=None, description="Where the case happened; absent means all.")
    cases: list[Condition] = Field(default_factory=list, description="What must hold of a case, all of it.")
    measure: Measure
    endings: dict[Name, Ending] = Field(
        default_factory=_usual_endings,
        description="Other ways in which a case ends: never judged (excluded), or broken if the time had "
        "run out by then and not judged if it hadn't (owed_after_limit).",
    )
    excluded: list[Exclusion] = Field(default_factory=list)
    set_aside_after: SpanField | None = Field(
        default=Span(366, "calendar days"),
        description="Real time from start to end (or until now) beyond which a case is taken for a mistake "
        "in the data and can't be judged; null for never.",
    )
    hours: Hours | None = Field(
        default=None, description="Opening hours of branches of which nothing else is known."
    )
    branch_hours: dict[str, Hours] = Field(default_factory=dict, description="Hours by branch code.")
    working_days: WorkingDays = Field(default_factory=WorkingDays)
    target: Decimal = Field(default=Decimal("0.95"), gt=0, le=1, description="Share of cases to be kept.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    remedy: Remedy = Field(
        default_factory=Remedy, description="What a broken case pays; absent means nothing."
    )

    @model_validator(mode="after")
    def _whole(self) -> TermsDocument:
        measure = self.measure
        taken = {measure.from_, measure.to}
        if isinstance(measure, TimeMeasure):
            taken |= {name for pause in measure.pauses for name in (pause.from_, pause.to)}
        for ending in self.endings:
            if ending in taken:
                raise PydanticCustomError("milestone_twice", "one milestone in two parts", {"found": ending})
        after = self.set_aside_after
        if after and (after.in_days and after.unit != "calendar days"):
            raise PydanticCustomError("set_aside_unit", "real time only")
        return self

    @property
    def due_time(self) -> int:
        """Minutes after midnight at which a limit in days runs out on its last day."""
        given = self.measure.due_time if isinstance(self.measure, TimeMeasure) else None
        return DAY_MINUTES if given is None else given

    def hours_of(self, branch: str, known: Mapping[str, OpeningHours]) -> OpeningHours | None:
        """The opening hours of *branch*: this document's for the branch, or else those *known* from
        elsewhere, or else this document's for all branches, or none."""
        return self._own_hours.get(branch) or known.get(branch) or self._general_hours

    @cached_property
    def _own_hours(self) -> dict[str, OpeningHours]:
        return {branch: hours.as_value(self.zone) for branch, hours in self.branch_hours.items()}

    @cached_property
    def _general_hours(self) -> OpeningHours | None:
        return self.hours.as_value(self.zone) if self.hours else None
