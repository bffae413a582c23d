"""How a customer wants to be paid: chosen on the customer's own page, or told to a teller."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.ways import open_ways
from promises.journal.actions import record
from promises.payments import vouchers
from promises.payments.account import read_holder, read_iban
from promises.payments.tables import Choice
from promises.refusal import Refusal

__all__ = ["choose_way", "open_ways"]


def choose_way(
    session: Session,
    branch_id: int,
    compensation_id: int,
    way: str,
    *,
    account_holder: str = "",
    iban: str = "",
    secret: str,
    by: int | None = None,
    as_of: datetime,
) -> Choice:
    """Let what is owed be paid by *way* from now on; it may be changed until the money has left.

    A voucher is made at once. What goes by the counter waits for the customer, what goes by the bank or the
    bill for the next batch. A voucher that isn't redeemed yet is given back by choosing another way.

    :param by: the teller who was told; None if the customer chose.
    :param secret: the installation's secret key, from which the codes of vouchers follow.
    :raises Refusal: ``compensation.unknown``, ``compensation.paid_already``, ``compensation.on_its_way``,
        ``compensation.nothing_open``, ``payments.way_not_allowed``; for a transfer also what
        :func:`promises.payments.account.read_iban` and :func:`~promises.payments.account.read_holder` refuse.
    """
    owed = compensation.hold(session, branch_id, compensation_id)
    if way not in open_ways(session, owed):
        raise Refusal("payments.way_not_allowed")
    of_transfer = way == "bank"
    holder = read_holder(account_holder) if of_transfer else ""
    number = read_iban(iban) if of_transfer else ""
    voucher = vouchers.standing(session, owed)
    if voucher is not None and way != "voucher":
        vouchers.give_back(session, owed, by=by, as_of=as_of)
    compensation.refuse_paid(session, owed)
    if way == "voucher" and voucher is None:
        vouchers.issue(session, owed, secret=secret, by=by, as_of=as_of)
    elif voucher is None or way != "voucher":
        compensation.refuse_on_its_way(session, owed)
        if ledger.open_amount(session, owed) <= 0:
            raise Refusal("compensation.nothing_open")
    return _kept(session, branch_id, compensation_id, way, holder, number, by=by, as_of=as_of)


def _kept(
    session: Session,
    branch_id: int,
    compensation_id: int,
    way: str,
    holder: str,
    iban: str,
    *,
    by: int | None,
    as_of: datetime,
) -> Choice:
    choice = session.get(Choice, (branch_id, compensation_id))
    if choice is None:
        choice = Choice(branch_id=branch_id, compensation_id=compensation_id, way=way, chosen_at=as_of)
    elif (choice.way, choice.holder, choice.iban) == (way, holder, iban):
        return choice
    choice.way, choice.holder, choice.iban = way, holder, iban
    choice.chosen_at, choice.chosen_by = as_of, by
    session.add(choice)
    session.flush()
    record(session, "payments.way_chosen", "compensation", compensation_id, by=by, as_of=as_of, way=way)
    return choice
