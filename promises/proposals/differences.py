"""What changed from one text version to the next, word by word (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Change = Literal["same", "added", "removed"]
# A word keeps the space after it, so that changed words don't tear at the spaces between them.
_PIECES = re.compile(r"\s+|(?:\w+|[^\w\s])\s*")


@dataclass(frozen=True)
class Piece:
    """A run of words with one fate."""

    change: Change
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """How *new* came from *old*.

    The pieces that aren't ``added`` join to *old* and those that aren't ``removed`` join to *new*,
    character by character.
    """
    steps = groupby(_steps(_PIECES.findall(old), _PIECES.findall(new)), key=lambda piece: piece.change)
    return [Piece(change, "".join(piece.text for piece in run)) for change, run in steps]


def _steps(before: list[str], after: list[str]) -> Iterator[Piece]:
    words = SequenceMatcher(None, [_word(p) for p in before], [_word(p) for p in after], autojunk=False)
    for change, i, j, k, m in words.get_opcodes():
        if change == "equal":
            for was, is_now in zip(before[i:j], after[k:m], strict=True):
                yield from _same_word(was, is_now)
            continue
        if i < j:
            yield Piece("removed", "".join(before[i:j]))
        if k < m:
            yield Piece("added", "".join(after[k:m]))


def _word(piece: str) -> str:
    return piece.rstrip()


def _same_word(was: str, is_now: str) -> Iterator[Piece]:
    """The same word twice, though the space after it may differ."""
    if was == is_now:
        yield Piece("same", was)
        return
    word = _word(was)
    if word:
        yield Piece("same", word)
    if was != word:
        yield Piece("removed", was[len(word) :])
    if is_now != word:
        yield Piece("added", is_now[len(word) :])
