"""The file of credits for the billing system: CSV, read by a machine."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO

COLUMNS = ("payment", "customer", "amount", "currency", "promise", "case", "broken_on")


@dataclass(frozen=True)
class Credit:
    """One credit. ``name`` is its own name, by which the billing system can refuse it; *customer* is the
    customer's number there."""

    name: str
    customer: str
    amount: Decimal
    currency: str
    promise: str
    case: str
    broken_on: date


def credit_file(credits: Sequence[Credit]) -> bytes:
    """The file: UTF-8 without a mark, commas, every text in quotes, amounts with a decimal point and
    dates as ``2026-06-09``, whatever the language of whoever makes it.

    Texts are those of our own registers, exact to the letter: the billing system looks them up.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in credits:
        # An amount is no float here, so it is quoted like a text and keeps its two decimals.
        writer.writerow(
            [
                one.name,
                one.customer,
                f"{one.amount:.2f}",
                one.currency,
                one.promise,
                one.case,
                str(one.broken_on),
            ]
        )
    return buffer.getvalue().encode("utf-8")
