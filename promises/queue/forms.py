"""Forms of the desk, the kiosk and their devices."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from promises.language import gettext, lazy
from promises.queue.desk import KINDS
from promises.web.forms import Form


class TicketForm(Form):
    kind = SelectField(lazy("What the customer comes for"), [Optional()])

    def __init__(self) -> None:
        super().__init__()
        choices = [(kind, gettext(f"service_kind.{kind}")) for kind in KINDS]
        self.kind.choices = [("", gettext("service_kind.any")), *choices]


class DeskForm(Form):
    desk = StringField(lazy("My desk"), [Optional(), Length(max=16)])


class PressForm(Form):
    """A button without fields."""
