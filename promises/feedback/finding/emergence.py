"""Whether a problem emerges, grows or fades: its latest texts scanned against the time before. Pure.

A window reaches back from now to one of the problem's own texts. Of all that customers have said, the
window holds a share; if nothing had changed, each of the problem's texts would lie in it by that chance, so
the number in it is binomial given how many there are at all (Przyborowski and Wilenski 1940, as prospective
scan statistics use it: Kulldorff 2001). No rate has to be known beforehand, a silent problem has one as well,
and a busy week counts for no more than its share of what is said. The text that opens the window is not
counted, since the window was put there because of it.

Many windows, problems and days are looked at, so chance would alarm by and by. What is asked of each window
is therefore the alarms that are allowed in a year (:data:`FALSE_A_YEAR`) divided by the number of windows
that open in a year; by Boole's inequality no more alarms than that come of chance, whatever depends on what.

When a turn has been announced, the time before it is over: what counts as before is then what was said since.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from promises.shares import tail

# Alarms by chance alone in a year of the whole company.
FALSE_A_YEAR = 0.05
# How many of the latest texts a window holds that asks for a rise, and one that asks for a fall.
RISES = (4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50, 80, 120)
FALLS = (0, 1, 2, 4, 8, 15, 30)
# What is certain may still be small: it has to be at least double, or half.
DOUBLE = 2.0
# A problem of which so little was to be expected was as good as unheard of.
UNHEARD = 0.5
# No window that asks for a rise holds more of what was said than the time before it. Silence may be longer.
LONGEST, LONGEST_SILENCE = 0.5, 0.9
YEAR = 365


@dataclass(frozen=True)
class Change:
    """A problem turned.

    :ivar kind: ``emerged`` (hardly heard of before), ``growing`` or ``fading``.
    :ivar since: the day on which it turned.
    :ivar texts: pieces that speak of it from then on.
    :ivar expected: how many would have, had nothing changed.
    """

    kind: str
    since: int
    texts: int
    expected: float


class Days:
    """Counts by day (whole numbers, in any order of days), to be summed over any time."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self.days = sorted(day for day, count in counts.items() if count)
        self._sums = [0, *accumulate(counts[day] for day in self.days)]

    def between(self, first: int, last: int) -> int:
        """The sum from *first* to *last*, both included."""
        end = bisect_right(self.days, last)
        return max(0, self._sums[end] - self._sums[min(end, bisect_left(self.days, first))])


def level(texts: int) -> float:
    """How improbable a window has to be where *texts* pieces speak of problems in a year."""
    return FALSE_A_YEAR / (max(texts, 1) * (len(RISES) + len(FALLS)))


def change(own: Days, heard: Days, *, today: int, before: int | None, at: float) -> Change | None:
    """How a problem turned lately, if it did.

    :param own: what speaks of the problem; *heard* all that was said, with it.
    :param before: the day from which on things were as they are taken to be before the turn; none for a year.
    :param at: see :func:`level`.
    """
    if not own.days or not heard.days:
        return None
    first = max(heard.days[0], today - YEAR, before if before is not None else heard.days[0])
    found = [
        (chance, change)
        for windows, look in ((RISES, _risen), (FALLS, _fallen))
        for number in windows
        for chance, change in look(own, heard, number, first, today)
        if chance < at
    ]
    return min(found, key=lambda pair: (pair[0], -pair[1].since))[1] if found else None


def _risen(own: Days, heard: Days, number: int, first: int, today: int) -> list[tuple[float, Change]]:
    since = _opened(own, number, first, today)
    if since is None:
        return []
    inside, outside = own.between(since, today), own.between(first, since - 1)
    share = _share(heard, first, since, today)
    if share > LONGEST or inside < DOUBLE * (expected := outside * share / (1 - share)):
        return []
    chance = tail(inside - 1, inside - 1 + outside, share)
    return [(chance, Change("emerged" if expected < UNHEARD else "growing", since, inside, expected))]


def _fallen(own: Days, heard: Days, number: int, first: int, today: int) -> list[tuple[float, Change]]:
    last = _opened(own, number + 1, first, today)
    if last is None or last == today:
        return []
    inside, outside = own.between(last + 1, today), own.between(first, last)
    share = _share(heard, first, last + 1, today)
    if share > LONGEST_SILENCE or inside > (expected := outside * share / (1 - share)) / DOUBLE:
        return []
    # As few as that inside is as many as the others outside.
    chance = tail(outside - 1, inside + outside - 1, 1 - share)
    return [(chance, Change("fading", last + 1, inside, expected))]


def _opened(own: Days, number: int, first: int, today: int) -> int | None:
    """The day of the *number*-th latest text."""
    total = own.between(first, today)
    if total < number:
        return None
    days = own.days[bisect_left(own.days, first) : bisect_right(own.days, today)]
    low, high = 0, len(days) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if own.between(days[middle], today) >= number else (low, middle - 1)
    return days[low]


def _share(heard: Days, first: int, since: int, today: int) -> float:
    """Which share of all that was said from *first* on was said from *since* on."""
    return heard.between(since, today) / max(1, heard.between(first, today))
