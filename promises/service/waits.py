"""Bins of waiting times: which limits have which, and into which one a time falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from promises.terms.columns import Rows
from promises.terms.document import TermsDocument, TimeMeasure

BIN_SECONDS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400,
)  # fmt: skip
MOST_BINS_TO_LIMIT = 15
MOST_BINS = 3 * MOST_BINS_TO_LIMIT + 1


@dataclass(frozen=True)
class Bins:
    """Bins of one round width, up to three times the limit; the last one has no end.

    :param edges: where the bins begin, in seconds, at most :data:`MOST_BINS`.
    :param limit: the promised limit in seconds, which is one of the edges.
    :param to_the_edge: a wait exactly to an edge counts before it, as terms do that keep a promise to the
        last moment; otherwise after it.
    """

    edges: tuple[int, ...]
    limit: int
    to_the_edge: bool

    @classmethod
    def of(cls, terms: TermsDocument) -> Bins | None:
        """The bins for a promise whose limit is a length of time that a clock can show; else None."""
        measure = terms.measure
        if not isinstance(measure, TimeMeasure) or measure.limit.in_days:
            return None
        limit = measure.limit.microseconds // 1_000_000
        return cls(wait_edges(limit), limit, measure.exactly == "kept")

    def places(self, elapsed_s: Sequence[float] | NDArray[np.float64]) -> Rows:
        """The number of the bin of each time."""
        side: Literal["left", "right"] = "left" if self.to_the_edge else "right"
        found = np.searchsorted(np.array(self.edges), np.asarray(elapsed_s), side=side)
        return np.maximum(found - 1, 0)


def wait_edges(limit: int) -> tuple[int, ...]:
    """Bounds of bins of one round width, up to three times *limit* (seconds), which is one of them."""
    width = next((w for w in BIN_SECONDS if limit % w == 0 and limit // w <= MOST_BINS_TO_LIMIT), limit)
    return tuple(range(0, 3 * limit + 1, width))
