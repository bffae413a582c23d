"""What a promise's text says that can be measured, and what it still lacks (pure; it only advises).

A customer can hold the company to a limit ("15 minuutissa") and sees what follows if it fails ("tai
maksamme 10 euroa"). Words such as "nopeasti" or "we care" can't be broken and so can't be kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from promises.terms.free_text import Amount, Length, amounts, lengths
from promises.terms.quantities import Span


@dataclass(frozen=True)
class Empty:
    """Words that promise nothing. ``why`` is a code of the ``empty_phrase.*`` family."""

    words: str
    why: str


@dataclass(frozen=True)
class Reading:
    """What *text* holds; see :func:`read`.

    ``limits``: lengths of time. ``countable``: other words by which anyone can tell kept from broken.
    ``remedies``: words that promise something in return. All as they stand in the text.
    """

    limits: tuple[Length, ...]
    countable: tuple[str, ...]
    amounts: tuple[Amount, ...]
    remedies: tuple[str, ...]
    empty: tuple[Empty, ...]
    remedy_amount: Decimal | None

    @property
    def measurable(self) -> bool:
        """Whether the text names anything by which its keeping can be told."""
        return bool(self.limits or self.countable)

    @property
    def compensates(self) -> bool:
        """Whether the text says what a customer gets when it fails."""
        return bool(self.amounts or self.remedies)

    @property
    def limit(self) -> Span | None:
        """The first length of time, for drafting terms."""
        return self.limits[0].span if self.limits else None


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})", re.IGNORECASE)


_COUNTABLE = _any_of(
    r"kerralla (?:oikein|kuntoon|valmiiksi)\b", r"ensimmäisellä (?:kerralla|yhteydenotolla|käynnillä)\b",
    r"virhee(?:ttömä|tö)\w*", r"(?:enintään|korkeintaan|vähintään|alle) \w+ \w+",
    r"(?:right )?(?:the )?first time\b", r"without errors?\b", r"error-free\b",
    r"(?:at most|no more than|at least) \w+ \w+", r"klo \d{1,2}(?:[.:]\d\d)? mennessä\b",
    r"by \d{1,2}(?::\d\d)? ?(?:[ap]m\b|o'clock\b)",
)  # fmt: skip
_REMEDY = _any_of(
    r"hyvit\w*", r"korva(?:a|u)\w*", r"maks(?:amme|etaan)\b", r"palaut(?:amme|etaan)\b", r"maksutta\b",
    r"maksuto\w*", r"alennu\w*", r"ilmaiseksi\b", r"ilmai(?:nen|sen)\b", r"veloituksetta\b", r"lahjakort\w*",
    r"refund\w*", r"compensat\w*", r"we(?: wi|')?ll pay\b", r"we(?: will)? pay\b",
    r"credit (?:you|your)\b", r"free of charge\b", r"for free\b",
    r"(?:it's|is) free\b", r"discounts?\b", r"at no cost\b", r"vouchers?\b",
)  # fmt: skip
# Why each is empty: how fast? a feeling, an effort or a quality can't be counted.
_EMPTY: dict[str, re.Pattern[str]] = {
    "speed": _any_of(
        r"nope(?:a\w*|immin)\b", r"pian\b", r"ripeä\w*", r"ripeästi\b", r"viivy(?:ttele|tyks)\w*",
        r"viipymättä\b", r"sujuva\w*", r"mahdollisimman \w+", r"quick(?:ly)?\b", r"fast(?:er)?\b",
        r"soon\b", r"prompt(?:ly)?\b", r"swift(?:ly)?\b", r"as \w+ as possible\b", r"in no time\b",
        r"without delay\b",
    ),
    "feeling": _any_of(
        r"hymy\w*", r"yllät\w*", r"ilahdut\w*", r"ihastut\w*", r"välit(?:ämme|tää|än)\b", r"sydäm\w*",
        r"tärke(?:ä|itä|in|impi)\w* meille\b", r"olet meille \w+", r"smil\w*", r"surpris\w*", r"delight\w*",
        r"care about\b", r"we care\b", r"matters? to us\b", r"from the heart\b", r"wow\b",
    ),
    "effort": _any_of(
        r"parhaamme\b", r"pyri(?:mme|tään)\b", r"panosta(?:mme|taan)\b", r"yrit(?:ämme|etään)\b",
        r"do our best\b", r"our best\b", r"strive\b", r"aim to\b", r"try to\b", r"endeavou?r\b",
        r"extra mile\b",
    ),
    "quality": _any_of(
        r"laaduk\w*", r"huippu\w*", r"erinomai\w*", r"ystävälli\w*", r"jousta(?:va|vasti|vaa)\w*",
        r"asiakaslähtöi\w*", r"ammattitai\w*", r"parasta\b", r"hyvää palvelua\b", r"yksilölli\w*",
        r"excellen\w*", r"friendly\b", r"flexib\w*", r"high[ -]quality\b", r"world[ -]class\b",
        r"professional\w*", r"the best\b", r"great service\b", r"good service\b", r"exceed\w*",
    ),
}  # fmt: skip


def read(text: str) -> Reading:
    """What *text*, in Finnish or English, says exactly and what it says only nicely."""
    sums = tuple(amounts(text))
    return Reading(
        limits=tuple(lengths(text)),
        countable=tuple(match[0] for match in _COUNTABLE.finditer(text)),
        amounts=sums,
        remedies=tuple(match[0] for match in _REMEDY.finditer(text)),
        empty=tuple(_empty(text)),
        remedy_amount=_owed(text, sums),
    )


def _empty(text: str) -> list[Empty]:
    found = [
        (match.start(), Empty(match[0], why))
        for why, words in _EMPTY.items()
        for match in words.finditer(text)
    ]
    return [phrase for _, phrase in sorted(found, key=lambda pair: pair[0])]


def _owed(text: str, sums: tuple[Amount, ...]) -> Decimal | None:
    """The amount after the first word of a remedy; a text may name other sums before it."""
    word = _REMEDY.search(text)
    after = [amount.value for amount in sums if word is None or amount.at > word.start()]
    return after[0] if after else sums[-1].value if sums else None
