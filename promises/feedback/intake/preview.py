"""What was understood of a file, before anything is taken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from promises.feedback.intake.checking import Against, Piece, SetAside, check_settled
from promises.feedback.intake.mapping import Columns, with_order
from promises.feedback.intake.sheet import Sheet

SHOWN = 5
LOOKED_AT = 20_000


@dataclass(frozen=True)
class Preview:
    """The first rows as they would be taken, and counts over the rows that were looked at.

    :param whole: whether that was the whole file.
    :param faults: (field, reason) → how many rows have it, the most frequent first.
    """

    rows: int
    whole: bool
    first: tuple[Piece, ...]
    taken: int
    set_aside: tuple[SetAside, ...]
    aside: int
    faults: tuple[tuple[tuple[str, str], int], ...]
    scored: int
    dated: int
    earliest: datetime | None
    latest: datetime | None


def understand(sheet: Sheet, columns: Columns, against: Against) -> Preview:
    """Check the first rows of *sheet* as if they were taken; only those that are shown are masked.

    :raises Refusal: what :func:`promises.feedback.intake.checking.check` refuses.
    """
    pieces: list[Piece] = []
    aside: list[SetAside] = []
    faults: Counter[tuple[str, str]] = Counter()

    def shown(_row: int, faulty: bool) -> bool:
        return len(aside if faulty else pieces) < SHOWN

    columns.check()
    rows_of = check_settled(sheet, with_order(columns, sheet), against, wanted=shown)
    checked = islice(rows_of, LOOKED_AT + 1)
    rows = 0
    for rows, row in enumerate(checked, start=1):
        if rows > LOOKED_AT:
            break
        if isinstance(row, Piece):
            pieces.append(row)
        else:
            aside.append(row)
            faults.update({(fault.field, fault.reason) for fault in row.faults})
    dates = [piece.given_at for piece in pieces] if "date" in columns.where else []
    return Preview(
        rows=min(rows, LOOKED_AT),
        whole=rows <= LOOKED_AT,
        first=tuple(pieces[:SHOWN]),
        taken=len(pieces),
        set_aside=tuple(aside[:SHOWN]),
        aside=len(aside),
        faults=tuple(faults.most_common()),
        scored=sum(piece.score is not None for piece in pieces),
        dated=len(dates),
        earliest=min(dates, default=None),
        latest=max(dates, default=None),
    )
