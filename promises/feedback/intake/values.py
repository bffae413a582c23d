"""Single cells: scores and texts."""

from __future__ import annotations

import re
import unicodedata

# Given as "9", "9,0", "9.0" or "9/10".
_SCORE = re.compile(r"^(-?\d{1,6})(?:[.,]0+)?(?:\s*/\s*10)?$")
NO_ANSWER = {"", "-", "–", "n/a", "na", "null", "none", "ei vastausta", "no answer", "eos", "en osaa sanoa"}
ERRORS = {
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#PUUTTUU!",
    "#VIITTAUS!",
    "#ARVO!",
}
MOJIBAKE = re.compile("Ã[¤¶¥„–…]|â€[™œ“”]")
LONGEST_TEXT = 100_000


def read_score(value: str) -> int | None:
    """A whole number; nothing for a cell that says that there is no answer. The scale is not checked.

    :raises ValueError: if it is neither.
    """
    if value.strip().casefold() in NO_ANSWER:
        return None
    found = _SCORE.match(value.strip())
    if not found:
        raise ValueError(value)
    return int(found.group(1))


def clean_text(value: str) -> str:
    """*value* composed (å is one character), without control characters, trimmed. Line breaks stay."""
    composed = unicodedata.normalize("NFC", value)
    kept = (c for c in composed if c in "\n\t" or unicodedata.category(c) != "Cc")
    return "".join(kept).strip()
