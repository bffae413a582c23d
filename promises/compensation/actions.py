"""What people do about compensation: it is paid at the counter, or sent and then arrives or comes back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table
from sqlmodel import Session, select

import promises.compensation.reckoning  # noqa: F401  what broken promises owe: listens to the service room
from promises.compensation import late, ledger
from promises.compensation.award_tables import Award
from promises.compensation.tables import Compensation, Entry, Payout
from promises.compensation.ways import open_ways
from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.refusal import Refusal
from promises.service.tables import Verdict

_payout: Table = Payout.__table__  # type: ignore[attr-defined]


def pay_at_counter(
    session: Session, branch_id: int, compensation_id: int, *, receiver: str, by: int, as_of: datetime
) -> Payout:
    """Hand what is owed to the customer at the counter of the branch, once.

    :param receiver: who took it, name or initials; may be empty.
    :raises Refusal: ``compensation.unknown``, ``compensation.not_at_counter`` if the terms pay another way,
        ``compensation.paid_already``, ``compensation.on_its_way``, ``compensation.nothing_open``.
    """
    compensation = hold(session, branch_id, compensation_id)
    if "counter" not in open_ways(session, compensation):
        raise Refusal("compensation.not_at_counter")
    payout = _paid(session, compensation, way="counter", receiver=receiver, by=by, as_of=as_of)
    refuse_on_its_way(session, compensation)
    late.add_what_is_late(session, compensation, paid_at=as_of, as_of=as_of)
    paid = ledger.pay(session, compensation, by=by, as_of=as_of)
    late.forget(session, compensation)
    _tell_paid(session, compensation, paid, "counter", by=by, as_of=as_of)
    return payout


def send(
    session: Session,
    compensation: Compensation,
    *,
    account: str,
    paid_at: datetime,
    by: int | None,
    as_of: datetime,
) -> Entry:
    """Let all that is owed of *compensation* (held by :func:`hold`) leave, with what is added for being late.

    :param account: where it is on its way: ``ledger.VOUCHERS`` or ``ledger.ON_THE_WAY``.
    :param paid_at: when it will have been paid, for the interest.
    :raises Refusal: ``compensation.paid_already``, ``compensation.on_its_way``,
        ``compensation.nothing_open``.
    """
    refuse_paid(session, compensation)
    refuse_on_its_way(session, compensation)
    late.add_what_is_late(session, compensation, paid_at=paid_at, as_of=as_of)
    sent = ledger.send(session, compensation, account=account, by=by, as_of=as_of)
    late.forget(session, compensation)
    return sent


def arrive(
    session: Session,
    compensation: Compensation,
    sent: Entry,
    *,
    way: str,
    account: str,
    by: int,
    as_of: datetime,
    receiver: str = "",
) -> Payout:
    """Let what was on its way by *sent* have reached the customer, once."""
    payout = _paid(session, compensation, way=way, receiver=receiver, by=by, as_of=as_of)
    paid = ledger.arrive(session, compensation, sent, account=account, by=by, as_of=as_of)
    late.forget(session, compensation)
    _tell_paid(session, compensation, paid, way, by=by, as_of=as_of)
    return payout


def come_back(
    session: Session, compensation: Compensation, sent: Entry, *, by: int | None, as_of: datetime
) -> None:
    """Let what was on its way by *sent* be owed again, unless its promise turned out kept meanwhile."""
    ledger.reverse(session, sent, by=by, as_of=as_of)
    late.forget(session, compensation)
    verdict = session.get_one(Verdict, (compensation.branch_id, compensation.verdict_id))
    award = session.get(Award, (compensation.branch_id, compensation.id))
    if verdict.status == "broken" or award is not None:
        late.expect_again(session, compensation)
        return
    for entry in ledger.entries(session, compensation):
        if entry.kind == "owed":
            ledger.reverse(session, entry, by=by, as_of=as_of)
    record(session, "compensation.reversed", "compensation", compensation.id, by=by, as_of=as_of)


def refuse_paid(session: Session, compensation: Compensation) -> None:
    """:raises Refusal: ``compensation.paid_already``."""
    query = select(Payout.id).where(
        Payout.branch_id == compensation.branch_id, Payout.compensation_id == compensation.id
    )
    if session.exec(query).first() is not None:
        raise Refusal("compensation.paid_already")


def refuse_on_its_way(session: Session, compensation: Compensation) -> None:
    """:raises Refusal: ``compensation.on_its_way``."""
    key = ledger.on_its_way(compensation.branch_id, compensation.id)
    if session.scalar(select(1).where(key)) is not None:
        raise Refusal("compensation.on_its_way")


def hold(session: Session, branch_id: int, compensation_id: int) -> Compensation:
    """The compensation, held until the transaction ends, so that only one act at a time changes it.

    :raises Refusal: ``compensation.unknown``.
    """
    query = select(Compensation).where(
        Compensation.branch_id == branch_id, Compensation.id == compensation_id
    )
    found = session.exec(query.with_for_update(key_share=True)).first()
    if found is None:
        raise Refusal("compensation.unknown")
    return found


def _paid(
    session: Session, compensation: Compensation, *, way: str, receiver: str, by: int, as_of: datetime
) -> Payout:
    """The one payout of *compensation*. A second payer waits here for the first, and is then told."""
    payout_id = new_id(int(as_of.timestamp() * 1000))
    row = {
        "branch_id": compensation.branch_id,
        "id": payout_id,
        "compensation_id": compensation.id,
        "way": way,
        "receiver": receiver,
        "made_at": as_of,
        "made_by": by,
    }
    if not insert_new(session, _payout, row):
        raise Refusal("compensation.paid_already")
    return session.get_one(Payout, (compensation.branch_id, payout_id))


def _tell_paid(
    session: Session, compensation: Compensation, paid: Entry, way: str, *, by: int, as_of: datetime
) -> None:
    record(
        session,
        "compensation.paid",
        "compensation",
        compensation.id,
        by=by,
        as_of=as_of,
        amount=str(paid.amount),
        currency=compensation.currency,
        way=way,
    )
