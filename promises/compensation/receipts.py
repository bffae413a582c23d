"""The number by which a compensation is known to people: on its page, on the receipt, in a search.

It is the key itself in Crockford's base 32, which has no letter that could be taken for a digit.
"""

from __future__ import annotations

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
LARGEST = 2**63 - 1
_MISREAD = str.maketrans("OIL", "011", " -")


def write_number(key: int) -> str:
    """*key* as 13 digits in groups, for example ``0RFR-DQW0-00AZ3``.

    :raises ValueError: for a key that no row can have.
    """
    if not 0 <= key <= LARGEST:
        raise ValueError(f"no key of the database: {key}")
    digits = "".join(DIGITS[key >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def read_number(text: str) -> int | None:
    """The key that *text* means, however it is grouped and whichever letters were misread, or None."""
    digits = read_digits(text, LENGTH)
    if digits is None:
        return None
    key = 0
    for digit in digits:
        key = key << 5 | DIGITS.index(digit)
    return key if key <= LARGEST else None


def read_digits(text: str, length: int) -> str | None:
    """The *length* digits of base 32 that *text* means, or None."""
    digits = text.upper().translate(_MISREAD)
    return digits if len(digits) == length and set(digits) <= set(DIGITS) else None
