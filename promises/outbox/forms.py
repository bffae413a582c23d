"""The form for a new receiver of notices."""

from __future__ import annotations

from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from promises.language import gettext, lazy
from promises.outbox.addresses import LONGEST
from promises.outbox.kinds import KINDS
from promises.web.forms import Form


class WebhookForm(Form):
    """``branches`` gets its choices from the page: (id, name)."""

    name = StringField(lazy("Name of the system"), [DataRequired(), Length(max=120)])
    address = StringField(
        lazy("Address"), [DataRequired(), Length(max=LONGEST)], render_kw={"inputmode": "url"}
    )
    kinds = SelectMultipleField(
        lazy("What it is told"),
        [DataRequired()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    branches = SelectMultipleField(
        lazy("Branches"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, *args: Any, branches: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = [(kind, gettext(f"notice.{kind}")) for kind in KINDS]
        self.branches.choices = branches
