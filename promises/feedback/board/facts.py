"""What a piece of feedback counts as: in which places, in which week, among which scores. Pure.

Weeks begin on Monday in the company's zone and are numbered from the year 1 on; week 0 stands for all the
time. A moment that is exactly midnight there comes from a file with days only, so its hour is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ALWAYS = 0
"""The week that stands for all the time."""
ALL = ""
FACETS = ("branch", "touchpoint", "source", "language")
"""The facets that are counted by the week, besides all feedback."""
LOWEST_PROMOTER = 9
HIGHEST_DETRACTOR = 6
QUARTER_S = 900

Place = tuple[str, str, int]
"""Facet, value, week."""
Cell = tuple[int, str, str, int]
"""Problem, facet, value, week."""
Numbers = list[int]
"""Pieces, customers, promoters, passives, detractors."""
PIECES, CUSTOMERS, PROMOTERS, PASSIVES, DETRACTORS = range(5)


class Fact(NamedTuple):
    """What is counted of one piece of feedback."""

    given_at: datetime
    branch_id: int | None
    touchpoint: str
    source: str
    language: str
    score: int | None
    customer: str
    kind: str


def week_of(day: date) -> int:
    """The number of the week that holds *day*."""
    return (day.toordinal() - 1) // 7


def monday_of(week: int) -> date:
    """The day on which *week* begins."""
    return date.fromordinal(week * 7 + 1)


def week_begun(moment: datetime, zone: ZoneInfo) -> int | None:
    """The week that begins exactly at *moment*; none does otherwise."""
    local = moment.astimezone(zone)
    return week_of(local.date()) if local.time() == time() and local.weekday() == 0 else None


def beginning(week: int, zone: ZoneInfo) -> datetime:
    """The moment at which *week* begins in *zone*."""
    return datetime.combine(monday_of(week), time(), zone)


class Calendar:
    """Tells week, weekday and hour of moments in *zone*; remembers them by the quarter of an hour."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[int, tuple[int, str, str]] = {}

    def of(self, moment: datetime) -> tuple[int, str, str]:
        """Week, weekday (0 is Monday) and hour; the hour is empty where only the day is known."""
        seconds = moment.timestamp()
        quarter = int(seconds // QUARTER_S)
        found = self._known.get(quarter)
        if found is None:
            local = moment.astimezone(self.zone)
            found = (week_of(local.date()), str(local.weekday()), str(local.hour))
            self._known[quarter] = found
        if found[2] == "0" and seconds % 60 == 0 and moment.astimezone(self.zone).time() == time():
            return found[0], found[1], ""
        return found


def places(fact: Fact, calendar: Calendar) -> list[Place]:
    """Everywhere that a piece is counted."""
    week, weekday, hour = calendar.of(fact.given_at)
    found: list[Place] = [(ALL, "", week), ("weekday", weekday, ALWAYS)]
    if fact.branch_id is not None:
        found += [("branch", str(fact.branch_id), week), ("branch", str(fact.branch_id), ALWAYS)]
    for facet, value in (
        ("touchpoint", fact.touchpoint),
        ("source", fact.source),
        ("language", fact.language),
    ):
        if value:
            found.append((facet, value, week))
    if hour:
        found.append(("hour", hour, ALWAYS))
    return found


def scored(score: int | None) -> int | None:
    """Which of :data:`Numbers` a score counts among; none without a score."""
    if score is None:
        return None
    return PROMOTERS if score >= LOWEST_PROMOTER else DETRACTORS if score <= HIGHEST_DETRACTOR else PASSIVES


def cells(mentions: Iterable[tuple[int, Fact]], calendar: Calendar) -> dict[Cell, Numbers]:
    """The counts of problems, from (problem, piece that speaks of it).

    All that one customer says of a problem must be among *mentions*. A piece without a customer counts as
    one of its own.
    """
    found: dict[Cell, Numbers] = {}
    last: dict[tuple[int, str, str, str], int] = {}
    for problem, fact in mentions:
        among = scored(fact.score)
        for facet, value, week in places(fact, calendar):
            numbers = found.setdefault((problem, facet, value, week), [0, 0, 0, 0, 0])
            numbers[PIECES] += 1
            if among is not None:
                numbers[among] += 1
            if not fact.customer:
                numbers[CUSTOMERS] += 1
                continue
            # Branches are counted by the week and over all the time: two counts of their own.
            who = (problem, f"{facet}*" if week == ALWAYS else facet, value, fact.customer)
            last[who] = max(week, last.get(who, ALWAYS))
    for (problem, facet, value, _), week in last.items():
        found[problem, facet.removesuffix("*"), value, week][CUSTOMERS] += 1
    return found


def tallies(facts: Iterable[Fact], calendar: Calendar) -> dict[tuple[str, str, int, str], Numbers]:
    """The counts of all feedback, by place and kind: pieces, promoters, passives, detractors."""
    found: dict[tuple[str, str, int, str], Numbers] = {}
    for fact in facts:
        among = scored(fact.score)
        for place in places(fact, calendar):
            numbers = found.setdefault((*place, fact.kind), [0, 0, 0, 0])
            numbers[0] += 1
            if among is not None:
                numbers[among - 1] += 1
    return found


def weeks_back(as_of: datetime, days: int, zone: ZoneInfo) -> int:
    """The week from which the last *days* days are counted: whole weeks, and the running one."""
    return week_of((as_of - timedelta(days=days)).astimezone(zone).date())
