"""Reading a file of cases, without a database: CSV, XLSX or Parquet.

**Wide form**: one row per case, with ``case``, ``branch``, a column for each milestone, and attributes.
**Long form**: one row per milestone, with ``case``, ``branch``, ``milestone``, ``at``, and attributes; a
case's rows may stand anywhere, and of an attribute the last row that tells it counts.
Files that call their columns otherwise are mapped: ``{"case": "Unique Key", "arrived": "Created Date"}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from promises.refusal import Refusal
from promises.service.filetimes import read_times, time_shape
from promises.service.judging.cases import Cases, Happened
from promises.service.parted import ROW, how_many, parted
from promises.service.tablefile import FileFaults, batches, coming_twice, filled_rows, texts_of
from promises.terms.columns import MISSING, Coded, Rows, Times
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import known_zone

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


def read_cases(
    path: Path,
    needs: Needs,
    layout: Layout,
    faults: FileFaults,
    whole: bool = False,
    checked: bool = False,
    together: str | None = None,
) -> Iterator[Cases]:
    """The cases of a file, some at a time (or all at once if *whole*), so that memory stays bounded.

    A file of one row per case comes in its order. A large one of milestones, whose rows may stand anywhere,
    is first set apart by case into temporary files, and comes part by part, deterministically.
    What can't be read in a row is told in *faults*, and the row's case has the reason in its ``faults``.

    :param together: instead of *whole*, where all that looks at several cases looks at those that tell the
        same value of this attribute: such cases come together, and a large file part by part.
    :param checked: read the whole file once before the first cases are given, so that what makes it
        unreadable as a whole is known before anything is done with it.
    :raises Refusal: if the file can't be read as a whole: no such file, no table, a column missing, not
        UTF-8, a format or zone unknown.
    """
    known_zone(layout.zone)
    shape = time_shape(layout.time_format)
    wanted = ["case", "branch", "milestone", "at", *needs.milestones, *needs.attributes]
    coded = {layout.column(name) for name in ("branch", *needs.attributes)}
    found = batches(path, [layout.column(name) for name in wanted], coded, faults)
    first = next(found, None)
    if first is None:
        raise Refusal("cases.empty", file=path.name)
    names = set(first.schema.names)
    long = layout.column("milestone") in names and layout.column("at") in names
    _require(names, needs, layout, long)
    parts = how_many(path)
    case = layout.column("case")
    if long:
        whole = whole or together is not None
        every = chain([first], found)
        for table, places in _apart(every, case, 1 if whole else parts):
            yield _long(table, needs, layout, shape, places, faults)
        return
    if together is not None and layout.column(together) in names and parts > 1:
        twice = coming_twice(lambda: batches(path, [case], coded))
        for table, places in _apart(chain([first], found), layout.column(together), parts):
            batch = table.combine_chunks().to_batches()[0]
            yield _wide(batch, needs, layout, shape, places, twice, faults)
        return
    if whole or together is not None:
        found = iter([pa.Table.from_batches([first, *found]).combine_chunks().to_batches()[0]])
        first = next(found)
    second = next(found, None)
    if second is None:
        twice = coming_twice(lambda: [first.select([case])])
    else:
        also = [layout.column(name) for name in wanted] if checked else []
        twice = coming_twice(lambda: batches(path, [case, *also], coded))
    start = 0
    for batch in chain([first, *([second] if second else [])], found):
        filled = filled_rows(batch)
        kept = batch
        if len(filled) < len(batch):
            kept = batch.take(pa.array(filled))
            blank = np.setdiff1d(np.arange(len(batch)), filled) + start
            faults.blank = np.concatenate([faults.blank, blank])
        yield _wide(kept, needs, layout, shape, filled + start, twice, faults)
        start += len(batch)


def _apart(found: Iterator[pa.RecordBatch], by: str, parts: int) -> Iterator[tuple[pa.Table, Rows]]:
    """The rows in which something stands, with their places in the file, in one table or in several."""
    if parts == 1:
        table = pa.Table.from_batches(list(found))
        filled = filled_rows(table)
        yield table.take(pa.array(filled)), filled
        return
    for table in parted(found, by, parts):
        places = table.column(ROW).to_numpy()
        filled = filled_rows(table.drop_columns([ROW]))
        if len(filled):
            yield table.take(pa.array(filled)).drop_columns([ROW]), places[filled]


def _require(names: set[str], needs: Needs, layout: Layout, long: bool) -> None:
    wanted = needs.required - (set(needs.milestones) if long else set())
    for name in sorted(wanted):
        if layout.column(name) not in names:
            raise Refusal("cases.no_column", column=layout.column(name), has=", ".join(sorted(names)))


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
    """Rows of milestones gathered by case, in the order in which the cases first come; a row without a case
    number is a case of its own, that can't be judged."""
    ids = pc.dictionary_encode(pc.cast(table.column(layout.column("case")), pa.string()).combine_chunks())
    of_case = pc.fill_null(ids.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    nameless = np.flatnonzero(of_case < 0)
    of_case[nameless] = len(ids.dictionary) + np.arange(len(nameless))
    count = len(ids.dictionary) + len(nameless)
    for where in nameless:
        faults.add("cases.no_case", row=faults.row(int(places[where])), field=layout.column("case"))
    column = layout.column("at")
    times, bad = _times(table.column(column).combine_chunks(), shape, layout.zone)
    reasons: list[tuple[str, Rows]] = [("case_missing", of_case[nameless])]
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
        pa.concat_arrays([ids.dictionary, pa.nulls(len(nameless), pa.string())]),
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
    return read_times(texts_of(column), shape, zone)


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
