"""Names for problems that a teller would use: from the hand-written list where one fits, else from the words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from promises.feedback.mining.vectors import Matrix, Space, encode, unit
from promises.feedback.text import gloss, tone

MOST_TERMS = 5
TERMS_IN_LABEL = 2


@dataclass(frozen=True)
class Label:
    """One name in each language of the product."""

    fi: str
    en: str


@cache
def known() -> tuple[tuple[Label, tuple[str, ...]], ...]:
    """The hand-written names and how customers put each, in English."""
    text = files("promises.feedback.data").joinpath("service_problems.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((Label(fi, en), tuple(ways.split("|"))) for fi, en, ways in rows)


@cache
def known_vectors() -> Matrix:
    """Encoder vectors of all ways of :func:`known`, one after another."""
    return encode([way for _, ways in known() for way in ways])


def nearness(space: Space, middle: Matrix) -> Matrix:
    """Cosine of each problem (row) to the nearest ways of each known name (column)."""
    ways = space.place(known_vectors(), ["en"] * len(known_vectors()))
    near = middle @ ways.T
    columns, at = [], 0
    for _, said in known():
        own = np.sort(near[:, at : at + len(said)], axis=1)[:, ::-1]
        columns.append(own[:, :2].mean(axis=1))
        at += len(said)
    return np.stack(columns, axis=1).astype(np.float32)


def terms(groups: Sequence[Sequence[Sequence[str]]]) -> list[list[str]]:
    """The words that set each group apart, best first (class-based TF-IDF over distinct texts).

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
        expected = {w: everywhere[w] * len(texts) / max(1, total) for w in counts}
        scored = {w: n * math.log((n + 0.5) / (expected[w] + 0.5)) for w, n in counts.items() if n > 1 or len(texts) < 4}
        found.append([w for w, s in sorted(scored.items(), key=lambda p: (-p[1], p[0])) if s > 0][:MOST_TERMS])
    return found


@cache
def finnish_of() -> Mapping[str, str]:
    """English gloss → the Finnish word that it fits best, for problems told in English only."""
    best: dict[str, tuple[float, str]] = {}
    for head, (english, weight) in gloss.dictionary("fi").items():
        if " " not in head and (english not in best or (weight, head) > best[english]):
            best[english] = (weight, head)
    found = {english: head for english, (_, head) in best.items()}
    for head, english in gloss.service_words("fi").items():
        if english and len(head) > 2:
            found[english] = head
    return found


def telling(words: Sequence[str]) -> list[str]:
    """*words* without the commonest and those of tone only, which name nothing."""
    return [w for w in tone.content(words) if w not in tone.signs() or tone.signs()[w] == "-"]


def compose(words: Sequence[str]) -> str:
    """A name of the first words: "Kortti, kauppa"."""
    said = ", ".join(words[:TERMS_IN_LABEL])
    return said[:1].upper() + said[1:]


def spread(points: Matrix) -> Matrix:
    """*points* as unit rows; kept here so that callers need not know how names are compared."""
    return unit(points)
