"""The file of SEPA credit transfers (pain.001.001.09) that a bank is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from sepaxml import SepaTransfer
from xmlschema import XMLSchema, XMLSchemaValidationError

from promises.money import CENT
from promises.payments.account import NAME, SUBJECT, as_banks_take
from promises.refusal import Refusal

SCHEMA = "pain.001.001.09"
CURRENCY = "EUR"


@dataclass(frozen=True)
class Payer:
    """Whose account pays: the company as its bank knows it."""

    name: str
    iban: str
    bic: str


@dataclass(frozen=True)
class Transfer:
    """One payment. ``name`` is its own name, which comes back in the bank's answer; ``subject`` is what
    the receiver reads on the statement."""

    name: str
    holder: str
    iban: str
    amount: Decimal
    subject: str


@dataclass(frozen=True)
class BankFile:
    """A file as it was made, and the name by which the bank's answer will call it."""

    message: str
    document: bytes


class _Transfers(SepaTransfer):  # type: ignore[misc]
    """The library's file, dated by whoever makes it and not by the machine."""

    def dated(self, moment: datetime) -> _Transfers:
        for created in self._xml.iter("CreDtTm"):
            created.text = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self


def bank_file(payer: Payer, transfers: Sequence[Transfer], *, execute_on: date, as_of: datetime) -> BankFile:
    """The file that asks the payer's bank to make *transfers* on *execute_on*.

    Its ids are random: it is to be kept as made and never made again.

    :raises Refusal: ``payments.file_invalid`` if the schema of the format doesn't hold, which is a fault of
        the program: what could break it is refused or rewritten before.
    """
    config: dict[str, Any] = {
        "name": as_banks_take(payer.name, NAME),
        "IBAN": payer.iban,
        "BIC": payer.bic,
        "batch": True,
        "currency": CURRENCY,
    }
    # clean=True would write a Finnish name without its dots; what banks take is decided in account.py.
    file = _Transfers(config, schema=SCHEMA, clean=False).dated(as_of)
    for one in transfers:
        file.add_payment(
            {
                "name": as_banks_take(one.holder, NAME),
                "IBAN": one.iban,
                "amount": int(one.amount / CENT),
                "execution_date": execute_on,
                "description": as_banks_take(one.subject, SUBJECT),
                "endtoend_id": one.name,
            }
        )
    document: bytes = file.export(validate=False)
    try:
        _official().validate(document.decode())
    except XMLSchemaValidationError as invalid:
        raise Refusal("payments.file_invalid", schema=SCHEMA) from invalid
    return BankFile(file.msg_id, document)


@cache
def _official() -> XMLSchema:
    """ISO 20022's schema of the format, which the library brings; read once, as that takes half a second."""
    return XMLSchema(str(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd"))
