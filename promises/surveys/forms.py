"""Forms of the survey room: making one, asking, answering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from promises.feedback.words import named
from promises.language import CUSTOMERS, current, gettext, lazy, spoken
from promises.people.tables import Branch, Person
from promises.surveys.answering import LONGEST_CONTACT, LONGEST_WORDS, Given
from promises.surveys.kinds import CHANNELS, KINDS
from promises.surveys.tables import Survey
from promises.web.forms import Form

LONGEST_QUESTION = 300
REMINDER_DAYS = 7
REST_DAYS = 90


class SurveyForm(Form):
    """A new survey. The ready questions of the chosen kind stand in it until somebody writes others."""

    kind = RadioField(lazy("What is asked"), [InputRequired(lazy("Choose what is asked."))])
    name = StringField(lazy("Name of the survey, for staff"), [DataRequired(), Length(max=120)])
    touchpoint = StringField(lazy("Touchpoint"), [Optional(), Length(max=64)])
    question_fi = StringField(lazy("The question in Finnish"), [Optional(), Length(max=LONGEST_QUESTION)])
    question_sv = StringField(lazy("The question in Swedish"), [Optional(), Length(max=LONGEST_QUESTION)])
    question_en = StringField(lazy("The question in English"), [Optional(), Length(max=LONGEST_QUESTION)])
    reminder_days = IntegerField(
        lazy("Days until the one reminder"), [Optional(), NumberRange(1, 30)], default=REMINDER_DAYS
    )
    rest_days = IntegerField(
        lazy("Days between two surveys to one customer"),
        [InputRequired(), NumberRange(0, 730)],
        default=REST_DAYS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind, gettext(f"survey_kind.{kind}")) for kind in KINDS]

    def questions(self, company: str) -> dict[str, str]:
        """The question by language: as written here, else the ready one of the kind."""
        return {
            language: self[f"question_{language}"].data or ready_question(self.kind.data, language, company)
            for language in CUSTOMERS
        }


def ready_question(kind: str, language: str, company: str) -> str:
    """The question that surveys of *kind* ask if nobody writes another."""
    with spoken(language, CUSTOMERS):
        return gettext(f"survey_question.{kind}", company=company)


class DoorForm(Form):
    channel = SelectField(lazy("Way in"), [InputRequired()])
    branch = SelectField(lazy("Branch"), [Optional()], coerce=lambda value: int(value) if value else None)
    person = SelectField(lazy("Clerk"), [Optional()], coerce=lambda value: int(value) if value else None)

    def offer(self, branches: Sequence[Branch], people: Sequence[Person]) -> None:
        """Make what there is the choices."""
        self.channel.choices = [(channel, gettext(f"channel.{channel}")) for channel in CHANNELS]
        self.branch.choices = [("", gettext("None in particular")), *((one.id, one.name) for one in branches)]
        self.person.choices = [("", gettext("None in particular")), *((one.id, one.name) for one in people)]


class InviteForm(Form):
    guests = TextAreaField(lazy("Whom to ask"), [DataRequired(), Length(max=500_000)])
    branch = SelectField(lazy("Branch of lines that name none"), [Optional()])

    def offer(self, branches: Sequence[Branch]) -> None:
        """Make the branches the choices."""
        self.branch.choices = [
            ("", gettext("None in particular")),
            *((one.code, one.name) for one in branches),
        ]


class AnswerForm(Form):
    """What a customer fills in.

    It needs no protection against forgery, as nobody is signed in to be abused; so the page sets no cookie.
    """

    class Meta(Form.Meta):
        csrf = False

    value = RadioField(lazy("Your answer"), [InputRequired(lazy("Choose a number."))])
    text = TextAreaField(lazy("Why?"), [Optional(), Length(max=LONGEST_WORDS)])
    wish = BooleanField(lazy("I would like you to contact me about this"))
    tell = BooleanField(lazy("You may tell me what came of my words"))
    contact = StringField(lazy("Your e-mail or phone number"), [Optional(), Length(max=LONGEST_CONTACT)])

    def offer(self, survey: Survey) -> None:
        """Make the scale of *survey* the choices, and its question the label."""
        self.value.label.text = survey.questions.get(current(), "")
        self.value.choices = [(str(value), str(value)) for value in KINDS[survey.kind].values]

    def given(self) -> Given:
        """What the customer says."""
        return Given(
            value=int(self.value.data),
            text=self.text.data or "",
            contact=self.contact.data or "",
            wish=bool(self.wish.data),
            tell=bool(self.tell.data),
        )


def touchpoint_name(survey: Survey) -> str:
    """The touchpoint in words, or nothing."""
    return named(survey.touchpoint, "touchpoint.") if survey.touchpoint else ""
