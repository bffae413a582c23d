"""A file of cases, wherever its bytes are, as a path that readers of tables take."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from promises.feedback.intake.decoding import encoding_of
from promises.feedback.intake.reading import PACKED, open_file
from promises.feedback.intake.sheet import Sheet

UTF_8 = ("", "utf-8", "utf-8-sig", "ascii")
PIECE = 1 << 20
HEAD = 4 << 20
"""As much of a large file as is looked at to understand its columns."""


@dataclass(frozen=True)
class SourceFile:
    """The bytes of a file, in *pieces* that are given in their order as often as they are asked for.

    :param workbook: whether it is a workbook; otherwise it is text in *encoding*.
    :param path: where the file lies, if it does.
    """

    pieces: Callable[[], Iterable[bytes]]
    workbook: bool
    encoding: str = ""
    path: Path | None = None

    @classmethod
    def of_bytes(cls, sheet: Sheet, content: bytes) -> SourceFile:
        """A file that is in memory."""
        return cls(lambda: [content], sheet.kind == "xlsx", sheet.encoding)

    @contextmanager
    def as_path(self) -> Iterator[Path]:
        """The file in UTF-8, with a name that tells its kind."""
        named = self.path is not None and self.workbook == (self.path.suffix.lower() == ".xlsx")
        if self.path is not None and named and self._is_plain:
            yield self.path
            return
        with TemporaryDirectory() as folder:
            path = Path(folder) / ("cases.xlsx" if self.workbook else "cases.csv")
            with path.open("wb") as file:
                for piece in self.in_utf_8():
                    file.write(piece)
            yield path

    def in_utf_8(self) -> Iterator[bytes]:
        """The pieces, texts in UTF-8 whatever they came in."""
        if self._is_plain:
            yield from self.pieces()
            return
        decoder = getincrementaldecoder(self.encoding)()
        for piece in self.pieces():
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()

    @property
    def _is_plain(self) -> bool:
        return self.workbook or self.encoding.lower() in UTF_8


def open_path(path: Path) -> tuple[Sheet, SourceFile]:
    """Understand a file on disk, of any size: of a large text only the head is looked at closely.

    :raises Refusal: whatever can't be read as a table.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    size = path.stat().st_size
    if head.startswith(PACKED) or size <= HEAD:
        sheet = open_file(path.read_bytes())
    else:
        sheet = _opened_by_head(path, head[: head.rfind(b"\n") + 1], size)
    return sheet, SourceFile(lambda: pieces_of(path), sheet.kind == "xlsx", sheet.encoding, path)


def _opened_by_head(path: Path, head: bytes, size: int) -> Sheet:
    sheet = open_file(head)
    digest, encoding = sha256(), sheet.encoding
    utf_8 = getincrementaldecoder("utf-8")()
    for piece in pieces_of(path):
        digest.update(piece)
        if encoding in UTF_8:
            try:
                utf_8.decode(piece)
            except UnicodeDecodeError:
                encoding = encoding_of(piece)
    digest.update(sheet.name.encode())
    about = sheet.estimate * size // len(head)
    return replace(sheet, encoding=encoding, estimate=about, fingerprint=digest.hexdigest())


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, some at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
