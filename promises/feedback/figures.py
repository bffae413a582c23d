"""The figures of problems and of all feedback, under a reader's filters.

Where the filters name one place at most, and a time from some Monday on, they are read from the kept counts
(:class:`Kept`); else they are counted from the rows (:class:`Walked`), which takes longer the more there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from promises.feedback.counts import FACTS, feedback_count, problem_count, settle
from promises.feedback.facts import (
    ALL,
    ALWAYS,
    CUSTOMERS,
    HIGHEST_DETRACTOR,
    PIECES,
    Calendar,
    Fact,
    beginning,
    cells,
    tallies,
    week_begun,
)
from promises.feedback.queries import Certainty, Wanted, conditions
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.queries import company_zone
from promises.shares import Interval, wilson

FEW = 5_000
Places = dict[str, tuple[int, int]]
"""Value of a facet → pieces and customers."""


@dataclass(frozen=True)
class Figures:
    """What one problem does.

    :param texts: pieces of feedback that speak of it.
    :param customers: distinct customers; each piece without a customer counts as one.
    :param promoters, passives, detractors: how many of them scored 9-10, 7-8, 0-6.
    """

    texts: int = 0
    customers: int = 0
    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def scored(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def distribution(self) -> tuple[int, ...]:
        """The scores as a distribution over 0 to 10, each group at one of its scores."""
        counts = [0] * 11
        counts[0], counts[HIGHEST_DETRACTOR + 1], counts[10] = self.detractors, self.passives, self.promoters
        return tuple(counts)

    @property
    def detractor_share(self) -> float | None:
        return self.detractors / self.scored if self.scored else None

    @property
    def detractor_interval(self) -> Interval | None:
        return wilson(self.detractors, self.scored) if self.scored else None


class Seen(Protocol):
    """What the reader's filters leave."""

    @property
    def totals(self) -> Mapping[int, Figures]:
        """Problem → its figures, where any feedback speaks of it."""

    @property
    def heard(self) -> Figures:
        """All feedback, its customers aside."""

    @property
    def certainty(self) -> Certainty:
        """How much of it has found a problem."""

    def few(self) -> list[int] | None:
        """The ids of all feedback, where it is little enough to be gone through; else nothing."""

    def weekly(self, since: int, ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        """Problem of *ids* → week from *since* on → pieces."""

    def heard_weekly(self, since: int) -> Mapping[int, int]:
        """Week → all feedback in which problems have been looked for."""

    def placed(self, facet: str, ids: Collection[int]) -> Mapping[int, Places]:
        """Problem of *ids* → where it is spoken of; nothing where that isn't known with these filters."""

    def trouble(self, facet: str) -> Mapping[str, int]:
        """Value of *facet* → all feedback there that tells of trouble."""


def seen(session: Session, wanted: Wanted, which: Any, zone: ZoneInfo | None = None) -> Seen:
    """What *wanted* leaves of all feedback, and of the problems that the condition *which* picks."""
    zone = zone or company_zone(session)
    place = _place(wanted, zone)
    if place is None:
        return Walked(session, wanted, which, zone)
    return Kept(session, *place, which, wanted)


def _place(wanted: Wanted, zone: ZoneInfo) -> tuple[str, str, int | None] | None:
    """Facet, value and first week of what *wanted* asks for, if counts of that are kept."""
    narrow = replace(wanted, branch_id=None, touchpoint="", source="", language="", since=None)
    named = [
        (facet, str(value))
        for facet, value in (
            ("branch", wanted.branch_id),
            ("touchpoint", wanted.touchpoint),
            ("source", wanted.source),
            ("language", wanted.language),
        )
        if value
    ]
    week = week_begun(wanted.since, zone) if wanted.since else None
    if narrow != Wanted() or len(named) > 1 or (wanted.since and week is None):
        return None
    return (*(named[0] if named else (ALL, "")), week)


class Kept:
    """Read from the kept counts. Trends look at weeks of their own, whatever period the reader has chosen."""

    def __init__(
        self, session: Session, facet: str, value: str, since: int | None, which: Any, wanted: Wanted
    ) -> None:
        settle(session)
        self._session, self._which, self._wanted = session, which, wanted
        self._facet, self._value, self._since = facet, value, since

    @property
    def totals(self) -> Mapping[int, Figures]:
        return self._totals

    @cached_property
    def _totals(self) -> Mapping[int, Figures]:
        c = problem_count.c
        sums = (func.sum(number) for number in (c.pieces, c.customers, c.promoters, c.passives, c.detractors))
        query = self._problems(c.problem_id, *sums).where(*self._weeks(c)).group_by(c.problem_id)
        rows = self._session.execute(query)
        return {problem: Figures(*map(int, numbers)) for problem, *numbers in rows if numbers[0]}

    @cached_property
    def _kinds(self) -> dict[str, list[int]]:
        c = feedback_count.c
        sums = (func.sum(number) for number in (c.pieces, c.promoters, c.passives, c.detractors))
        query = select(c.kind, *sums).where(*self._here(c), *self._weeks(c)).group_by(c.kind)
        return {kind: list(map(int, numbers)) for kind, *numbers in self._session.execute(query)}

    @property
    def heard(self) -> Figures:
        return _all(self._kinds.values())

    @property
    def certainty(self) -> Certainty:
        return Certainty.of({kind: numbers[0] for kind, numbers in self._kinds.items()})

    def few(self) -> list[int] | None:
        # Only branch and time have an index by which so few are found at once.
        if self.heard.texts > FEW or (self._wanted.branch_id is None and self._since is None):
            return None
        query = select(col(Feedback.id)).where(*conditions(self._wanted))
        return [number for number in self._session.execute(query).scalars() if number is not None]

    def weekly(self, since: int, ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        c = problem_count.c
        query = select(c.problem_id, c.week, c.pieces)
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for problem, week, pieces in self._session.execute(
            query.where(c.problem_id.in_(ids), *self._here(c), c.week >= since)
        ):
            found[problem][week] = pieces
        return found

    def heard_weekly(self, since: int) -> Mapping[int, int]:
        c = feedback_count.c
        query = select(c.week, func.sum(c.pieces)).where(*self._here(c), c.week >= since, c.kind != "")
        return {week: int(n) for week, n in self._session.execute(query.group_by(c.week))}

    def placed(self, facet: str, ids: Collection[int]) -> Mapping[int, Places]:
        if facet == self._facet:
            totals = self.totals
            return {
                one: {self._value: (totals[one].texts, totals[one].customers)} for one in ids if one in totals
            }
        if not self._known(facet):
            return {}
        c = problem_count.c
        query = select(c.problem_id, c.value, func.sum(c.pieces), func.sum(c.customers))
        query = query.where(c.problem_id.in_(ids), c.facet == facet, *self._weeks(c, facet))
        found: defaultdict[int, Places] = defaultdict(dict)
        for problem, value, pieces, customers in self._session.execute(query.group_by(c.problem_id, c.value)):
            if pieces:
                found[problem][value] = (int(pieces), int(customers))
        return found

    def trouble(self, facet: str) -> Mapping[str, int]:
        if not self._known(facet):
            return {}
        c = feedback_count.c
        query = select(c.value, func.sum(c.pieces)).where(c.facet == facet, c.kind == "trouble")
        rows = self._session.execute(query.where(*self._weeks(c, facet)).group_by(c.value))
        return {value: int(n) for value, n in rows if n}

    def _known(self, facet: str) -> bool:
        """Places are counted of all feedback; weekdays and hours only over all the time."""
        return self._facet == ALL and (self._since is None or facet == "branch")

    def _problems(self, *columns: Any) -> Select[Any]:
        c = problem_count.c
        query = select(*columns).join(Problem, col(Problem.id) == c.problem_id)
        return query.where(self._which, *self._here(c))

    def _here(self, c: Any) -> tuple[ColumnElement[bool], ...]:
        return c.facet == self._facet, c.value == self._value

    def _weeks(self, c: Any, facet: str | None = None) -> tuple[ColumnElement[bool], ...]:
        facet = self._facet if facet is None else facet
        if self._since is not None:
            return (c.week >= self._since,)
        return (c.week == ALWAYS if facet in {"branch", "weekday", "hour"} else c.week > ALWAYS,)


class Walked:
    """Counted from the rows, one after the other; trends are those within the chosen period."""

    def __init__(self, session: Session, wanted: Wanted, which: Any, zone: ZoneInfo) -> None:
        self._calendar = Calendar(zone)
        where = conditions(wanted)
        self._facts = {
            number: Fact(*fact)
            for number, *fact in session.execute(select(col(Feedback.id), *FACTS).where(*where))
        }
        query = select(col(Mention.problem_id), col(Mention.feedback_id))
        query = query.join(Problem, col(Problem.id) == col(Mention.problem_id)).where(which)
        few = self.few()
        if few is None:
            query = query.join(Feedback, col(Feedback.id) == col(Mention.feedback_id)).where(*where)
        else:
            query = query.where(col(Mention.feedback_id).in_(few))
        self._mentions = [(problem, self._facts[number]) for problem, number in session.execute(query)]

    def few(self) -> list[int] | None:
        return list(self._facts) if len(self._facts) <= FEW else None

    @cached_property
    def _cells(self) -> Mapping[int, Mapping[tuple[str, str], list[int]]]:
        """Problem → facet and value → numbers, over the wanted time."""
        found: defaultdict[int, dict[tuple[str, str], list[int]]] = defaultdict(dict)
        for (problem, facet, value, week), numbers in cells(self._mentions, self._calendar).items():
            if week != ALWAYS and facet == "branch":
                continue
            sums = found[problem].setdefault((facet, value), [0] * len(numbers))
            for place, number in enumerate(numbers):
                sums[place] += number
        return found

    @property
    def totals(self) -> Mapping[int, Figures]:
        return self._totals

    @cached_property
    def _totals(self) -> Mapping[int, Figures]:
        return {problem: Figures(*places[ALL, ""]) for problem, places in self._cells.items()}

    @cached_property
    def _tallies(self) -> Mapping[tuple[str, str, int, str], list[int]]:
        return tallies(self._facts.values(), self._calendar)

    @property
    def heard(self) -> Figures:
        return _all(numbers for (facet, *_), numbers in self._tallies.items() if facet == ALL)

    @property
    def certainty(self) -> Certainty:
        kinds: defaultdict[str, int] = defaultdict(int)
        for (facet, _, _, kind), numbers in self._tallies.items():
            if facet == ALL:
                kinds[kind] += numbers[0]
        return Certainty.of(kinds)

    def weekly(self, since: int, ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        found: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        begin = beginning(since, self._calendar.zone)
        for problem, fact in self._mentions:
            if fact.given_at >= begin and problem in ids:
                found[problem][self._calendar.of(fact.given_at)[0]] += 1
        return found

    def heard_weekly(self, since: int) -> Mapping[int, int]:
        found: defaultdict[int, int] = defaultdict(int)
        begin = beginning(since, self._calendar.zone)
        for fact in self._facts.values():
            if fact.given_at >= begin and fact.kind:
                found[self._calendar.of(fact.given_at)[0]] += 1
        return found

    def placed(self, facet: str, ids: Collection[int]) -> Mapping[int, Places]:
        return {
            problem: {
                value: (numbers[PIECES], numbers[CUSTOMERS])
                for (of, value), numbers in self._cells[problem].items()
                if of == facet
            }
            for problem in ids
            if problem in self._cells
        }

    def trouble(self, facet: str) -> Mapping[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for (of, value, week, kind), numbers in self._tallies.items():
            if of == facet and kind == "trouble" and (week == ALWAYS or facet != "branch"):
                found[value] += numbers[0]
        return found


def _all(numbers: Any) -> Figures:
    texts, promoters, passives, detractors = (sum(column) for column in zip([0] * 4, *numbers, strict=True))
    return Figures(texts, 0, promoters, passives, detractors)


def speaking(wanted: Wanted, *columns: Any) -> Select[Any]:
    """Select *columns* of what is said of problems, under the reader's filters."""
    return (
        select(*columns)
        .select_from(Mention)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(*conditions(wanted))
    )
