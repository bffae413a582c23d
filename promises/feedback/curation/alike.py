"""Groups that suggest themselves among the quotes of one problem, for splitting it: those that share a word
that most others have not, or that are about one touchpoint. Pure, and quick enough for a page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORD = re.compile(r"[^\W\d_]{4,}")
# Finnish and Swedish words change at their ends; so many letters tell most apart.
STEM = 6
FEWEST, MOST_OF_ALL = 3, 0.6
MOST_SHOWN = 6
# Of two groups with so much in common, one is shown.
SAME = 0.5


@dataclass(frozen=True)
class Quote:
    """One quote to be grouped."""

    id: int
    words: str
    touchpoint: str = ""


@dataclass(frozen=True)
class Alike:
    """Quotes that are alike: by *word*, as most of them write it, or by *touchpoint*."""

    word: str
    touchpoint: str
    ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """What names this group in an address."""
        return f"touchpoint:{self.touchpoint}" if self.touchpoint else self.word


def groups(quotes: Sequence[Quote]) -> list[Alike]:
    """The groups worth showing, the largest first: not too small, not nearly all, each unlike the others."""
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    held: defaultdict[str, list[int]] = defaultdict(list)
    about: defaultdict[str, list[int]] = defaultdict(list)
    for quote in quotes:
        words = [word for word in WORD.findall(quote.words.lower()) if word not in empty()]
        for stem in sorted({word[:STEM] for word in words}):
            held[stem].append(quote.id)
        for word in words:
            written[word[:STEM]][word] += 1
        if quote.touchpoint:
            about[quote.touchpoint].append(quote.id)
    found = [Alike("", point, tuple(ids)) for point, ids in sorted(about.items())]
    for stem, ids in sorted(held.items()):
        # The form that most of them use; of equals the shortest, which is oftenest the plain one.
        word = min(written[stem], key=lambda one: (-written[stem][one], len(one), one))
        found.append(Alike(word, "", tuple(ids)))
    found = [one for one in found if FEWEST <= len(one.ids) <= MOST_OF_ALL * len(quotes)]
    found.sort(key=lambda one: (-len(one.ids), one.key))
    shown: list[Alike] = []
    for one in found:
        if len(shown) < MOST_SHOWN and not any(_shared(one.ids, other.ids) > SAME for other in shown):
            shown.append(one)
    return shown


def _shared(one: Collection[int], other: Collection[int]) -> float:
    return len({*one} & {*other}) / len({*one} | {*other})


@cache
def empty() -> frozenset[str]:
    text = files("promises.feedback.data").joinpath("empty_words.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
