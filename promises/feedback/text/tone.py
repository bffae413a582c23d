"""How a clause sounds: praise, trouble, or neither; and which texts say nothing at all.

Works on the English words that :mod:`gloss` gives, so that one list serves all languages. "Ei tarvinnut
jonottaa" is praise, "ei toimi" is trouble, "voisi olla nopeampi" is a wish and so a trouble.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from promises.feedback.text import gloss
from promises.feedback.text.clean import clean

NEGATIONS = frozenset(
    "not no never nobody none nothing neither nor without cannot can't cant don't dont doesn't doesnt didn't didnt "
    "won't wouldn't isn't wasn't aren't weren't haven't hasn't hadn't couldn't shouldn't".split()
)
# Finnish says "not nobody" for "nobody": the second adds nothing.
DOUBLED = frozenset(("no", "never", "nobody", "none", "nothing"))
# A negation reaches this many words forward, and not over these.
REACH = 4
BARRIERS = frozenset("but although though because and when while if until since that which".split())


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
        return self.praise > 0 and self.wish == 0 and (self.trouble == 0 or self.praise >= 2 * self.trouble + 1)


@cache
def signs() -> dict[str, str]:
    """English word → ``+``, ``-`` or ``~``."""
    text = files("promises.feedback.data").joinpath("tone.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: sign for sign, words in rows for word in words.split()}


def hear(english: str) -> Tone:
    """The tone of a clause given in *english* (glossed or original)."""
    table = signs()
    counts = {"+": 0, "-": 0, "~": 0}
    reach = 0
    # What a negation says that finds no word to turn: that something is amiss, but "not need" is praise.
    alone = "-"
    for word in gloss.words(english):
        sign = next((table[form] for form in forms(word) if form in table), "")
        if word in NEGATIONS:
            counts["-"] += reach > 0 and word not in DOUBLED
            reach, alone = REACH, "-"
        elif word in BARRIERS:
            counts[alone] += reach > 0
            reach = 0
        elif sign == "~" and reach:
            reach, alone = REACH, "+"
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


def forms(word: str) -> list[str]:
    """*word* and what it may come from: "crashing", "crashed" and "crashes" are all in the list by "crash"."""
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
    return [w for w in words if len(w) > 2 and w not in COMMON]


COMMON = frozenset(
    "the and but for are was were been being have has had having this that these those with from they them their you "
    "your our ours his her hers its who what which when where why how not nor yet all any some other another than "
    "then there here out off over under again once just only very too also into onto about can could will would "
    "shall should may might must does did doing done get got make made take took put let one two three even still "
    "many much more most few little lot own same such because although though while until since however anything "
    "something nothing everything anyone someone nobody everybody myself yourself itself want need come came "
    "went going give gave tell told say said thing things matter really always never ever".split()
)
