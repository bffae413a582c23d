"""The form for a new token."""

from __future__ import annotations

from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from promises.api.tokens import SCOPES
from promises.language import gettext, lazy
from promises.web.forms import Form


def _id(value: Any) -> int:
    return int(value)


class TokenForm(Form):
    source = StringField(lazy("Source"), [DataRequired(), Length(max=64)])
    scopes = SelectMultipleField(
        lazy("What it may do"),
        [DataRequired()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    branches = SelectMultipleField(
        lazy("Branches"), coerce=_id, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    note = StringField(lazy("Note"), [Length(max=120)])

    def __init__(self, *args: Any, branches: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes.choices = [(scope, gettext(f"scope.{scope}")) for scope in SCOPES]
        self.branches.choices = branches
