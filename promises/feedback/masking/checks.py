"""Check digits and dates that tell somebody's number from another."""

from __future__ import annotations

IDENTITY_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def digits(text: str) -> str:
    """The ASCII digits of *text*."""
    return "".join(c for c in text if "0" <= c <= "9")


def passes_luhn(number: str) -> bool:
    """Whether the last digit of a card's *number* is right (ISO/IEC 7812); signs between are ignored."""
    found = [int(c) for c in digits(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in found[-2::-2]]
    return (sum(found[-1::-2]) + sum(doubled)) % 10 == 0


def passes_mod97(account: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616); signs between are ignored."""
    plain = "".join(c for c in account.upper() if c.isascii() and c.isalnum())
    return len(plain) > 4 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_identity(birth: str, number: str, sign: str) -> bool:
    """Whether the check character of a Finnish identity code is right (DVV): all digits modulo 31."""
    return sign.upper() == IDENTITY_SIGNS[int(birth + number) % 31]


def is_day(day: str, month: str, most: int = 31) -> bool:
    """Whether these could be a day and a month; Swedish coordination numbers add 60 to the day."""
    return 1 <= int(month) <= 12 and (1 <= int(day) <= 31 or 61 <= int(day) <= most)


def is_old_account(bank: str, number: str) -> bool:
    """Whether an account number of before 2010 is right: Luhn over 14 digits, filled up with zeros (in
    banks that begin with 4 or 5, after the first digit of the second part)."""
    whole = bank + (number[0] + number[1:].zfill(7) if bank[0] in "45" else number.zfill(8))
    return len(whole) == 14 and passes_luhn(whole)
