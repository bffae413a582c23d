"""What is added when a payment is late: once, dated when it became late, and right on the day of payment."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.late import late_addition
from promises.compensation.tables import Deadline, Entry, Payout
from promises.database import open_session, transaction
from promises.journal.tables import Event
from promises.payments import arriving, batches
from promises.payments.deadlines import Noticed, due
from promises.service.actions import add_milestone, find_case
from promises.terms.remedies import WAYS
from tests.conftest import NOON
from tests.payments.given import PAYER, SECRET, accounts, choose, owing, payments_of
from tests.promised import at_once, branch_of

TEN, FORTY = Decimal("10.00"), Decimal("40.00")
HELSINKI = ZoneInfo("Europe/Helsinki")
LATE = {"pays": "40.00", "interest": [{"from": "2026-01-01", "percent": 9.5}]}
LIMIT = datetime(2026, 6, 17, tzinfo=HELSINKI)  # the sixteenth is the last day
JUST_LATE = LIMIT + timedelta(microseconds=1)


def interest(days: int) -> Decimal:
    """9.5 % a year on ten euros, by actual days over 365."""
    return (TEN * Decimal("9.5") * days / 36500).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture
def owed(session, cast):
    """Ten euros that are to be paid within seven days."""
    (made,) = owing(session, "a", late=LATE)
    session.commit()
    return made


def dated(session, owed):
    session.rollback()
    query = select(Entry).where(Entry.compensation_id == owed.id, Entry.kind == "owed", Entry.id != owed.id)
    found = [(entry.amount, entry.dated_at, entry.made_at) for entry in session.exec(query)]
    session.rollback()
    return found


def test_nothing_is_late_before_its_time_is_over(engine, session, owed):
    assert due(engine, LIMIT) == Noticed(0, 0)
    assert dated(session, owed) == []


def test_the_sum_is_added_once_and_dated_when_it_became_late(engine, session, owed):
    noticed = LIMIT + timedelta(days=3)
    assert due(engine, noticed) == Noticed(1, 0)
    assert due(engine, noticed + timedelta(days=1)) == Noticed(0, 0)
    assert dated(session, owed) == [(FORTY, LIMIT, noticed)]
    assert ledger.open_amount(session, owed) == Decimal(50)
    assert session.exec(select(Event).where(Event.verb == "compensation.became_late")).one().person_id is None


def test_several_watches_at_once_add_it_once(engine, session, owed):
    found = at_once(*[lambda: due(engine, JUST_LATE)] * 3)
    assert sum(one.late for one in found) == 1
    assert [amount for amount, *_ in dated(session, owed)] == [FORTY]


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("days", [1, 30, 200])
def test_interest_grows_by_the_day_and_is_right_when_it_is_paid(engine, session, cast, owed, watched, days):
    paid_at = LIMIT + timedelta(days=days - 1, hours=12)
    if watched:
        due(engine, JUST_LATE)
    with transaction(engine) as own:
        assert late_addition(own, owed, paid_at) == interest(days) + (0 if watched else FORTY)
        compensation.pay_at_counter(own, cast.centre, owed.id, receiver="", by=cast.teller, as_of=paid_at)
    with open_session(engine) as fresh:
        assert ledger.paid(fresh, owed) == TEN + FORTY + interest(days)
    assert (FORTY, LIMIT) in [(amount, at) for amount, at, _ in dated(session, owed)]
    assert due(engine, paid_at + timedelta(days=9)) == Noticed(0, 0)


def test_paid_in_time_nothing_is_added_ever(engine, session, cast, owed):
    with transaction(engine) as own:
        last = LIMIT - timedelta(microseconds=1)
        compensation.pay_at_counter(own, cast.centre, owed.id, receiver="", by=cast.teller, as_of=last)
    assert due(engine, LIMIT + timedelta(days=400)) == Noticed(0, 0)
    assert dated(session, owed) == []


def test_what_is_not_owed_any_more_does_not_become_late(engine, session, owed):
    with transaction(engine) as own:
        branch = branch_of(own)
        case = find_case(own, branch, owed.case_id)
        add_milestone(
            own, case, branch, "served", NOON + timedelta(minutes=3), by=None, as_of=NOON + timedelta(hours=1)
        )
    assert due(engine, JUST_LATE) == Noticed(0, 0)


def test_terms_without_such_a_sum_leave_nothing_to_watch(session, cast):
    owing(session, "a")
    owing_nothing = session.exec(select(Deadline)).all()
    assert owing_nothing == []


def test_a_transfer_counts_as_paid_on_the_day_that_the_bank_is_asked_for(session, cast, owed):
    choose(session, owed, "bank")
    friday = datetime(2026, 6, 19, 12, tzinfo=HELSINKI)  # midsummer eve is no holiday of the banks
    batch = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=friday)
    assert batch.execute_on == date(2026, 6, 22)
    assert batch.total == TEN + FORTY + interest(6)


def test_what_comes_back_late_owes_only_what_has_grown_since(engine, session, cast, owed):
    choose(session, owed, "bank")
    monday = datetime(2026, 6, 22, 12, tzinfo=HELSINKI)
    batch = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=monday)
    batches.approve(session, batch.id, by=cast.director, as_of=monday)
    (payment,) = payments_of(session, batch)
    back = monday + timedelta(days=2)
    arriving.reject(session, batch.id, cast.centre, payment.id, "closed", by=cast.manager, as_of=back)
    session.commit()
    assert due(engine, back + timedelta(days=1)) == Noticed(0, 0)
    paid_at = datetime(2026, 8, 1, 12, tzinfo=HELSINKI)
    with transaction(engine) as own:
        compensation.pay_at_counter(own, cast.centre, owed.id, receiver="", by=cast.teller, as_of=paid_at)
    with open_session(engine) as fresh:
        assert ledger.paid(fresh, owed) == TEN + FORTY + interest((paid_at.date() - date(2026, 6, 16)).days)
        assert set(accounts(fresh)) == {"remedies", "till"}


def test_what_is_on_its_way_in_time_becomes_late_only_when_it_comes_back(engine, session, cast, owed):
    choose(session, owed, "bank")
    batch = batches.make(
        session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=NOON + timedelta(hours=3)
    )
    session.commit()
    assert due(engine, JUST_LATE) == Noticed(0, 0)
    with transaction(engine) as own:
        arriving.refuse(own, batch.id, "wrong", by=cast.director, as_of=JUST_LATE)
    assert due(engine, JUST_LATE + timedelta(hours=1)) == Noticed(1, 0)
    assert [(amount, at) for amount, at, _ in dated(session, owed)] == [(FORTY, LIMIT)]


def test_a_voucher_that_runs_out_after_the_last_day_leaves_its_money_late(engine, session, cast):
    (owed,) = owing(session, "a", late=LATE, voucher_valid="20 calendar days", ways=list(WAYS))
    choose(session, owed, "voucher", secret=SECRET)
    session.commit()
    assert due(engine, NOON + timedelta(days=40)) == Noticed(0, 1)
    assert due(engine, NOON + timedelta(days=40, seconds=1)) == Noticed(1, 0)
    assert dated(session, owed)[0][:2] == (FORTY, LIMIT)


def test_paying_and_becoming_late_at_once_add_the_sum_at_most_once(engine, session, cast, owed):
    def pay():
        with transaction(engine) as own:
            compensation.pay_at_counter(
                own, cast.centre, owed.id, receiver="", by=cast.teller, as_of=LIMIT + timedelta(hours=12)
            )

    at_once(pay, lambda: due(engine, JUST_LATE))
    assert sorted(amount for amount, *_ in dated(session, owed)) == (
        [interest(1), FORTY] if interest(1) else [FORTY]
    )
    assert len(session.exec(select(Payout)).all()) == 1
