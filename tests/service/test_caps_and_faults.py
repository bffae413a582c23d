"""Caps by customer and one payment for one fault, over many cases, told live and in bulk."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation import ledger
from promises.compensation.tables import Compensation
from promises.database import transaction
from promises.service import judging
from promises.service.bulk import take_cases
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, promise
from tests.service.told import CAPPED, LATE, LATER, fault, happens, in_bulk, open_sums, verdicts

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_customers_cap_counts_what_is_owed_at_every_branch_and_in_every_way(session, cast):
    promise(session, remedy=CAPPED)
    fault(session, "a", *LATE, customer="C")
    fault(session, "b", *LATE, customer="C", branch="harbour")
    known = {"touchpoint": "branch", "customer": "C"}
    in_bulk(session, *[judging.Case(name, "centre", LATE, known) for name in "cd"])
    fault(session, "e", *LATE, customer="D")
    assert sorted(open_sums(session)) == ["10.00", "10.00", "10.00", "5.00"]


def test_judging_a_capped_case_again_changes_nothing(session, cast):
    promise(session, remedy=CAPPED)
    cases = [fault(session, name, *LATE, customer="C") for name in "abc"]
    before = open_sums(session)
    assert before == ["10.00", "10.00", "5.00"]
    for case in cases:
        happens(session, case, hint="nothing that matters")
    assert open_sums(session) == before


def test_what_was_reversed_leaves_the_cap_again(session, cast):
    outage = {"reason": "outage", "when": {"attribute": "outage", "is": True}}
    promise(session, remedy=CAPPED, excluded=[outage])
    first, *_ = [fault(session, name, *LATE, customer="C") for name in "ab"]
    happens(session, first, outage=True)
    fault(session, "c", *LATE, customer="C")
    assert sorted(open_sums(session)) == ["10.00", "10.00"]


OUTAGE = {"reason": "outage", "when": {"attribute": "outage", "is": True}}


@pytest.mark.parametrize("way", ["live", "bulk"])
def test_what_a_cap_had_cut_is_owed_at_once_when_an_earlier_one_is_reversed(session, cast, way):
    """25 euros a month: three cases of a customer are owed 10, 10 and 5, a fourth nothing."""
    promise(session, remedy=CAPPED, excluded=[OUTAGE])
    waits = [[(name, at + place * MINUTE) for name, at in LATE] for place in range(4)]
    cases = [fault(session, name, *wait, customer="C") for name, wait in zip("abcd", waits, strict=True)]
    assert open_sums(session) == ["10.00", "10.00", "5.00"]
    if way == "live":
        happens(session, cases[0], outage=True)
    else:
        told = {"touchpoint": "branch", "customer": "C", "outage": True}
        take_cases(
            session, [judging.Case("a", "centre", tuple(waits[0]), told)], source="test", by=None, as_of=LATER
        )
    by_case = {
        case.reference: sum(
            ledger.open_amount(session, one)
            for one in session.exec(select(Compensation).where(Compensation.case_id == case.id))
        )
        for case in cases
    }
    assert by_case == {"a": 0, "b": 10, "c": 10, "d": 5}
    before = open_sums(session)
    for case in cases:
        happens(session, case, hint="nothing that matters")
    assert open_sums(session) == before


def test_a_fault_that_was_paid_for_one_case_is_paid_for_another_when_the_first_is_excused(session, cast):
    once = {"pays": [{"amount": "10.00"}], "once_per": "fault"}
    promise(session, remedy=once, excluded=[OUTAGE])
    first = fault(session, "a", *LATE, fault="F1")
    second = fault(session, "b", *LATE, fault="F1")
    fault(session, "c", *LATE, fault="F2")
    happens(session, first, outage=True)
    (owed,) = session.exec(select(Compensation).where(Compensation.case_id == second.id)).all()
    assert ledger.open_amount(session, owed) == Decimal("10.00")
    assert open_sums(session) == ["10.00", "10.00"]


def test_two_cases_of_one_customer_told_at_once_keep_the_cap(engine, cast):
    with transaction(engine) as session:
        promise(session, remedy=CAPPED)

    def take(name):
        with transaction(engine) as own:
            return fault(own, name, *LATE, customer="C").id

    at_once(*[lambda name=name: take(name) for name in ("a", "b", "c", "d")])
    with transaction(engine) as session:
        assert sorted(open_sums(session)) == ["10.00", "10.00", "5.00"]


def test_several_cases_of_one_fault_pay_once_and_of_two_promises_the_one_of_lower_rank(session, cast):
    once = {"pays": [{"amount": "10.00"}], "once_per": "fault"}
    promise(session, "a-later-one", remedy=once, rank=2)
    promise(session, "z-first", remedy=once | {"pays": [{"amount": "7.00"}]}, rank=1)
    fault(session, "a", *LATE, fault="F1")
    fault(session, "b", *LATE, fault="F1")
    in_bulk(session, judging.Case("c", "centre", LATE, {"touchpoint": "branch", "fault": "F1"}))
    assert open_sums(session) == ["7.00"]
    assert {one.status for one in verdicts(session)} == {"broken"}
    assert len(verdicts(session)) == 6


def ranked(session, early="10.00", late="7.00"):
    """Of one fault, the promise that ranks behind breaks after a quarter, the one before it after an hour."""
    once = {"once_per": "fault"}
    hour = {"from": "arrived", "to": "served", "limit": "60 min"}
    promise(session, "behind", remedy=once | {"pays": [{"amount": early}]}, rank=2)
    promise(session, "before", remedy=once | {"pays": [{"amount": late}]}, rank=1, measure=hour)


@pytest.mark.parametrize(
    ("behind", "before", "owed"),
    [("5.00", "12.00", ["5.00", "7.00"]), ("12.00", "5.00", ["12.00"]), ("5.00", "5.00", ["5.00"])],
)
def test_what_is_owed_for_a_fault_stands_and_a_promise_that_ranks_before_owes_what_it_pays_beyond(
    session, cast, engine, behind, before, owed
):
    """The customer gets what the better-ranking promise pays, and never less than was owed already."""
    ranked(session, behind, before)
    case = fault(session, "a", ("arrived", NOON), as_of=NOON, fault="F1")
    session.commit()
    tick(engine, NOON + 20 * MINUTE)
    assert open_sums(session) == [behind]
    session.commit()
    tick(engine, NOON + 70 * MINUTE)
    assert open_sums(session) == owed
    happens(session, case, ("served", NOON + 2 * HOUR))
    happens(session, case, hint="nothing that matters")
    assert open_sums(session) == owed


def test_of_two_promises_broken_at_once_only_the_one_that_ranks_before_pays(session, cast):
    ranked(session, "12.00", "5.00")
    fault(session, "a", ("arrived", NOON), ("served", NOON + 2 * HOUR), fault="F1")
    fault(session, "b", ("arrived", NOON), ("served", NOON + 2 * HOUR), fault="F1")
    assert open_sums(session) == ["5.00"]


def test_when_the_earlier_payment_of_a_fault_is_reversed_the_better_promise_pays_in_full(
    session, cast, engine
):
    ranked(session, "5.00", "12.00")
    case = fault(session, "a", ("arrived", NOON), as_of=NOON, fault="F1")
    other = fault(session, "b", ("arrived", NOON), as_of=NOON, fault="F1")
    session.commit()
    tick(engine, NOON + 70 * MINUTE)
    assert sum(Decimal(one) for one in open_sums(session)) == Decimal("12.00")
    for one in (case, other):
        happens(session, one, ("served", NOON + 2 * HOUR))
    assert sum(Decimal(one) for one in open_sums(session)) == Decimal("12.00")
