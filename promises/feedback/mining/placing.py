"""Which problems a text holds: one by all that it tells of trouble, more where a clause names another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from promises.feedback.mining import known
from promises.feedback.mining.results import UNPLACED, Member, Text
from promises.feedback.mining.vectors import BLOCK, Clause, Matrix, Points
from promises.feedback.text import gloss, reading
from promises.feedback.text.clean import clean
from promises.feedback.text.reading import TROUBLE, Part, Reading

# A clause among others has to lie so much nearer to a centre than a whole text.
CLAUSE_MARGIN = 0.15
MOST_WORDS = 80


class Unit(NamedTuple):
    """What one text tells of trouble, clause by clause: equal units lie at one point."""

    said: tuple[Clause, ...]
    about: str

    @property
    def english(self) -> str:
        return " . ".join(clause.english for clause in self.said)

    @property
    def language(self) -> str:
        return self.said[0].language


class Held(NamedTuple):
    """One problem (its row among the centres) of a text, and where it is told."""

    group: int
    strength: float
    start: int
    end: int


def read_all(texts: Sequence[Text], everything: bool, spread: Callable[..., list[Reading]]) -> list[Reading]:
    """Every text read; what stands in all of them is left out first."""
    common = frozenset() if everything else reading.common_phrases(one.text for one in texts)
    return spread(partial(read_some, everything, common), texts)


def read_some(everything: bool, common: frozenset[str], texts: Sequence[Text]) -> list[Reading]:
    spoken = reading.spoken_in([one.text for one in texts], [one.language for one in texts])
    return [
        reading.read(one.text, one.score, language, everything, common)
        for one, language in zip(texts, spoken, strict=True)
    ]


def unit_of(text: Text, one: Reading, everything: bool) -> Unit | None:
    """The unit of a text; ``None`` where it tells of no trouble."""
    if one.kind != TROUBLE:
        return None
    if everything:
        told = [gloss.english(clean(text.text), one.language)]
    else:
        told = [part.english for part in troubled(one)]
    return Unit(tuple(Clause(said, one.language) for said in first_words(told)), text.about)


def first_words(told: Sequence[str]) -> list[str]:
    """The clauses *told*, as far as ``MOST_WORDS`` words reach."""
    found, left = [], MOST_WORDS
    for said in told:
        words = said.split()[:left]
        left -= len(words)
        if words:
            found.append(" ".join(words))
    return found or [""]


def pieces_of(unit: Unit) -> list[Unit]:
    """The clauses of a text that has several, each as a unit of its own."""
    return [Unit((clause,), unit.about) for clause in unit.said] if len(unit.said) > 1 else []


def points_of(points: Points, units: Sequence[Unit]) -> Matrix:
    """One point a unit: the middle of its clauses, towards what the customer was asked about."""
    return known.towards(points.middles([unit.said for unit in units]), [unit.about for unit in units])


def place(
    points: Points,
    centres: Matrix,
    reach: Matrix,
    readings: Sequence[Reading],
    units: Sequence[Unit | None],
) -> list[list[Held]]:
    """The problems of each text, the main one first; none where it is within the *reach* of no centre.

    :param points: where all clauses of the *units* of the texts lie.
    """
    distinct = sorted({unit for unit in units if unit})
    distinct = sorted({*distinct, *(piece for unit in distinct for piece in pieces_of(unit))})
    if not distinct or not len(centres):
        return [[] for _ in units]
    where = points_of(points, distinct)
    whole, piece = (nearest(where, centres, reach + more) for more in (0.0, CLAUSE_MARGIN))
    row = {unit: i for i, unit in enumerate(distinct)}
    found = []
    for one, unit in zip(readings, units, strict=True):
        best: dict[int, Held] = {}
        if unit is not None:
            parts = troubled(one)
            group, strength = whole[row[unit]]
            if strength >= 0.0:
                best[group] = Held(group, strength, parts[0].start, parts[-1].end)
            # What was left out of a long text names no problem of its own.
            for part, clause in zip(parts, pieces_of(unit), strict=False):
                other, strength = piece[row[clause]]
                # The clause that names a problem most clearly is its quote.
                if strength >= 0.0 and (other not in best or strength > best[other].strength):
                    best[other] = Held(other, strength, part.start, part.end)
        found.append(sorted(best.values(), key=lambda h: (-h.strength, h.group)))
    return found


def nearest(points: Matrix, centres: Matrix, reach: Matrix) -> list[tuple[int, float]]:
    """The nearest centre of each point and the cosine to it; -1 where it is within the *reach* of none."""
    found: list[tuple[int, float]] = []
    for start in range(0, len(points), BLOCK):
        near = points[start : start + BLOCK] @ centres.T
        # What is beyond the reach of a centre does not count as near to it at all.
        near[near < reach] = -1.0
        best = near.argmax(axis=1)
        found += zip(best.tolist(), near[np.arange(len(near)), best].tolist(), strict=True)
    return found


def troubled(one: Reading) -> list[Part]:
    return [part for part in one.parts if part.trouble]


def members(placed: Sequence[Sequence[Held]], ids: Sequence[str]) -> tuple[Member, ...]:
    """Memberships of all texts; *ids* by row of the centres."""
    return tuple(
        Member(i, ids[h.group], round(min(1.0, max(0.0, h.strength)), 3), h.start, h.end, main=n == 0)
        for i, held in enumerate(placed)
        for n, h in enumerate(held)
    )


def kinds(readings: Sequence[Reading], placed: Sequence[Sequence[Held]]) -> tuple[str, ...]:
    """The kind of each text, with those that no problem holds told apart."""
    pairs = zip(readings, placed, strict=True)
    return tuple(UNPLACED if one.kind == TROUBLE and not held else one.kind for one, held in pairs)
