"""Pauses of many cases, from the milestones that stop and start the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from promises.service.judging.cases import Cases
from promises.terms.columns import Flags, Rows, Times
from promises.terms.document import Pause
from promises.terms.timeline import NEVER


@dataclass(frozen=True)
class Pauses:
    """Pauses sorted by row and start; an open one ends :data:`NEVER`. They may overlap."""

    rows: Rows
    starts: Times
    ends: Times

    def rounds(self) -> Iterator[tuple[Rows, Times, Times]]:
        """The first pause of every row that has one, then every second one, and so on."""
        if not len(self.rows):
            return
        first = np.searchsorted(self.rows, self.rows, side="left")
        rank = np.arange(len(self.rows)) - first
        for turn in range(int(rank.max()) + 1):
            of_turn = rank == turn
            yield self.rows[of_turn], self.starts[of_turn], self.ends[of_turn]

    def take(self, rows: Rows) -> Pauses:
        """The pauses of some rows (ascending), by their new place."""
        if not len(self.rows) or not len(rows):
            return NONE
        place = np.minimum(np.searchsorted(rows, self.rows), len(rows) - 1)
        kept = rows[place] == self.rows
        return Pauses(place[kept], self.starts[kept], self.ends[kept])


NONE = Pauses(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


def pauses_of(cases: Cases, parts: Sequence[Pause], as_of: int) -> tuple[Pauses, Flags]:
    """The pauses known by *as_of*, and the rows whose pauses make no sense.

    They make none when a clock starts that hadn't stopped, or stops twice without a start between.
    A start and a stop at one moment are read as the start first, if the clock stood, else the stop.
    """
    unclear = np.zeros(len(cases), bool)
    found = [_pairs(cases, part, as_of, unclear) for part in parts]
    found = [pauses for pauses in found if len(pauses.rows)]
    if not found:
        return NONE, unclear
    rows, starts, ends = (
        np.concatenate([getattr(pauses, name) for pauses in found]) for name in ("rows", "starts", "ends")
    )
    order = np.lexsort((starts, rows))
    return Pauses(rows[order], starts[order], ends[order]), unclear


def _pairs(cases: Cases, part: Pause, as_of: int, unclear: Flags) -> Pauses:
    stop_rows, stops = cases.happened(part.from_).by(as_of).all()
    start_rows, starts = cases.happened(part.to).by(as_of).all()
    stop_rank = np.arange(len(stop_rows)) - np.searchsorted(stop_rows, stop_rows)
    start_rank = np.arange(len(start_rows)) - np.searchsorted(start_rows, start_rows)
    place = np.searchsorted(stop_rows, start_rows) + start_rank
    known = np.minimum(place, max(len(stop_rows) - 1, 0))
    paired = np.zeros(len(start_rows), bool)
    if len(stop_rows):
        paired = (place < len(stop_rows)) & (stop_rows[known] == start_rows) & (stops[known] <= starts)
    unclear[start_rows[~paired]] = True
    ends = np.full(len(stop_rows), NEVER)
    ends[known[paired]] = starts[paired]
    follows = stop_rank > 0
    overlaps = follows & (np.concatenate([[0], ends[:-1]]) > stops) if len(stops) else follows
    unclear[stop_rows[overlaps]] = True
    return Pauses(stop_rows, stops, ends)
