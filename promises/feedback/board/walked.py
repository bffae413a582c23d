"""What a reader's filters leave, counted from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from promises.feedback.board.counts import FACTS
from promises.feedback.board.facts import (
    ALL,
    ALWAYS,
    CUSTOMERS,
    PIECES,
    Calendar,
    Fact,
    beginning,
    cells,
    tallies,
)
from promises.feedback.board.figures import FEW, Figures, Places, whole
from promises.feedback.queries import Certainty, Wanted, conditions
from promises.feedback.tables import Feedback, Mention, Problem


class Walked:
    """Implements :class:`promises.feedback.board.figures.Seen`; trends are those within the chosen period."""

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
        return whole(numbers for (facet, *_), numbers in self._tallies.items() if facet == ALL)

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
