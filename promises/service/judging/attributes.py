"""Conditions of the terms over the attributes of many cases."""

from __future__ import annotations

import re
from decimal import Decimal

from promises.service.judging.cases import Cases, Flags
from promises.terms.parts import Condition

_NUMBER = re.compile(r"-?\d{1,12}([.,]\d{1,6})?")
_TRUTH = {True: frozenset({"true", "yes", "1"}), False: frozenset({"false", "no", "0"})}


def number(text: str) -> Decimal | None:
    """A number as written in a file ("12", "12.50", "12,50"), or None."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def meets(text: str, condition: Condition) -> bool:
    """Whether one value meets *condition*."""
    if isinstance(condition.is_, bool):
        return text.strip().lower() in _TRUTH[condition.is_]
    if condition.is_ is not None:
        return text == condition.is_
    if condition.in_ is not None:
        return text in condition.in_
    found = number(text)
    if found is None:
        return False
    return (condition.at_least is None or found >= condition.at_least) and (
        condition.at_most is None or found <= condition.at_most
    )


def holds(cases: Cases, condition: Condition) -> Flags:
    """Which cases meet *condition*; those without the attribute don't."""
    coded = cases.attribute(condition.attribute)
    return coded.where([meets(text, condition) for text in coded.values])


def numbers_broken(cases: Cases, condition: Condition) -> Flags:
    """Which cases have the attribute, but not as the number that *condition* needs."""
    coded = cases.attribute(condition.attribute)
    return coded.where([condition.numeric and number(text) is None for text in coded.values])
