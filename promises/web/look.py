"""The living styleguide: one page that shows every component in every state."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from promises.language import lazy
from promises.web.forms import Form
from promises.web.guard import needs
from promises.web.request import as_of

pages = Blueprint("look", __name__)

TOWNS = ["Hämeenlinna", "Forssa", "Riihimäki", "Lahti", "Heinola", "Orimattila", "Janakkala"]
CLOCKS = [
    SelectChoice("elapsed", lazy("Elapsed time")),
    SelectChoice("opening", lazy("Opening hours")),
    SelectChoice("days", lazy("Working days")),
]
SCORES = [SelectChoice(str(score)) for score in range(11)]


class LookForm(Form):
    """One field of every kind. It is shown, never sent."""

    name = StringField(lazy("Name of the promise"), [InputRequired()])
    words = TextAreaField(lazy("What the customer is told"), [InputRequired()])
    limit = IntegerField(lazy("Time limit"), [InputRequired(), NumberRange(1, 120)])
    target = DecimalField(lazy("Target"), [Optional()])
    starts = DateField(lazy("Starts on"), [Optional()])
    at = TimeField(lazy("At"), [Optional()])
    clock = RadioField(lazy("Clock"), [InputRequired()], choices=CLOCKS)
    branch = SelectField(lazy("Branch"), [Optional()], choices=TOWNS)
    branches = SelectMultipleField(lazy("Where it holds"), [InputRequired()], choices=TOWNS)
    score = RadioField(lazy("How likely are you to recommend us?"), [Optional()], choices=SCORES)
    file = FileField(lazy("File"))
    told = BooleanField(lazy("Tell the staff of the branches by mail"))
    secret = PasswordField(lazy("Password"), [Optional()])


@pages.get("/look")
@needs("home.read")
def look() -> ResponseReturnValue:
    filled = LookForm(
        formdata=None,
        data={
            "words": "Palvelemme sinut konttorissa 15 minuutissa, tai maksamme 10 euroa.",
            "limit": 15,
            "clock": "opening",
            "branches": [TOWNS[0], TOWNS[2]],
            "told": True,
        },
    )
    wrong = LookForm(formdata=None, prefix="wrong", data={"words": "Hymyile aina", "limit": 900})
    wrong.validate()
    return render_template("look.html", form=filled, bad=wrong, as_of=as_of())
