"""Forms of the payments room."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from promises.language import gettext, lazy
from promises.payments.tables import HOLDER
from promises.web.forms import Form


class WayForm(Form):
    """How the customer wants to be paid, told to a teller."""

    way = RadioField(lazy("How does the customer want it?"), [InputRequired()])
    account_holder = StringField(
        lazy("Owner of the account"), [Optional(), Length(max=HOLDER)], render_kw={"autocomplete": "off"}
    )
    iban = StringField(
        lazy("Account number (IBAN)"),
        [Optional(), Length(max=60)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def offer(self, ways: Iterable[str], chosen: str) -> None:
        """Make *ways* the choices; *chosen* is the one that stands."""
        self.way.choices = [SelectChoice(way, gettext(f"way_name.{way}")) for way in ways]
        if not self.is_submitted() and chosen:
            self.way.data = chosen


class CodeForm(Form):
    """A voucher's code as the customer shows it."""

    code = StringField(
        lazy("Code"),
        [InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )


class BatchForm(Form):
    """For which way and currency a batch is made: the button of one row."""

    way = HiddenField(validators=[InputRequired()])
    currency = HiddenField(validators=[InputRequired(), Length(min=3, max=3)])


class BareForm(Form):
    """A button without a field."""


class ReasonForm(Form):
    """Why a batch is refused, or a payment came back."""

    reason = TextAreaField(lazy("Why?"), [InputRequired(), Length(max=500)])


class RejectForm(ReasonForm):
    """That one payment came back."""

    payment = HiddenField(validators=[InputRequired(), Length(max=35)])


class AnswerForm(Form):
    """The bank's answer."""

    file = FileField(lazy("The bank's answer (pain.002)"), [FileRequired(lazy("Choose a file first."))])
