"""Writing verdicts as CSV: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from promises.refusal import Refusal
from promises.service.filetimes import changes
from promises.service.judging import Cases, Verdicts
from promises.service.judging.verdicts import STATUSES
from promises.terms.columns import MISSING, Flags, Times
from promises.terms.document import TermsDocument
from promises.terms.quantities import SECOND
from promises.terms.timeline import NEVER, years

COLUMNS = (
    "case", "branch", "promise", "verdict", "due_at", "ended_at", "elapsed_s", "amount", "currency", "reason",
)  # fmt: skip
_NEEDS_QUOTES = '[,"\\n\\r]'
_CHUNK = 250_000


class VerdictFile:
    """A file of verdicts. It takes its name only when all of it is written; without a path it is nothing.

    Times are in the terms' zone with their offset; seconds and amounts are plain decimal numbers.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}") if path else None
        self._file: BinaryIO | None = None

    def __enter__(self) -> VerdictFile:
        if self._unfinished is not None:
            try:
                self._file = self._unfinished.open("xb")
            except OSError:
                raise Refusal("judge.cannot_write", file=str(self.path)) from None
            self._file.write((",".join(COLUMNS) + "\n").encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._unfinished is None or self.path is None or self._file is None:
            return
        self._file.close()
        if kind is None:
            self._unfinished.replace(self.path)
        else:
            self._unfinished.unlink()

    def write(self, cases: Cases, terms: TermsDocument, verdicts: Verdicts) -> None:
        """A row for each case, in their order."""
        if self._file is None:
            return
        ids = cases.ids if isinstance(cases.ids, pa.Array) else pa.array(list(cases.ids), pa.string())
        for start in range(0, len(cases), _CHUNK):
            part = slice(start, min(start + _CHUNK, len(cases)))
            ended = verdicts.ended_at[part]
            columns = [
                _quoted(ids[part].cast(pa.string())),
                _chosen(
                    [*_quoted(pa.array(cases.branches.values, pa.string())).to_pylist(), ""],
                    cases.branches.codes[part],
                ),
                _same(terms.promise, part),
                _chosen(STATUSES, verdicts.status[part]),
                _told_times(verdicts.due_at[part], verdicts.due_at[part] != NEVER, terms.zone),
                _told_times(ended, ended != MISSING, terms.zone),
                _told_seconds(verdicts.elapsed[part]),
                _told_cents(verdicts.cents[part]),
                _same(verdicts.currency, part),
                _chosen(verdicts.reasons, verdicts.reason[part]),
            ]
            rows = pc.binary_join_element_wise(pc.binary_join_element_wise(*columns, ","), "\n", "")
            _, places, letters = rows.buffers()
            self._file.write(letters[: int(np.frombuffer(places, np.int32)[len(rows)])])


def _quoted(texts: pa.Array) -> pa.Array:
    """Texts as a CSV file holds them; one that isn't there is empty."""
    texts = pc.fill_null(texts, "")
    needs = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    if not pc.any(needs).as_py():
        return texts
    doubled = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(needs, doubled, texts)


def _same(text: str, part: slice) -> pa.Array:
    return pa.repeat(pa.scalar(text), part.stop - part.start)


def _chosen(texts: Sequence[str], numbers: Any) -> pa.Array:
    """One of *texts* for each row; a negative number counts from the end."""
    places = np.where(numbers < 0, len(texts) + numbers.astype(np.int64), numbers)
    return pa.array(list(texts), pa.string()).take(pa.array(places))


def _told_times(at: Times, known: Flags, zone: str) -> pa.Array:
    """ISO 8601 with the offset of *zone*, and with a fraction only where there is one."""
    if not known.any():
        return pa.repeat(pa.scalar(""), len(at))
    moments, offsets = changes(zone, *years(at[known]))
    at = np.where(known, at, at[known][0])
    place = np.searchsorted(moments, at, side="right")
    local = at + offsets[place]
    told = pc.strftime(pa.array(local // SECOND, pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S")
    fraction = local % SECOND
    if fraction.any():
        precise = pc.utf8_lpad(pa.array(fraction).cast(pa.string()), 6, "0")
        dotted = pc.binary_join_element_wise(told, precise, ".")
        told = pc.if_else(pa.array(fraction != 0), dotted, told)
    told = pc.binary_join_element_wise(told, _chosen([_offset(one) for one in offsets.tolist()], place), "")
    return pc.if_else(pa.array(known), told, "")


def _offset(microseconds: int) -> str:
    minutes = abs(microseconds) // (60 * SECOND)
    return f"{'-' if microseconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _told_seconds(elapsed: Times) -> pa.Array:
    """Seconds, with a fraction only where there is one; nothing where the clock didn't run."""
    known = elapsed != MISSING
    whole = pa.array(elapsed // SECOND).cast(pa.string())
    fraction = elapsed % SECOND
    if fraction[known].any():
        precise = pc.utf8_rtrim(pc.utf8_lpad(pa.array(fraction).cast(pa.string()), 6, "0"), "0")
        whole = pc.if_else(pa.array(fraction != 0), pc.binary_join_element_wise(whole, precise, "."), whole)
    return pc.if_else(pa.array(known), whole, "")


def _told_cents(cents: Times) -> pa.Array:
    distinct, place = np.unique(cents, return_inverse=True)
    return _chosen([f"{one // 100}.{one % 100:02}" for one in distinct.tolist()], place)
