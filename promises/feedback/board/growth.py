"""Whether more and more of the feedback speaks of a problem: a control chart of its share by week. Pure.

A p' chart (Laney 2002, Improved control charts for attributes, Quality Engineering 14, 531-537): with x of
the n pieces of a week the share is p = x/n and the centre p0 = Σx/Σn; the limits are p0 ± 3·s·σz with
s = sqrt(p0(1 - p0)/n) and σz the mean of |z - z of the week before| over 1.128, where z = (p - p0)/s. A
share of all feedback, and not a number: a week in which more is asked doesn't make every problem grow.
Here σz is never below 1, as a few weeks can by chance look steadier than chance allows. Beyond a limit, or
the eighth week in a row on one side of the centre (Western Electric 1956, rule 4), is a signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

SIGMAS = 3.0
RUN = 8
MEAN_OF_MOVING_RANGE = 1.128
WEEKS = 26
RECENT = 4
"""A signal in the last so many weeks says that a problem grows or fades."""
FEWEST_WEEKS = 8
FEWEST_PIECES = 5
"""Fewer pieces in a week are no signal above: with so few, chance alone crosses three sigmas often."""

Signal = Literal["", "above", "below", "run_above", "run_below"]
Course = Literal["growing", "fading", "steady", "unknown"]


@dataclass(frozen=True, slots=True)
class Point:
    """One week: *pieces* of the *heard* speak of the problem; shares and limits are from 0 to 1."""

    week: int
    pieces: int
    heard: int
    low: float
    high: float
    signal: Signal

    @property
    def share(self) -> float:
        return self.pieces / self.heard


@dataclass(frozen=True, slots=True)
class Growth:
    """The chart of one problem.

    :ivar recent: pieces of the last four weeks.
    :ivar change: how many sigmas the share of these weeks lies above that of the weeks before.
    """

    centre: float
    points: tuple[Point, ...]
    course: Course
    recent: int
    change: float


def growth(pieces: Mapping[int, int], heard: Mapping[int, int], last: int, weeks: int = WEEKS) -> Growth:
    """The chart of the *weeks* weeks that end with *last*, which may still be running.

    :param pieces: week → pieces that speak of the problem.
    :param heard: week → all pieces; weeks without any have no point.
    """
    shown = [week for week in range(last - weeks + 1, last + 1) if heard.get(week)]
    x, n = [pieces.get(week, 0) for week in shown], [heard[week] for week in shown]
    recent = sum(count for week, count in zip(shown, x, strict=True) if week > last - RECENT)
    if not shown:
        return Growth(0.0, (), "unknown", 0, 0.0)
    centre = sum(x) / sum(n)
    sigmas = [sqrt(centre * (1 - centre) / size) for size in n]
    spread = _spread([(a / b - centre) / s if s else 0.0 for a, b, s in zip(x, n, sigmas, strict=True)])
    sides = [(a > centre * b) - (a < centre * b) for a, b in zip(x, n, strict=True)]
    points = []
    for week, count, size, sigma, run in zip(shown, x, n, sigmas, _runs(sides), strict=True):
        half = SIGMAS * sigma * spread
        low, high = max(0.0, centre - half), min(1.0, centre + half)
        points.append(Point(week, count, size, low, high, _signal(count, size, low, high, run)))
    change = _change(shown, x, n, last, spread)
    if len(shown) < FEWEST_WEEKS:
        return Growth(centre, tuple(points), "unknown", recent, change)
    return Growth(centre, tuple(points), _course(points, last), recent, change)


def _course(points: Sequence[Point], last: int) -> Course:
    """A run counts while it goes on; a week beyond a limit for as long as it is recent."""
    told = points[-1].signal
    for point in points:
        if point.week > last - RECENT and point.signal in {"above", "below"}:
            told = point.signal
    return "steady" if not told else "growing" if told.endswith("above") else "fading"


def _spread(z: Sequence[float]) -> float:
    moves = [abs(b - a) for a, b in pairwise(z)]
    return max(1.0, sum(moves) / len(moves) / MEAN_OF_MOVING_RANGE) if moves else 1.0


def _runs(sides: Sequence[int]) -> list[int]:
    """1 or -1 where a run of :data:`RUN` or more weeks on that side of the centre ends, else 0."""
    found, length, before = [], 0, 0
    for side in sides:
        length = length + 1 if side and side == before else int(side != 0)
        before = side
        found.append(side if length >= RUN else 0)
    return found


def _signal(count: int, size: int, low: float, high: float, run: int) -> Signal:
    if count > high * size and count >= FEWEST_PIECES:
        return "above"
    if count < low * size:
        return "below"
    return "run_above" if run > 0 else "run_below" if run < 0 else ""


def _change(shown: Sequence[int], x: Sequence[int], n: Sequence[int], last: int, spread: float) -> float:
    """The last weeks' share against the earlier ones', in sigmas of a difference of two shares."""
    new = [week > last - RECENT for week in shown]
    x1, n1 = (sum(v for v, is_new in zip(one, new, strict=True) if is_new) for one in (x, n))
    x0, n0 = sum(x) - x1, sum(n) - n1
    both = (x0 + x1) / (n0 + n1)
    if not n0 or not n1 or both in {0.0, 1.0}:
        return 0.0
    return (x1 / n1 - x0 / n0) / (sqrt(both * (1 - both) * (1 / n0 + 1 / n1)) * spread)
