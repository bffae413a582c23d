"""Reading a file of cases, without a database: CSV or Parquet, with a column or a row per milestone.

**Wide form**: one row per case, with columns ``case``, ``branch``, one for each milestone, and attributes.
**Wide form**: one row per case, with ``case``, ``branch``, a column for each milestone, and attributes.
Files that call their columns otherwise are mapped: ``{"case": "Unique Key", "arrived": "Created Date"}``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from promises.refusal import Refusal
from promises.service.filetimes import Texts, read_times, time_shape
from promises.service.judging.cases import Cases, Happened
from promises.terms.columns import MISSING, Coded, Rows, Times
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import known_zone

BLOCK = 16 << 20
FAULTS_TOLD = 1000
_EMPTY = np.empty(0, np.int64)


@dataclass(frozen=True)
class Layout:
    """How a file tells its cases.

    :param columns: our name → the file's column, where they differ. Our names are ``case``, ``branch``,
        ``milestone``, ``at`` and the terms' milestones and attributes.
    :param time_format: strptime's directives, or None for ISO 8601.
    :param zone: zone of times that don't say their own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    time_format: str | None = None
    zone: str = "Europe/Helsinki"

    def column(self, name: str) -> str:
        """The file's column for our *name*."""
        return self.columns.get(name, name)


@dataclass
class Needs:
    """What the terms need to know of a case: names, and which of them a file must have."""

    milestones: list[str]
    attributes: list[str]
    required: set[str]

    @classmethod
    def of(cls, versions: Sequence[TermsDocument]) -> Needs:
        """The needs of several terms together."""
        needs = cls([], [], {"case"})
        for terms in versions:
            measure = terms.measure
            milestones = [measure.from_, measure.to, *terms.endings]
            attributes = [condition.attribute for condition in terms.cases]
            needs.required |= {measure.from_, measure.to, *attributes}
            if isinstance(measure, TimeMeasure):
                milestones += [name for pause in measure.pauses for name in (pause.from_, pause.to)]
                by_branch = measure.clock_name == "opening_hours" and terms.hours is None
                needs.required |= {"branch"} if by_branch or terms.branches else set()
            else:
                attributes.append(measure.must.attribute)
                needs.required.add(measure.must.attribute)
            if terms.touchpoint is not None:
                attributes.append("touchpoint")
                needs.required.add("touchpoint")
            for exclusion in terms.excluded:
                attributes.append(exclusion.when.attribute)
                attributes += [exclusion.evidence] if exclusion.evidence else []
            remedy = terms.remedy
            attributes += remedy.attributes()
            needs.required |= set(remedy.attributes())
            milestones += [remedy.claim.milestone] if remedy.claim else []
            needs.milestones += [name for name in milestones if name not in needs.milestones]
            needs.attributes += [name for name in attributes if name not in needs.attributes]
        return needs


@dataclass
class FileFaults:
    """What could not be read, as refusals with row, field and what was found; the first ones, and how many.

    Rows are counted as a spreadsheet shows them: the heading is row 1.
    """

    told: list[Refusal] = field(default_factory=list)
    count: int = 0
    skipped: NDArray[np.int64] = field(default_factory=lambda: _EMPTY)

    def row(self, index: int) -> int:
        """The number in the file of the *index*-th row that could be read, past those that could not."""
        before = np.searchsorted(self.skipped - 2 - np.arange(len(self.skipped)), index, side="right")
        return index + 2 + int(before)

    def add(self, code: str, **facts: Any) -> None:
        """One more."""
        self.count += 1
        if len(self.told) < FAULTS_TOLD:
            self.told.append(Refusal(code, **facts))


def read_cases(path: Path, needs: Needs, layout: Layout, faults: FileFaults) -> Iterator[Cases]:
    """The cases of a file, in its order, some at a time.

    What can't be read in a row is told in *faults*, and the row's case has the reason in its ``faults``.

    :raises Refusal: if the file can't be read as a whole: no such file, no table, a column missing, not
        UTF-8, a format or zone unknown.
    """
    known_zone(layout.zone)
    shape = time_shape(layout.time_format)
    wanted = ["case", "branch", "milestone", "at", *needs.milestones, *needs.attributes]
    coded = {layout.column(name) for name in ("branch", *needs.attributes)}
    batches = _batches(path, [layout.column(name) for name in wanted], coded, faults)
    first = next(batches, None)
    if first is None:
        raise Refusal("cases.empty", file=path.name)
    names = set(first.schema.names)
    long = layout.column("milestone") in names and layout.column("at") in names
    _require(names, needs, layout, long)
    if long:
        table = pa.Table.from_batches([first, *batches])
        filled = _filled(table)
        yield _long(table.take(pa.array(filled)), needs, layout, shape, filled, faults)
        return
    second = next(batches, None)
    twice = _twice([first]) if second is None else _twice(_batches(path, [layout.column("case")], set()))
    start = 0
    for batch in chain([first, *([second] if second else [])], batches):
        filled = _filled(batch)
        kept = batch if len(filled) == len(batch) else batch.take(pa.array(filled))
        yield _wide(kept, needs, layout, shape, filled + start, twice, faults)
        start += len(batch)


def _filled(table: Any) -> Rows:
    """Rows in which something stands; spreadsheets leave empty ones."""
    empty = np.ones(len(table), bool)
    for column in table.columns:
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    return np.flatnonzero(~empty)


def _twice(batches: Iterable[pa.RecordBatch]) -> pa.Array:
    """The case numbers that come more than once in the first column."""
    ids = pa.chunked_array([batch.column(0) for batch in batches]).drop_null()
    if len(pc.unique(ids)) == len(ids):
        return pa.array([], pa.string())
    counts = pc.value_counts(ids)
    return counts.field("values").filter(pc.greater(counts.field("counts"), 1))


def _require(names: set[str], needs: Needs, layout: Layout, long: bool) -> None:
    wanted = needs.required - (set(needs.milestones) if long else set())
    for name in sorted(wanted):
        if layout.column(name) not in names:
            raise Refusal("cases.no_column", column=layout.column(name), has=", ".join(sorted(names)))


def _batches(
    path: Path, wanted: list[str], coded: set[str], faults: FileFaults | None = None
) -> Iterator[pa.RecordBatch]:
    """The *wanted* columns that the file has, as texts, some rows at a time."""
    columns = list(dict.fromkeys(wanted))
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            with pq.ParquetFile(path) as file:
                have = [name for name in columns if name in file.schema_arrow.names]
                yield from file.iter_batches(batch_size=250_000, columns=have)
        else:
            yield from _csv_batches(path, columns, coded, faults)
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
    doubled = sorted({name for name in names if names.count(name) > 1 and name in columns})
    if doubled:
        raise Refusal("cases.column_twice", column=doubled[0])
    have = [name for name in columns if name in names]
    types = {name: pa.dictionary(pa.int32(), pa.string()) if name in coded else pa.string() for name in have}
    with pcsv.open_csv(
        path,
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
        yield from reader


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


def _wide(
    batch: pa.RecordBatch,
    needs: Needs,
    layout: Layout,
    shape: re.Pattern[str],
    places: Rows,
    twice: pa.Array,
    faults: FileFaults,
) -> Cases:
    reasons: list[tuple[str, Rows]] = []
    milestones = {}
    for name in needs.milestones:
        column = layout.column(name)
        if column in batch.schema.names:
            times, bad = _times(batch.column(column), shape, layout.zone)
            milestones[name] = Happened(times, _EMPTY, _EMPTY)
            for reason, rows in bad.items():
                reasons.append((reason, rows))
                for where in rows:
                    found = batch.column(column)[int(where)].as_py()
                    faults.add(
                        f"cases.{reason}", row=faults.row(int(places[where])), field=column, found=found
                    )
    ids = batch.column(layout.column("case"))
    absent = np.flatnonzero(ids.is_null().to_numpy(zero_copy_only=False))
    for where in absent:
        faults.add("cases.no_case", row=faults.row(int(places[where])), field=layout.column("case"))
    reasons.append(("case_missing", absent))
    if len(twice):
        rows = np.flatnonzero(pc.is_in(ids, twice).to_numpy(zero_copy_only=False))
        reasons.append(("case_twice", rows))
        for where in rows:
            faults.add("cases.case_twice", row=faults.row(int(places[where])), found=ids[int(where)].as_py())
    return Cases(
        ids,
        _coded(batch, layout.column("branch")),
        milestones,
        {name: _coded(batch, layout.column(name)) for name in needs.attributes},
        _faults(len(batch), reasons),
    )


def _long(
    table: pa.Table,
    needs: Needs,
    layout: Layout,
    shape: re.Pattern[str],
    places: Rows,
    faults: FileFaults,
) -> Cases:
    """Rows of milestones gathered by case, in the order in which the cases first come."""
    ids = pc.dictionary_encode(table.column(layout.column("case")).combine_chunks(), null_encoding="encode")
    of_case = ids.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    count = len(ids.dictionary)
    column = layout.column("at")
    times, bad = _times(table.column(column).combine_chunks(), shape, layout.zone)
    reasons: list[tuple[str, Rows]] = []
    for reason, rows in bad.items():
        reasons.append((reason, of_case[rows]))
        for where in rows:
            found = table.column(column)[int(where)].as_py()
            faults.add(f"cases.{reason}", row=faults.row(int(places[where])), field=column, found=found)
    names = table.column(layout.column("milestone")).combine_chunks()
    milestones = {}
    for name in needs.milestones:
        rows = np.flatnonzero(pc.fill_null(pc.equal(names, name), False).to_numpy(zero_copy_only=False))
        milestones[name] = _gathered(of_case[rows], times[rows], count)
    first = np.full(count, len(of_case))
    np.minimum.at(first, of_case, np.arange(len(of_case)))
    attributes = {}
    for name in ("branch", *needs.attributes):
        if layout.column(name) in table.column_names:
            coded = _coded(table.combine_chunks().to_batches()[0], layout.column(name))
            attributes[name] = _by_case(coded, of_case, count)
    return Cases(
        ids.dictionary,
        attributes.pop("branch", Coded((), np.full(count, -1, np.int32))),
        milestones,
        attributes,
        _faults(count, reasons),
    )


def _by_case(coded: Coded, of_case: Rows, count: int) -> Coded:
    """An attribute by case: the last value that its rows tell."""
    codes = np.full(count, -1, np.int32)
    told = np.flatnonzero(coded.codes >= 0)
    codes[of_case[told]] = coded.codes[told]
    return Coded(coded.values, codes)


def _gathered(rows: Rows, at: Times, count: int) -> Happened:
    told = at != MISSING
    rows, at = rows[told], at[told]
    order = np.lexsort((at, rows))
    rows, at = rows[order], at[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = rows[1:] != rows[:-1]
    first = np.full(count, MISSING)
    first[rows[is_first]] = at[is_first]
    repeated = np.zeros(len(rows), bool)
    repeated[1:] = (rows[1:] == rows[:-1]) & (at[1:] == at[:-1])
    more = ~is_first & ~repeated
    return Happened(first, rows[more], at[more])


def _times(column: Any, shape: re.Pattern[str], zone: str) -> tuple[Times, dict[str, Rows]]:
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            column = pc.cast(column, pa.string())
        else:
            raw = pc.cast(column, pa.timestamp("us", "UTC")).cast(pa.int64())
            return pc.fill_null(raw, MISSING).to_numpy(zero_copy_only=False).astype(np.int64), {}
    texts = pc.fill_null(pc.cast(column, pa.large_string()), "")
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return read_times(Texts(letters, places), shape, zone)


def _coded(batch: pa.RecordBatch, column: str) -> Coded:
    if column not in batch.schema.names:
        return Coded((), np.full(len(batch), -1, np.int32))
    values = batch.column(column)
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(pc.cast(values, pa.string()))
    codes = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Coded(tuple(values.dictionary.to_pylist()), codes)


def _faults(count: int, reasons: list[tuple[str, Rows]]) -> Coded:
    codes = np.full(count, -1, np.int32)
    for number, (_, rows) in enumerate(reasons):
        codes[rows] = np.where(codes[rows] < 0, number, codes[rows])
    return Coded(tuple(reason for reason, _ in reasons), codes)
