"""Forms of the rounds' pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from promises.decisions.actions import CRITERIA, OUTCOMES
from promises.decisions.tally import MARKS
from promises.language import gettext, lazy
from promises.web.forms import Form


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The moment, UTC, at which clocks of *zone* show *day* and *at*; none where they skip that time.

    Where they show it twice, the first one.
    """
    moment = datetime.combine(day, at, zone).astimezone(UTC)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    return moment if shown == datetime.combine(day, at) else None


class RoundForm(Form):
    """A new round. Times are those of the company's clocks."""

    title = StringField(lazy("Name of the round"), [DataRequired(), Length(max=120)])
    versions = SelectMultipleField(
        lazy("Proposals to vote over"),
        [InputRequired()],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    opens_on = DateField(lazy("Voting opens"), [InputRequired()])
    opens_time = TimeField(lazy("at"), [InputRequired()])
    closes_on = DateField(lazy("Voting closes"), [InputRequired()])
    closes_time = TimeField(lazy("at"), [InputRequired()])
    quorum = IntegerField(lazy("Votes needed"), [InputRequired(), NumberRange(min=1)])
    criteria = SelectMultipleField(
        lazy("Marked from 1 to 5 on"),
        [InputRequired()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, *, versions: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.versions.choices = [SelectChoice(version, told) for version, told in versions]
        self.criteria.choices = [SelectChoice(code, gettext(f"criterion.{code}")) for code in CRITERIA]

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Opening and close, UTC; none, with a message on the field, where the clocks skip such a time."""
        found = []
        for day, at in ((self.opens_on, self.opens_time), (self.closes_on, self.closes_time)):
            moment = local_moment(day.data, at.data, zone)
            if moment is None:
                at.errors = [*at.errors, gettext("form.no_such_time")]
                return None
            found.append(moment)
        return found[0], found[1]


def _field_name(candidate: int, criterion: str) -> str:
    return f"mark_{candidate}_{criterion}"


def ballot_form(
    candidates: Sequence[int], criteria: Sequence[str], marks: Mapping[tuple[int, str], int]
) -> Form:
    """A form of one row of marks for each candidate and criterion, filled with *marks*."""
    choices = [SelectChoice(mark, str(mark)) for mark in MARKS]
    fields = {
        _field_name(candidate, criterion): RadioField(
            lazy(f"criterion.{criterion}"),
            [InputRequired()],
            choices=choices,
            coerce=int,
            default=marks.get((candidate, criterion)),
        )
        for candidate in candidates
        for criterion in criteria
    }
    form: Form = type("BallotForm", (Form,), fields)()
    return form


def row_of(form: Form, candidate: int, criterion: str) -> Any:
    """The form's field for one candidate and criterion."""
    return form[_field_name(candidate, criterion)]


def marks_of(form: Form, candidates: Sequence[int], criteria: Sequence[str]) -> dict[tuple[int, str], int]:
    """The marks of a filled form."""
    return {
        (candidate, criterion): row_of(form, candidate, criterion).data
        for candidate in candidates
        for criterion in criteria
    }


class DecisionForm(Form):
    outcome = RadioField(lazy("Decision"), [InputRequired()])
    reason = TextAreaField(lazy("Reason"), [DataRequired(), Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [SelectChoice(outcome, gettext(f"decide.{outcome}")) for outcome in OUTCOMES]
