"""Forms of the proposals' pages."""

from __future__ import annotations

from typing import Any

import wtforms
from flask import request
from wtforms import FieldList, FormField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from promises.language import gettext, lazy
from promises.proposals.actions import Step
from promises.proposals.standing import STATES
from promises.web.forms import Form

ROWS = 3
MOST_ROWS = 30
WHOSE = ("all", "mine", "supported")


class StepRow(wtforms.Form):
    """One row of the operating model; it lives inside a form that carries the protection."""

    Meta = Form.Meta

    step = StringField(lazy("What is done"), [Length(max=300)])
    who = StringField(lazy("Who does it"), [Length(max=120)])


class ProposalForm(Form):
    """A promise and how it is kept. ``based_on`` is the number of the version that was read."""

    title = StringField(lazy("Short name"), [DataRequired(), Length(max=120)])
    text = TextAreaField(lazy("What the customer is promised"), [DataRequired(), Length(max=1000)])
    steps = FieldList(FormField(StepRow), lazy("How the promise is kept"), min_entries=ROWS)
    based_on = IntegerField(widget=HiddenInput(), default=0)

    @property
    def still_writing(self) -> bool:
        """Whether a button was pressed that only shows the form again: more rows, a look at the wording."""
        pressed = bool(self.is_submitted()) and self._pressed("more", "look")
        if pressed and self._pressed("more") and len(self.steps) < MOST_ROWS:
            self.steps.append_entry()
        return pressed

    def _pressed(self, *names: str) -> bool:
        return any(name in request.form for name in names)

    @property
    def written_steps(self) -> list[Step]:
        """The rows that say something."""
        return [
            {"step": row["step"] or "", "who": row["who"] or ""} for row in self.steps.data if row["step"]
        ]

    def take_in(self, number: int) -> None:
        """Let the next press build on version *number*, which the page now shows."""
        self.based_on.raw_data, self.based_on.data = None, number


class CommentForm(Form):
    text = TextAreaField(lazy("Your comment"), [DataRequired(), Length(max=2000)])


class SupportForm(Form):
    """Stands behind the buttons of support: the version that the person has read."""

    number = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class FilterForm(Form):
    """What the list shows; all of it in the address."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy("Words"))
    state = SelectField(lazy("State"))
    whose = SelectField(lazy("Whose"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = SelectChoice("", gettext("proposal.all"))
        self.state.choices = [every, *(SelectChoice(s, gettext(f"proposal.{s}")) for s in STATES)]
        self.whose.choices = [SelectChoice(whose, gettext(f"whose.{whose}")) for whose in WHOSE]
