"""Whether a problem is one of a single branch, weekday or hour rather than of everywhere and always. Pure.

If a problem's n customers fell on the places as all trouble does, a place with the share p of all trouble
would have k or more of them with a probability of at most exp(-n·D), D = a·ln(a/p) + (1-a)·ln((1-a)/(1-p)),
a = k/n > p (Chernoff's bound for the binomial tail; Hoeffding 1963, Journal of the American Statistical
Association 58, 13-30, theorem 1). It is said only where this bound, times the number of questions asked
(Bonferroni), stays below 5 per cent, and where the place has so much more that it helps to know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

ERROR = 0.05
FEWEST = 10
TIMES = 2.0
"""A place must have so many times its share of all trouble …"""
LEAST_SHARE = 0.25
"""… and this share of the problem."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """*n* of the *of* customers are at *value* of *facet*, which has the share *usual* of all trouble."""

    facet: str
    value: str
    n: int
    of: int
    usual: float

    @property
    def share(self) -> float:
        return self.n / self.of


def bound(k: int, n: int, p: float) -> float:
    """At most so likely are *k* or more of *n*, each with probability *p*; 1 where *k* is not above usual."""
    a = k / n
    if a <= p:
        return 1.0
    if p <= 0.0:
        return 0.0
    distance = a * log(a / p) + ((1 - a) * log((1 - a) / (1 - p)) if a < 1 else 0.0)
    return exp(-n * distance)


def concentrated(
    facet: str, own: Mapping[str, int], everyone: Mapping[str, int], questions: int
) -> Concentration | None:
    """Where a problem is concentrated, if anywhere; of several such places the one with most of it.

    :param own: value → the problem's customers there.
    :param everyone: value → all pieces that tell of trouble there.
    :param questions: how many (problem, place) are asked about on the same page.
    """
    of, total = sum(own.values()), sum(everyone.values())
    if of < FEWEST or not total or len(everyone) < 2:
        return None
    for value, n in sorted(own.items(), key=lambda pair: (-pair[1], pair[0])):
        usual = everyone.get(value, 0) / total
        enough = n >= LEAST_SHARE * of and n >= TIMES * usual * of
        if enough and usual and bound(n, of, usual) * max(questions, 1) < ERROR:
            return Concentration(facet, value, n, of, usual)
    return None
