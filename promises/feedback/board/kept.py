"""What a reader's filters leave, read from the kept counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from promises.feedback.board.counts import feedback_count, problem_count, settle
from promises.feedback.board.facts import ALL, ALWAYS
from promises.feedback.board.figures import FEW, Figures, Places, whole
from promises.feedback.queries import Certainty, Wanted, conditions
from promises.feedback.tables import Feedback, Problem


class Kept:
    """Implements :class:`promises.feedback.board.figures.Seen`; trends look at weeks of their own, whatever
    period the reader has chosen."""

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
        return whole(self._kinds.values())

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
