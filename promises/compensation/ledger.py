"""The ledger: the one place that writes entries.

Each entry moves its amount from one account to another, so the ledger balances by its shape:

- ``owed``: from the cost of remedies to what the customers are owed,
- ``sent``: from what the customers are owed to what is on its way to them, a voucher or a batch of payments,
- ``paid``: from either to where the money came from: the till, the billing system's credits, the bank,
- ``reversed``: exactly one earlier entry with its sides swapped, once.

A balance is a sum over entries, never a column that could disagree with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Insert, Table, and_, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from promises.compensation.accounts import BANK as BANK
from promises.compensation.accounts import BETWEEN as BETWEEN
from promises.compensation.accounts import COST as COST
from promises.compensation.accounts import CREDITS as CREDITS
from promises.compensation.accounts import CUSTOMERS as CUSTOMERS
from promises.compensation.accounts import ON_THE_WAY as ON_THE_WAY
from promises.compensation.accounts import PAID as PAID
from promises.compensation.accounts import TILL as TILL
from promises.compensation.accounts import VOUCHERS as VOUCHERS
from promises.compensation.balances import Balance as Balance
from promises.compensation.balances import account_sum
from promises.compensation.balances import balances as balances
from promises.compensation.tables import Compensation, Entry
from promises.database import new_id
from promises.journal import chain
from promises.loading import load
from promises.refusal import Refusal
from promises.terms.columns import Rows, Times

_entry: Table = Entry.__table__  # type: ignore[attr-defined]
_owed: Table = Compensation.__table__  # type: ignore[attr-defined]
_COLUMNS = (
    "branch_id", "id", "compensation_id", "kind", "debit", "credit", "amount", "currency", "reverses",
    "dated_at", "made_at", "made_by",
)  # fmt: skip
_OWED_COLUMNS = (
    "verdict_id", "part", "case_id", "promise_id", "terms_id", "amount", "currency", "dated_at", "pay_by",
    "made_at",
)  # fmt: skip

# With the entry that a compensation begins with, which shares its key, the compensation itself is bound.
chain.bind_ledger(
    chain.Chained(
        _entry,
        (*(_entry.c[name] for name in _COLUMNS), *(_owed.c[name] for name in _OWED_COLUMNS)),
        chain=_entry.c.branch_id,
        with_=lambda query: query.outerjoin(
            _owed, and_(_owed.c.branch_id == _entry.c.branch_id, _owed.c.id == _entry.c.id)
        ),
    )
)


def owe(
    session: Session, compensations: Sequence[Compensation | dict[str, Any]], *, by: int | None = None
) -> None:
    """Enter what is owed for new compensations, dated when each promise broke.

    The entry shares its compensation's key, so a second one for the same is refused by the database.

    :param compensations: rows or their values as dictionaries, just inserted in this transaction.
    :param by: whose decision it was; nobody's, where a promise broke.
    """
    values = [one if isinstance(one, dict) else one.model_dump() for one in compensations]
    entries = [
        {
            "branch_id": one["branch_id"],
            "id": one["id"],
            "compensation_id": one["id"],
            "kind": "owed",
            "debit": COST,
            "credit": CUSTOMERS,
            "amount": one["amount"],
            "currency": one["currency"],
            "reverses": None,
            "dated_at": one["dated_at"],
            "made_at": one["made_at"],
            "made_by": by,
            "seal": chain.seal(session, one["branch_id"]),
        }
        for one in values
    ]
    if entries:
        statement: Insert = insert(_entry)
        session.execute(statement, entries)


@dataclass(frozen=True)
class Owed:
    """Columns of new compensations, in the order of their keys: *ids* theirs, *cents* their amounts."""

    branch_ids: Rows
    ids: Rows
    cents: Times
    currency: pa.Array
    dated_at: pa.Array
    made_at: datetime


def owe_many(session: Session, owed: Owed) -> None:
    """The same as :func:`owe` for many compensations, as columns."""
    seals = np.zeros(len(owed.ids), np.int64)
    for branch_id in np.unique(owed.branch_ids).tolist():
        seals[owed.branch_ids == branch_id] = chain.seal(session, branch_id)
    load(session, _entry, len(owed.ids), {
        "branch_id": owed.branch_ids,
        "id": owed.ids,
        "compensation_id": owed.ids,
        "kind": "owed",
        "debit": COST,
        "credit": CUSTOMERS,
        "amount": owed.cents,
        "currency": owed.currency,
        "reverses": None,
        "dated_at": owed.dated_at,
        "made_at": owed.made_at,
        "made_by": None,
        "seal": seals,
    })  # fmt: skip


def add(
    session: Session,
    compensation: Compensation,
    amount: Decimal,
    *,
    as_of: datetime,
    dated_at: datetime | None = None,
) -> Entry:
    """Enter what comes to be owed on top of *compensation* because it is paid late.

    :param dated_at: when it came to be owed, if that was before *as_of*.
    """
    return _post(
        session,
        compensation,
        kind="owed",
        debit=COST,
        credit=CUSTOMERS,
        amount=amount,
        by=None,
        as_of=as_of,
        dated_at=dated_at,
    )


def pay(
    session: Session, compensation: Compensation, *, by: int, as_of: datetime, account: str = TILL
) -> Entry:
    """Enter that all that is open of *compensation* has reached the customer, out of *account*.

    :raises Refusal: ``compensation.nothing_open`` if it was reversed or paid, or is on its way.
    """
    left = _open_or_refused(session, compensation)
    return _post(
        session,
        compensation,
        kind="paid",
        debit=CUSTOMERS,
        credit=account,
        amount=left,
        by=by,
        as_of=as_of,
    )


def send(
    session: Session, compensation: Compensation, *, account: str, by: int | None, as_of: datetime
) -> Entry:
    """Enter that all that is open of *compensation* is on its way, in *account* of :data:`BETWEEN`.

    It ends by :func:`arrive`, or by :func:`reverse` of this line if it doesn't arrive.

    :raises Refusal: ``compensation.nothing_open``.
    """
    left = _open_or_refused(session, compensation)
    return _post(
        session,
        compensation,
        kind="sent",
        debit=CUSTOMERS,
        credit=account,
        amount=left,
        by=by,
        as_of=as_of,
    )


def arrive(
    session: Session,
    compensation: Compensation,
    sent: Entry,
    *,
    account: str,
    by: int | None,
    as_of: datetime,
) -> Entry:
    """Enter that what was on its way by the line *sent* has reached the customer, out of *account*."""
    return _post(
        session,
        compensation,
        kind="paid",
        debit=sent.credit,
        credit=account,
        amount=sent.amount,
        by=by,
        as_of=as_of,
    )


def _open_or_refused(session: Session, compensation: Compensation) -> Decimal:
    left = open_amount(session, compensation)
    if left <= 0:
        raise Refusal("compensation.nothing_open")
    return left


def reverse(session: Session, entry: Entry, *, by: int | None, as_of: datetime) -> Entry:
    """Undo *entry* by its mirror: the same amount with the sides swapped.

    :raises Refusal: ``ledger.reversed_already``, ``ledger.not_reversible`` (a reversal itself).
    """
    if entry.kind == "reversed":
        raise Refusal("ledger.not_reversible")
    compensation = session.get_one(Compensation, (entry.branch_id, entry.compensation_id))
    try:
        with session.begin_nested():
            return _post(
                session,
                compensation,
                kind="reversed",
                debit=entry.credit,
                credit=entry.debit,
                amount=entry.amount,
                reverses=entry.id,
                by=by,
                as_of=as_of,
            )
    except IntegrityError:
        raise Refusal("ledger.reversed_already") from None


def _post(
    session: Session,
    compensation: Compensation,
    *,
    kind: str,
    debit: str,
    credit: str,
    amount: Decimal,
    by: int | None,
    as_of: datetime,
    reverses: int | None = None,
    dated_at: datetime | None = None,
) -> Entry:
    entry = Entry(
        branch_id=compensation.branch_id,
        id=new_id(int(as_of.timestamp() * 1000)),
        compensation_id=compensation.id,
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        currency=compensation.currency,
        reverses=reverses,
        dated_at=dated_at or as_of,
        made_at=as_of,
        made_by=by,
        seal=chain.seal(session, compensation.branch_id),
    )
    session.add(entry)
    session.flush()
    return entry


def entries(session: Session, compensation: Compensation) -> list[Entry]:
    """The history of one compensation, in the order in which it was written."""
    query = rows_of(Entry).where(
        Entry.branch_id == compensation.branch_id, Entry.compensation_id == compensation.id
    )
    return list(session.exec(query.order_by(col(Entry.made_at), col(Entry.id))))


def open_amount(session: Session, compensation: Compensation) -> Decimal:
    """What the customer is still owed of one compensation."""
    query = select(-account_sum(CUSTOMERS)).where(
        col(Entry.branch_id) == compensation.branch_id, col(Entry.compensation_id) == compensation.id
    )
    return Decimal(session.execute(query).scalar() or 0)


def paid(session: Session, compensation: Compensation) -> Decimal:
    """What was handed over of one compensation, with what was added because it was late."""
    query = select(-account_sum(*PAID)).where(
        col(Entry.branch_id) == compensation.branch_id, col(Entry.compensation_id) == compensation.id
    )
    return Decimal(session.execute(query).scalar() or 0)


def added(session: Session, compensation: Compensation) -> Decimal:
    """What has come to be owed on top of one compensation because it is late."""
    query = select(func.coalesce(func.sum(Entry.amount, type_=_entry.c.amount.type), Decimal(0))).where(
        col(Entry.branch_id) == compensation.branch_id,
        col(Entry.compensation_id) == compensation.id,
        col(Entry.kind) == "owed",
        col(Entry.id) != compensation.id,
    )
    return Decimal(session.execute(query).scalar() or 0)


def on_its_way(branch_id: Any, compensation_id: Any) -> Any:
    """The condition that a compensation is on its way: sent, and neither arrived nor taken back.

    :param branch_id: a column or value, as *compensation_id*.
    """
    sent, ended = _entry.alias("sent"), _entry.alias("ended")
    over = select(ended.c.id).where(
        ended.c.branch_id == sent.c.branch_id,
        ended.c.compensation_id == sent.c.compensation_id,
        or_(ended.c.reverses == sent.c.id, ended.c.kind == "paid"),
    )
    found = select(sent.c.id).where(
        sent.c.branch_id == branch_id,
        sent.c.compensation_id == compensation_id,
        sent.c.kind == "sent",
        ~over.exists(),
    )
    return found.exists()
