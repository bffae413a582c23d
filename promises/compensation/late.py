"""What is added when compensation is paid late: a sum once its last day is over, interest by the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert
from sqlmodel import Session, col

from promises.compensation import ledger
from promises.compensation.tables import Compensation, Deadline
from promises.journal.actions import record
from promises.terms.paying import addition_after
from promises.terms.queries import of_terms

_deadline: Table = Deadline.__table__  # type: ignore[attr-defined]
LATE = "late"


def expect(session: Session, compensations: Sequence[Mapping[str, Any]]) -> None:
    """Note when each of *compensations* becomes late, where its terms then add a sum.

    :param compensations: values of rows that were just inserted, or are open again.
    """
    limited = [one for one in compensations if one["pay_by"] is not None]
    if not limited:
        return
    terms = of_terms(session, {one["terms_id"] for one in limited})
    rows = [
        {"branch_id": one["branch_id"], "compensation_id": one["id"], "what": LATE, "at": one["pay_by"]}
        for one in limited
        if (late := terms[one["terms_id"]].terms.remedy.late) is not None and late.pays
    ]
    if rows:
        session.execute(insert(_deadline), rows)


def expect_again(session: Session, compensation: Compensation) -> None:
    """The same for one that is owed again, unless the sum has been added already."""
    if compensation.pay_by is None:
        return
    terms = of_terms(session, {compensation.terms_id})[compensation.terms_id].terms.remedy.late
    # The sum comes first and the interest on top, so less than the sum means that it wasn't added.
    if terms and terms.pays and ledger.added(session, compensation) < terms.pays:
        expect(session, [compensation.model_dump()])


def forget(session: Session, compensation: Compensation) -> None:
    """Nothing more happens to *compensation* by itself: it was paid, or isn't owed."""
    session.execute(delete(Deadline).where(*_key(compensation)))


def become_late(session: Session, compensation: Compensation, *, as_of: datetime) -> Decimal | None:
    """Enter the sum that the terms add once *compensation* is late, dated when it became late.

    Whoever takes its deadline away enters it, so it is entered once; None if that was somebody else, or
    it isn't late yet.
    """
    taken = delete(Deadline).where(*_key(compensation), col(Deadline.what) == LATE, col(Deadline.at) < as_of)
    found = session.execute(taken.returning(col(Deadline.at))).first()
    if found is None:
        return None
    late = of_terms(session, {compensation.terms_id})[compensation.terms_id].terms.remedy.late
    amount = late.pays if late else None
    if not amount:
        return None
    ledger.add(session, compensation, amount, as_of=as_of, dated_at=found[0])
    record(
        session,
        "compensation.became_late",
        "compensation",
        compensation.id,
        by=None,
        as_of=as_of,
        amount=str(amount),
        currency=compensation.currency,
    )
    return amount


def late_addition(session: Session, compensation: Compensation, as_of: datetime) -> Decimal:
    """What the terms still add to a compensation that is paid only at *as_of*: zero in time, or if nothing
    of it is open any more."""
    if compensation.pay_by is None or ledger.open_amount(session, compensation) <= 0:
        return Decimal("0.00")
    terms = of_terms(session, {compensation.terms_id})[compensation.terms_id].terms
    whole = addition_after(terms, compensation.amount, compensation.pay_by, as_of)
    return max(whole - ledger.added(session, compensation), Decimal("0.00"))


def add_what_is_late(
    session: Session, compensation: Compensation, *, paid_at: datetime, as_of: datetime
) -> None:
    """Enter all that comes on top of *compensation* when it is paid at *paid_at*, not before *as_of*."""
    if compensation.pay_by is None or paid_at <= compensation.pay_by:
        return
    become_late(session, compensation, as_of=as_of)
    rest = late_addition(session, compensation, paid_at)
    if rest:
        ledger.add(session, compensation, rest, as_of=as_of)


def _key(compensation: Compensation) -> tuple[Any, Any]:
    return (
        col(Deadline.branch_id) == compensation.branch_id,
        col(Deadline.compensation_id) == compensation.id,
    )
