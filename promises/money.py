"""Amounts of money: Decimal, in a currency, rounded once and by name."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """*amount* rounded to cents, half away from zero, as invoices and consumer law do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
