"""A table larger than memory should hold, set apart into temporary files by what stands in one column.

All rows of one value come together in one part, in their order in the file, so that whatever looks only at
rows of one value (the milestones of a case, the payments of a customer) can take part after part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from promises.service.tablefile import sums_of
from promises.terms.columns import Rows

PART = 48 << 20
"""Bytes of a file that make one part."""
MOST = 512
ROW = "row of the file"
"""The column that is added: the place of a row in the file."""


def how_many(path: Path) -> int:
    """Into how many parts the rows of a file are set; a sheet of a workbook is small enough by itself."""
    if path.suffix.lower() == ".xlsx":
        return 1
    if path.suffix.lower() in (".parquet", ".pq"):
        file = pq.read_metadata(path)
        size = sum(file.row_group(number).total_byte_size for number in range(file.num_row_groups))
    else:
        size = path.stat().st_size
    return min(-(-size // PART) or 1, MOST)


def parted(found: Iterable[pa.RecordBatch], by: str, parts: int) -> Iterator[pa.Table]:
    """The rows of *found* in *parts* tables, each with the column :data:`ROW`; rows of one text of the column
    *by* are all in one. Rows without a text there belong to nothing, and are dealt out evenly."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.arrow" for number in range(parts)]
        names = _write(found, by, paths)
        for path in paths:
            if path.exists():
                with pa.OSFile(str(path)) as file:
                    yield pa.ipc.open_stream(file).read_all().select([*names, ROW])
                path.unlink()


def _write(found: Iterable[pa.RecordBatch], by: str, paths: list[Path]) -> list[str]:
    names: list[str] = []
    start = 0
    with ExitStack() as opened:
        files: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
        for batch in found:
            names = batch.schema.names
            plain = _plain(batch, np.arange(start, start + len(batch)))
            part = _part(batch.column(by), len(paths), start)
            order = np.argsort(part, kind="stable")
            bounds = np.searchsorted(part[order], np.arange(len(paths) + 1))
            for number in np.flatnonzero(np.diff(bounds)).tolist():
                rows = plain.take(pa.array(order[bounds[number] : bounds[number + 1]]))
                if number not in files:
                    file = opened.enter_context(pa.OSFile(str(paths[number]), "wb"))
                    files[number] = opened.enter_context(pa.ipc.new_stream(file, rows.schema))
                files[number].write_batch(rows)
            start += len(batch)
    return names


def _part(column: pa.Array, parts: int, start: int) -> Rows:
    absent = column.is_null().to_numpy(zero_copy_only=False)
    own = (sums_of(pc.cast(column, pa.string())) % np.uint64(parts)).astype(np.int64)
    dealt: Rows = np.where(absent, (start + np.arange(len(column))) % parts, own)
    return dealt


def _plain(batch: pa.RecordBatch, places: Rows) -> pa.RecordBatch:
    """The same with texts instead of numbers of texts, which differ from batch to batch."""
    columns = [
        pc.cast(column, pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.record_batch([*columns, pa.array(places)], names=[*batch.schema.names, ROW])
