"""Columns of many cases: texts told apart by number, and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

MISSING: int = int(np.iinfo(np.int64).min)
"""In a column of times: it didn't happen."""


@dataclass(frozen=True)
class Coded:
    """A column of texts: distinct *values*, and for each row the number of its value, or -1 for none."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Coded:
        """From one text (or None) per row."""
        numbers: dict[str, int] = {}
        codes = [-1 if text is None else numbers.setdefault(text, len(numbers)) for text in texts]
        return cls(tuple(numbers), np.array(codes, np.int32))

    def take(self, rows: Rows | Flags) -> Coded:
        """The same column for some rows."""
        return Coded(self.values, self.codes[rows])

    def where(self, holds: Sequence[bool]) -> Flags:
        """For each row, what *holds* says of its value; False for rows without one."""
        return np.array([*holds, False], bool)[self.codes]
