"""The score over time as a control chart: which periods differ by more than chance does. Pure.

The answers of a period are a sample of all: each counts +1 (9-10), 0 (7-8) or -1 (0-6), so that the mean is
the score and the variance of one answer is p + d - (p - d)². The limits are those of an X̄ chart with samples
of changing size: centre ± 3·sd/√n (Montgomery, Introduction to Statistical Quality Control, 6.3). Eight
periods in a row on one side of the centre are a signal as well (Western Electric 1956, rule 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Literal

from promises.feedback.nps import Nps, nps

SIGMAS = 3.0
RUN = 8
# With fewer answers the mean of a period is far from normal, and one angry customer would be a signal.
FEWEST_IN_PERIOD = 10

Signal = Literal["", "above", "below", "run"]


@dataclass(frozen=True)
class Period:
    """Answers given from *start* on, until the next period or *end* (exclusive), as a distribution 0-10."""

    start: date
    end: date
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Point:
    """One period on the chart. ``low`` and ``high`` are its control limits in points."""

    period: Period
    nps: Nps
    low: float
    high: float
    signal: Signal

    @property
    def last_day(self) -> date:
        return self.period.end - timedelta(days=1)


@dataclass(frozen=True)
class Trend:
    """The chart: the score of all periods together, and each period that has answers enough for a point."""

    centre: float
    points: tuple[Point, ...]

    @property
    def signals(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.signal)


def trend(periods: Sequence[Period]) -> Trend | None:
    """The control chart of *periods*; none where fewer than two have answers enough."""
    shown = [period for period in periods if sum(period.counts) >= FEWEST_IN_PERIOD]
    if len(shown) < 2:
        return None
    whole = nps([sum(column) for column in zip(*(period.counts for period in shown), strict=True)])
    p, d = whole.promoters / whole.n, whole.detractors / whole.n
    centre, sd = 100 * (p - d), 100 * sqrt(p + d - (p - d) ** 2)
    scores = [nps(period.counts) for period in shown]
    runs = _runs([score.score or 0.0 for score in scores], centre)
    return Trend(
        centre,
        tuple(
            _point(period, score, centre, sd, run)
            for period, score, run in zip(shown, scores, runs, strict=True)
        ),
    )


def _point(period: Period, score: Nps, centre: float, sd: float, run: bool) -> Point:
    half = SIGMAS * sd / sqrt(score.n)
    low, high = max(-100.0, centre - half), min(100.0, centre + half)
    value = score.score or 0.0
    signal: Signal = "above" if value > high else "below" if value < low else "run" if run else ""
    return Point(period, score, low, high, signal)


def _runs(values: Sequence[float], centre: float) -> list[bool]:
    """Which values end a run of :data:`RUN` or more on one side of *centre*."""
    found, length, side = [], 0, 0
    for value in values:
        here = (value > centre) - (value < centre)
        length = length + 1 if here and here == side else 1 if here else 0
        side = here
        found.append(length >= RUN)
    return found
