"""Forms of the compensation room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.i18n import get_translations
from wtforms.validators import Length, Optional, ValidationError

from promises import language
from promises.language import gettext, lazy
from promises.web.forms import Form

YEARS = range(2000, 2100)


def _printable(typed: Any) -> Any:
    if not isinstance(typed, str):
        return typed
    return "".join(sign for sign in typed if sign.isprintable()).strip()


def _sensible(_form: Any, field: Any) -> None:
    """Validator: a day of this century, so that the moments around it exist in every zone."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(gettext("form.year_out_of_range", first=YEARS[0], last=YEARS[-1]))


class PayForm(Form):
    """Handing over at the counter; that somebody took it may be noted or not."""

    receiver = StringField(
        lazy("Who took it (name or initials)"),
        [Optional(), Length(max=120)],
        filters=[_printable],
        render_kw={"autocomplete": "off"},
    )


class CompensationFilter(PlainForm):
    """What to show of the compensation; it stands in the address, so that a view can be sent on."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return get_translations([language.current()])

    q = StringField(lazy("Ticket, case or receipt"), [Optional(), Length(max=128)], filters=[_printable])
    branch = SelectField(lazy("Branch"), [Optional()], default="")
    promise = SelectField(lazy("Promise"), [Optional()], default="")
    since = DateField(lazy("Broken from"), [Optional(), _sensible])
    until = DateField(lazy("Broken to"), [Optional(), _sensible])

    def __init__(self, asked: Any, *, branches: Mapping[str, str], promises: Mapping[str, str]) -> None:
        """:param branches: names by code, as *promises*; the reader chooses among them."""
        super().__init__(asked)
        self.branch.choices = _choices(branches)
        self.promise.choices = _choices(promises)

    def day(self, name: str) -> date | None:
        """A day as far as it makes sense; a wrong one stands on its field and filters nothing."""
        field = self[name]
        return None if field.errors else field.data


def _choices(names: Mapping[str, str]) -> Sequence[SelectChoice]:
    return [
        SelectChoice("", gettext("filter.all")),
        *(SelectChoice(code, name) for code, name in names.items()),
    ]
