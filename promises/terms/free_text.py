"""Lengths of time and amounts of money in free Finnish or English text (pure).

``"viidessätoista minuutissa"``, ``"within one working day"``, ``"10 euroa"``: what people write when
they promise something, in digits or in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from promises.terms.quantities import TIME_UNITS, Span, Unit


@dataclass(frozen=True)
class Length:
    """A length of time and the words that say it."""

    span: Span
    words: str


@dataclass(frozen=True)
class Amount:
    """An amount of money, in the company's currency, and the words that say it."""

    value: Decimal
    words: str
    at: int


# Nominative (or partitive), genitive, inessive: "15 minuuttia", "viidentoista minuutin", "... minuutissa".
_FINNISH = {
    1: "yksi yhtä yhden yhdessä", 2: "kaksi kahta kahden kahdessa", 3: "kolme kolmea kolmen kolmessa",
    4: "neljä neljää neljän neljässä", 5: "viisi viittä viiden viidessä", 6: "kuusi kuutta kuuden kuudessa",
    7: "seitsemän seitsemää seitsemässä", 8: "kahdeksan kahdeksaa kahdeksassa",
    9: "yhdeksän yhdeksää yhdeksässä",
}  # fmt: skip
_TEN = "kymmenen kymmentä kymmenessä"
_ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip


def _number_words() -> dict[str, int]:
    words = dict(_ENGLISH)
    words.update(dict.fromkeys(_TEN.split(), 10))
    for n, forms in _FINNISH.items():
        for form in forms.split():
            words[form] = n
            words[f"{form}toista"] = 10 + n
            if n > 1:
                words.update({f"{form}{ten}": 10 * n for ten in _TEN.split()})
    return words


_WORDS = _number_words()
_DIGITS = r"\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?"
_IN_WORDS = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_NUMBER = rf"(?P<number>{_DIGITS}|{_IN_WORDS})"

# How many of the terms format's unit one of what was written is.
_UNITS: tuple[tuple[str, Unit, int], ...] = (
    (r"sekun\w*|seconds?|sec", "s", 1),
    (r"minuut\w*|minutes?|mins?", "min", 1),
    (r"tunti\w*|tunni\w*|hours?|hrs?|h", "h", 1),
    (r"(?:arki|työ|pankki)päiv\w*|(?:working|business|banking)[ -]days?", "working days", 1),
    (r"vuorokau\w*|vrk", "h", 24),
    (r"(?:calendar )?days?|päiv\w*|pv", "calendar days", 1),
    (r"viikk\w*|viiko(?!nlop)\w*|weeks?", "calendar days", 7),
)
_UNIT = "|".join(rf"(?P<u{place}>{pattern})" for place, (pattern, _, _) in enumerate(_UNITS))
_LENGTH = re.compile(
    rf"(?<![\w.,€])(?:\d{{1,4}}\s?[-–]\s?)?{_NUMBER}[\s\u00a0-]{{0,2}}(?:{_UNIT})\b", re.IGNORECASE
)
# Lengths that people name without a number.
_SAYINGS: tuple[tuple[re.Pattern[str], Span], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), span)
    for pattern, span in (
        (r"varti(?:ssa|n)|quarter of an hour", Span(15, "min")),
        (r"puole(?:ssa tunnissa|n tunnin)|half an hour", Span(30, "min")),
        (r"(?:with)?in (?:an|the) hour", Span(1, "h")),
        (r"(?:with)?in (?:a|the) day", Span(1, "calendar days")),
        (r"(?:with)?in a (?:working|business|banking) day", Span(1, "working days")),
        (r"(?:with)?in (?:a|the) week", Span(7, "calendar days")),
        (r"(?<!kerran )(?:tunnissa|tunnin (?:sisällä|kuluessa|aikana))", Span(1, "h")),
        (
            r"(?<!kerran )(?:vuorokaudessa|vuorokauden (?:sisällä|kuluessa|aikana)"
            r"|päivän (?:sisällä|kuluessa))",
            Span(24, "h"),
        ),
        (
            r"(?:arki|työ)päivässä|(?:arki|työ)päivän (?:sisällä|kuluessa|aikana)"
            r"|seuraava(?:na|an) (?:arki|työ|pankki)päivä(?:nä|än)(?: mennessä)?"
            r"|next (?:working|business|banking) day",
            Span(1, "working days"),
        ),
        (
            r"sama(?:na|n) (?:arki|työ)päivä(?:nä|n aikana)|same (?:working|business) day",
            Span(0, "working days"),
        ),
        (r"sama(?:na|n) päivä(?:nä|n aikana)|same day", Span(0, "calendar days")),
    )
)
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?:€|EUR)[ \u00a0]?(?P<before>{_DIGITS})"
    rf"|(?P<after>{_DIGITS})[ \u00a0]?(?:€|EUR\b|euro(?!op)\w*|e(?![\w-]))"
    rf"|(?P<words>{_IN_WORDS}) euro(?!op)\w*)",
    re.IGNORECASE,
)


def _value(words: str) -> Decimal:
    if words.lower() in _WORDS:
        return Decimal(_WORDS[words.lower()])
    return Decimal(re.sub(r"[ \u00a0]", "", words).replace(",", "."))


def _span(number: Decimal, unit: Unit, times: int) -> Span | None:
    """Whole units, or the next smaller unit that makes them whole; none where there is no such."""
    count = number * times
    smaller: dict[Unit, Unit] = {"h": "min", "min": "s"}
    while count != int(count):
        if unit not in smaller:
            return None
        below = smaller[unit]
        count, unit = count * (TIME_UNITS[unit] // TIME_UNITS[below]), below
    return Span(int(count), unit) if 0 < count < 10_000_000 else None


def lengths(text: str) -> list[Length]:
    """Every length of time in *text*, in the order of the text. Of a range the longer end counts."""
    found: list[tuple[int, int, Length]] = []
    for match in _LENGTH.finditer(text):
        place = next(n for n in range(len(_UNITS)) if match[f"u{n}"])
        span = _span(_value(match["number"]), *_UNITS[place][1:])
        if span is not None:
            found.append((match.start(), match.end(), Length(span, match[0])))
    for pattern, span in _SAYINGS:
        found += [(match.start(), match.end(), Length(span, match[0])) for match in pattern.finditer(text)]
    # "quarter of an hour" holds "an hour", "yhden työpäivän" meets "työpäivän kuluessa": the first has it.
    kept: list[Length] = []
    reached = 0
    for start, end, length in sorted(found, key=lambda one: (one[0], -one[1])):
        if start >= reached:
            kept.append(length)
            reached = end
    return kept


def amounts(text: str) -> list[Amount]:
    """Every amount of money in *text*, in the order of the text."""
    return [
        Amount(_value(match["before"] or match["after"] or match["words"]), match[0], match.start())
        for match in _AMOUNT.finditer(text)
    ]
