"""Forms of the customer's own page."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from promises.language import gettext, lazy
from promises.web.forms import Form


class CodeForm(Form):
    code = StringField(lazy("Code of your ticket"), [InputRequired(), Length(max=40)])


class WayForm(Form):
    """How the customer wants what is owed."""

    way = RadioField(lazy("How do you want it?"), [InputRequired()])
    account_holder = StringField(lazy("Whose account it is"), [Optional(), Length(max=70)])
    iban = StringField(lazy("Account number (IBAN)"), [Optional(), Length(max=42)])

    def __init__(self, ways: Sequence[str], chosen: str | None = None) -> None:
        super().__init__(data={"way": chosen} if chosen else None)
        self.way.choices = [(way, gettext(f"customer_way.{way}")) for way in ways]


class PressForm(Form):
    """A button without fields."""
