"""Accounts and names of those who are paid: checked, shown masked, and written as banks take them."""

from __future__ import annotations

import unicodedata

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from text_unidecode import unidecode

from promises.payments.tables import HOLDER
from promises.refusal import Refusal

BANKS_TAKE = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
    "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}\N{LATIN CAPITAL LETTER A WITH DIAERESIS}"
    "\N{LATIN CAPITAL LETTER O WITH DIAERESIS}\N{LATIN SMALL LETTER A WITH RING ABOVE}"
    "\N{LATIN SMALL LETTER A WITH DIAERESIS}\N{LATIN SMALL LETTER O WITH DIAERESIS}"
)
"""The basic letters of the European Payments Council (EPC217-08), and six more that banks in Finland take."""
NAME = 70
"""The longest name in a SEPA credit transfer (its rulebook; the schema would take 140)."""
SUBJECT = 140
_BY_AGREEMENT = {"&": "+", "_": "-", "@": "(at)"}
_SHOWN = 4
_DOT = "\N{BULLET}"


def read_iban(typed: str) -> str:
    """An account number as it is kept: capital letters and digits, without spaces.

    :raises Refusal: ``payments.iban`` if it can't be an account number: its country, its length, its check
        digits or its bank; ``payments.iban_not_sepa`` if no SEPA transfer reaches it. Neither repeats it.
    """
    try:
        iban = IBAN(typed.strip(), validate_bban=True)
    except SchwiftyException:
        raise Refusal("payments.iban") from None
    if not iban.in_sepa_zone:
        raise Refusal("payments.iban_not_sepa", country=iban.country_code)
    return str(iban.compact)


def masked(iban: str) -> str:
    """An account number as it is shown: only its last four digits."""
    return f"{_DOT * 4} {iban[-_SHOWN:]}" if iban else ""


def read_holder(typed: str) -> str:
    """The name of an account's owner as it was typed, in one line.

    :raises Refusal: ``payments.holder_missing``; ``payments.holder_too_long``; ``payments.holder_unwritable``
        if nothing is left of it in letters that banks take.
    """
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if not name:
        raise Refusal("payments.holder_missing")
    if len(name) > HOLDER:
        raise Refusal("payments.holder_too_long", found=len(name), longest=HOLDER)
    if not any(sign.isalnum() for sign in as_banks_take(name, NAME)):
        raise Refusal("payments.holder_unwritable")
    return name


def as_banks_take(text: str, longest: int) -> str:
    """*text* in the letters that every bank takes, cut at *longest*.

    What banks in Finland take stays as it is, so that the name is the one that the receiver's bank knows;
    other letters lose their marks or are written out in Latin ones; signs that mean nothing there are left
    out. No slash begins or ends a text, and no two stand together (EPC217-08, section 6.2).
    """
    plain = "".join(_letter(sign) for sign in unicodedata.normalize("NFC", text))
    plain = " ".join(plain.split())
    while "//" in plain:
        plain = plain.replace("//", "/")
    return plain.strip("/ ")[:longest].rstrip("/ ")


def _letter(sign: str) -> str:
    if sign in BANKS_TAKE:
        return sign
    if sign.isspace():
        return " "
    latin = _BY_AGREEMENT.get(sign) or unidecode(sign)
    return "".join(one if one in BANKS_TAKE else "." if one.isprintable() else "" for one in latin)
