"""A file of rows, whatever it was written as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from string import ascii_uppercase

from promises.refusal import Refusal

# What stands in a cell whose formula has no computed value. A control character, so no text holds it.
UNCOMPUTED = "\x1a"
# What stands in a cell that the file tells twice. Another one.
TWICE = "\x1b"
MOST_COLUMNS = 1_000

Record = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Reading:
    """What a person says about how to read a file; whatever is left empty is found out."""

    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    sheet: str = ""


@dataclass(frozen=True)
class Sheet:
    """A header and rows that can be walked through as often as wanted.

    Row numbers are those that a spreadsheet shows: the header, if there is one, is row 1.

    :param columns: the names in the header, or empty names if the file has none.
    :param records: begins a walk over (row number, cells); blank rows are left out.
    :param estimate: about how many rows there are, for showing progress.
    :param begins: the number of the first row in which something stands.
    """

    kind: str
    columns: tuple[str, ...]
    records: Callable[[], Iterator[Record]]
    has_header: bool = True
    encoding: str = ""
    delimiter: str = ""
    name: str = ""
    other_names: tuple[str, ...] = ()
    estimate: int = 0
    begins: int = 1
    fingerprint: str = field(default="", compare=False)

    def first(self, most: int) -> list[Record]:
        """The first *most* rows."""
        return list(islice(self.records(), most))

    def key(self) -> str:
        """A digest of the header, by which a known mapping is recognised; empty without a header."""
        if not self.has_header:
            return ""
        return sha256("\x1f".join(plain(name) for name in self.columns).encode()).hexdigest()


def check_width(columns: int) -> None:
    """:raises Refusal: ``feedback.too_wide`` for more columns than anybody could look over."""
    if columns > MOST_COLUMNS:
        raise Refusal("feedback.too_wide", found=columns, most=MOST_COLUMNS)


def of_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], fingerprint: str = "") -> Sheet:
    """A sheet of rows that are in memory already, as if they had come in a file."""

    def records() -> Iterator[Record]:
        yield from enumerate(rows, start=2)

    return Sheet("rows", tuple(columns), records, estimate=len(rows), fingerprint=fingerprint)


def plain(name: str) -> str:
    """A column's name without case, punctuation and doubled spaces."""
    return " ".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())


def letter(index: int) -> str:
    """The letter by which a spreadsheet calls a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = ascii_uppercase[rest] + name
    return name
