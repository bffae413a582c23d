"""How far people agree who labelled the same texts without seeing each other's answers. Pure.

Cohen's kappa (1960) for two people; Krippendorff's alpha for nominal values (*Content Analysis*, 2004, 11)
for any number of them, where some may have left out some texts. Both are 1 where all agree and 0 where they
agree as chance would. The interval is the middle 95 per cent of what samples drawn anew from the same texts
give (Hayes and Krippendorff 2007); always the same ones, so that a page shows the same figures again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Answers = Mapping[int, str]
"""Text → what one person said of it."""

DRAWS = 1_000
FEWEST = 10
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Agreement:
    """:ivar n: texts that at least two people labelled.
    :ivar same: share of pairs of answers to one text that are the same.
    :ivar value: kappa or alpha; none where every answer is the same one, so that nothing could be told apart.
    :ivar low, high: 95 % interval; none with fewer than ``FEWEST`` texts."""

    n: int
    same: float
    value: float | None
    low: float | None = None
    high: float | None = None


def kappa(one: Answers, other: Answers) -> Agreement | None:
    """Cohen's kappa over the texts that both labelled; none where there are none."""
    pairs = [(one[text], other[text]) for text in sorted(one.keys() & other.keys())]
    if not pairs:
        return None
    return _with_interval(pairs, _kappa, len(pairs), sum(a == b for a, b in pairs) / len(pairs))


def alpha(people: Sequence[Answers]) -> Agreement | None:
    """Krippendorff's alpha over the texts that at least two labelled; none where there are none."""
    texts = sorted({text for one in people for text in one})
    units = [tuple(one[text] for one in people if text in one) for text in texts]
    units = [unit for unit in units if len(unit) > 1]
    if not units:
        return None
    same = sum(sum(n * (n - 1) for n in Counter(unit).values()) / (len(unit) - 1) for unit in units)
    return _with_interval(units, _alpha, len(units), same / sum(map(len, units)))


def _kappa(pairs: Sequence[tuple[str, ...]]) -> float | None:
    n = len(pairs)
    seen = sum(a == b for a, b in pairs) / n
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[label] * right[label] for label in left) / n**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def _alpha(units: Sequence[tuple[str, ...]]) -> float | None:
    told: Counter[str] = Counter()
    same = 0.0
    for unit in units:
        counts = Counter(unit)
        told.update(counts)
        same += sum(n * (n - 1) for n in counts.values()) / (len(unit) - 1)
    total = told.total()
    apart = total * (total - 1) - sum(n * (n - 1) for n in told.values())
    return None if apart == 0 else 1 - (total - 1) * (total - same) / apart


def _with_interval(
    units: Sequence[tuple[str, ...]],
    measure: Callable[[Sequence[tuple[str, ...]]], float | None],
    n: int,
    same: float,
) -> Agreement:
    value = measure(units)
    if value is None or n < FEWEST:
        return Agreement(n, same, value)
    chance = random.Random(0)  # noqa: S311 - nothing secret: the same draws each time
    drawn = (measure(chance.choices(units, k=n)) for _ in range(DRAWS))
    found = sorted(one for one in drawn if one is not None)
    cut = round((1 - CONFIDENCE) / 2 * len(found))
    return Agreement(n, same, value, found[cut], found[len(found) - 1 - cut])
