"""A text as words, each with what it may be and how it stands to the word before."""

from __future__ import annotations

import re
from typing import NamedTuple

from promises.feedback.masking.lists import GIVEN, KNOWN, NAME, SURNAME, WORD, kinds

LETTERS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
SENTENCE_ENDS = ".!?…:;•*>/\n\r"
MAY_FOLLOW = " \t\u00a0\"'”»(-–—"
BLANKS = frozenset((" ", "\u00a0", "  "))
INITIAL = frozenset((". ", ".", ".\u00a0"))
LOOK_BACK = 12
SHORTEST_WITH_CLITIC = 6

CLITIC = re.compile(r"(?:kin|kaan|kään|han|hän|ko|kö|ni|nsa|nsä|kaa)$")
OWNED = re.compile(r"['’]s?$")


class Token(NamedTuple):
    """One word of the text.

    ``kind`` is in bits of :mod:`lists`; ``opens`` is true where a sentence begins, ``joined`` where only a
    blank (or the point of an initial) stands between it and the word before.
    """

    start: int
    end: int
    word: str
    kind: int
    opens: bool
    joined: bool
    capital: bool


def kind_of(word: str, table: dict[str, int]) -> int:
    """What a lower-case *word* may be; with a hyphen, what the first part is if the last is a name too."""
    found = table.get(word, 0)
    if found or "-" not in word:
        return found
    parts = [table.get(part, 0) for part in word.split("-")]
    if sum(bool(part & NAME) for part in parts) > 1 or (parts[-1] & NAME and not parts[-1] & WORD):
        return GIVEN if parts[0] & GIVEN else SURNAME
    return 0


def tokens(text: str, kept: tuple[str, ...]) -> list[Token]:
    found: list[Token] = []
    end = 0
    table = kinds()
    for match in LETTERS.finditer(text):
        word, start = match.group(), match.start()
        if "'" in word or "’" in word:
            word = OWNED.sub("", word)
        lowered = word.lower()
        capital = word[0] != lowered[0]
        kind = kind_of(lowered, table)
        if kept and lowered.startswith(kept):
            kind = KNOWN
        elif not kind and capital and len(word) > SHORTEST_WITH_CLITIC:
            kind = table.get(CLITIC.sub("", lowered), 0)
        between = text[max(end, start - LOOK_BACK) : start]
        initial = bool(found) and found[-1].capital and len(found[-1].word) == 1 and between in INITIAL
        ends = between.rstrip(MAY_FOLLOW)[-1:]
        opens = not found or (bool(ends) and ends in SENTENCE_ENDS and not initial)
        joined = bool(found) and (between in BLANKS or initial)
        found.append(Token(start, start + len(word), word, kind, opens, joined, capital))
        end = match.end()
    return found
