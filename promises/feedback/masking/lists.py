"""Names and other words by their forms, read once from the lists beside this file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from promises.feedback.masking.inflection import forms

# What a word may be; a form may be several (bits, as they are asked of every word of every text).
GIVEN = 1
SURNAME = 2
# An ordinary word too (Toivo, Grace): needs more than a capital at the beginning of a sentence.
WORD = 4
# A town, company, month or the like: a capital letter says nothing of it.
KNOWN = 8
NAME = GIVEN | SURNAME


def sections(file: str) -> Iterator[tuple[str, str]]:
    """(section, word) pairs of a list; the section's name stands in brackets above its words."""
    section = ""
    for line in files("promises.feedback.masking").joinpath(file).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif not line.startswith("#"):
            yield from ((section, word) for word in line.split())


@cache
def kinds() -> dict[str, int]:
    """Lower-case form → what it may be, in bits."""
    found: dict[str, int] = {}
    for section, word in sections("names.txt"):
        kind = GIVEN if section == "given" else SURNAME
        for form in forms(word, kind is SURNAME):
            found[form] = found.get(form, 0) | kind
    for section, word in sections("not_names.txt"):
        for form in (
            (word, word + "n", word + "s")
            if section == "words"
            else forms(word, section in ("towns", "lands"))
        ):
            found[form] = found.get(form, 0) | KNOWN
    for _, word in sections("also_words.txt"):
        if word in found:
            found[word] |= WORD
    return found
