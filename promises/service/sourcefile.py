"""A file of cases, wherever its bytes are, as a path that readers of tables take."""

from __future__ import annotations

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from promises.feedback.intake.csv_file import records_of
from promises.feedback.intake.decoding import encoding_of
from promises.feedback.intake.reading import PACKED, open_file
from promises.feedback.intake.sheet import Reading, Record, Sheet
from promises.refusal import Refusal

UTF_8 = ("", "utf-8", "utf-8-sig", "ascii")
PIECE = 1 << 20
HEAD = 4 << 20
"""As much of a large file as is looked at to understand its columns."""


@dataclass(frozen=True)
class SourceFile:
    """A file and what was understood of it.

    :param content: its bytes, if they are in memory; otherwise it lies at *path*.
    :param quotes: how many quotation marks it holds; an odd number may mean one that never ends.
    :param null: whether null characters stand in it.
    """

    sheet: Sheet
    content: bytes | None = None
    path: Path | None = None
    quotes: int = 0
    null: bool = False

    @classmethod
    def of_bytes(cls, sheet: Sheet, content: bytes) -> SourceFile:
        """A file that is in memory."""
        return cls(sheet, content, quotes=content.count(b'"'), null=b"\0" in content)

    @contextmanager
    def as_path(self) -> Iterator[Path]:
        """The file as the readers of tables take it, with a name that tells its kind.

        :raises Refusal: ``feedback.quote_open`` for a quotation that never ends: all that follows it would
            be taken for one cell.
        """
        suffix = ".xlsx" if self.sheet.kind == "xlsx" else ".csv"
        if self._fits and self.sheet.kind == "csv" and self.quotes % 2:
            for _ in self.sheet.records():
                pass
        if self._fits and self.path is not None and self.path.suffix.lower() == suffix:
            yield self.path
            return
        with TemporaryDirectory(prefix="promises-") as folder:
            if self._fits:
                path = Path(folder) / f"cases{suffix}"
                with path.open("wb") as file:
                    if self.content is not None:
                        file.write(self.content)
                    elif self.path is not None:
                        file.writelines(pieces_of(self.path))
            else:
                path = Path(folder) / "cases.csv"
                _write(path, self.sheet)
            yield path

    @property
    def _fits(self) -> bool:
        """Whether the readers of tables take it as it is, which is the faster way."""
        if self.sheet.kind == "xlsx":
            return self.sheet.begins == 1
        return (
            self.sheet.kind == "csv"
            and self.sheet.encoding.lower() in UTF_8
            and self.sheet.begins == 1
            and self.sheet.delimiter == max(",;\t|", key=self.sheet.delimiter.join(self.sheet.columns).count)
            and not self.null
        )


def _write(path: Path, sheet: Sheet) -> None:
    """Write *sheet* as CSV, every row under its own number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.columns)
        width, written = len(sheet.columns), 1
        for number, cells in sheet.records():
            file.write("\n" * (number - written - 1))
            row = [cell.replace("\0", "") for cell in cells]
            # A row of a text that ends early is told; elsewhere empty cells at the end are just not written.
            writer.writerow(row if sheet.kind == "csv" else row + [""] * (width - len(row)))
            written = number


def open_cases(content: bytes) -> Sheet:
    """Understand the bytes of a file of cases; its first row always names its columns.

    :raises Refusal: whatever can't be read as a table.
    """
    return open_file(content, Reading(header=True))


def open_path(path: Path) -> tuple[Sheet, SourceFile]:
    """Understand a file on disk, of any size: of a large text only the head is looked at closely.

    :raises Refusal: whatever can't be read as a table.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    size = path.stat().st_size
    if head.startswith(PACKED) or size <= HEAD or open_cases(head[: head.rfind(b"\n") + 1]).kind != "csv":
        content = path.read_bytes()
        sheet = open_cases(content)
        if not sheet.first(1):
            raise Refusal("feedback.no_rows")
        return sheet, replace(SourceFile.of_bytes(sheet, content), path=path)
    return _opened_by_head(path, head[: head.rfind(b"\n") + 1], size)


def _opened_by_head(path: Path, head: bytes, size: int) -> tuple[Sheet, SourceFile]:
    sheet = open_cases(head)
    digest, encoding, quotes, null = sha256(), sheet.encoding, 0, False
    utf_8 = getincrementaldecoder("utf-8")()
    for piece in pieces_of(path):
        digest.update(piece)
        quotes += piece.count(b'"')
        null = null or b"\0" in piece
        if encoding in UTF_8:
            try:
                utf_8.decode(piece)
            except UnicodeDecodeError:
                encoding = encoding_of(piece)
    digest.update(sheet.name.encode())

    def records() -> Iterator[Record]:
        lines = partial(path.open, encoding=encoding, errors="replace", newline="")
        walking = records_of(lines, sheet.delimiter, sheet.begins - 1)
        next(walking, None)
        yield from walking

    whole = replace(
        sheet,
        encoding=encoding,
        records=records,
        estimate=sheet.estimate * size // len(head),
        fingerprint=digest.hexdigest(),
    )
    return whole, SourceFile(whole, path=path, quotes=quotes, null=null)


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, some at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
