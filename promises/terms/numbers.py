"""Numbers as they stand in the attributes of a case."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"-?\d{1,12}([.,]\d{1,6})?")


def number(text: str) -> Decimal | None:
    """A number as written in a file ("12", "12.50", "12,50"), or None."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
