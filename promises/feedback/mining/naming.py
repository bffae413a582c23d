"""Names for the problems that no hand-written one fits: from the words that set them apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from promises.feedback.mining.results import Label
from promises.feedback.text import gloss, tone

MOST_TERMS = 5
TERMS_IN_LABEL = 2


def terms(groups: Sequence[Sequence[Sequence[str]]]) -> list[list[str]]:
    """The words that set each group apart, best first: how often, times how much oftener than elsewhere.

    :param groups: for each problem the words of each of its texts.
    """
    everywhere: Counter[str] = Counter()
    own = []
    for texts in groups:
        counts = Counter(word for words in texts for word in set(words))
        own.append(counts)
        everywhere.update(counts)
    total = sum(len(texts) for texts in groups)
    found = []
    for texts, counts in zip(groups, own, strict=True):
        fewest = 1 if len(texts) < 4 else 2
        scored = {
            word: n * math.log((n + 0.5) / (everywhere[word] * len(texts) / max(1, total) + 0.5))
            for word, n in counts.items()
            if n >= fewest
        }
        ranked = sorted(scored.items(), key=lambda pair: (-pair[1], pair[0]))
        found.append([word for word, score in ranked if score >= 0][:MOST_TERMS])
    return found


@cache
def finnish_of() -> Mapping[str, str]:
    """English → the Finnish word that it fits best, for problems that are told in English only."""
    best: dict[str, tuple[float, str]] = {}
    for head, (english, weight) in gloss.dictionary("fi").items():
        if " " not in head and (english not in best or (weight, head) > best[english]):
            best[english] = (weight, head)
    found = {english: head for english, (_, head) in best.items()}
    for head, english in gloss.service_words("fi").items():
        if english and len(head) > 2:
            found.setdefault(english, head)
    return found


def telling(words: Sequence[str]) -> list[str]:
    """*words* (English) that name something: not the commonest, not praise, not figures."""
    signs = tone.signs()
    return [w for w in tone.content(words) if signs.get(w, "-") == "-" and w.isalpha()]


def english_words(said: str) -> list[str]:
    """The telling words of what is *said* in English."""
    return telling([gloss.plain_english(word) for word in gloss.words(said)])


def finnish_words(said: str) -> list[str]:
    """The dictionary forms of the telling words of what is *said* in Finnish."""
    found = [gloss.choose(word, "fi") for word in gloss.words(said)]
    return [head for head, english in found if english and telling(english.lower().split()) and len(head) > 2]


def both(english: Sequence[str], finnish: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Finnish and English words, each put in from the other where a problem is told in one language only."""
    if not finnish:
        return [finnish_of().get(word, word) for word in english], english
    return finnish, english or [gloss.choose(word, "fi")[1] for word in finnish]


def compose(words: Sequence[str]) -> str:
    """A name of the first words: "Kortti, kauppa"."""
    said = ", ".join(words[:TERMS_IN_LABEL])
    return said[:1].upper() + said[1:]


def name(words: tuple[Sequence[str], Sequence[str]]) -> Label:
    """The name made of Finnish and English *words*."""
    return Label(compose(words[0]), compose(words[1]))
