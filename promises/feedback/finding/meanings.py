"""What the latest feedback says, kept as the encoder's vectors: a byte a direction is exact enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from promises.feedback.finding.looking import COMPARED
from promises.feedback.mining import vectors
from promises.feedback.mining.placing import Unit
from promises.feedback.mining.sentences import WIDTH
from promises.feedback.mining.vectors import Matrix

# Hardly any of the 512 components of a unit vector lies beyond a quarter.
STEP, LARGEST = 508.0, 127


@vectors.one_thread
def said(ids: Sequence[int], told: Sequence[Unit | None]) -> dict[int, bytes]:
    """Feedback id → its packed vector, for the latest of *ids* whose texts tell of trouble.

    :param told: what the text of each tells of trouble.
    """
    pairs = [(one, unit) for one, unit in zip(ids, told, strict=True) if unit][-COMPARED:]
    distinct = sorted({unit.english for _, unit in pairs})
    if not distinct:
        return {}
    row = dict(zip(distinct, packed(vectors.encode(distinct)), strict=True))
    return {one: row[unit.english] for one, unit in pairs}


def packed(rows: Matrix) -> list[bytes]:
    """Unit vectors as bytes for the database, one a row."""
    whole = np.clip(np.rint(rows * STEP), -LARGEST, LARGEST).astype(np.int8)
    return [row.tobytes() for row in whole]


def unpacked(kept: Iterable[bytes]) -> Matrix:
    """The unit vectors that :func:`packed` packed, one row each."""
    rows = np.frombuffer(b"".join(kept), np.int8).reshape(-1, WIDTH)
    return vectors.unit(rows.astype(np.float32))
