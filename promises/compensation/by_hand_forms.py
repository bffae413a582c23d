"""Forms of exclusions and awards by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from promises.language import gettext, lazy
from promises.service.by_hand_tables import NAME, WORDS
from promises.web.forms import Form, MoneyField, positive


class ByHandForm(Form):
    """What both have: which promise, why, and what shows it."""

    promise = SelectField(lazy("Promise"), [InputRequired()], coerce=int)
    reason = TextAreaField(lazy("Why"), [DataRequired(), Length(max=WORDS)])
    evidence = TextAreaField(lazy("What shows it"), [Optional(), Length(max=WORDS)])
    reference = StringField(lazy("Document or number"), [Optional(), Length(max=NAME)])

    def __init__(self, *, promises: Mapping[int, str], **given: Any) -> None:
        """:param promises: names by id, to choose from."""
        super().__init__(**given)
        self.promise.choices = [SelectChoice(number, name) for number, name in promises.items()]

    def validate_reference(self, field: Any) -> None:
        """Validator: evidence in words, or a reference to it."""
        if not (self.evidence.data or field.data):
            self.evidence.errors = [*self.evidence.errors, gettext("by_hand.no_evidence")]
            raise ValidationError(gettext("by_hand.no_evidence"))


class ExclusionForm(ByHandForm):
    """Leaving a case out of a promise."""


class AwardForm(ByHandForm):
    """Awarding an amount."""

    amount = MoneyField(lazy("Amount"), [InputRequired(), positive])

    @property
    def sum(self) -> Decimal:
        """The amount of a valid form."""
        return self.amount.data or Decimal("0.00")


class DecisionForm(Form):
    """Approving or refusing; a refusal says why."""

    outcome = HiddenField(validators=[AnyOf(("approved", "refused"))])
    reason = TextAreaField(lazy("Why not"), [Optional(), Length(max=WORDS)])
