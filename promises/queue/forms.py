"""Forms of the desk, the kiosk and the devices of a hall."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from promises.language import gettext, lazy
from promises.people.tables import Person
from promises.queue.desk import KINDS
from promises.queue.devices import KINDS as DEVICES
from promises.queue.lines import IN_A_HALL
from promises.terms.words import worded
from promises.web.forms import Form

ANYBODY = 0


def _named(lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(line, worded("line", line)) for line in lines]


class TicketForm(Form):
    kind = SelectField(lazy("What the customer comes for"), [Optional()])
    touchpoint = SelectField(lazy("Which line"), [Optional()])

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        choices = [(kind, gettext(f"service_kind.{kind}")) for kind in KINDS]
        self.kind.choices = [("", gettext("service_kind.any")), *choices]
        self.touchpoint.choices = _named(lines)


class DeskForm(Form):
    """Where a teller is, and which lines they serve; none chosen means all."""

    desk = StringField(lazy("My desk"), [Optional(), Length(max=16)])
    lines = SelectMultipleField(
        lazy("Lines that I serve"),
        [Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, lines: Sequence[str], *, desk: str = "", mine: Sequence[str] = ()) -> None:
        super().__init__(data={"desk": desk, "lines": list(mine)})
        self.lines.choices = _named(lines)


class TransferForm(Form):
    """Where a customer is sent on to."""

    touchpoint = SelectField(lazy("To which line"), [InputRequired()])
    person = SelectField(lazy("To whom"), [Optional()], coerce=int)
    to_desk = StringField(lazy("To which desk"), [Optional(), Length(max=16)])

    def __init__(self, lines: Sequence[str], people: Sequence[Person], here: str = "") -> None:
        super().__init__(data={"touchpoint": here} if here else None)
        self.touchpoint.choices = _named(lines)
        self.person.choices = [
            (ANYBODY, gettext("desk.anybody")),
            *((person.id or 0, person.name) for person in people),
        ]


class PressForm(Form):
    """A button without fields."""


class TakeForm(Form):
    """A touch on the kiosk."""

    touchpoint = StringField(validators=[InputRequired(), Length(max=64)])
    language = HiddenField()


class DeviceForm(Form):
    kind = RadioField(lazy("What it shows"), [InputRequired()], default=DEVICES[0])
    name = StringField(lazy("Name"), [DataRequired(), Length(max=60)])

    def __init__(self) -> None:
        super().__init__()
        self.kind.choices = [(kind, gettext(f"device.{kind}")) for kind in DEVICES]


class LinesForm(Form):
    lines = SelectMultipleField(
        lazy("What the kiosk offers"),
        [Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, lines: Sequence[str] = ()) -> None:
        super().__init__(data={"lines": list(lines)})
        self.lines.choices = _named(IN_A_HALL)
