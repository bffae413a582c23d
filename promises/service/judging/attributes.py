"""Conditions of the terms over the attributes of many cases."""

from __future__ import annotations

from promises.service.judging.cases import Cases
from promises.terms.columns import Flags
from promises.terms.numbers import number
from promises.terms.parts import Condition

_TRUTH = {True: frozenset({"true", "yes", "1"}), False: frozenset({"false", "no", "0"})}


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
