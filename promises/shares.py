"""Shares of a whole and how sure they are. Pure: plain counts in, shares and intervals out."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a share (0 to 1), or of a difference of two shares (-1 to 1)."""

    low: float
    high: float


def z_of(confidence: float) -> float:
    """The two-sided normal quantile of *confidence*, 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(kept: int, judged: int, confidence: float = CONFIDENCE) -> Interval:
    """The shares that *kept* of *judged* cases don't contradict at *confidence*.

    Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212), which keeps its coverage near 0
    and 1 (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133).

    :raises ValueError: unless 0 <= kept <= judged and judged > 0.
    """
    if not 0 <= kept <= judged or judged == 0:
        raise ValueError(f"{kept} kept of {judged} judged")
    z2 = z_of(confidence) ** 2
    centre = (kept + z2 / 2) / (judged + z2)
    half = sqrt(z2) / (judged + z2) * sqrt(kept * (judged - kept) / judged + z2 / 4)
    # With none or all kept the bound is exactly 0 or 1, which rounding would miss by a hair.
    low = 0.0 if kept == 0 else max(centre - half, 0.0)
    high = 1.0 if kept == judged else min(centre + half, 1.0)
    return Interval(low, high)


def tail(least: int, n: int, p: float) -> float:
    """P(X >= *least*) for X binomial with *n* trials of probability *p*, summed exactly."""
    if least <= 0:
        return 1.0
    if p <= 0.0 or least > n:
        return 0.0
    if p >= 1.0:
        return 1.0
    terms = (
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
        for k in range(least, n + 1)
    )
    return min(1.0, sum(terms))
