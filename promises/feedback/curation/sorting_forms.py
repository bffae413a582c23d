"""The forms of sorting a problem's quotes, and of labelling a sample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Regexp, ValidationError

from promises.feedback.tables import Problem
from promises.language import current, gettext, lazy
from promises.web.forms import Form

NOWHERE = "none"
ACTS = ("fits", "move", "split")


class SortForm(Form):
    """``marked`` are ids of mentions; ``act`` is what is done with them."""

    marked = SelectMultipleField(
        lazy("Quotes"),
        [InputRequired(lazy("Mark the quotes first."))],
        coerce=int,
        validate_choice=False,
    )
    problem = SelectField(lazy("Where to"), validate_choice=False)
    fi = StringField(lazy("Name in Finnish"), [Length(max=120)])
    en = StringField(lazy("Name in English"), [Length(max=120)])
    act = HiddenField(validators=[AnyOf(ACTS)])

    def offer(self, problems: Iterable[Problem]) -> None:
        """Make *problems*, and none at all, the choices of where to."""
        language = current()
        named = sorted(
            ((str(one.id), one.label(language)) for one in problems), key=lambda one: one[1].casefold()
        )
        self.problem.choices = [
            ("", gettext("Choose")),
            (NOWHERE, gettext("It speaks of no problem")),
            *named,
        ]

    def validate_problem(self, field: Any) -> None:
        """Where to is asked only when quotes are moved."""
        known = {value for value, *_ in self.problem.choices or () if value}
        if self.act.data == "move" and field.data not in known:
            raise ValidationError(gettext("Choose the problem."))


class AnswerForm(Form):
    """Which problem one text is about, or none."""

    text = HiddenField(validators=[Regexp(r"^\d{1,18}$")])
    answer = HiddenField(validators=[Regexp(r"^(\d{1,18}|none)$")])
