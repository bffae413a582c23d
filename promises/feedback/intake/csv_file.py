"""CSV of any common dialect."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TextIO

from promises.feedback.intake.decoding import check_encoding, encoding_of
from promises.feedback.intake.header import is_header
from promises.feedback.intake.sheet import Reading, Record, Sheet, check_width
from promises.refusal import Refusal

DELIMITERS = (";", ",", "\t", "|")
# Splits nothing: for files of one column, whose texts may hold any of the others.
NO_DELIMITER = "\x1f"
LOOKED_AT = 200
# Longer than any text that is taken, so that such a text is told as one, and not as a quotation without end.
csv.field_size_limit(16_000_000)
_SEPARATOR_LINE = re.compile(r"^sep=(.)\s*$", re.IGNORECASE)


def open_csv(data: bytes, reading: Reading) -> Sheet:
    """Understand *data* as CSV.

    :raises Refusal: ``feedback.file_empty``, ``feedback.not_text``, ``feedback.wrong_encoding``,
        ``feedback.too_wide``,
        ``feedback.quote_open`` when a quotation mark is never closed.
    """
    encoding = check_encoding(data, reading.encoding) if reading.encoding else encoding_of(data)
    skipped, told = _separator_line(data, encoding)
    delimiter = reading.delimiter or told or _delimiter(data, encoding)

    walk = partial(records_of, partial(_lines, data, encoding), delimiter, skipped)
    first = list(islice(walk(), LOOKED_AT))
    if not first:
        raise Refusal("feedback.file_empty")
    has_header = is_header(first) if reading.header is None else reading.header
    width = _width(first, has_header)
    check_width(max(len(cells) for _, cells in first))
    names = [cell.strip() for cell in first[0][1]] if has_header else []
    columns = tuple(names + [""] * (width - len(names)))

    return Sheet(
        kind="csv",
        columns=columns,
        records=partial(_below, walk, has_header),
        has_header=has_header,
        encoding=encoding,
        delimiter=delimiter,
        estimate=data.count(b"\n"),
        begins=first[0][0],
    )


def _width(first: list[Record], has_header: bool) -> int:
    """How many columns there are: as many as are named, or as most rows have."""
    usual = Counter(len(cells) for _, cells in first).most_common(1)[0][0]
    return max(usual, len(first[0][1])) if has_header else max(len(cells) for _, cells in first)


def _lines(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")


def _separator_line(data: bytes, encoding: str) -> tuple[int, str]:
    """Excel's own first line that names the delimiter: how many rows it takes, and the delimiter."""
    found = _SEPARATOR_LINE.match(_lines(data, encoding).readline())
    return (1, found.group(1)) if found else (0, "")


def _below(walk: Callable[[], Iterator[Record]], has_header: bool) -> Iterator[Record]:
    walking = walk()
    if has_header:
        next(walking, None)
    yield from walking


def records_of(lines: Callable[[], TextIO], delimiter: str, skipped: int = 0) -> Iterator[Record]:
    """The rows of a text that *lines* opens, with their numbers; without blank ones and the first *skipped*.

    :raises Refusal: ``feedback.quote_open``.
    """
    number = began = last = 0
    cells: list[str] = []
    with lines() as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for number, cells in enumerate(reader, start=1):
                if number > skipped and any(cell and not cell.isspace() for cell in cells):
                    yield number, cells
                last, began = began, reader.line_num
        except csv.Error:
            # The reader's only complaint in this mode: a field too long to be one.
            raise Refusal("feedback.quote_open", row=number + 1) from None
    if any("\n" in cell for cell in cells):
        with lines() as file:
            if _stays_open(islice(file, last, None), delimiter):
                raise Refusal("feedback.quote_open", row=number)


def _stays_open(lines: Iterator[str], delimiter: str) -> bool:
    """Whether the row that begins with the first of *lines* is cut off inside a quotation."""
    try:
        for _cells in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _delimiter(data: bytes, encoding: str) -> str:
    """The delimiter by which most rows have as many cells as the first one; if none has, there is none."""
    best, found = (0.0, 0), NO_DELIMITER
    for delimiter in DELIMITERS:
        try:
            reader = csv.reader(_lines(data, encoding), delimiter=delimiter)
            rows = [cells for cells in islice(reader, LOOKED_AT) if cells]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        even = sum(len(cells) >= width and not any(cells[width:]) for cells in rows) / len(rows)
        # Prose holds commas too, so a delimiter must cut nearly every row alike.
        if even >= 0.8 and (even, width) > best:
            best, found = (even, width), delimiter
    return found
