"""One text read: its language, what kind of answer it is, and its clauses with their tone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from promises.feedback.text import clauses, finnish, gloss, language, tone
from promises.feedback.text.clean import clean

NOTHING, PRAISE, TROUBLE = "nothing", "praise", "trouble"
# A clause sounds content from these log-odds on, to which the mean of its text adds so large a share: praise
# goes on. Each point of a score (0-10) over MIDDLING tells as much as so many more. If nothing sounds like
# trouble, a score up to UNHAPPY makes trouble of what does not praise.
CONTENT, AROUND, UNHAPPY, MIDDLING, A_POINT = 1.2, 0.5, 6, 7, 0.4
# Beside a clause of trouble the others tell of it too ("the flat has 17 degrees and nothing is done"), up to
# this contentment.
PRAISES = 2.0
PHRASE = range(3, 9)
COMMON_SHARE = 0.25
FEWEST_TEXTS = 20
MOST_WORDS = 200
MOST_HEARD = 50_000
FIGURES = re.compile(r"\b\d[\d.,:]*\b")


class Part(NamedTuple):
    """One clause: where it stands in the text, what it says in English, and whether it tells of trouble."""

    start: int
    end: int
    english: str
    tone: tone.Tone
    trouble: bool


class Reading(NamedTuple):
    """One text as mining sees it; *kind* is ``nothing``, ``praise`` or ``trouble``."""

    language: str
    kind: str
    parts: tuple[Part, ...]


def load() -> None:
    """Fill the dictionaries that reading needs, which else is done when the first text needs them."""
    finnish.stems()
    finnish.genitives()
    gloss.dictionary("fi")
    gloss.dictionary("sv")
    gloss.english_words()


def read(
    text: str, score: float | None, told: str | None, everything: bool, common: frozenset[str]
) -> Reading:
    """Read one text.

    :param score: 0-10 where known; it decides where the words leave the tone open.
    :param told: the language where known, see :func:`spoken_in`; else it is identified.
    :param everything: every clause counts as trouble (collections of questions).
    :param common: phrases that stand in every text and say nothing (see :func:`common_phrases`).
    """
    spoken = told or spoken_in([text], [None])[0]
    if tone.says_nothing(text) and not (everything and gloss.words(clean(text))):
        return Reading(spoken, NOTHING, ())
    clauses_heard = [
        (start, end, heard)
        for start, end in clauses.split(text)
        if (heard := hear(text[start:end], spoken, common))
    ]
    if not clauses_heard:
        return Reading(spoken, TROUBLE, whole(text)) if everything else Reading(spoken, NOTHING, ())
    trouble = troubled([heard.contentment for *_, heard in clauses_heard], score)
    parts = [
        Part(start, end, heard.english, heard.tone, everything or own)
        for (start, end, heard), own in zip(clauses_heard, trouble, strict=True)
    ]
    if not any(part.trouble for part in parts) and score is not None and score <= UNHAPPY:
        parts = [part._replace(trouble=not part.tone.pleased) for part in parts]
    return Reading(spoken, TROUBLE if any(part.trouble for part in parts) else PRAISE, tuple(parts))


def spoken_in(texts: Sequence[str], told: Sequence[str | None]) -> list[str]:
    """The language of each text as it was *told* (``fi``, ``sv``, ``en``, ``fi-FI``, ...), else as it is
    identified, which for many at once takes less time."""
    spoken = [(one or "").strip().lower()[:2] for one in told]
    left = [i for i, one in enumerate(spoken) if not one]
    for i, language_of in zip(left, language.identify_all([clean(texts[i]) for i in left]), strict=True):
        spoken[i] = language_of
    return spoken


class Heard(NamedTuple):
    """What one clause says by itself: in English, its tone, and how content it sounds (log-odds)."""

    english: str
    tone: tone.Tone
    contentment: float


# People say the same in the same words: two clauses in five of a large collection have been heard before.
@lru_cache(maxsize=MOST_HEARD)
def hear(clause: str, spoken: str, common: frozenset[str]) -> Heard | None:
    """A clause in the language *spoken*, without its *common* phrases; ``None`` where it says nothing."""
    words = without(clean(clause), common)
    english = FIGURES.sub("", gloss.english(words, spoken)).strip()
    if not english or tone.says_nothing(words):
        return None
    return Heard(english, tone.hear(english), tone.contentment(english))


def whole(text: str) -> tuple[Part, ...]:
    """*text* as one part, where nothing else can be made of it."""
    said = clean(text)
    return (Part(0, len(text), said, tone.hear(said), True),) if said else ()


def troubled(content: Sequence[float], score: float | None) -> list[bool]:
    """Which clauses of a text of this score tell of trouble, by how content each sounds."""
    around = AROUND * sum(content) / len(content)
    lift = A_POINT * max(0.0, score - MIDDLING) if score is not None else 0.0
    trouble = [own + around + lift < CONTENT for own in content]
    return [own or (any(trouble) and sounds < PRAISES) for own, sounds in zip(trouble, content, strict=True)]


def common_phrases(texts: Iterable[str]) -> frozenset[str]:
    """Runs of 3 to 8 words that stand in a quarter of the texts: forms and signatures, not problems."""
    told = list(texts)
    if len(told) < FEWEST_TEXTS:
        return frozenset()
    fewest = len(told) * COMMON_SHARE
    # Only words that are so common themselves can stand in such a run; most collections have hardly any.
    by_word = Counter(word for text in told for word in set(gloss.words(text)[:MOST_WORDS]))
    often = {word for word, n in by_word.items() if n >= fewest}
    counts: Counter[str] = Counter()
    for text in told if often else ():
        found = gloss.words(text)[:MOST_WORDS]
        counts.update({run for stretch in stretches(found, often) for run in runs(stretch)})
    return frozenset(run for run, n in counts.items() if n >= fewest)


def stretches(found: Sequence[str], often: set[str]) -> list[list[str]]:
    """What is left of the words *found* between those that are not among *often*."""
    return [list(own) for common, own in groupby(found, often.__contains__) if common]


def runs(found: Sequence[str]) -> Iterator[str]:
    """The runs of 3 to 8 words in *found*."""
    return (" ".join(found[i : i + n]) for n in PHRASE for i in range(len(found) - n + 1))


def without(text: str, common: frozenset[str]) -> str:
    """*text* without its *common* phrases; unchanged where nothing else would be left."""
    if not common:
        return text
    found = gloss.words(text)
    kept = [True] * len(found)
    for n in PHRASE:
        for i in range(len(found) - n + 1):
            if " ".join(found[i : i + n]) in common:
                kept[i : i + n] = [False] * n
    if all(kept) or not any(kept):
        return text
    return " ".join(word for word, keep in zip(found, kept, strict=True) if keep)
