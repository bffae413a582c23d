"""The words themselves beside their meaning: two texts that both say "chip" are near in any case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from promises.feedback.mining.vectors import Matrix, unit
from promises.feedback.text import gloss

WEIGHT = 0.5
MOST_DIRECTIONS = 200
FEWEST_UNITS = 50


def tokens(english: str) -> list[str]:
    found = [gloss.plain_english(word) for word in gloss.words(english)]
    return found + [f"{one} {other}" for one, other in pairwise(found)]


def beside(points: Matrix, english: Sequence[str]) -> Matrix:
    """*points* with the directions of a latent semantic analysis of the words beside them, as unit rows."""
    if len(english) < FEWEST_UNITS:
        return points
    counts = TfidfVectorizer(analyzer=tokens, sublinear_tf=True, min_df=2).fit_transform(english)
    directions = min(MOST_DIRECTIONS, min(counts.shape) - 1)
    if directions < 2:
        return points
    words = TruncatedSVD(directions, random_state=0).fit_transform(counts).astype(np.float32)
    return unit(np.hstack([points, WEIGHT * unit(words)]))
