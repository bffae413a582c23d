"""From JSON to terms, with everything that is wrong told at once: where, what was found, why."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from promises.refusal import Refusal
from promises.terms.document import FORMAT, TermsDocument
from promises.terms.remedies import AMOUNT_TAGS

# pydantic's own kinds of error, by the sentence that tells them; ours have a sentence each.
KINDS = {
    "missing": "terms.missing",
    "extra_forbidden": "terms.unknown_key",
    "literal_error": "terms.not_one_of",
    "string_type": "terms.not_text",
    "list_type": "terms.not_list",
    "dict_type": "terms.not_object",
    "model_type": "terms.not_object",
    "model_attributes_type": "terms.not_object",
    "date": "terms.not_date",
    "date_parsing": "terms.not_date",
    "date_from_datetime_parsing": "terms.not_date",
    "date_from_datetime_inexact": "terms.not_date",
}
OWN_KINDS = {
    "way_twice", "span", "time_of_day", "money", "number", "name", "intervals", "weekdays", "weekday_twice",
    "clock_of_days", "due_time_of_hours", "no_time", "milestone_twice", "unknown_zone", "unknown_holidays",
    "condition", "set_aside_unit", "size_bands", "length_bands_unit", "bands_rising", "period_counting",
    "period_unit", "cap_kind", "cap_by", "late_without_limit", "round_to_nothing", "month_day", "limit_unit",
    "split_unit",
}  # fmt: skip
_TELLING = {"set_aside_after", "endings"}  # null or empty says something here
_MEASURE_TAGS = {"time", "attribute"}


class TermsRefused(Refusal):
    """Terms that can't be read. It tells the first fault; :attr:`faults` has them all, in order."""

    def __init__(self, faults: list[Refusal]) -> None:
        super().__init__(faults[0].code, **faults[0].facts)
        self.faults = faults


def read_terms(document: dict[str, Any] | str | bytes) -> TermsDocument:
    """Terms from a JSON text or from what it says.

    :raises TermsRefused: with all faults, each with ``where`` (a path such as ``remedy.pays[0].amount``)
        and ``found``.
    """
    if isinstance(document, str | bytes):
        document = _json(document)
    if not isinstance(document, dict):
        raise TermsRefused([Refusal("terms.not_object", where="-", found=_told(document))])
    version = document.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise TermsRefused([Refusal("terms.newer_format", where="format", found=version, known=FORMAT)])
    try:
        return TermsDocument.model_validate(document)
    except ValidationError as invalid:
        raise TermsRefused([_refusal(error) for error in invalid.errors()]) from None


def faults(document: dict[str, Any] | str | bytes) -> list[Refusal]:
    """All that is wrong with terms; empty when they can be read. For forms."""
    try:
        read_terms(document)
    except TermsRefused as refused:
        return refused.faults
    return []


def write_terms(terms: TermsDocument) -> dict[str, Any]:
    """The document of *terms* as plain JSON values, for keeping: what is usual today is written out too,
    so that it means the same when something else has become usual."""
    document: dict[str, Any] = _pruned(terms.model_dump(mode="json", by_alias=True))
    return document


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _pruned(inner)
            for name, inner in value.items()
            if name in _TELLING or inner not in (None, [], {})
        }
    return [_pruned(inner) for inner in value] if isinstance(value, list) else value


def _json(text: str | bytes) -> Any:
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(decoded, parse_float=Decimal, object_pairs_hook=_no_key_twice)
    except UnicodeDecodeError:
        raise TermsRefused([Refusal("terms.not_utf8", where="-")]) from None
    except json.JSONDecodeError as broken:
        raise TermsRefused(
            [Refusal("terms.not_json", where="-", line=broken.lineno, column=broken.colno)]
        ) from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise TermsRefused([Refusal("terms.key_twice", where=key)])
    return dict(pairs)


def _refusal(error: Any) -> Refusal:
    kind = error["type"]
    code = f"terms.{kind}" if kind in OWN_KINDS else KINDS.get(kind, "terms.wrong_value")
    facts = {"where": _path(error["loc"]), "found": _told(error["input"])}
    if kind == "literal_error":
        facts["allowed"] = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    return Refusal(code, **facts)


def _path(location: tuple[int | str, ...]) -> str:
    """The place as people write it; pydantic's names of kinds in it say nothing to the reader."""
    path = ""
    before: list[int | str] = ["", ""]
    for step in location:
        of_measure = before[-1] == "measure" and step in _MEASURE_TAGS
        of_amount = (before[-1] in ("amount", "pays") or before[-2] == "is") and step in AMOUNT_TAGS
        before.append(step)
        if isinstance(step, int):
            path += f"[{step}]"
        elif not of_measure and not of_amount:
            path += f".{step}" if path else step
    return path or "-"


def _told(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
