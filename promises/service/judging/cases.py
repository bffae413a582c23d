"""Cases as they are judged: one as a plain value, many as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from promises.terms.columns import MISSING, Coded, Flags, Rows, Times
from promises.terms.hours import microseconds

Attribute = str | bool | int | Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """One visit, call, order or fault.

    :param milestones: ``(name, at)`` in any order, ``at`` with a zone; a name may come several times.
    :param attributes: what else is known. ``touchpoint`` is one of them. Numbers as int or Decimal,
        never float.
    """

    id: str
    branch: str = ""
    milestones: tuple[tuple[str, datetime], ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Happened:
    """One milestone over many cases.

    :param first: the first time for each row, or :data:`MISSING`.
    :param rows: rows of further times, and ``at``, the times; sorted by row and time.
    """

    first: Times
    rows: Rows
    at: Times

    def by(self, as_of: int) -> Happened:
        """What had happened by *as_of* (microseconds): later times are not known yet."""
        if not len(self.first) or (int(self.first.max()) <= as_of and not len(self.rows)):
            return self
        known = self.at <= as_of
        return Happened(np.where(self.first <= as_of, self.first, MISSING), self.rows[known], self.at[known])

    def take(self, rows: Rows) -> Happened:
        """The same for some rows, in their new order; *rows* must be ascending."""
        place = np.searchsorted(rows, self.rows)
        place_known = np.minimum(place, max(len(rows) - 1, 0))
        kept = rows[place_known] == self.rows if len(rows) else np.zeros(len(self.rows), bool)
        return Happened(self.first[rows], place_known[kept], self.at[kept])

    def twice(self) -> Flags:
        """Rows with two different times."""
        found = np.zeros(len(self.first), bool)
        found[self.rows[self.at != self.first[self.rows]]] = True
        return found

    def all(self) -> tuple[Rows, Times]:
        """Every time with its row, sorted by row and time."""
        rows = np.flatnonzero(self.first != MISSING)
        if not len(self.rows):
            return rows, self.first[rows]
        rows, at = np.concatenate([rows, self.rows]), np.concatenate([self.first[rows], self.at])
        order = np.lexsort((at, rows))
        return rows[order], at[order]


@dataclass(frozen=True)
class Cases:
    """Many cases as columns of equal length.

    :param faults: for each row the reason code why it can't be judged, known before judging (a time
        that can't be read, the same case twice), or none.
    """

    ids: Sequence[str]
    branches: Coded
    milestones: Mapping[str, Happened]
    attributes: Mapping[str, Coded]
    faults: Coded

    def __len__(self) -> int:
        return len(self.branches.codes)

    @classmethod
    def of(cls, cases: Iterable[Case]) -> Cases:
        """From plain cases."""
        cases = list(cases)
        milestones = _gathered(cases)
        keys = {key for case in cases for key in case.attributes}
        attributes = {key: Coded.of([_written(case.attributes.get(key)) for case in cases]) for key in keys}
        return cls(
            [case.id for case in cases],
            Coded.of([case.branch for case in cases]),
            milestones,
            attributes,
            Coded.of([None] * len(cases)),
        )

    def happened(self, name: str) -> Happened:
        """One milestone; nowhere, if no case has it."""
        found = self.milestones.get(name)
        return found or Happened(np.full(len(self), MISSING), np.empty(0, np.int64), np.empty(0, np.int64))

    def attribute(self, name: str) -> Coded:
        """One attribute; nowhere, if no case has it."""
        return self.attributes.get(name) or Coded((), np.full(len(self), -1, np.int32))

    def take(self, rows: Rows) -> Cases:
        """Some of the cases; *rows* must be ascending."""
        return Cases(
            _some(self.ids, rows),
            self.branches.take(rows),
            {name: happened.take(rows) for name, happened in self.milestones.items()},
            {name: coded.take(rows) for name, coded in self.attributes.items()},
            self.faults.take(rows),
        )


def _some(ids: Any, rows: Rows) -> Sequence[str]:
    """Files bring their case numbers as a column, which picks rows itself."""
    return ids.take(rows) if hasattr(ids, "take") else [ids[row] for row in rows]  # type: ignore[no-any-return]


def _written(value: Attribute | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _gathered(cases: Sequence[Case]) -> dict[str, Happened]:
    """Every milestone of *cases* as a column."""
    told: dict[str, dict[int, list[int]]] = {}
    for row, case in enumerate(cases):
        for name, at in case.milestones:
            told.setdefault(name, {}).setdefault(row, []).append(microseconds(at))
    return {name: _happened(times, len(cases)) for name, times in told.items()}


def _happened(told: Mapping[int, list[int]], count: int) -> Happened:
    """One milestone of *count* cases from its times by row, the rows ascending."""
    first = np.full(count, MISSING)
    first[list(told)] = [min(times) for times in told.values()]
    several = {row: sorted(times)[1:] for row, times in told.items() if len(times) > 1}
    rows = [row for row, later in several.items() for _ in later]
    return Happened(
        first,
        np.array(rows, np.int64),
        np.array([at for later in several.values() for at in later], np.int64),
    )
