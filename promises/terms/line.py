"""A line of an explanation, and what is listed under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Line(str):
    """One sentence, or the head of a list; *parts* are the lines that stand under it."""

    parts: tuple[Line, ...]

    def __new__(cls, words: str, parts: Iterable[Line] = ()) -> Line:
        line = super().__new__(cls, words)
        line.parts = tuple(parts)
        return line


def written(lines: Iterable[Line], depth: int = 0) -> Iterator[str]:
    """*lines* as plain text, each with a dash, those under another further in."""
    for line in lines:
        yield f"{'  ' * depth}- {line}"
        yield from written(line.parts, depth + 1)
