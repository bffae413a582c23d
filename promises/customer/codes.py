"""The words that open a customer's page: a long one for links, a short one for typing.

Both are made from a row's nonce and the installation's secret key, so that they can be shown again to whoever
may see them, while neither stands in the database.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from math import log2
from secrets import token_hex

ALPHABET = "2346789CDFGHJKMNPQRTVWXY"
"""No vowels, so no words; none of 0 O, 1 I L, 2 Z, 5 S, 8 B in both shapes."""

LINK_LENGTH = 20
CODE_LENGTH = 12
GROUP = 4
LINK_BITS = LINK_LENGTH * log2(len(ALPHABET))
CODE_BITS = CODE_LENGTH * log2(len(ALPHABET))


def new_nonce() -> str:
    """128 random bits."""
    return token_hex(16)


def link_word(nonce: str, secret: str) -> str:
    """The word of a link: 20 letters and digits, 91 bits."""
    return _word("link", nonce, secret, LINK_LENGTH)


def short_code(nonce: str, secret: str) -> str:
    """The code to be typed: 12 letters and digits, 55 bits, without its groups."""
    return _word("code", nonce, secret, CODE_LENGTH)


def grouped(code: str) -> str:
    """``K7QM-2VXD-94TP``."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read_code(typed: str) -> str | None:
    """The code that somebody means, however they grouped it and whichever case; None if it can't be one."""
    code = "".join(typed.upper().split()).replace("-", "").replace("\N{EN DASH}", "")
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def hashed(word: str) -> str:
    """What is kept of a link's word: it has too many bits to be tried out."""
    return sha256(word.encode()).hexdigest()


def hashed_code(code: str, secret: str) -> str:
    """What is kept of a short code: with the secret key, as 55 bits alone could be tried out."""
    return _mac("kept code", code, secret).hex()


def _word(purpose: str, nonce: str, secret: str, length: int) -> str:
    number = int.from_bytes(_mac(purpose, nonce, secret), "big")
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def _mac(purpose: str, text: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), f"customer {purpose}|{text}".encode(), sha256).digest()
