"""Which answers need a person, and by when. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from promises.terms.hours import OpeningHours, instant, moment

# Nobody looks further ahead for open hours than this; a place that never opens is due by the clock.
FURTHEST = 60


@dataclass(frozen=True)
class Condition:
    """What an answer must be to need a person; whatever is set must hold. ``words``: any, as beginnings."""

    highest_score: int | None = None
    problem_id: int | None = None
    words: str = ""
    wish: bool = False


@dataclass(frozen=True)
class Words:
    """An answer as rules see it."""

    text: str
    score: int | None
    problems: Collection[int] = ()
    wish: bool = False


def needs_person(condition: Condition, said: Words) -> bool:
    """Whether *said* meets every condition that is set; one without any condition is met by nothing."""
    met = []
    if condition.highest_score is not None:
        met.append(said.score is not None and said.score <= condition.highest_score)
    if condition.problem_id is not None:
        met.append(condition.problem_id in said.problems)
    if condition.words:
        met.append(_named(condition.words).search(said.text) is not None)
    if condition.wish:
        met.append(said.wish)
    return bool(met) and all(met)


@cache
def _named(words: str) -> re.Pattern[str]:
    """Any of the comma-separated *words*, as a word or its beginning: Finnish words end in many ways."""
    beginnings = "|".join(re.escape(word.strip()) for word in words.split(",") if word.strip())
    return re.compile(rf"\b(?:{beginnings})" if beginnings else r"(?!)", re.IGNORECASE)


def due_at(opened: datetime, hours: int, opening: OpeningHours | None) -> datetime:
    """When *hours* of opening time have passed since *opened*; by the clock where opening hours aren't known.

    An answer of Friday evening doesn't call anybody in on Saturday.
    """
    if opening is None:
        return opened + timedelta(hours=hours)
    left, zone = timedelta(hours=hours), ZoneInfo(opening.zone)
    day = opened.astimezone(zone).date() - timedelta(days=1)
    for _ in range(FURTHEST + hours):
        for opens, closes in opening.on(day):
            begins, ends = (moment(instant(day, minute, zone)) for minute in (opens, closes))
            begins = max(begins, opened)
            if ends <= begins:
                continue
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
        day += timedelta(days=1)
    return opened + timedelta(hours=hours)
