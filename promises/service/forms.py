"""Forms of the list of cases and the bringing in of files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wtforms import DateField, Field, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.i18n import get_translations
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from promises import language
from promises.language import gettext, lazy
from promises.service.intake import LONGEST_SOURCE, OUR_COLUMNS, TIME_FORMATS, Columns, attribute_name
from promises.terms.forms import TOUCHPOINTS
from promises.terms.words import milestone, worded
from promises.web.forms import Form

KEEP = "keep"
EXAMPLE = datetime(2026, 12, 31, 14, 5, 30, tzinfo=UTC)
YEARS = range(2000, 2100)
STATUSES = ("pending", "kept", "broken", "excluded")


def _sensible(_form: Any, field: Any) -> None:
    """Validator: a day of this century, so that the moments around it exist in every zone."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(gettext("form.year_out_of_range", first=YEARS[0], last=YEARS[-1]))


class CaseFilter(PlainForm):
    """What to show of the cases; it stands in the address, so that a view can be sent on."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return get_translations([language.current()])

    q = StringField(lazy("Ticket number or reference"), [Optional(), Length(max=128)])
    branch = SelectField(lazy("Branch"), [Optional()])
    promise = SelectField(lazy("Promise"), [Optional()])
    verdict = SelectField(lazy("Verdict"), [Optional()])
    since = DateField(lazy("From"), [Optional(), _sensible])
    until = DateField(lazy("To"), [Optional(), _sensible])

    def __init__(
        self, asked: Any, *, branches: list[tuple[str, str]], promises: list[tuple[str, str]]
    ) -> None:
        super().__init__(asked)
        everything = ("", gettext("filter.all"))
        self.branch.choices = [everything, *branches]
        self.promise.choices = [everything, *promises]
        self.verdict.choices = [everything, *((one, gettext(f"verdict.{one}")) for one in STATUSES)]


class MappingForm(Form):
    """What each column of a file holds; :func:`mapping_form` adds a field per column."""

    source = StringField(lazy("Who tells these cases"), [DataRequired(), Length(max=LONGEST_SOURCE)])
    branch = SelectField(lazy("Branch, if no column tells it"), [Optional()])
    touchpoint = SelectField(lazy("Where it happened, if no column tells it"), [Optional()])
    time_format = SelectField(lazy("How times are written"), [Optional()])
    take = StringField()  # the name of the button that takes the file in

    titles: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    zone: str = ""

    def holding(self) -> list[Field]:
        """The fields that say what a column holds, in the file's order."""
        return [self[f"column_{place}"] for place in range(len(self.titles))]

    def columns(self) -> Columns:
        """What was chosen; a meaning chosen twice counts for its first column."""
        where: dict[str, str] = {}
        for title, chosen in zip(self.titles, self.holding(), strict=True):
            name = attribute_name(title) if chosen.data == KEEP else chosen.data
            if name:
                where.setdefault(name, title)
        return Columns(
            where,
            self.milestones,
            self.branch.data or "",
            self.touchpoint.data or "",
            self.time_format.data or "",
            self.zone,
        )


def mapping_form(
    titles: Sequence[str], proposed: Columns, *, source: str, branches: list[tuple[str, str]]
) -> MappingForm:
    """The form for a file with columns of these *titles*, filled with what was *proposed*."""
    names = (*OUR_COLUMNS, *(name for name in proposed.milestones if name not in OUR_COLUMNS))
    held = {title: name for name, title in proposed.where.items()}
    choices = [("", gettext("case_column.nothing"))]
    choices += [(name, worded("case_column", name)) for name in OUR_COLUMNS]
    choices += [
        (name, gettext("case_column.when", milestone=milestone(name))) for name in names[len(OUR_COLUMNS) :]
    ]
    choices += [(KEEP, gettext("case_column.keep"))]
    places = {f"column_{place}": title for place, title in enumerate(titles)}
    fields = {name: SelectField(title, [Optional()]) for name, title in places.items()}
    kind = type("FileMappingForm", (MappingForm,), fields)
    form: MappingForm = kind(
        data={
            "source": source,
            "branch": proposed.branch,
            "touchpoint": proposed.touchpoint,
            "time_format": proposed.time_format,
            **{name: _held(held, title, names) for name, title in places.items()},
        }
    )
    form.titles, form.milestones, form.zone = tuple(titles), proposed.milestones, proposed.zone
    for field in form.holding():
        field.choices = choices
    nothing = ("", gettext("filter.none"))
    form.branch.choices = [nothing, *branches]
    form.touchpoint.choices = [nothing, *((code, worded("touchpoint", code)) for code in TOUCHPOINTS)]
    form.time_format.choices = [
        (one, EXAMPLE.strftime(one) if one else gettext("time_format.iso")) for one in TIME_FORMATS
    ]
    return form


def _held(held: dict[str, str], title: str, names: Sequence[str]) -> str:
    name = held.get(title, "")
    return name if name in names or not name else KEEP
