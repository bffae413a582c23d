"""How a clause sounds: praise, trouble, or neither; and which texts say nothing at all.

Works on the English words that :mod:`gloss` gives, so that one list serves all languages. "Ei tarvinnut
jonottaa" is praise, "ei toimi" is trouble, "voisi olla nopeampi" is a wish and so a trouble.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from promises.feedback.text import gloss
from promises.feedback.text.clean import clean

# Finnish says "not nobody" for "nobody": the second adds nothing.
DOUBLED = frozenset(("no", "never", "nobody", "none", "nothing"))
# A negation reaches this many words forward, and not over a conjunction.
REACH = 4


class Tone(NamedTuple):
    """How many words of a clause praise, tell of trouble, and wish."""

    praise: int
    trouble: int
    wish: int

    @property
    def troubled(self) -> bool:
        """Whether something is wrong or wished otherwise."""
        return self.trouble > 0 or self.wish > 0

    @property
    def pleased(self) -> bool:
        """Whether it is praise and nothing else, or far more praise than trouble."""
        much = self.trouble == 0 or self.praise > 2 * self.trouble
        return self.praise > 0 and self.wish == 0 and much


@cache
def signs() -> dict[str, str]:
    """English word → its sign; ``data/tone.tsv`` tells what each sign means."""
    text = files("promises.feedback.data").joinpath("tone.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: sign for sign, words in rows for word in words.split()}


@lru_cache(maxsize=200_000)
def sign_of(word: str) -> str:
    """The sign of an English *word* in any of its forms; nothing for most."""
    table = signs()
    return next((table[form] for form in forms(word) if form in table), "")


# A clause is asked for twice while it is read.
@lru_cache(maxsize=1000)
def hear(english: str) -> Tone:
    """The tone of a clause given in *english* (glossed or original)."""
    counts = {"+": 0, "-": 0, "~": 0}
    reach = 0
    # What a negation says that finds no word to turn: that something is amiss, but "not need" is praise.
    alone = "-"
    for word in gloss.words(english):
        sign = sign_of(word)
        if sign == "!":
            counts["-"] += reach > 0 and word not in DOUBLED
            reach, alone = REACH, "-"
        elif sign == "|":
            counts[alone] += reach > 0
            reach = 0
        elif sign == "=":
            counts["~"] += reach == 0
            reach, alone = (REACH, "+") if reach else (0, "-")
        elif sign == "~" and reach:
            reach -= 1
            counts[alone] += reach == 0
        elif sign and reach:
            counts["-" if sign == "+" else "+"] += 1
            reach = 0
        elif sign:
            counts[sign] += 1
        elif reach:
            reach -= 1
            counts[alone] += reach == 0
    counts[alone] += reach > 0
    return Tone(counts["+"], counts["-"], counts["~"])


def marks(english: str) -> dict[str, float]:
    """What a clause is weighed by: its words and pairs of words, evened out by its length, and its tone."""
    said = [gloss.plain_english(word) for word in gloss.words(english)]
    names = dict.fromkeys([*said, *map(" ".join, pairwise(said))])
    found = dict.fromkeys(names, 1.0 / math.sqrt(len(names))) if names else {}
    heard = hear(english)
    for sign, count in zip("+-~", heard, strict=True):
        found[sign] = float(min(count, 2))
    return found


@cache
def weights() -> dict[str, float]:
    """Mark → its weight (above nothing: content), under no name the constant; see ``data/make_tone.py``."""
    text = files("promises.feedback.data").joinpath("tone_weights.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {name: float(weight) for name, weight in rows}


def contentment(english: str) -> float:
    """How content a clause sounds: log-odds, learnt from examples of praise and trouble."""
    table = weights()
    return table[""] + math.fsum(
        table[name] * value for name, value in marks(english).items() if name in table
    )


def forms(word: str) -> list[str]:
    """*word* and what it may come from: "crashing", "crashed" and "crashes" are listed by "crash"."""
    found = [word, gloss.plain_english(word)]
    for ending in ("ing", "ed", "es"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            stem = word.removesuffix(ending)
            found += [stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else stem]
    return found


@cache
def non_answers() -> frozenset[str]:
    text = files("promises.feedback.data").joinpath("non_answers.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def says_nothing(text: str) -> bool:
    """Whether *text* is a non-answer: empty, signs only, one letter, "en osaa sanoa", "n/a", "asdf"."""
    found = gloss.words(clean(text))
    said = " ".join(found)
    if said in non_answers() or not any(c.isalpha() for c in said):
        return True
    return len(found) == 1 and (len(said) < 3 or not vowels(said))


def vowels(word: str) -> bool:
    return any(c in "aeiouyåäö" or c > "\u024f" for c in word)


def content(words: Sequence[str]) -> list[str]:
    """*words* (English) that name something: longer than two letters and not of the commonest."""
    return [word for word in words if len(word) > 2 and word not in common()]


@cache
def common() -> frozenset[str]:
    """English words too common to name anything."""
    return frozenset(files("promises.feedback.data").joinpath("common_en.txt").read_text("utf-8").split())
