"""What is done about compensation: owed when a verdict breaks, paid at the counter, taken back if unpaid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Insert, Table, insert
from sqlmodel import Session, select

from promises.compensation import ledger
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import new_id
from promises.journal.actions import record
from promises.refusal import Refusal
from promises.service import signals
from promises.service.actions import insert_new

_compensation: Table = Compensation.__table__  # type: ignore[attr-defined]
_payout: Table = Payout.__table__  # type: ignore[attr-defined]


@signals.broken.connect
def compensate(session: Session, verdicts: Sequence[signals.Breach]) -> None:
    """Owe what the terms say for verdicts that have just become broken, in the same transaction.

    A compensation shares its verdict's key; the database refuses a second one for the same verdict.
    """
    rows = [
        {
            "branch_id": verdict.branch_id,
            "id": verdict.verdict_id,
            "verdict_id": verdict.verdict_id,
            "case_id": verdict.case_id,
            "promise_id": verdict.promise_id,
            "terms_id": verdict.terms_id,
            "amount": verdict.amount,
            "currency": verdict.currency,
            "dated_at": verdict.dated_at,
            "pay_by": verdict.pay_by,
            "made_at": verdict.judged_at,
        }
        for verdict in verdicts
        if verdict.amount > 0
    ]
    if rows:
        statement: Insert = insert(_compensation)
        session.execute(statement, rows)
        ledger.owe(session, rows)


@signals.mended.connect
def take_back(session: Session, verdicts: Sequence[signals.Mended]) -> None:
    """Reverse what is owed for verdicts that turned out to be kept; what was paid stays with the customer."""
    for verdict in verdicts:
        compensation = _locked(session, verdict.branch_id, verdict.verdict_id)
        if compensation is None:
            continue
        paid = session.exec(
            select(Payout).where(
                Payout.branch_id == verdict.branch_id, Payout.compensation_id == compensation.id
            )
        ).first()
        if paid is None:
            owed = session.get_one(Entry, (compensation.branch_id, compensation.id))
            ledger.reverse(session, owed, by=None, as_of=verdict.judged_at)
        record(
            session,
            "compensation.reversed" if paid is None else "compensation.left_paid",
            "compensation",
            compensation.id,
            by=None,
            as_of=verdict.judged_at,
        )


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
    ledger.pay(session, compensation, by=by, as_of=as_of)
    record(
        session,
        "compensation.paid",
        "compensation",
        compensation_id,
        by=by,
        as_of=as_of,
        amount=str(compensation.amount),
        currency=compensation.currency,
        way="counter",
    )
    return session.get_one(Payout, (branch_id, payout_id))


def _locked(session: Session, branch_id: int, compensation_id: int) -> Compensation | None:
    """The compensation, held so that it isn't paid and reversed at the same time."""
    query = select(Compensation).where(
        Compensation.branch_id == branch_id, Compensation.id == compensation_id
    )
    return session.exec(query.with_for_update(key_share=True)).first()
