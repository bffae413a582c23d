"""Names for the problems that no hand-written one fits: from the words that set them apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from promises.feedback.mining.results import Label
from promises.feedback.text import gloss, tone

MOST_TERMS = 5
TERMS_IN_LABEL = 2
MOST_WORDS = 100_000


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


def telling(word: str) -> bool:
    """Whether an English *word* names something: not of the commonest, not praise, no figures."""
    return word.isalpha() and tone.signs().get(word, "-") == "-" and bool(tone.content([word]))


@lru_cache(maxsize=MOST_WORDS)
def english_word(word: str) -> str:
    """*word* (English, as it was said) without its ending if it is a telling one, else nothing."""
    plain = gloss.plain_english(word)
    return plain if telling(plain) else ""


@lru_cache(maxsize=MOST_WORDS)
def finnish_word(word: str) -> str:
    """The dictionary form of *word* (Finnish, as it was said) if it is a telling one, else nothing."""
    head, english = gloss.choose(word, "fi")
    return head if len(head) > 2 and any(map(telling, english.lower().split())) else ""


def english_words(said: str) -> list[str]:
    """The telling words of what is *said* in English."""
    return [found for word in gloss.words(said) if (found := english_word(word))]


def finnish_words(said: str) -> list[str]:
    """The dictionary forms of the telling words of what is *said* in Finnish."""
    return [found for word in gloss.words(said) if (found := finnish_word(word))]


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
