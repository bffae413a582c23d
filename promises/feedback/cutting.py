"""The notes of an interview, cut into quotes. Pure: where to cut is proposed here and decided by people."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# A sentence ends where a sign of it is followed by a space and something that begins one.
_END = re.compile(r"(?<=[.!?…])[\"”')]*\s+(?=[A-ZÅÄÖ0-9\"”'(–-])")
_ABBREVIATED = re.compile(r"\b(?:esim|ym|yms|ks|mm|n|klo|kpl|nro|e\.g|i\.e|t\.ex|bl\.a)\.$", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-–•*]|\d+[.)])\s+")
# Whoever asks isn't the customer: "Haastattelija:", "H:", "Q:", "Interviewer:", "Intervjuare:".
_ASKER = re.compile(r"^\s*(?:haastattelija|interviewer|intervjuare|kysymys|h|q|i)\s*[:.]\s*", re.IGNORECASE)
_SPEAKER = re.compile(r"^\s*(?:asiakas|vastaaja|customer|kund|vastaus|a|k|v)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """One sentence of the notes. ``begins`` proposes that a quote begins with it; ``asked`` that nobody of
    ours said it who is the customer."""

    text: str
    begins: bool
    asked: bool


def pieces(notes: str) -> list[Piece]:
    """The sentences of *notes*: a quote is proposed for each line, questions of the interviewer left out."""
    found: list[Piece] = []
    for line in notes.splitlines():
        said = _BULLET.sub("", line).strip()
        asked = _ASKER.match(said) is not None
        said = _SPEAKER.sub("", _ASKER.sub("", said)).strip()
        for n, sentence in enumerate(_sentences(said)):
            found.append(Piece(sentence, begins=n == 0, asked=asked))
    return found


def _sentences(line: str) -> list[str]:
    found: list[str] = []
    for part in filter(None, _END.split(line)):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def quotes(found: Sequence[Piece], cuts: Collection[int], out: Collection[int]) -> list[str]:
    """The quotes: pieces in a row, cut before each of *cuts*; those of *out* are left out and part them."""
    told: list[list[str]] = []
    joined = False
    for number, piece in enumerate(found):
        if number in out:
            joined = False
            continue
        if not joined or number in cuts:
            told.append([])
        told[-1].append(piece.text)
        joined = True
    return [" ".join(sentences) for sentences in told]
