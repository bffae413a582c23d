"""The one place where personal data leave what customers write, before anything is stored or shown.

Masked are what has a form of its own: personal identity codes, account and card numbers, telephone
numbers, e-mail addresses. Names and street addresses have none, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# A sign that is a word in no language, so that nobody's text reads differently for it.
MASKED = "[***]"

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IDENTITY = re.compile(r"\b(\d{2})(\d{2})\d{2}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]\b", re.IGNORECASE)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_PHONE = re.compile(r"(?<![\w+])(?:\+\d{1,3}|00\d{1,3}|0)(?:[ -]?\(0\))?(?:[ -]?\d){6,11}(?![\w])")


def mask(words: str) -> str:
    """*words* with personal data replaced by :data:`MASKED`.

    Numbers that could be something else are masked only if their check digits hold.
    """
    if not any(c.isdigit() or c == "@" for c in words):
        return words
    words = _EMAIL.sub(MASKED, words)
    words = _IDENTITY.sub(_where(_is_identity), words)
    words = _ACCOUNT.sub(_account, words)
    words = _CARD.sub(_where(lambda found: passes_luhn(found.group())), words)
    return _PHONE.sub(MASKED, words)


def passes_luhn(number: str) -> bool:
    """Whether the last digit of a card's *number* is right (ISO/IEC 7812); signs between are ignored."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def passes_mod97(account: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616); signs between are ignored."""
    plain = "".join(c for c in account.upper() if c.isalnum())
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _where(holds: Callable[[re.Match[str]], bool]) -> Callable[[re.Match[str]], str]:
    return lambda found: MASKED if holds(found) else found.group()


def _is_identity(found: re.Match[str]) -> bool:
    """The check character is not asked for: a mistyped code is somebody's all the same."""
    return 1 <= int(found[1]) <= 31 and 1 <= int(found[2]) <= 12


def _account(found: re.Match[str]) -> str:
    """Words may follow an account number without a sign between: the longest part that holds is it."""
    text = found.group()
    for end in range(len(text), 14, -1):
        if text[end - 1].isalnum() and passes_mod97(text[:end]):
            return MASKED + text[end:]
    return text
