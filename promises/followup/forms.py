"""Forms of the follow-up room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from promises.feedback.tables import Problem
from promises.followup.codes import BY_HAND, OUTCOMES
from promises.language import CUSTOMERS, current, gettext, lazy
from promises.people.tables import Person
from promises.web.forms import Form

HOURS = 8
REASK_DAYS = 30


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


class RuleForm(Form):
    name = StringField(lazy("Name of the rule"), [DataRequired(), Length(max=120)])
    highest_score = IntegerField(lazy("Score at most"), [Optional(), NumberRange(0, 10)])
    problem = SelectField(lazy("Speaks of the problem"), [Optional()], coerce=_number)
    words = StringField(lazy("Holds one of the words"), [Optional(), Length(max=200)])
    wish = BooleanField(lazy("The customer asked to be contacted"))
    hours = IntegerField(
        lazy("Opening hours until the customer is reached"),
        [InputRequired(), NumberRange(1, 400)],
        default=HOURS,
    )
    owner = SelectField(lazy("Who gets back to the customer"), [Optional()], coerce=_number)
    reask_days = IntegerField(
        lazy("Days until the customer is asked again"), [Optional(), NumberRange(1, 365)], default=REASK_DAYS
    )

    def offer(self, problems: Iterable[Problem], people: Iterable[Person]) -> None:
        """Make what there is the choices."""
        named = sorted((one.label(current()), one.id) for one in problems)
        self.problem.choices = [("", gettext("Any or none")), *((number, label) for label, number in named)]
        self.owner.choices = [("", gettext("The manager of the branch")), *((p.id, p.name) for p in people)]


class StepForm(Form):
    kind = SelectField(lazy("What was done"), [InputRequired()])
    words = TextAreaField(lazy("In short"), [Optional(), Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind, gettext(f"followup_step.{kind}")) for kind in BY_HAND]


class GiveForm(Form):
    owner = SelectField(lazy("Who gets back to the customer"), [InputRequired()], coerce=_number)

    def offer(self, people: Iterable[Person]) -> None:
        """Make *people* the choices."""
        self.owner.choices = [(person.id, person.name) for person in people]


class LetterForm(Form):
    subject = StringField(lazy("Subject"), [DataRequired(), Length(max=200)])
    body = TextAreaField(lazy("Message"), [DataRequired(), Length(max=5000)])


class CloseForm(Form):
    outcome = SelectField(lazy("How it ended"), [InputRequired()])
    words = TextAreaField(lazy("In short"), [Optional(), Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [(outcome, gettext(f"followup_outcome.{outcome}")) for outcome in OUTCOMES]


class TellForm(Form):
    """One letter a language."""

    subject_fi = StringField(lazy("Subject in Finnish"), [DataRequired(), Length(max=200)])
    body_fi = TextAreaField(lazy("Message in Finnish"), [DataRequired(), Length(max=5000)])
    subject_sv = StringField(lazy("Subject in Swedish"), [DataRequired(), Length(max=200)])
    body_sv = TextAreaField(lazy("Message in Swedish"), [DataRequired(), Length(max=5000)])
    subject_en = StringField(lazy("Subject in English"), [DataRequired(), Length(max=200)])
    body_en = TextAreaField(lazy("Message in English"), [DataRequired(), Length(max=5000)])

    def letters(self) -> dict[str, tuple[str, str]]:
        """Subject and body by language."""
        return {one: (self[f"subject_{one}"].data, self[f"body_{one}"].data) for one in CUSTOMERS}
