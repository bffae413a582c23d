"""The hand-written problems of service companies, by trade, with the ways that customers put them.

``data/service_problems/*.txt`` holds them in blocks: ``Finnish name = English name``, then one line a
language (``fi:``, ``en:``, ``sv:``) of ways split at ``|``. The order of files and blocks has no meaning.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from promises.feedback.mining.results import Label


class Way(NamedTuple):
    """One way to put a problem, and its language."""

    language: str
    text: str


class Listed(NamedTuple):
    """One known problem; *trade* is the file that it stands in; its names are ways as well."""

    label: Label
    trade: str
    ways: tuple[Way, ...]


@cache
def entries() -> tuple[Listed, ...]:
    """All known problems, in the alphabetical order of their English names."""
    folder = files("promises.feedback.data").joinpath("service_problems")
    found = []
    for file in folder.iterdir():
        if file.name.endswith(".txt"):
            trade = file.name.removesuffix(".txt")
            blocks = file.read_text("utf-8").split("\n\n")
            found += [entry for block in blocks if (entry := read(block, trade))]
    return tuple(sorted(found, key=lambda entry: entry.label.en))


def read(block: str, trade: str) -> Listed | None:
    """One block as an entry; ``None`` where there are only remarks."""
    lines = [line for line in block.splitlines() if line and not line.startswith("#")]
    if not lines:
        return None
    fi, en = lines[0].split(" = ")
    ways = [Way("fi", fi), Way("en", en)]
    for line in lines[1:]:
        language, said = line.split(": ", 1)
        ways += [Way(language, way.strip()) for way in said.split("|")]
    return Listed(Label(fi, en), trade, tuple(ways))
