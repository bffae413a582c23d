"""What people do about compensation: it is paid at the counter, with what is added when that is late."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Table
from sqlmodel import Session, select

import promises.compensation.reckoning  # noqa: F401  what broken promises owe: listens to the service room
from promises.compensation import ledger
from promises.compensation.tables import Compensation, Payout
from promises.database import new_id
from promises.journal.actions import record
from promises.refusal import Refusal
from promises.service.actions import insert_new
from promises.terms.paying import addition_after
from promises.terms.queries import of_terms

_payout: Table = Payout.__table__  # type: ignore[attr-defined]


def pay_at_counter(
    session: Session, branch_id: int, compensation_id: int, *, receiver: str, by: int, as_of: datetime
) -> Payout:
    """Hand what is owed to the customer at the counter of the branch, once.

    :param receiver: who took it, name or initials; may be empty.
    :raises Refusal: ``compensation.unknown``, ``compensation.paid_already``, ``compensation.nothing_open``.
    """
    compensation = _locked(session, branch_id, compensation_id)
    if compensation is None:
        raise Refusal("compensation.unknown")
    payout_id = new_id(int(as_of.timestamp() * 1000))
    row = {
        "branch_id": branch_id,
        "id": payout_id,
        "compensation_id": compensation_id,
        "way": "counter",
        "receiver": receiver,
        "made_at": as_of,
        "made_by": by,
    }
    # A second payer waits here for the first, and is then told.
    if not insert_new(session, _payout, row):
        raise Refusal("compensation.paid_already")
    added = late_addition(session, compensation, as_of)
    if added:
        ledger.add(session, compensation, added, as_of=as_of)
    paid = ledger.pay(session, compensation, by=by, as_of=as_of)
    record(
        session,
        "compensation.paid",
        "compensation",
        compensation_id,
        by=by,
        as_of=as_of,
        amount=str(paid.amount),
        currency=compensation.currency,
        way="counter",
    )
    return session.get_one(Payout, (branch_id, payout_id))


def late_addition(session: Session, compensation: Compensation, as_of: datetime) -> Decimal:
    """What the terms add to a compensation that is handed over only at *as_of*: zero in time, or if nothing
    of it is open any more."""
    if compensation.pay_by is None or ledger.open_amount(session, compensation) <= 0:
        return Decimal("0.00")
    terms = of_terms(session, {compensation.terms_id})[compensation.terms_id].terms
    return addition_after(terms, compensation.amount, compensation.pay_by, as_of)


def _locked(session: Session, branch_id: int, compensation_id: int) -> Compensation | None:
    """The compensation, held so that it isn't paid and reversed at the same time."""
    query = select(Compensation).where(
        Compensation.branch_id == branch_id, Compensation.id == compensation_id
    )
    return session.exec(query.with_for_update(key_share=True)).first()
