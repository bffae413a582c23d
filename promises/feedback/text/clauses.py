"""A text cut into clauses, so that one text can name several problems."""

from __future__ import annotations

import re
from typing import NamedTuple

from promises.feedback.text.gloss import WORD

ENDS = re.compile(r"[.!?…]+(?=\s|$)|[;\n\r•|]+|\s[-–—]\s|(?<=[a-zåäö])\.(?=[A-ZÅÄÖ])")
TURNS = re.compile(
    r"[,\s]+(?:mutta|muttei|mut|paitsi että|toisaalta|lisäksi|sen sijaan|eikä myöskään|sitä paitsi|"
    r"but|however|although|though|also|besides|in addition|on the other hand|plus|"
    r"men|dessutom|däremot|fast)\b",
    re.IGNORECASE,
)
JOINS = re.compile(
    r"\s*(?:,\s*(?:ja|sekä|and|och)?|\s(?:ja|sekä|and|och|&))\s+|\s+(?=(?:eikä|enkä|eivätkä)\s)",
    re.IGNORECASE,
)
# What each of the three above needs to be found: a sign, or the first word of one of its phrases.
SIGNS = re.compile(r"[.!?…;\n\r•|\-–—]")
PLAIN_WORD = re.compile(r"\w+")
TURNING = {
    "mutta", "muttei", "mut", "paitsi", "toisaalta", "lisäksi", "sen", "eikä", "sitä", "but", "however", "in",
    "although", "though", "also", "besides", "on", "plus", "men", "dessutom", "däremot", "fast",
}  # fmt: skip
JOINING = {"ja", "sekä", "and", "och", "eikä", "enkä", "eivätkä"}
# After these the clause goes on about the same matter ("odotin tunnin, koska...").
SUBORDINATE = re.compile(
    r"(?:että|kun|koska|jos|joka|jotka|jonka|jota|jossa|mitä|mikä|mistä|miten|miksi|vaikka|kuin|niin|jotta|kunnes|"
    r"that|which|who|when|because|if|while|until|so|since|as|where|why|how|to|"
    r"att|som|när|eftersom|om|därför|så|medan|innan)\b",
    re.IGNORECASE,
)
FEWEST_WORDS = 2
FEWEST_TOGETHER = 5
MOST_CLAUSES = 40


class Clause(NamedTuple):
    """A stretch of the original text, from *start* up to *end*."""

    start: int
    end: int


def count(text: str) -> int:
    return len(WORD.findall(text))


def split(text: str) -> list[Clause]:
    """The clauses of *text* in order, never empty of words; at most ``MOST_CLAUSES``.

    Cut at the ends of sentences and at turns ("mutta", "but", "men"); at commas and "and" only where both
    sides could stand alone. A piece of one word joins its neighbour.
    """
    pieces = [Clause(0, len(text))]
    words = set(PLAIN_WORD.findall(text.lower()))
    # Most texts have few of the words and signs to cut at, and looking for those takes less than cutting.
    if SIGNS.search(text):
        pieces = cut(text, pieces, ENDS, 1, keep=False)
    if not words.isdisjoint(TURNING):
        pieces = cut(text, pieces, TURNS, FEWEST_WORDS, keep=True)
    if "," in text or "&" in text or not words.isdisjoint(JOINING):
        pieces = cut(text, pieces, JOINS, FEWEST_WORDS, keep=False)
    return [trim(text, piece) for piece in gather(text, pieces)][:MOST_CLAUSES]


def cut(text: str, pieces: list[Clause], at: re.Pattern[str], fewest: int, keep: bool) -> list[Clause]:
    """*pieces* cut where *at* is found and at least *fewest* words stand on both sides."""
    found = []
    for start, end in pieces:
        last = start
        for match in at.finditer(text, start, end):
            left = text[last : match.start()]
            following = at.search(text, match.end(), end)
            right = text[match.end() : following.start() if following else end]
            if at is JOINS and (SUBORDINATE.match(right) or count(left) + count(right) < FEWEST_TOGETHER):
                continue
            if count(left) >= fewest and count(right) >= fewest:
                found.append(Clause(last, match.start()))
                last = match.start() if keep else match.end()
        found.append(Clause(last, end))
    return found


def gather(text: str, pieces: list[Clause]) -> list[Clause]:
    """*pieces* with those of too few words joined to the one before (the first: to the next)."""
    found: list[Clause] = []
    for piece in pieces:
        words = count(text[piece.start : piece.end])
        if found and (words < FEWEST_WORDS or count(text[found[-1].start : found[-1].end]) < FEWEST_WORDS):
            found[-1] = Clause(found[-1].start, piece.end)
        elif words:
            found.append(piece)
    return found


def trim(text: str, piece: Clause) -> Clause:
    """*piece* without blanks and commas around it."""
    words = text[piece.start : piece.end]
    start = piece.start + len(words) - len(words.lstrip(" \t\r\n,;-–—"))
    return Clause(start, max(start, piece.start + len(words.rstrip(" \t\r\n,;-–—"))))
