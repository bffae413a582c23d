"""Forms of the feedback room: bringing in, looking, curating."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SearchField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from promises.feedback.board.facts import beginning, weeks_back
from promises.feedback.board.ranking import ORDERS
from promises.feedback.intake.dates import Order
from promises.feedback.intake.header import FIELDS
from promises.feedback.intake.mapping import Columns, title
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.queries import SCORES, Wanted
from promises.feedback.tables import Problem
from promises.feedback.words import named
from promises.language import current, gettext, lazy
from promises.people.tables import Branch
from promises.web.forms import Form

ENCODINGS = ("utf-8", "cp1252", "iso8859-15", "utf-16", "cp850", "mac-roman")
UTC = ZoneInfo("UTC")
FIRST_YEAR, LAST_YEAR = 1990, 2200
PERIODS = (28, 91, 182, 365)
KINDS = ("trouble", "unplaced", "praise", "nothing", "pending")


class MappingForm(Form):
    """Which column holds what. The columns of the file become the choices by :meth:`offer`."""

    text = SelectField(
        lazy("The customer's words"), [InputRequired(lazy("Choose the column with the words."))]
    )
    score = SelectField(lazy("Score 0–10"), default="")
    date = SelectField(lazy("Date"), default="")
    branch = SelectField(lazy("Branch"), default="")
    customer = SelectField(lazy("Customer's number"), default="")
    source_column = SelectField(lazy("Source, by row"), default="")
    touchpoint = SelectField(lazy("Touchpoint"), default="")
    language = SelectField(lazy("Language"), default="")
    source = StringField(
        lazy("Name of the source"), [DataRequired(lazy("feedback.no_source")), Length(max=64)]
    )
    order = SelectField(lazy("In dates like 3/4/2026, which comes first?"), default="")
    day = DateField(lazy("Date of rows without one"), [Optional()])
    header = BooleanField(lazy("The first row holds the names of the columns"))
    encoding = SelectField(lazy("Letters of the file"), default="")
    sheet = SelectField(lazy("Sheet"), default="", validate_choice=False)
    take = SubmitField()

    def reading(self) -> Reading:
        """How the person says that the file is to be read; before any choice, nothing."""
        if not self.is_submitted():
            return Reading()
        return Reading(
            encoding=self.encoding.data if self.encoding.data in ENCODINGS else "",
            header=bool(self.header.data),
            sheet=self.sheet.data or "",
        )

    def offer(self, sheet: Sheet) -> None:
        """Make the file's columns the choices."""
        columns = [(str(i), title(sheet, i)) for i in range(len(sheet.columns))]
        for name in FIELDS:
            self._field(name).choices = [("", gettext("Not in this file")), *columns]
        self.text.choices = [("", gettext("Choose")), *columns]
        self.order.choices = [("", gettext("Choose"))] + [
            (order.value, gettext(f"order.{order.value}")) for order in (Order.DAY, Order.MONTH)
        ]
        self.encoding.choices = [("", gettext("Found out"))] + [(name, name) for name in ENCODINGS]
        self.sheet.choices = [(name, name) for name in (sheet.name, *sheet.other_names)]

    def fill(self, columns: Columns, sheet: Sheet, source: str) -> None:
        """Show the guessed or remembered columns."""
        for name in FIELDS:
            self._field(name).data = str(columns.where.get(name, ""))
        self.order.data = columns.order.value if columns.order in {Order.DAY, Order.MONTH} else ""
        self.source.data = columns.source or source
        self.header.data = sheet.has_header
        self.sheet.data = sheet.name

    def columns(self) -> Columns:
        """The columns as the person chose them; one column can hold only one thing."""
        where: dict[str, int] = {}
        for name in FIELDS:
            chosen = self._field(name).data
            if chosen and chosen.isdecimal() and int(chosen) not in where.values():
                where[name] = int(chosen)
        order = Order(self.order.data) if self.order.data in {Order.DAY, Order.MONTH} else Order.NONE
        return Columns(where, order, self.source.data or "")

    def _field(self, name: str) -> Any:
        return self.source_column if name == "source" else self[name]


class FilterForm(Form):
    """What to show, from the address; it changes nothing, so it needs no protection."""

    class Meta(Form.Meta):
        csrf = False

    once = None
    words = SearchField(lazy("Words"), [Optional(), Length(max=100)])
    branch = SelectField(lazy("Branch"), validate_choice=False)
    touchpoint = SelectField(lazy("Touchpoint"), validate_choice=False)
    source = SelectField(lazy("Source"), validate_choice=False)
    language = SelectField(lazy("Language"), validate_choice=False)
    period = SelectField(lazy("Period"), validate_choice=False)
    kind = SelectField(lazy("What it tells"), validate_choice=False)
    scores = SelectField(lazy("Scores"), validate_choice=False)
    order = SelectField(lazy("Order by"), validate_choice=False)
    since = DateField(lazy("From"), [Optional()])
    until = DateField(lazy("To"), [Optional()])

    def offer(
        self,
        branches: Iterable[Branch],
        sources: Iterable[str],
        languages: Iterable[str],
        touchpoints: Iterable[str] = (),
    ) -> None:
        """Make what there is the choices."""
        everything = [("", gettext("All"))]
        self.branch.choices = everything + [(one.code, one.name) for one in branches]
        self.touchpoint.choices = everything + [(one, named(one, "touchpoint.")) for one in touchpoints]
        self.source.choices = everything + [(one, named(one, "source.")) for one in sources]
        self.language.choices = everything + [(one, named(one, "tongue.")) for one in languages]
        self.period.choices = [("", gettext("All the time"))] + [
            (str(days), gettext("period.weeks", weeks=days // 7)) for days in PERIODS
        ]
        self.order.choices = [(one, gettext(f"problem_order.{one}")) for one in ORDERS]
        self.kind.choices = everything + [(one, gettext(f"feedback_kind.{one}")) for one in KINDS]
        self.scores.choices = everything + [
            (one, one if one.isdecimal() else gettext(f"scores.{one}")) for one in SCORES
        ]

    def wanted(self, branches: Iterable[Branch], as_of: datetime, zone: ZoneInfo = UTC) -> Wanted:
        """What the reader wants to see; what makes no sense is left out. Days are those of *zone*, and a
        period is of whole weeks and the running one."""
        days = int(self.period.data) if self.period.data in {str(days) for days in PERIODS} else None
        kind = self.kind.data if self.kind.data in KINDS else ""
        return Wanted(
            branch_id=next((one.id for one in branches if one.code == self.branch.data), None),
            touchpoint=self.touchpoint.data or "",
            source=self.source.data or "",
            language=self.language.data or "",
            since=_begin(self.since.data, zone)
            or (beginning(weeks_back(as_of, days, zone), zone) if days else None),
            until=_end(self.until.data, zone),
            words=(self.words.data or "")[:100],
            kind=kind or "",
            scores=self.scores.data if self.scores.data in SCORES else "",
        )


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day and FIRST_YEAR <= day.year < LAST_YEAR else None


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    # A day too far away is no day; the day after the last one of the calendar would be none at all.
    return _begin(day + timedelta(days=1), zone) if _begin(day, zone) and day else None


class ButtonForm(Form):
    """A button without fields."""


class InterviewForm(Form):
    """``seen`` is a digest of the notes whose cuts the page shows."""

    title = StringField(lazy("Title"), [DataRequired(), Length(max=120)])
    held_on = DateField(lazy("Day of the interview"), [InputRequired()])
    branch = SelectField(lazy("Branch"), [Optional()], coerce=lambda value: int(value) if value else None)
    touchpoint = StringField(lazy("Touchpoint"), [Optional(), Length(max=64)])
    customer = StringField(lazy("Customer's number"), [Optional(), Length(max=64)])
    notes = TextAreaField(lazy("Notes"), [DataRequired(), Length(max=100_000)])
    seen = HiddenField()
    look = SubmitField()
    take = SubmitField()

    def offer(self, branches: Iterable[Branch]) -> None:
        """Make *branches* the choices."""
        self.branch.choices = [("", gettext("None in particular")), *((one.id, one.name) for one in branches)]


class EraseForm(Form):
    known_as = StringField(
        lazy("Customer's number, e-mail or phone number"), [DataRequired(), Length(max=254)]
    )
    sure = BooleanField(
        lazy("I know that there is no way back"), [InputRequired(lazy("Say that you know this."))]
    )


class NameForm(Form):
    fi = StringField(lazy("Name in Finnish"), [Length(max=120)])
    en = StringField(lazy("Name in English"), [Length(max=120)])


class DismissForm(Form):
    reason = TextAreaField(lazy("Why is this no problem?"), [DataRequired(), Length(max=500)])


class ChooseProblemForm(Form):
    """``problem`` gets its choices by :meth:`offer`; ``others`` may add further answers above them."""

    problem = SelectField(lazy("Problem"), [InputRequired(lazy("Choose the problem."))])

    def offer(self, problems: Iterable[Problem], others: list[tuple[str, str]] | None = None) -> None:
        language = current()
        named = [(str(one.id), one.label(language)) for one in problems]
        ordered = sorted(named, key=lambda choice: choice[1].casefold())
        self.problem.choices = [("", gettext("Choose")), *(others or []), *ordered]
