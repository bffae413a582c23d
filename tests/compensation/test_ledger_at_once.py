"""The ledger when many write at once: a line is reversed once and exactly, what is paid isn't taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from promises.audit.verify import verify
from promises.compensation import actions, ledger
from promises.compensation.tables import Compensation, Entry
from promises.database import open_session, transaction
from promises.refusal import Refusal
from promises.service.actions import add_milestone
from promises.service.tables import Case
from tests.compensation.owing import late_visit, set_promise
from tests.conftest import NOON
from tests.promised import at_once, branch_of

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
TEN = Decimal("10.00")


@pytest.fixture
def owed(session, cast):
    set_promise(session)
    made = late_visit(session, "a", arrived=NOON - HOUR)
    session.commit()
    return made


def reversing(engine, owed):
    def act():
        with transaction(engine) as own:
            entry = own.get_one(Entry, (owed.branch_id, owed.id))
            return ledger.reverse(own, entry, by=None, as_of=LATER)

    return act


def paying(engine, owed, by):
    def act():
        with transaction(engine) as own:
            return actions.pay_at_counter(own, owed.branch_id, owed.id, receiver="", by=by, as_of=LATER)

    return act


def lines(engine, owed):
    with open_session(engine, writes=False) as session:
        query = select(Entry).where(Entry.branch_id == owed.branch_id, Entry.compensation_id == owed.id)
        return {entry.kind: entry for entry in session.exec(query)}, session.exec(
            select(func.count()).select_from(query.subquery())
        ).one()


def test_eight_who_reverse_one_line_at_once_reverse_it_once_and_exactly(engine, session, owed):
    found = at_once(*(reversing(engine, owed) for _ in range(8)))
    assert sorted(type(one).__name__ for one in found) == ["Entry"] + ["Refusal"] * 7
    assert {one.code for one in found if isinstance(one, Refusal)} == {"ledger.reversed_already"}
    by_kind, count = lines(engine, owed)
    assert count == 2
    first, mirror = by_kind["owed"], by_kind["reversed"]
    assert (mirror.debit, mirror.credit, mirror.amount) == (first.credit, first.debit, first.amount)
    assert mirror.reverses == first.id
    assert sum(balance.open for balance in ledger.balances(session)) == 0


def test_a_reversal_is_not_reversed(session, owed):
    mirror = ledger.reverse(session, ledger.entries(session, owed)[0], by=None, as_of=LATER)
    with pytest.raises(Refusal, match=r"ledger\.not_reversible"):
        ledger.reverse(session, mirror, by=None, as_of=LATER)


def test_who_pays_while_the_verdict_is_mended_either_pays_it_or_finds_nothing_to_pay(engine, session, cast):
    set_promise(session)
    session.commit()
    for n in range(6):
        with transaction(engine) as own:
            owed = late_visit(own, f"r-{n}", arrived=NOON - HOUR)

        def mend(owed=owed):
            with transaction(engine) as own:
                case = own.get_one(Case, (owed.branch_id, owed.case_id))
                served = NOON - HOUR + timedelta(minutes=5)
                add_milestone(own, case, branch_of(own), "served", served, by=None, as_of=LATER)

        _, paid = at_once(mend, paying(engine, owed, cast.teller))
        kinds, count = lines(engine, owed)
        if isinstance(paid, Refusal):
            assert (set(kinds), count) == ({"owed", "reversed"}, 2)
        else:
            assert "paid" in kinds
            assert kinds["paid"].amount == TEN
    assert verify(engine, as_of=LATER + HOUR).faults == []


def test_many_branches_that_write_at_once_keep_every_line_and_every_link(engine, session, cast):
    set_promise(session)
    session.commit()

    def write(branch, name):
        def act():
            for n in range(8):
                with transaction(engine) as own:
                    late_visit(own, f"{name}-{n}", arrived=NOON - HOUR, branch=branch)

        return act

    acts = [write(branch, f"{branch}{k}") for branch in ("centre", "harbour") for k in range(3)]
    assert at_once(*acts) == [None] * 6
    session.rollback()
    assert session.exec(select(func.count()).select_from(Compensation)).one() == 48
    assert sum(balance.open for balance in ledger.balances(session)) == 48 * TEN
    session.rollback()
    assert verify(engine, as_of=LATER).faults == []
