"""The filter of the ledger's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.i18n import get_translations
from wtforms.validators import Length, Optional

from promises import language
from promises.audit.ledger_queries import KINDS
from promises.language import gettext, lazy

YEARS = range(2000, 2100)


class LedgerFilter(PlainForm):
    """Which lines to show; it stands in the address, so that a view can be sent on."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return get_translations([language.current()])

    branch = SelectField(lazy("Branch"), [Optional()], default="")
    promise = SelectField(lazy("Promise"), [Optional()], default="")
    kind = SelectField(lazy("Line"), [Optional()], default="")
    customer = StringField(lazy("Customer"), [Optional(), Length(max=64)])
    since = DateField(lazy("From"), [Optional()])
    until = DateField(lazy("To"), [Optional()])

    def __init__(self, asked: Any, *, branches: Mapping[str, str], promises: Mapping[str, str]) -> None:
        """:param branches: names by code, as *promises*."""
        super().__init__(asked)
        self.branch.choices = _choices(branches)
        self.promise.choices = _choices(promises)
        self.kind.choices = _choices({kind: gettext(f"entry.{kind}") for kind in KINDS})

    def day(self, name: str) -> Any:
        """A day as far as it makes sense; a wrong one filters nothing."""
        field = self[name]
        sensible = not field.errors and field.data is not None and field.data.year in YEARS
        return field.data if sensible else None


def _choices(names: Mapping[str, str]) -> list[SelectChoice]:
    every = SelectChoice("", gettext("filter.all"))
    return [every, *(SelectChoice(code, name) for code, name in names.items())]
