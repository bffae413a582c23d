"""The words themselves beside their meaning: two texts that both say "chip" are near in any case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from promises.feedback.mining.vectors import Matrix, unit
from promises.feedback.text import gloss

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

WEIGHT = 0.4
MOST_DIRECTIONS = 200
SIGNS = (3, 5)
FEWEST_UNITS = 50


def tokens(english: str) -> list[str]:
    found = [gloss.plain_english(word) for word in gloss.words(english)]
    return found + [f"{one} {other}" for one, other in pairwise(found)]


def beside(points: Matrix, english: Sequence[str]) -> Matrix:
    """*points* with latent semantic analyses of words and of pieces of words beside them, as unit rows."""
    if len(english) < FEWEST_UNITS:
        return points
    # Imported here: scikit-learn takes longer to import than 10,000 texts to be read, and only collections
    # that are grouped by themselves need it.
    from sklearn.feature_extraction.text import TfidfVectorizer

    by_word = TfidfVectorizer(analyzer=tokens, sublinear_tf=True, min_df=2)
    by_piece = TfidfVectorizer(analyzer="char_wb", ngram_range=SIGNS, sublinear_tf=True, min_df=3)
    return unit(np.hstack([points, *(WEIGHT * reduced(by, english) for by in (by_word, by_piece))]))


def reduced(by: TfidfVectorizer, english: Sequence[str]) -> Matrix:
    """What *by* counts in each text, in few directions, as unit rows; no direction where little recurs."""
    try:
        counts = by.fit_transform(english)
    except ValueError:  # its way of saying that no word recurs
        return np.zeros((len(english), 0), np.float32)
    directions = min(MOST_DIRECTIONS, min(counts.shape) - 1)
    if directions < 2:
        return np.zeros((len(english), 0), np.float32)
    from sklearn.decomposition import TruncatedSVD

    return unit(TruncatedSVD(directions, random_state=0).fit_transform(counts).astype(np.float32))
