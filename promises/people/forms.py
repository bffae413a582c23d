"""Forms of the door and of the staff register."""

from __future__ import annotations

from typing import Any

from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Email, EqualTo, Length
from wtforms.widgets import CheckboxInput, ListWidget

from promises.language import LANGUAGES, gettext, lazy
from promises.people.roles import Role
from promises.web.forms import Form


class SignInForm(Form):
    email = EmailField(
        lazy("E-mail"), [DataRequired(), Length(max=254)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        lazy("Password"), [DataRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ForgotForm(Form):
    email = EmailField(lazy("E-mail"), [DataRequired(), Email()], render_kw={"autocomplete": "username"})


class PasswordForm(Form):
    password = PasswordField(
        lazy("New password"), [DataRequired(), Length(max=1000)], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        lazy("The same again"),
        [DataRequired(), EqualTo("password", message=lazy("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class ButtonForm(Form):
    """A button without fields."""


def _id(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


class PersonForm(Form):
    """``branches`` gets its choices from the page: (id, name)."""

    name = StringField(lazy("Name"), [DataRequired(), Length(max=120)])
    title = StringField(lazy("Title"), [Length(max=120)])
    role = SelectField(lazy("Role"), [DataRequired()])
    branches = SelectMultipleField(
        lazy("Branches"), coerce=_id, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, *args: Any, branches: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(role.value, gettext(f"role.{role.value}")) for role in Role]
        self.branches.choices = branches


class InviteForm(PersonForm):
    email = EmailField(lazy("E-mail"), [DataRequired(), Email(), Length(max=254)])
    language = SelectField(lazy("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [(code, gettext(f"language.{code}")) for code in LANGUAGES]
