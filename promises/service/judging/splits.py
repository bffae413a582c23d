"""Cases that end and begin again: split where the end lasted, joined where it didn't."""

from __future__ import annotations

import numpy as np

from promises.service.judging.cases import Cases, Happened
from promises.terms.columns import MISSING, Rows, Times
from promises.terms.document import TermsDocument, TimeMeasure

_NONE = np.empty(0, np.int64)


def split(cases: Cases, terms: TermsDocument) -> Cases:
    """The cases of *terms* with a ``split_after``: one row for each stretch from a start to an end.

    A case that was split keeps its number for the first stretch; the others have "/2", "/3" after it.
    Starts and ends that don't take turns are left as they are, to be set aside when judged.
    """
    return stretched(cases, terms)[0]


def stretched(cases: Cases, terms: TermsDocument) -> tuple[Cases, Rows]:
    """The same, with the row of the case of each stretch; a case's stretches stand together, in order."""
    measure = terms.measure
    if not isinstance(measure, TimeMeasure) or measure.split_after is None:
        return cases, np.arange(len(cases))
    began, ended = cases.happened(measure.from_), cases.happened(measure.to)
    several = np.flatnonzero(began.twice() | ended.twice())
    if not len(several):
        return cases, np.arange(len(cases))
    starts, ends = _by_row(began), _by_row(ended)
    again: dict[int, list[tuple[int, int]]] = {}
    for row in several.tolist():
        stretches = _stretches(starts.get(row, []), ends.get(row, []), measure.split_after.microseconds)
        if stretches:
            again[row] = stretches
    rows = np.repeat(np.arange(len(cases)), [len(again.get(row, [()])) for row in range(len(cases))]).astype(
        np.int64
    )
    first_of = np.concatenate([[True], rows[1:] != rows[:-1]])
    spread = cases.take(rows)
    firsts, lasts = began.first[rows], ended.first[rows]
    ids = [str(one) for one in spread.ids]
    for row, stretches in again.items():
        place = int(np.searchsorted(rows, row))
        for number, (start, end) in enumerate(stretches):
            firsts[place + number], lasts[place + number] = start, end
            ids[place + number] += f"/{number + 1}" if number else ""
    untouched = ~np.isin(rows, list(again))
    milestones = dict(spread.milestones)
    milestones[measure.from_] = _again(spread.happened(measure.from_), firsts, untouched & first_of)
    milestones[measure.to] = _again(spread.happened(measure.to), lasts, untouched & first_of)
    return Cases(ids, spread.branches, milestones, spread.attributes, spread.faults), rows


def _by_row(happened: Happened) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows, at = happened.all()
    for row, one in zip(rows.tolist(), at.tolist(), strict=True):
        found.setdefault(row, []).append(one)
    return found


def _stretches(starts: list[int], ends: list[int], after: int) -> list[tuple[int, int]]:
    """Starts and ends joined where an end lasted less than *after*; nothing if they don't take turns."""
    starts, ends = sorted(set(starts)), sorted(set(ends))
    if len(starts) - len(ends) not in (0, 1):
        return []
    turns = [*ends, MISSING] if len(starts) > len(ends) else ends
    pairs = list(zip(starts, turns, strict=True))
    if any(start > end for start, end in zip(starts, ends, strict=False)) or any(
        end > start for end, start in zip(ends, starts[1:], strict=False)
    ):
        return []
    joined = [pairs[0]]
    for start, end in pairs[1:]:
        if start - joined[-1][1] < after:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _again(happened: Happened, first: Times, untouched: Times) -> Happened:
    kept = untouched[happened.rows] if len(happened.rows) else np.zeros(0, bool)
    return Happened(first, happened.rows[kept], happened.at[kept])
