"""The colours of charts: the pages' own, read from their style sheet, so that there is one list of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parents[1] / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
_PAIR = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
_SANS = re.compile(r"--sans:\s*([^;]+);")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme as ``#rrggbb``."""

    ink: str
    muted: str
    hairline: str
    kept: str
    kept_tint: str
    broken: str
    paper: str


@cache
def palette(theme: str) -> Palette:
    """The colours of *theme*: ``light`` or ``dark``."""
    side = 2 + THEMES.index(theme)
    colours = {match[1]: match[side] for match in _PAIR.finditer(TOKENS.read_text(encoding="utf-8"))}
    return Palette(
        ink=colours["ink"],
        muted=colours["muted"],
        hairline=colours["hairline"],
        kept=colours["accent"],
        kept_tint=colours["accent-tint"],
        broken=colours["broken"],
        paper=colours["paper"],
    )


@cache
def typefaces() -> str:
    """The pages' list of typefaces, as CSS writes it."""
    found = _SANS.search(TOKENS.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("tokens.css names no --sans")
    return found[1].replace('"', "'")
