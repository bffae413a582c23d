"""From whose account transfers are paid."""

from __future__ import annotations

from promises.payments.bank_file import Payer
from promises.settings import Settings


def payer_of(settings: Settings, company: str) -> Payer | None:
    """The account that the installation's settings name; None if there is none.

    :param company: the company's name, under which it pays unless the settings give another.
    """
    if not settings.payer_iban:
        return None
    return Payer(settings.payer_name or company, settings.payer_iban, settings.payer_bic)
