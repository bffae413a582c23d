"""The Net Promoter Score of answers 0-10, and how sure it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from promises.shares import wilson

SCALE = range(11)
PASSIVES = range(7, 9)
FEWEST = 20
# Answers that the adjusted Wald interval adds: 3, of which a quarter each side promote and detract.
ADDED = 3.0


@dataclass(frozen=True)
class Nps:
    """The score of *n* answers.

    :ivar score: promoters' share less detractors' share, in points, -100 to 100; ``None`` without answers.
    :ivar low: lower end of the interval in points, not below -100.
    :ivar high: upper end of the interval in points, not above 100.
    :ivar enough: whether there are answers enough to show the score as one.
    """

    n: int
    detractors: int
    passives: int
    promoters: int
    score: float | None
    low: float | None
    high: float | None
    enough: bool


def distribution(scores: Iterable[float]) -> tuple[int, ...]:
    """How many answers gave each of 0, 1, ... 10.

    :raises ValueError: for a score that is not a whole number from 0 to 10.
    """
    counts = [0] * len(SCALE)
    for score in scores:
        if score not in SCALE:
            raise ValueError(score)
        counts[int(score)] += 1
    return tuple(counts)


def nps(counts: Sequence[int], *, fewest: int = FEWEST, confidence: float = 0.95) -> Nps:
    """The score of a :func:`distribution` with its adjusted Wald interval.

    With n' = n + 3, p = (promoters + 3/4) / n' and d = (detractors + 3/4) / n' the interval is
    (p - d) ± z·sqrt((p + d - (p - d)²) / n'). At n = 10 it covers 95-96 %, where the plain one covers 80-91 %
    (Rocks 2016; Sauro & Lewis). Its middle is drawn a little towards 0 and so is not the score itself.

    :param fewest: below so many answers the score is "too few answers".
    """
    detractors, passives = sum(counts[: PASSIVES.start]), sum(counts[PASSIVES.start : PASSIVES.stop])
    promoters = sum(counts[PASSIVES.stop :])
    n = detractors + passives + promoters
    if n == 0:
        return Nps(0, 0, 0, 0, None, None, None, False)
    adjusted = n + ADDED
    p, d = (promoters + ADDED / 4) / adjusted, (detractors + ADDED / 4) / adjusted
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    half = z * sqrt((p + d - (p - d) ** 2) / adjusted)
    low, high = max(-1.0, p - d - half), min(1.0, p - d + half)
    score = 100.0 * (promoters - detractors) / n
    return Nps(n, detractors, passives, promoters, score, 100 * low, 100 * high, n >= fewest)


def apart(one: Nps, other: Nps) -> bool:
    """Whether the intervals of two scores do not overlap, so that they may be ranked."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low > other.high or other.low > one.high


def without(counts: Sequence[int], theme: Sequence[int]) -> float | None:
    """What a theme costs: the score less the score without the answers that name it, in points.

    :param counts: distribution of all answers.
    :param theme: distribution of those that name the theme.
    :returns: n_t·(NPS_t - NPS) / (N - n_t); ``None`` where one of the groups is empty.
    """
    whole, named = nps(counts), nps(theme)
    if whole.score is None or named.score is None or whole.n <= named.n:
        return None
    return named.n * (named.score - whole.score) / (whole.n - named.n)


@dataclass(frozen=True)
class Impact:
    """What a theme does to the score, in points: below 0 where it costs. See :func:`impact`."""

    points: float
    low: float
    high: float
    n: int

    @property
    def enough(self) -> bool:
        return self.n >= FEWEST

    @property
    def clear(self) -> bool:
        """Whether chance alone would hardly give it its sign."""
        return self.enough and (self.high < 0 or self.low > 0)


def impact(counts: Sequence[int], theme: Sequence[int], *, confidence: float = 0.95) -> Impact | None:
    """The score less the score without the answers that name a theme, with its interval.

    With w = n_t/N it equals w·(NPS_t - NPS_r), r being the rest (see :func:`without`). Its interval is put
    together from those of its three parts, adjusted Wald for the scores and Wilson's for w, by the method of
    variance estimates recovery (Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; Newcombe 1998,
    ibid. 17, 873-890): on each side the squares of what each part alone would move are summed.

    :param counts: distribution of all answers.
    :param theme: distribution of those that name the theme, a part of them.
    :returns: ``None`` where one of the groups is empty.
    """
    named = nps(theme, confidence=confidence)
    rest = nps([max(c - t, 0) for c, t in zip(counts, theme, strict=True)], confidence=confidence)
    if named.score is None or rest.score is None:
        return None
    n = named.n + rest.n
    w, gap, share = named.n / n, named.score - rest.score, wilson(named.n, n, confidence)
    more, fewer = gap * (share.high - w), gap * (w - share.low)
    worse, better = (more, fewer) if gap < 0 else (fewer, more)
    down = w * w * (_below(named) ** 2 + _above(rest) ** 2) + worse**2
    up = w * w * (_above(named) ** 2 + _below(rest) ** 2) + better**2
    return Impact(w * gap, w * gap - sqrt(down), w * gap + sqrt(up), named.n)


def _below(one: Nps) -> float:
    return max(0.0, (one.score or 0.0) - (one.low or 0.0))


def _above(one: Nps) -> float:
    return max(0.0, (one.high or 0.0) - (one.score or 0.0))
