"""Alike texts that come all at once: groups of recent texts where the past was thin. Pure.

Counting by problem is late for what no problem stands for yet: the texts of something new are first
scattered over the problems that lie around it. So each new text is asked by itself whether it is one of
many. It and the recent texts nearest to it have a middle; the texts of the year nearest to that middle are
taken, the few nearest and more, and of each such set it is asked whether its latest texts lie together in
time more than chance would have them: the same binomial test as in :mod:`emergence`. A text that the middle
was made of is measured by what the middle is without it, so that recent texts lie no nearer than others
only because they made it.

The sets of a text overlap, and so do those of texts that are alike. How many independent looks a text is
worth was therefore measured on shuffled years of real texts (:data:`LOOKS`): from three on hardly anything is
found later by asking more, so it is taken for more than it is. What is asked of a set is
:data:`emergence.FALSE_A_YEAR` over the looks of a year. What comes of it is counted by ``bench/streams.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from promises.feedback.finding.emergence import DOUBLE, FALSE_A_YEAR, LONGEST, YEAR
from promises.feedback.mining import known, vectors
from promises.feedback.mining.vectors import Matrix

Numbers = NDArray[np.int64]
# A middle is that of a text and so many others, sought among those of the latest days: so many at least, and
# no more than can be compared soon.
BESIDE, RECENT_DAYS, RECENT = 4, 10, range(20, 2_001)
# So many texts nearest to a middle are looked at together.
SETS = (5, 7, 10, 14)
# What a text is worth in looks that do not depend on each other.
LOOKS = 10.0
# So many texts are compared with the others by one multiplication.
AT_ONCE = 64
# Fewer texts in a set's window tell nothing.
FEWEST = 5
# The space of the collection itself is fitted to so many of its texts.
FITTED = 4_000
HALF_WHITENED = 0.5
FEWEST_TEXTS = 50


class Burst(NamedTuple):
    """*texts* (numbers of texts, the nearest to the middle first) lie together from day *since* on, which is
    rare by *chance* alone; *before* of them were said earlier, *expected* were to be expected."""

    texts: tuple[int, ...]
    before: tuple[int, ...]
    since: int
    expected: float
    chance: float


def level(texts: int, days: int) -> float:
    """How improbable a set has to be where *texts* were looked at in *days* days."""
    return FALSE_A_YEAR / (LOOKS * max(1.0, texts * YEAR / max(days, 1)))


@vectors.one_thread
def points(meanings: Matrix, languages: Sequence[str]) -> Matrix:
    """What texts say, side by side as the known problems tell texts apart and as this collection does."""
    some = slice(None, None, max(1, -(-len(meanings) // FITTED)))
    fitted = vectors.fit(meanings[some], languages[some], HALF_WHITENED)
    both = [space.place(meanings, languages) for space in (known.space(), fitted)]
    return vectors.unit(np.hstack(both))


@vectors.one_thread
def bursts(points: Matrix, days: Numbers, new: Sequence[int], at: float) -> list[Burst]:
    """The bursts that *new* texts (numbers, in order) belong to, less probable than *at*; the surest first.

    :param points: one row a text, in the order in which they were given; *days* those on which they were.
    """
    if len(points) < FEWEST_TEXTS:
        return []
    heard = np.searchsorted(days, days, "left")  # texts before the day of each
    found = []
    for some in np.split(np.array(new, np.int64), range(AT_ONCE, len(new), AT_ONCE)):
        for one, near in _around(points, days, some):
            order = np.argpartition(-near, min(max(SETS), one))[: max(SETS)]
            order = order[np.lexsort((order, -near[order]))]
            looks = [_together(order[:size], days, heard, one) for size in SETS]
            told = [look for look in looks if look is not None and look.chance < at]
            if told:
                found.append(min(told, key=lambda burst: burst.chance))
    return sorted(found, key=lambda burst: (burst.chance, burst.texts))


def _around(points: Matrix, days: Numbers, some: Numbers) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Each of *some* texts, and how near every text up to it lies to the middle of it and of the recent ones
    nearest to it."""
    if not len(some):
        return
    lately = some + 1 - np.searchsorted(days, days[some] - RECENT_DAYS)
    firsts = np.maximum(0, some + 1 - np.clip(lately, RECENT[0], RECENT[-1]))
    lowest, end = int(firsts.min()), int(some[-1]) + 1
    beside = points[some] @ points[lowest:end].T
    made = []
    for row, one, first in zip(beside, some.tolist(), firsts.tolist(), strict=True):
        near = row[first - lowest : one + 1 - lowest]
        near[-1] = 2.0  # itself, whatever else says the same
        made.append(first + np.argsort(-near, kind="stable")[: BESIDE + 1])
    totals = np.stack([points[own].sum(axis=0) for own in made])
    around = vectors.unit(totals) @ points[:end].T
    for row, one, own, total in zip(around, some.tolist(), made, totals, strict=True):
        found = row[: one + 1]
        found[own] = (points[own] * vectors.unit(total - points[own])).sum(axis=1)
        yield one, found


def _together(own: Numbers, days: Numbers, heard: Numbers, one: int) -> Burst | None:
    """The least probable window of the set *own* that reaches to text *one*, the set's last possible one."""
    told = np.sort(days[own])
    inside = len(own) - np.searchsorted(told, told, "left")
    since = heard[np.sort(own)]  # texts of the year before each opening
    share = (one + 1 - since) / (one + 1)
    outside = len(own) - inside
    expected = outside * share / np.maximum(1.0 - share, 1e-9)
    asked = (inside >= FEWEST) & (share <= LONGEST) & (inside >= DOUBLE * expected)
    if not asked.any():
        return None
    # The text that asks and the one that opens the window are where they are because of the question.
    chance = np.where(asked, bdtrc(inside - 3.0, len(own) - 2, share), 1.0)
    at = int(chance.argmin())
    opened = int(told[at])
    return Burst(
        tuple(int(i) for i in own if days[i] >= opened),
        tuple(int(i) for i in own if days[i] < opened),
        opened,
        float(expected[at]),
        float(chance[at]),
    )
