"""Forms in which the opening hours of a branch are changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from pydantic_core import PydanticCustomError
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from promises import language
from promises.language import gettext, lazy
from promises.terms.hours import WEEKDAYS, Interval, Week, read_intervals, write_intervals
from promises.web.forms import Form

CLOSED = "closed"
_DASH = re.compile(r" ?[-\N{EN DASH}] ?")
_TYPED = re.compile(r"(\d{1,2})(?:[.:](\d\d))?")


def typed(text: str) -> str:
    """Hours as people type them ("9-16.30", "9–12, 13–17", nothing) as the register writes them.

    :raises PydanticCustomError: if they can't be read.
    """
    written = (
        text.strip().replace("\N{EN DASH}", "-").replace(" - ", "-").replace(" -", "-").replace("- ", "-")
    )
    if not written:
        return CLOSED
    read_intervals(spelled := _TYPED.sub(lambda time: f"{int(time[1]):02}:{time[2] or '00'}", written))
    return spelled


class WeekForm(Form):
    """The hours of a week, day by day; an empty day is closed."""

    starts = DateField(lazy("In force from"), [InputRequired()])
    mon = StringField(lazy("Monday"), [Optional(), Length(max=60)])
    tue = StringField(lazy("Tuesday"), [Optional(), Length(max=60)])
    wed = StringField(lazy("Wednesday"), [Optional(), Length(max=60)])
    thu = StringField(lazy("Thursday"), [Optional(), Length(max=60)])
    fri = StringField(lazy("Friday"), [Optional(), Length(max=60)])
    sat = StringField(lazy("Saturday"), [Optional(), Length(max=60)])
    sun = StringField(lazy("Sunday"), [Optional(), Length(max=60)])

    def __init__(self, week: Week | None, today: date) -> None:
        days = week or ((),) * len(WEEKDAYS)
        shown = {name: shown_hours(day) for name, day in zip(WEEKDAYS, days, strict=True)}
        super().__init__(data={**shown, "starts": today + timedelta(days=1)})

    def check(self) -> dict[str, str] | None:
        """The week as the register writes it; None with the faults on their days."""
        week = {}
        for name in WEEKDAYS:
            try:
                week[name] = typed(self[name].data or "")
            except PydanticCustomError:
                self[name].errors = [*self[name].errors, gettext("hours.typed")]
        return None if self.refused else {name: hours for name, hours in week.items() if hours != CLOSED}

    @property
    def days(self) -> Sequence[StringField]:
        return [self[name] for name in WEEKDAYS]


class DayForm(Form):
    """The hours of one date; none means closed."""

    day = DateField(lazy("Date"), [InputRequired()])
    hours = StringField(lazy("Hours on that day"), [Optional(), Length(max=60)])
    note = StringField(lazy("Why"), [Optional(), Length(max=200)])

    def check(self) -> str | None:
        """The hours as the register writes them; None with the fault on the field."""
        try:
            return typed(self.hours.data or "")
        except PydanticCustomError:
            self.hours.errors = [*self.hours.errors, gettext("hours.typed")]
            return None


def shown_hours(day: tuple[Interval, ...]) -> str:
    """Intervals as the reader writes and types them ("9.00–12.00, 13.00–16.30"); nothing for a closed day."""
    if not day:
        return ""
    written = write_intervals(day).replace("open", "00:00-24:00").replace("-", "\N{EN DASH}")
    return written.replace(":", ".") if language.current() == "fi" else written
