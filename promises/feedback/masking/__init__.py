"""The one place where personal data leave what customers write, before anything is stored or shown.

Masked are personal identity codes, account and card numbers, telephone numbers, e-mail and street addresses,
and names of people, each by a sign that tells its kind, such as ``[name]``. The signs are codes, which are
shown in the reader's language. What was masked is given back, so that praise can reach whom it is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from promises.feedback.masking.names import names
from promises.feedback.masking.numbers import COVER, Spans, accounts, cards, identities, phones
from promises.feedback.masking.written import addresses, emails

KINDS = ("email", "identity", "account", "card", "phone", "address", "name")
SIGN = re.compile(r"\[(" + "|".join(KINDS) + r")\]")
MOST_ROUNDS = 8
SHORTEST_KEPT = 4


@dataclass(frozen=True)
class Found:
    """One thing masked: its *kind* (of :data:`KINDS`), where it stood in the original text, and its words."""

    kind: str
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Masked:
    """A text without personal data, and what was taken out of it, in its order."""

    text: str
    found: tuple[Found, ...]


def mask(text: str, kept: Iterable[str] = ()) -> Masked:
    """Take personal data out of *text*, whatever its language.

    What is masked already is left as it is: ``mask(mask(t).text)`` changes nothing.

    :param kept: names of the company's own places and products, which are nobody's name.
    """
    beginnings = tuple(
        beginning(word) for name in kept for word in name.split() if len(word) >= SHORTEST_KEPT
    )
    covered = SIGN.sub(lambda sign: COVER * len(sign.group()), text.replace(COVER, " "))
    found: list[Found] = []
    for _ in range(MOST_ROUNDS):
        before = len(found)
        for kind, look in _looks(covered, beginnings):
            spans = _apart(look(covered))
            found += [Found(kind, start, end, text[start:end]) for start, end in spans]
            covered = _cover(covered, spans)
        if len(found) == before:
            break
    found.sort(key=lambda each: each.start)
    return Masked(_signed(text, found), tuple(found))


def beginning(word: str) -> str:
    """What all forms of a place's name begin with ("Kaislavesi": "Kaislaveden")."""
    lowered = word.lower()
    return lowered[: max(SHORTEST_KEPT, len(lowered) - 2)]


def _looks(text: str, kept: tuple[str, ...]) -> list[tuple[str, Callable[[str], Spans]]]:
    """The searches that *text* needs; the order settles what a number is that could be two things."""
    looks: list[tuple[str, Callable[[str], Spans]]] = [("email", emails)]
    if any(c.isdigit() for c in text):
        looks += [
            ("identity", identities), ("account", accounts), ("card", cards), ("phone", phones),
            ("address", addresses),
        ]  # fmt: skip
    elif "*" in text:
        looks.append(("card", cards))
    return [*looks, ("name", partial(names, kept=kept))]


def _apart(spans: Spans) -> list[tuple[int, int]]:
    """*spans* in their order; of those that lie over each other the first and longest."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _cover(text: str, spans: list[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], COVER * (end - start)]
        last = end
    return "".join([*parts, text[last:]]) if spans else text


def _signed(text: str, found: list[Found]) -> str:
    parts, last = [], 0
    for each in found:
        parts += [text[last : each.start], f"[{each.kind}]"]
        last = each.end
    return "".join([*parts, text[last:]])
