"""The base of every form: the reader's language, protection against forgery and second presses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField
from wtforms.i18n import get_translations
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from promises import language
from promises.refusal import Refusal
from promises.web.edge import undo


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):  # type: ignore[misc]
    """Fields' labels are ``lazy("English text")``; ``once`` makes the button work once."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return get_translations([language.current()])

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            if issubclass(unbound_field.field_class, StringField):
                filters = [*unbound_field.kwargs.get("filters", ()), _trimmed]
                return unbound_field.bind(form=form, **{**options, "filters": filters})
            return unbound_field.bind(form=form, **options)

    once = HiddenField(default=lambda: str(uuid4()))

    @contextmanager
    def refusals(self, **fields: str) -> Iterator[None]:
        """Turn a verb's :class:`Refusal` into a message on this form, keeping what was typed.

        :param fields: refusal code with dots as ``__`` → name of the field that it is about;
            any other refusal stands above the form. Whatever the verb had written is undone.
        """
        try:
            yield
        except Refusal as refusal:
            undo()
            about = fields.get(refusal.code.replace(".", "__"))
            target = self[about].errors if about else self.form_errors
            sentence = language.sentence(refusal)
            if about:
                self[about].errors = [*target, sentence]
            else:
                target.append(sentence)
            # A press that failed did nothing, so the same form may be sent again.
            self.once.data = str(uuid4())

    @property
    def refused(self) -> bool:
        """Whether any message stands on this form."""
        return bool(self.form_errors) or any(field.errors for field in self)


# No more digits than the database keeps of an amount.
AMOUNT = re.compile(r"[+-]?\d{1,12}(\.\d{1,2}0*)?", re.ASCII)


class MoneyField(Field):  # type: ignore[misc]
    """An amount as people type it: ``10``, ``10,50`` or ``10.50``, with spaces or the euro sign."""

    from wtforms.widgets import TextInput

    widget = TextInput()
    data: Decimal | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        shown = f"{self.data:.2f}"
        return shown.replace(".", ",") if language.current() == "fi" else shown

    def process_formdata(self, values: list[str]) -> None:
        self.data = None
        typed = (values[0] if values else "").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        typed = typed.removesuffix("€").removeprefix("€").replace(",", ".")
        if not typed:
            return
        if not AMOUNT.fullmatch(typed):
            raise ValueError(language.gettext("form.amount_unreadable"))
        self.data = Decimal(typed)


def positive(_form: Any, field: Any) -> None:
    """Validator: an amount above zero."""
    if field.data is None or field.data <= 0:
        raise ValidationError(language.gettext("form.amount_positive"))


__all__ = ["Form", "MoneyField", "positive", "unset_value"]
