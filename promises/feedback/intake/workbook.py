"""XLSX: values as text, formulas by the result that was saved with them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook

from promises.feedback.intake.header import is_header
from promises.feedback.intake.sheet import UNCOMPUTED, Reading, Record, Sheet, check_width
from promises.refusal import Refusal

# A sheet of a million long texts unpacks to less; a file made to fill the memory unpacks to more.
MOST_UNPACKED = 512 * 1024 * 1024
MOST_TIMES = 200
SMALL = 16 * 1024 * 1024
LOOKED_AT = 200
BYTES_A_ROW = 50
_BROKEN = (BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, EOFError, OSError)


def open_workbook(data: bytes, reading: Reading) -> Sheet:
    """Understand *data* as an Excel workbook; of several sheets the first that holds anything is read.

    :raises Refusal: ``feedback.file_swells`` for a file that unpacks to far more than it is,
        ``feedback.not_workbook``, ``feedback.file_empty``, ``feedback.no_such_sheet``, ``feedback.too_wide``.
    """
    check_size(data)
    workbook, about = _load(data, values=True)
    names = [sheet.title for sheet in workbook.worksheets]
    if reading.sheet and reading.sheet not in names:
        raise Refusal("feedback.no_such_sheet", found=reading.sheet, sheets=", ".join(names))
    filled = [name for name in names if next(_rows(workbook, None, name), None) is not None]
    name = reading.sheet or (filled[0] if filled else "")
    if name not in filled:
        raise Refusal("feedback.file_empty")
    computed = _load(data, values=False)[0] if _has_formulas(data) else None

    def walk() -> Iterator[Record]:
        yield from _rows(workbook, computed, name)

    first = []
    for record in walk():
        first.append(record)
        if len(first) == LOOKED_AT:
            break
    has_header = is_header(first) if reading.header is None else reading.header
    width = max(len(cells) for _, cells in first)
    check_width(width)
    header = [cell.strip() for cell in first[0][1]] if has_header else []

    def records() -> Iterator[Record]:
        walking = walk()
        if has_header:
            next(walking, None)
        yield from walking

    return Sheet(
        kind="xlsx",
        columns=tuple(header + [""] * (width - len(header))),
        records=records,
        has_header=has_header,
        name=name,
        other_names=tuple(other for other in filled if other != name),
        estimate=about[name],
        begins=first[0][0],
    )


def check_size(data: bytes) -> None:
    """:raises Refusal: ``feedback.file_swells``, ``feedback.not_workbook``. Trusts no more than the packer's
    own list: what is longer than the list says is cut off there when it is read."""
    try:
        with ZipFile(io.BytesIO(data)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            names = set(parts.namelist())
    except _BROKEN:
        raise Refusal("feedback.not_workbook") from None
    if unpacked > MOST_UNPACKED or unpacked > max(SMALL, MOST_TIMES * len(data)):
        raise Refusal("feedback.file_swells", megabytes=unpacked // 1024**2)
    if "xl/workbook.xml" not in names:
        raise Refusal("feedback.not_workbook")


def _load(data: bytes, *, values: bool) -> tuple[Workbook, dict[str, int]]:
    """A workbook, and about how many rows its sheets have."""
    try:
        with warnings.catch_warnings():
            # openpyxl warns of decoration that it leaves out; nothing here needs decoration.
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
    except _BROKEN:
        raise Refusal("feedback.not_workbook") from None
    about = {}
    for sheet in workbook.worksheets:
        # The size that a file states of itself is often wrong, and would cut rows off.
        about[sheet.title] = sheet.max_row or len(data) // BYTES_A_ROW
        sheet.reset_dimensions()
    return workbook, about


def _has_formulas(data: bytes) -> bool:
    with ZipFile(io.BytesIO(data)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(b"</f>" in parts.read(name) for name in sheets if name.endswith(".xml"))


def _rows(workbook: Workbook, computed: Workbook | None, name: str) -> Iterator[Record]:
    values = workbook[name].iter_rows(values_only=True)
    formulas = computed[name].iter_rows(values_only=True) if computed is not None else iter(())
    try:
        for number, (row, behind) in enumerate(zip_longest(values, formulas), start=1):
            cells = [_text(cell, behind[i] if behind else None) for i, cell in enumerate(row or ())]
            while cells and not cells[-1]:
                cells.pop()
            if any(cells):
                yield number, cells
    except _BROKEN:
        raise Refusal("feedback.not_workbook") from None


def _text(value: Any, behind: Any) -> str:
    """A cell as text; *behind* is its formula, where there is one."""
    if value is None:
        return UNCOMPUTED if isinstance(behind, str) and behind.startswith("=") else ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
