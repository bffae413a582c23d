"""How well a promise is kept, and how sure that is: plain counts in, shares and intervals out.

Intervals are Wilson's (:mod:`promises.shares`), which keeps its coverage near 0 and 1 where kept shares
live. Two shares are compared by Newcombe's hybrid score interval (Newcombe 1998, Statistics in
Medicine 17, 873-890, method 10). Both take the cases as independent; customers of one bad hour are
not, so a narrow interval promises a little more than it can hold.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import sqrt
from typing import Literal

from promises.shares import CONFIDENCE, Interval, wilson

FEW = 20
"""Judged cases below which a share is shown but named as too few to conclude from."""

Standing = Literal["none", "few", "above", "met", "short", "below"]
"""A share against its target: no judged cases, too few, surely met, met but perhaps by chance, missed
but perhaps by chance, surely missed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many cases are what.

    ``cant_judge`` and ``gave_up_before`` (the limit) are parts of ``excluded``; ``gave_up_after`` is a
    part of ``broken``.
    """

    kept: int = 0
    broken: int = 0
    pending: int = 0
    excluded: int = 0
    cant_judge: int = 0
    gave_up_before: int = 0
    gave_up_after: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: Figures) -> Figures:
        """These without *other*, which must be a part of them."""
        return Figures(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    @property
    def judged(self) -> int:
        """The cases that the kept share is of."""
        return self.kept + self.broken

    @property
    def cases(self) -> int:
        """All cases, whatever became of them."""
        return self.judged + self.pending + self.excluded

    @property
    def share(self) -> float | None:
        """Kept of judged, 0 to 1; None when nothing is judged."""
        return self.kept / self.judged if self.judged else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of :attr:`share` at 95 per cent; None when nothing is judged."""
        return wilson(self.kept, self.judged) if self.judged else None

    @property
    def few(self) -> bool:
        """Whether there are too few judged cases to conclude from."""
        return self.judged < FEW

    def against(self, target: float) -> Standing:
        """Where the share stands against *target* (0 to 1)."""
        share, interval = self.share, self.interval
        if share is None or interval is None:
            return "none"
        if self.few:
            return "few"
        if share >= target:
            return "above" if interval.low >= target else "met"
        return "below" if interval.high < target else "short"


def difference(one: Figures, other: Figures, confidence: float = CONFIDENCE) -> Interval | None:
    """Newcombe's interval of the share of *one* less that of *other*; None when either has no share."""
    if one.share is None or other.share is None:
        return None
    a, b = wilson(one.kept, one.judged, confidence), wilson(other.kept, other.judged, confidence)
    gap = one.share - other.share
    return Interval(
        gap - sqrt((one.share - a.low) ** 2 + (b.high - other.share) ** 2),
        gap + sqrt((a.high - one.share) ** 2 + (other.share - b.low) ** 2),
    )


def differs(one: Figures, other: Figures, comparisons: int = 1) -> Literal["better", "worse"] | None:
    """Whether *one* keeps its promise better or worse than *other*, as far as the cases can tell.

    :param comparisons: how many such questions stand on the same page; the confidence of each is
        raised accordingly (Bonferroni), so that all their answers together err in 5 per cent at most.
    """
    if one.few or other.few:
        return None
    gap = difference(one, other, 1 - (1 - CONFIDENCE) / max(comparisons, 1))
    if gap is None or gap.low <= 0 <= gap.high:
        return None
    return "better" if gap.low > 0 else "worse"
