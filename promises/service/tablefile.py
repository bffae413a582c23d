"""Tables in files: CSV, Parquet and XLSX as batches of texts, with what can't be read told by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from promises.refusal import Refusal
from promises.service.filetimes import Texts
from promises.terms.columns import Rows

BLOCK = 4 << 20
BATCH = 250_000
LOOKED_AT = 200
FAULTS_TOLD = 1000
_EMPTY = np.empty(0, np.int64)


@dataclass
class FileFaults:
    """What could not be read, as refusals with row, field and what was found; the first ones, and how many.

    ``skipped`` are the numbers of rows that could not be read, ``blank`` the places of those in which nothing
    stands. ``read`` is how many bytes of the file have been read so far, ``most`` how many faults are told.

    Rows are counted as a spreadsheet shows them: the heading is row 1.
    """

    told: list[Refusal] = field(default_factory=list)
    count: int = 0
    read: int = 0
    skipped: NDArray[np.int64] = field(default_factory=lambda: _EMPTY)
    blank: NDArray[np.int64] = field(default_factory=lambda: _EMPTY)
    most: int | None = FAULTS_TOLD

    def row(self, index: int) -> int:
        """The number in the file of the *index*-th row that could be read, past those that could not."""
        before = np.searchsorted(self.skipped - 2 - np.arange(len(self.skipped)), index, side="right")
        return index + 2 + int(before)

    def row_of_case(self, index: int) -> int:
        """The number in the file of the row of the *index*-th case: blank rows are none."""
        before = np.searchsorted(self.blank - np.arange(len(self.blank)), index, side="right")
        return self.row(index + int(before))

    def add(self, code: str, **facts: Any) -> None:
        """One more."""
        self.count += 1
        if self.most is None or len(self.told) < self.most:
            self.told.append(Refusal(code, **facts))


def batches(
    path: Path, wanted: Iterable[str], coded: Iterable[str], faults: FileFaults | None = None
) -> Iterator[pa.RecordBatch]:
    """The *wanted* columns that the file has, as texts, some rows at a time.

    :param coded: columns with few distinct texts, which are read into numbers of these.
    :raises Refusal: if there is no such file, or it isn't a table, or not UTF-8.
    """
    columns = list(dict.fromkeys(wanted))
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            with pq.ParquetFile(path) as file:
                have = [name for name in columns if name in file.schema_arrow.names]
                yield from file.iter_batches(batch_size=BATCH, columns=have)
        elif path.suffix.lower() == ".xlsx":
            yield from _sheet_batches(path, columns)
        else:
            yield from _csv_batches(path, columns, set(coded), faults)
    except FileNotFoundError:
        raise Refusal("cases.no_file", file=path.name) from None
    except (pa.ArrowInvalid, OSError) as broken:
        if "UTF8" in str(broken):
            raise Refusal("cases.not_utf8", file=path.name) from None
        raise Refusal("cases.not_a_table", file=path.name, found=str(broken).splitlines()[0][:200]) from None


def _csv_batches(
    path: Path, columns: list[str], coded: set[str], faults: FileFaults | None
) -> Iterator[pa.RecordBatch]:
    heading = _heading(path)
    delimiter = max(",;\t|", key=heading.count)

    def set_aside(_row: pcsv.InvalidRow) -> str:
        if faults and not len(faults.skipped):
            _find_skipped(path, delimiter, len(names), faults)
        return "skip"

    names = pcsv.open_csv(
        pa.py_buffer(heading.encode()), parse_options=pcsv.ParseOptions(delimiter=delimiter)
    ).schema.names
    _refuse_doubled(names, columns)
    have = [name for name in columns if name in names]
    types = {name: pa.dictionary(pa.int32(), pa.string()) if name in coded else pa.string() for name in have}
    with pa.OSFile(str(path)) as raw, pcsv.open_csv(
        raw,
        read_options=pcsv.ReadOptions(block_size=BLOCK),
        parse_options=pcsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pcsv.ConvertOptions(
            include_columns=have, column_types=types, strings_can_be_null=True, null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    ) as reader:  # fmt: skip
        if not have:
            raise Refusal("cases.no_column", column=columns[0], has=", ".join(names))
        for batch in reader:
            if faults:
                faults.read = raw.tell()
            yield batch


def _find_skipped(path: Path, delimiter: str, columns: int, faults: FileFaults) -> None:
    """Number the rows that have too few or too many columns."""
    skipped = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter=delimiter), start=1):
            if row and len(row) != columns:
                skipped.append(number)
                faults.add("cases.row_length", row=number, found=len(row), expected=columns)
    faults.skipped = np.array(skipped, np.int64)


def _heading(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 20)
    if b"\0" in start:
        raise Refusal("cases.not_a_table", file=path.name, found="binary")
    try:
        return start.splitlines(keepends=True)[0].decode("utf-8-sig") if start else ""
    except UnicodeDecodeError:
        raise Refusal("cases.not_utf8", file=path.name) from None


def _sheet_batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The first sheet of a workbook; dates become ISO 8601 texts, numbers their shortest form."""
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as broken:
        raise Refusal("cases.not_a_table", file=path.name, found=type(broken).__name__) from None
    try:
        rows = _first_filled(workbook).iter_rows(values_only=True)
        names = [str(name) if name is not None else "" for name in next(rows, ())]
        _refuse_doubled(names, columns)
        have = [name for name in columns if name in names]
        places = [names.index(name) for name in have]
        while batch := list(islice(rows, BATCH)):
            texts = [
                [_written(row[place]) if place < len(row) else None for row in batch] for place in places
            ]
            yield pa.record_batch([pa.array(column, pa.string()) for column in texts], names=have)
    finally:
        workbook.close()


def _first_filled(workbook: Any) -> Any:
    """The first sheet in which anything stands; others are leftovers of whoever made the workbook."""
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()  # what a file states of its own size would cut rows off
        if any(any(row) for row in islice(sheet.iter_rows(values_only=True), LOOKED_AT)):
            return sheet
    return workbook.worksheets[0]


def _written(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _refuse_doubled(names: list[str], columns: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1 and name in columns})
    if doubled:
        raise Refusal("cases.column_twice", column=doubled[0])


def filled_rows(table: Any) -> Rows:
    """Rows in which something stands; spreadsheets leave empty ones."""
    empty = np.ones(len(table), bool)
    for column in table.columns:
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    return np.flatnonzero(~empty)


def coming_twice(batches: Callable[[], Iterable[pa.RecordBatch]]) -> pa.Array:
    """The case numbers that come more than once in the first column.

    They are told apart by 64-bit sums first, so that not all of them have to be kept at once.
    """
    sums = [sums_of(batch.column(0)) for batch in batches()]
    ordered = np.concatenate(sums)
    ordered.sort()
    doubled = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(doubled):
        return pa.array([], pa.string())
    suspects = [
        batch.column(0).filter(pa.array(np.isin(found, doubled)))
        for batch, found in zip(batches(), sums, strict=True)
    ]
    counts = pc.value_counts(pa.chunked_array(suspects).cast(pa.string()).drop_null())
    return counts.field("values").filter(pc.greater(counts.field("counts"), 1))


def sums_of(column: pa.Array) -> NDArray[np.uint64]:
    """A 64-bit sum of each text."""
    texts = texts_of(column)
    lengths = np.diff(texts.offsets)
    sums = lengths.astype(np.uint64)
    for length in np.flatnonzero(np.bincount(lengths)):
        rows = np.flatnonzero(lengths == length)
        matrix = texts.of_length(rows, int(length))
        found = sums[rows]
        for place in range(int(length)):
            found = (found ^ matrix[:, place]) * np.uint64(0x9E3779B97F4A7C15)
            found ^= found >> np.uint64(29)
        sums[rows] = found
    return sums


def texts_of(column: pa.Array) -> Texts:
    """A column's texts as bytes; an absent one is empty."""
    texts = pc.fill_null(pc.cast(column, pa.large_string()), "")
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return Texts(letters, places)
