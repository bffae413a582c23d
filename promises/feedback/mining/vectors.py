"""Clauses as points that lie near each other when they mean the same, whatever their language.

The sentence encoder (:mod:`promises.feedback.mining.sentences`) reads English, so
:mod:`promises.feedback.text.gloss` goes before it. Numpy and the encoder are imported here, not by the
pages: only the process that mines pays for them (about 1 s and 150 MB).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from promises.feedback.mining import sentences
from promises.feedback.mining.spread import Spread

Matrix = sentences.Matrix

# Sums of floats then come out the same whatever the number of cores, and small matrices sooner.
one_thread = threadpool_limits.wrap(limits=1)

MOST_DIRECTIONS = 128
# So many rows of 512 are worked on at once, where each is worked on by itself.
BLOCK = 8192
# A language's own mean counts as far as it has this many clauses; else the mean of all does.
PRIOR_CLAUSES = 20


class Clause(NamedTuple):
    """What a clause says in English, and the language that it was said in."""

    english: str
    language: str


def encode(english: Sequence[str]) -> Matrix:
    """Unit vectors, one row of 512 a text."""
    return sentences.encoder().encode(english)


class Points:
    """Where clauses lie in a space: each is encoded once, however many texts say it."""

    def __init__(self, space: Space, clauses: Iterable[Clause], spread: Spread) -> None:
        distinct = sorted(set(clauses))
        self._row = {clause: row for row, clause in enumerate(distinct)}
        parts = spread.parts(partial(placed, space), distinct)
        self._points = np.vstack([np.empty((0, space.axes.shape[1]), np.float32), *parts])

    def middles(self, texts: Sequence[Sequence[Clause]]) -> Matrix:
        """The unit middle of the clauses of each text, one row a text of at least one clause.

        :raises KeyError: for a clause that was not placed.
        """
        found = np.empty((len(texts), self._points.shape[1]), np.float32)
        for start in range(0, len(texts), BLOCK):
            some = texts[start : start + BLOCK]
            rows = [self._row[clause] for clauses in some for clause in clauses]
            starts = np.cumsum([0, *(len(clauses) for clauses in some[:-1])])
            found[start : start + BLOCK] = unit(np.add.reduceat(self._points[rows], starts))
        return found


def placed(space: Space, clauses: Sequence[Clause]) -> Matrix:
    """The points of *clauses* in *space*, one row each."""
    return space.place(encode([one.english for one in clauses]), [one.language for one in clauses])


def unit(rows: Matrix) -> Matrix:
    """*rows* scaled to length one; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


@dataclass(frozen=True)
class Space:
    """What turns encoder vectors into comparable points: a mean per language, and half-whitened axes."""

    languages: tuple[str, ...]
    means: Matrix  # languages × 512; the last row is for any other language
    axes: Matrix  # 512 × directions

    def place(self, vectors: Matrix, languages: Sequence[str]) -> Matrix:
        """Unit points, one row a vector, in this space."""
        return unit(self.centred(vectors, languages) @ self.axes)

    def centred(self, vectors: Matrix, languages: Sequence[str]) -> Matrix:
        """Unit *vectors* around the mean of the language of each."""
        rows = {language: i for i, language in enumerate(self.languages)}
        which = [rows.get(language, len(self.languages)) for language in languages]
        return unit(vectors - self.means[which])

    def pack(self) -> bytes:
        """This space as bytes for the database; :func:`unpack` reads them."""
        file = io.BytesIO()
        names = np.array(self.languages, dtype="U8")
        np.savez(file, languages=names, means=self.means, axes=self.axes)
        return file.getvalue()


def unpack(packed: bytes) -> Space:
    """The space that :meth:`Space.pack` wrote."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        names = tuple(str(name) for name in file["languages"])
        return Space(names, file["means"].astype(np.float32), file["axes"].astype(np.float32))


def fit(vectors: Matrix, languages: Sequence[str], whitening: float) -> Space:
    """The space of a collection: *vectors* from :func:`encode` and the language of each.

    :param whitening: directions are divided by their strength to this power: 0 leaves them, 1 evens them.
    """
    general = vectors.mean(axis=0)
    names = tuple(sorted(set(languages)))
    labels = np.array(languages)
    means = []
    for name in names:
        own = vectors[labels == name]
        means.append((own.sum(axis=0) + PRIOR_CLAUSES * general) / (len(own) + PRIOR_CLAUSES))
    table = np.vstack([*means, general]).astype(np.float32)
    rows = [names.index(language) for language in languages]
    spread = np.zeros((vectors.shape[1], vectors.shape[1]), np.float64)
    for start in range(0, len(vectors), BLOCK):
        block = slice(start, start + BLOCK)
        centred = unit(vectors[block] - table[rows[block]]).astype(np.float64)
        spread += centred.T @ centred
    strength, directions = np.linalg.eigh(spread)
    count = min(MOST_DIRECTIONS, max(2, len(vectors) // 4))
    order = np.argsort(-strength, kind="stable")[:count]
    strongest = np.maximum(strength[order], 1e-9)
    # The sign of an eigenvector is arbitrary: make its largest member positive.
    axes = directions[:, order]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
    scaled = axes / np.sqrt(strongest / strongest[0]) ** whitening
    return Space(names, table, scaled.astype(np.float32))
