"""Slips of the fingers: what a mistyped word was meant to be, the likeliest slip first.

Letters that changed places, one too many, and one of two left out cover most typing errors; other letters
that are missing are looked for in long words only, where few other words are near. The first letter stays,
unless it changed places with the second: it is the one that people get right.
"""

from __future__ import annotations

from collections.abc import Iterator

LETTERS = "aeiouyäöbcdfghjklmnprstv"
SHORTEST = 5
SHORTEST_TO_FILL = 8


def meant(word: str) -> Iterator[str]:
    """What lower-case *word* may have been meant to be; nothing for short words."""
    if len(word) < SHORTEST or not word.isalpha():
        return
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
    for at in range(1, len(word)):
        yield word[:at] + word[at] + word[at:]
    if len(word) >= SHORTEST_TO_FILL:
        for at in range(1, len(word) + 1):
            for letter in LETTERS:
                yield word[:at] + letter + word[at:]
