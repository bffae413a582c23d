"""The ledger: each line balances, nothing is changed or doubled, balances are sums."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from promises.compensation import actions, ledger, reckoning
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import transaction
from promises.journal.tables import Event
from promises.refusal import Refusal
from promises.service.actions import add_milestone
from promises.service.signals import Breach
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, branch_of, promise, verdict_of, visit

TEN = Decimal("10.00")
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def owed(session, cast):
    """Ten euros owed to a customer of the centre branch, committed."""
    promise(session)
    visit(session, "a", ("arrived", NOON), ("served", NOON + timedelta(minutes=20)), as_of=LATER)
    made = session.exec(select(Compensation)).one()
    session.commit()
    return made


def pay(session, owed, by):
    return actions.pay_at_counter(session, owed.branch_id, owed.id, receiver="M. M.", by=by, as_of=LATER)


def kinds(session, owed):
    return [entry.kind for entry in ledger.entries(session, owed)]


def test_a_broken_promise_moves_its_amount_from_cost_to_customers(session, owed):
    (entry,) = ledger.entries(session, owed)
    assert (entry.debit, entry.credit, entry.amount) == ("remedies", "customers", TEN)
    assert entry.dated_at == NOON + timedelta(minutes=15)
    assert ledger.open_amount(session, owed) == TEN


def test_paying_moves_it_on_to_the_till_and_leaves_nothing_open(session, cast, owed):
    payout = pay(session, owed, cast.teller)
    assert (payout.way, payout.receiver, payout.made_by) == ("counter", "M. M.", cast.teller)
    assert kinds(session, owed) == ["owed", "paid"]
    assert ledger.open_amount(session, owed) == 0


def test_a_second_payment_is_refused_and_the_first_stands(session, cast, owed):
    pay(session, owed, cast.teller)
    with pytest.raises(Refusal, match=r"compensation\.paid_already"):
        pay(session, owed, cast.colleague)
    assert kinds(session, owed) == ["owed", "paid"]


def test_two_tellers_who_pay_at_once_pay_once(engine, session, cast, owed):
    def pay_in_own_transaction(person):
        with transaction(engine) as own:
            return pay(own, owed, person).made_by

    found = at_once(
        lambda: pay_in_own_transaction(cast.teller), lambda: pay_in_own_transaction(cast.colleague)
    )
    assert [one.code for one in found if isinstance(one, Refusal)] == ["compensation.paid_already"]
    assert len(session.exec(select(Payout)).all()) == 1
    assert kinds(session, owed) == ["owed", "paid"]


def test_an_entry_is_reversed_exactly_and_once(session, cast, owed):
    (entry,) = ledger.entries(session, owed)
    mirror = ledger.reverse(session, entry, by=cast.auditor, as_of=LATER)
    assert (mirror.debit, mirror.credit, mirror.amount) == ("customers", "remedies", TEN)
    assert ledger.open_amount(session, owed) == 0
    with pytest.raises(Refusal, match=r"ledger\.reversed_already"):
        ledger.reverse(session, entry, by=cast.auditor, as_of=LATER)
    with pytest.raises(Refusal, match=r"ledger\.not_reversible"):
        ledger.reverse(session, mirror, by=cast.auditor, as_of=LATER)


def test_what_was_reversed_is_not_paid(session, cast, owed):
    (entry,) = ledger.entries(session, owed)
    ledger.reverse(session, entry, by=cast.auditor, as_of=LATER)
    with pytest.raises(Refusal, match=r"compensation\.nothing_open"):
        pay(session, owed, cast.teller)


def test_what_another_branch_owes_is_not_known_here(session, cast, owed):
    with pytest.raises(Refusal, match=r"compensation\.unknown"):
        actions.pay_at_counter(session, cast.harbour, owed.id, receiver="", by=cast.outsider, as_of=LATER)


@pytest.mark.parametrize("table", ["entry", "compensation", "payout"])
@pytest.mark.parametrize("change", ["UPDATE {} SET made_at = made_at", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_written(session, cast, owed, table, change):
    pay(session, owed, cast.teller)
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change.format(table)))


def test_the_database_refuses_a_second_compensation_of_one_verdict(session, owed):
    with pytest.raises(IntegrityError):
        reckoning.compensate(session, [_breach_of(owed)])


def _breach_of(owed):
    return Breach(
        owed.branch_id, owed.verdict_id, owed.case_id, owed.promise_id, owed.terms_id,
        owed.dated_at, TEN, "EUR", None, LATER,
    )  # fmt: skip


def test_what_was_paid_stays_with_the_customer_when_the_verdict_is_mended(engine, session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    session.commit()
    tick(engine, NOON + timedelta(minutes=16))
    compensation = session.exec(select(Compensation)).one()
    pay(session, compensation, cast.teller)
    add_milestone(
        session, case, branch_of(session), "served", NOON + timedelta(minutes=3), by=None, as_of=LATER
    )
    assert verdict_of(session, case).status == "kept"
    assert kinds(session, compensation) == ["owed", "paid"]
    assert "compensation.left_paid" in session.exec(select(Event.verb)).all()


def test_balances_are_sums_by_branch_and_promise(session, cast):
    first, second = promise(session), promise(session, "second", remedy={"pays": [{"amount": "2.50"}]})
    for number in range(3):
        visit(session, f"c{number}", ("arrived", NOON), ("served", LATER), as_of=LATER)
    paid = session.exec(select(Compensation).where(Compensation.promise_id == second.promise_id)).first()
    pay(session, paid, cast.teller)
    found = {balance.promise_id: balance for balance in ledger.balances(session, branches=[cast.centre])}
    one, two = found[first.promise_id], found[second.promise_id]
    assert (one.owed, one.paid, one.open) == (Decimal(30), Decimal(0), Decimal(30))
    assert (two.owed, two.paid, two.open) == (Decimal("7.50"), Decimal("2.50"), Decimal("5.00"))
    assert ledger.balances(session, branches=[cast.harbour]) == []


def test_balances_of_a_period_count_a_breach_when_it_happened_and_a_payment_when_it_was_made(
    session, cast, owed
):
    pay(session, owed, cast.teller)
    breach = NOON + timedelta(minutes=15)
    (until_breach,) = ledger.balances(session, since=NOON, until=LATER)
    assert (until_breach.owed, until_breach.paid) == (TEN, 0)
    assert ledger.balances(session, since=NOON, until=breach) == []
    (after,) = ledger.balances(session, since=LATER)
    assert (after.owed, after.paid) == (0, TEN)


def test_every_line_of_the_ledger_has_two_sides(session, cast, owed):
    pay(session, owed, cast.teller)
    totals = {}
    for entry in session.exec(select(Entry)):
        totals[entry.debit] = totals.get(entry.debit, 0) + entry.amount
        totals[entry.credit] = totals.get(entry.credit, 0) - entry.amount
    assert totals == {"remedies": TEN, "customers": 0, "till": -TEN}
