"""The form in which management sets the terms of a promise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from promises import language
from promises.language import gettext, lazy
from promises.terms.checking import CheckedForm
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.quantities import Span
from promises.terms.reading import TermsRefused, read_terms, write_terms
from promises.terms.remedies import WAYS
from promises.terms.words import worded
from promises.web.forms import MoneyField

UNITS = ("min", "h", "working days", "calendar days")
CLOCKS = ("elapsed", "opening_hours")
TOUCHPOINTS = ("branch", "phone", "appointment", "chat", "web", "app", "invoice", "card", "loan", "atm")
MILESTONES = (
    "arrived", "called", "served", "ended", "received", "called_back", "answered", "created", "closed",
)  # fmt: skip
PAY_WITHIN_DAYS = 14

# Where a fault of the document stands on the form; the first fitting beginning counts.
_FIELDS = (
    ("name.fi", "name_fi"),
    ("name.en", "name_en"),
    ("told.fi", "told_fi"),
    ("told.en", "told_en"),
    ("starts", "starts"),
    ("branches", "branches"),
    ("touchpoint", "touchpoint"),
    ("measure.from", "begins"),
    ("measure.to", "ends"),
    ("measure.clock", "clock"),
    ("measure.warn_at", "warn_at"),
    ("measure", "limit"),
    ("target", "target"),
    ("currency", "currency"),
    ("remedy.pay_within", "pay_within"),
    ("remedy.ways", "ways"),
    ("remedy", "amount"),
)


class TermsForm(CheckedForm):
    """Management's words for a terms document.

    What the form has no field for (exclusions, pauses, own hours, amounts that are more than a sum of
    money) is carried over from the version that it starts from.
    """

    name_fi = StringField(lazy("Name in Finnish"), [DataRequired(), Length(max=120)])
    name_en = StringField(lazy("Name in English"), [DataRequired(), Length(max=120)])
    told_fi = TextAreaField(lazy("What customers are told, in Finnish"), [DataRequired(), Length(max=300)])
    told_en = TextAreaField(lazy("What customers are told, in English"), [DataRequired(), Length(max=300)])
    touchpoint = SelectField(lazy("Where it holds"), [InputRequired()])
    begins = SelectField(lazy("Time runs from"), [InputRequired()])
    ends = SelectField(lazy("until"), [InputRequired()])
    limit = IntegerField(lazy("Time limit"), [InputRequired(), NumberRange(min=0, max=9999)])
    unit = SelectField(lazy("Unit"), [InputRequired()])
    clock = RadioField(lazy("Which minutes and hours count"), [InputRequired()])
    warn_at = IntegerField(
        lazy("Warn when this much of the time has passed"), [Optional(), NumberRange(min=1, max=99)]
    )
    target = DecimalField(
        lazy("Target: share of cases kept"), [InputRequired(), NumberRange(min=1, max=100)], places=None
    )
    amount = MoneyField(lazy("Compensation for each broken case"), [Optional()])
    currency = StringField(lazy("Currency"), [DataRequired(), Regexp("^[A-Z]{3}$")])
    pay_within = IntegerField(lazy("Paid within"), [Optional(), NumberRange(min=0, max=366)])
    ways = SelectMultipleField(
        lazy("How it may be paid"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    starts = DateField(lazy("In force from"), [InputRequired()])
    branches = SelectMultipleField(
        lazy("Branches"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(
        self,
        *,
        base: TermsDocument | None,
        number: int,
        branches: Iterable[tuple[str, str]],
        currency: str,
        zone: str,
        today: date,
        used: Iterable[TermsDocument] = (),
        suggested: dict[str, Any] | None = None,
    ) -> None:
        """:param base: the version to start from, if any; *number*: that of the version to be set.
        :param branches: ``(code, name)`` of the branches to choose from; none chosen means all.
        :param zone: the zone of dates, for a promise that has no terms yet; *today* is a date there.
        :param used: other promises' terms, whose touchpoints and milestones can be chosen too.
        :param suggested: first values by field name, for a promise that has no terms yet.
        """
        shown = {**_beginning(currency, today), **(suggested or {}), "number": str(number)}
        super().__init__(data={**shown, **_values(base, today)} if base else shown)
        self.base, self.zone = base, zone
        known = [*used, *([base] if base else [])]
        places = {terms.touchpoint for terms in known if terms.touchpoint}
        names = {name for terms in known for name in (terms.measure.from_, terms.measure.to)}
        if not self.timed:
            for name in ("limit", "unit", "clock", "warn_at", "begins", "ends"):
                del self[name]
        if not self.fixed:
            del self["amount"]
        self.touchpoint.choices = _choices("touchpoint", TOUCHPOINTS, places)
        if base and base.touchpoint is None:
            self.touchpoint.validators = [Optional()]
            self.touchpoint.choices = [("", gettext("touchpoint.everywhere")), *self.touchpoint.choices]
        self.branches.choices = list(branches)
        self.ways.choices = [(way, gettext(f"way.{way}").capitalize()) for way in WAYS]
        if self.timed:
            self.begins.choices = self.ends.choices = _choices("milestone", MILESTONES, names)
            units = dict.fromkeys([*UNITS, *_unit(base)])
            self.unit.choices = [(unit, gettext(f"span.{unit.replace(' ', '_')}")) for unit in units]
            self.clock.choices = [(clock, gettext(f"clock.{clock}")) for clock in CLOCKS]

    @property
    def timed(self) -> bool:
        """Whether these terms limit a time; those that ask something else keep their measure."""
        return self.base is None or isinstance(self.base.measure, TimeMeasure)

    @property
    def fixed(self) -> bool:
        """Whether a broken case pays a sum of money, or nothing, and not by a rule of several parts."""
        return self.base is None or _fixed(self.base) is not None

    def check(self, code: str) -> TermsDocument | None:
        """The terms that the form says; None with the faults standing on their fields."""
        try:
            return read_terms(self.document(code))
        except TermsRefused as refused:
            for fault in refused.faults:
                where = str(fault.facts.get("where", ""))
                field = next((name for start, name in _FIELDS if where.startswith(start)), None)
                if fault.code == "terms.milestone_twice":
                    field = "ends"
                sentence = language.sentence(fault)
                if field and field in self:
                    self[field].errors = [*self[field].errors, sentence]
                else:
                    self.form_errors.append(sentence)
            return None

    def document(self, code: str) -> dict[str, Any]:
        """The terms format from what was typed, on top of the version that the form starts from."""
        document: dict[str, Any] = {"format": 1, "zone": self.zone}
        if self.base:
            document = write_terms(self.base)
        document.update(
            promise=code,
            name={"fi": self.name_fi.data, "en": self.name_en.data},
            told={"fi": self.told_fi.data, "en": self.told_en.data},
            starts=str(self.starts.data),
            touchpoint=self.touchpoint.data or None,
            target=str((self.target.data or Decimal(0)) / 100),
            currency=self.currency.data,
            remedy=self._remedy(document.get("remedy", {})),
        )
        if self.timed:
            document["measure"] = self._measure(document.get("measure", {}))
        document.pop("branches", None)
        if self.branches.data:
            document["branches"] = sorted(self.branches.data)
        return document

    def _measure(self, before: dict[str, Any]) -> dict[str, Any]:
        limit = Span(self.limit.data or 0, self.unit.data)
        measure = {**before, "from": self.begins.data, "to": self.ends.data, "limit": str(limit)}
        measure.pop("clock" if limit.in_days else "due_time", None)
        if not limit.in_days:
            measure["clock"] = self.clock.data
        if self.warn_at.data not in (None, _warn_at(self.base)):
            measure["warn_at"] = str(Decimal(self.warn_at.data) / 100)
        return measure

    def _remedy(self, before: dict[str, Any]) -> dict[str, Any]:
        remedy = dict(before)
        if self.fixed:
            remedy["pays"] = [{"amount": f"{self.amount.data:.2f}"}] if self.amount.data else []
        if self.pay_within.data is not None:
            remedy["pay_within"] = str(Span(self.pay_within.data, "calendar days"))
        elif self.base is None or _pay_within_days(self.base) is not None:
            remedy.pop("pay_within", None)
        remedy["ways"] = self.ways.data
        if not remedy.get("pays"):
            return {name: remedy[name] for name in ("by_hand", "ways")} if "by_hand" in remedy else {}
        return remedy


def _choices(family: str, usual: Iterable[str], used: Iterable[str]) -> list[tuple[str, str]]:
    codes = [*usual, *sorted(set(used) - set(usual))]
    return [(code, worded(family, code)) for code in codes]


def _beginning(currency: str, today: date) -> dict[str, Any]:
    return {
        "touchpoint": TOUCHPOINTS[0],
        "begins": "arrived",
        "ends": "served",
        "limit": 15,
        "unit": "min",
        "clock": "elapsed",
        "warn_at": 80,
        "target": Decimal(95),
        "currency": currency,
        "pay_within": PAY_WITHIN_DAYS,
        "ways": WAYS[:1],
        "starts": today,
    }


def _values(base: TermsDocument, today: date) -> dict[str, Any]:
    """What the fields show of a version; a change starts today at the earliest."""
    measure = base.measure
    told = base.told or base.name
    values: dict[str, Any] = {
        "name_fi": base.name.fi,
        "name_en": base.name.en,
        "told_fi": told.fi,
        "told_en": told.en,
        "touchpoint": base.touchpoint or "",
        "begins": measure.from_,
        "ends": measure.to,
        "target": (base.target * 100).normalize(),
        "currency": base.currency,
        "amount": _fixed(base) or None,
        "pay_within": _pay_within_days(base),
        "ways": list(base.remedy.ways),
        "starts": max(base.starts, today),
        "branches": list(base.branches or ()),
    }
    if isinstance(measure, TimeMeasure):
        values |= {
            "limit": measure.limit.count,
            "unit": measure.limit.unit,
            "clock": measure.clock or "elapsed",
            "warn_at": _warn_at(base),
        }
    return values


def _fixed(base: TermsDocument) -> Decimal | None:
    """The sum of money that a broken case pays, zero for none; None where it is more than a sum."""
    payments = base.remedy.pays
    if not payments:
        return Decimal(0)
    amount = payments[0].amount
    if len(payments) > 1 or payments[0].per is not None or not isinstance(amount, Decimal):
        return None
    return amount


def _pay_within_days(base: TermsDocument) -> int | None:
    within = base.remedy.pay_within
    return within.count if within is not None and within.unit == "calendar days" else None


def _warn_at(base: TermsDocument | None) -> int | None:
    """In whole per cent; what was set more exactly in the document stays so unless it is changed."""
    measure = base.measure if base else None
    return round(measure.warn_at * 100) if isinstance(measure, TimeMeasure) else None


def _unit(base: TermsDocument | None) -> list[str]:
    measure = base.measure if base else None
    return [measure.limit.unit] if isinstance(measure, TimeMeasure) else []
