"""What exactly a chain binds: rows as bytes, and their digests.

This is a format: a changed byte here would make every chain that exists look broken.

- A row is the JSON array of its kind and its values, without spaces, keys sorted, everything but ASCII
  escaped, money in whole cents, times in UTC to the microsecond (``2026-06-09T09:00:00.000000+00:00``).
- Its mark is the CRC-32 of these bytes, big-endian. It only serves to name a row; it proves nothing.
- The content of a link is the SHA-256 of its rows in the order of their keys, a line feed after each.
- Its digest is the SHA-256 of the JSON array ``[chain, number, seal, rows, at, SHA-256 of the marks,
  content, previous digest]``, so nothing of the link or of what was before it can be otherwise. The first
  link's previous digest is 64 zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from json import JSONEncoder
from typing import Any
from zlib import crc32

MARK = 4
"""Bytes of a row's mark."""
FIRST = "0" * 64


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"a chain can't hold {value!r}")


_encode = JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode


def row_bytes(kind: str, values: Sequence[Any]) -> bytes:
    """One row as it is bound."""
    return _encode([kind, *values]).encode("ascii")


@dataclass(frozen=True)
class Content:
    """The rows of one link, taken together."""

    rows: int
    marks: bytes
    digest: str


class Gathering:
    """Takes the rows of one link in, one after another, however many they are."""

    def __init__(self) -> None:
        self._content = sha256()
        self._marks = bytearray()

    def add(self, row: bytes) -> None:
        """Take one row in, as :func:`row_bytes` gives it."""
        self._content.update(row + b"\n")
        self._marks += mark(row)

    def done(self) -> Content:
        """All that was taken in."""
        return Content(len(self._marks) // MARK, bytes(self._marks), self._content.hexdigest())


def mark(row: bytes) -> bytes:
    """By what a row is found again in its link."""
    return crc32(row).to_bytes(MARK, "big")


def gathered(rows: Iterable[bytes]) -> Content:
    """All *rows* of one link, in their order."""
    gathering = Gathering()
    for row in rows:
        gathering.add(row)
    return gathering.done()


def link_digest(chain: int, number: int, seal: int, at: datetime, content: Content, previous: str) -> str:
    """The digest that binds a link to its rows and to everything before it."""
    marks = sha256(content.marks).hexdigest()
    told = [chain, number, seal, content.rows, at, marks, content.digest, previous]
    return sha256(_encode(told).encode("ascii")).hexdigest()


def heads_digest(heads: dict[str, Any]) -> str:
    """One digest over the heads of all chains."""
    return sha256(_encode(heads).encode("ascii")).hexdigest()
