"""In which ways one compensation can be paid."""

from __future__ import annotations

from sqlmodel import Session

from promises.compensation.tables import Compensation
from promises.service.tables import Case
from promises.terms.queries import of_terms

TRANSFER_CURRENCY = "EUR"


def open_ways(session: Session, compensation: Compensation) -> tuple[str, ...]:
    """The ways that the terms allow and that reach this customer, in the terms' order.

    A SEPA transfer moves euros only; a credit needs the customer's number with the billing system. If none
    of them reaches the customer, what is owed is owed all the same: it is paid at the counter.
    """
    ways = of_terms(session, {compensation.terms_id})[compensation.terms_id].terms.remedy.ways
    out: set[str] = set()
    if compensation.currency != TRANSFER_CURRENCY:
        out.add("bank")
    if "credit" in ways:
        case = session.get_one(Case, (compensation.branch_id, compensation.case_id))
        if not case.customer:
            out.add("credit")
    return tuple(way for way in ways if way not in out) or ("counter",)
