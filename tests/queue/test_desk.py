"""The desk: numbers in order, nobody called twice, and a page that is out of date does no harm."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.queue import desk
from promises.refusal import Refusal
from promises.service.tables import Case, Ticket, Verdict
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, branch_of, milestones_of, promise, verdict_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def centre(session, cast):
    promise(session)
    return branch_of(session)


def give(session, branch, minutes=0):
    return desk.give_ticket(session, branch, by=None, as_of=NOON + minutes * MINUTE)


def test_numbers_begin_at_one_in_each_branch_and_on_each_day(session, cast, centre):
    assert [give(session, centre).number for _ in range(3)] == [1, 2, 3]
    assert give(session, branch_of(session, "harbour")).number == 1
    assert give(session, centre, minutes=24 * 60).number == 1


def test_the_day_is_the_branchs_own(session, cast, centre):
    late_evening = NOON.replace(hour=21, minute=30)
    ticket = desk.give_ticket(session, centre, by=None, as_of=late_evening)
    assert str(ticket.day) == "2026-06-10"


def test_a_ticket_waits_under_the_promise_of_its_branch(session, centre):
    ticket = give(session, centre)
    assert milestones_of(session, ticket) == ["arrived"]
    assert verdict_of(session, ticket).due_at == NOON + 15 * MINUTE


def test_a_ticket_goes_through_the_hands_of_one_teller(session, cast, centre):
    ticket = give(session, centre)
    called = desk.call_next(session, centre, desk="2", by=cast.teller, as_of=NOON + MINUTE)
    assert (called.case_id, called.state, called.desk) == (ticket.case_id, "called", "2")
    desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    desk.finish(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 9 * MINUTE)
    assert milestones_of(session, ticket) == ["arrived", "called", "served", "ended"]
    verdict = verdict_of(session, ticket)
    assert (verdict.status, verdict.elapsed_s) == ("kept", 120)


def test_the_longest_waiting_is_called_first(session, cast, centre):
    first, second = give(session, centre), give(session, centre, 1)
    calls = [
        desk.call_next(session, centre, by=person, as_of=NOON + 2 * MINUTE)
        for person in (cast.teller, cast.colleague)
    ]
    assert [ticket.case_id for ticket in calls] == [first.case_id, second.case_id]


def test_a_teller_finishes_one_before_calling_the_next(session, cast, centre):
    give(session, centre)
    give(session, centre)
    desk.call_next(session, centre, by=cast.teller, as_of=NOON)
    with pytest.raises(Refusal, match=r"desk\.finish_first"):
        desk.call_next(session, centre, by=cast.teller, as_of=NOON)


def test_nobody_waiting_is_said(session, cast, centre):
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        desk.call_next(session, centre, by=cast.teller, as_of=NOON)


def test_yesterdays_customers_are_not_called_today(session, cast, centre):
    give(session, centre)
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        desk.call_next(session, centre, by=cast.teller, as_of=NOON + timedelta(days=1))


def test_a_ticket_that_somebody_else_called_is_refused_by_number(session, cast, centre):
    ticket = give(session, centre)
    desk.call(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON)
    with pytest.raises(Refusal, match=r"desk\.called_already") as refused:
        desk.call(session, centre, ticket.case_id, by=cast.teller, as_of=NOON)
    assert refused.value.facts == {"number": 1}


def test_nobody_serves_the_customer_of_a_colleague(session, cast, centre):
    ticket = give(session, centre)
    desk.call_next(session, centre, by=cast.colleague, as_of=NOON)
    for act in (desk.serve, desk.no_show, desk.finish):
        with pytest.raises(Refusal, match=r"desk\.not_yours"):
            act(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + MINUTE)
    assert milestones_of(session, ticket) == ["arrived", "called"]


def test_a_second_press_of_served_changes_nothing(session, cast, centre):
    ticket = give(session, centre)
    desk.call_next(session, centre, by=cast.teller, as_of=NOON)
    desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + MINUTE)
    with pytest.raises(Refusal, match=r"desk\.not_yours"):
        desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    assert verdict_of(session, ticket).elapsed_s == 60


def test_who_does_not_come_when_called_is_not_judged(session, cast, centre):
    ticket = give(session, centre)
    desk.call_next(session, centre, by=cast.teller, as_of=NOON + MINUTE)
    desk.no_show(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 3 * MINUTE)
    assert verdict_of(session, ticket).reason == "no_show"


def test_who_walks_out_while_waiting_can_no_longer_be_called(session, cast, centre):
    ticket = give(session, centre)
    desk.left(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + MINUTE)
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        desk.call_next(session, centre, by=cast.teller, as_of=NOON + MINUTE)


def test_a_ticket_of_another_branch_is_not_known_here(session, cast, centre):
    ticket = give(session, branch_of(session, "harbour"))
    with pytest.raises(Refusal, match=r"desk\.unknown_ticket"):
        desk.call(session, centre, ticket.case_id, by=cast.teller, as_of=NOON)


def test_a_ticket_that_ran_out_is_served_all_the_same_and_stays_broken(session, engine, cast, centre):
    ticket = give(session, centre)
    session.commit()
    tick(engine, NOON + 16 * MINUTE)
    desk.call_next(session, centre, by=cast.teller, as_of=NOON + 17 * MINUTE)
    desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 18 * MINUTE)
    verdict = verdict_of(session, ticket)
    assert (verdict.status, verdict.reason, verdict.elapsed_s) == ("broken", "late", 18 * 60)


def test_ten_who_take_a_ticket_at_once_get_ten_numbers(engine, session, cast, centre):
    session.commit()

    def give_one():
        with transaction(engine) as own:
            return desk.give_ticket(own, branch_of(own), by=None, as_of=NOON).number

    assert sorted(at_once(*[give_one] * 10)) == list(range(1, 11))
    assert len(session.exec(select(Case)).all()) == len(session.exec(select(Verdict)).all()) == 10


def test_two_tellers_who_press_at_once_call_two_different_tickets(engine, session, cast, centre):
    tickets = {give(session, centre).case_id for _ in range(2)}
    session.commit()

    def call_one(person):
        with transaction(engine) as own:
            return desk.call_next(own, branch_of(own), by=person, as_of=NOON).case_id

    assert set(at_once(lambda: call_one(cast.teller), lambda: call_one(cast.colleague))) == tickets


def test_one_waiting_customer_is_called_by_one_of_two_who_press_at_once(engine, session, cast, centre):
    ticket = give(session, centre)
    session.commit()

    def call_one(person):
        with transaction(engine) as own:
            return desk.call_next(own, branch_of(own), by=person, as_of=NOON).case_id

    found = at_once(lambda: call_one(cast.teller), lambda: call_one(cast.colleague))
    assert ticket.case_id in found
    assert [one.code for one in found if isinstance(one, Refusal)] == ["desk.nobody_waiting"]
    assert milestones_of(session, ticket) == ["arrived", "called"]


def test_one_teller_with_two_windows_holds_one_ticket(engine, session, cast, centre):
    give(session, centre)
    give(session, centre)
    session.commit()

    def call_one():
        with transaction(engine) as own:
            return desk.call_next(own, branch_of(own), by=cast.teller, as_of=NOON).case_id

    found = at_once(call_one, call_one)
    assert [one.code for one in found if isinstance(one, Refusal)] == ["desk.finish_first"]
    states = [ticket.state for ticket in session.exec(select(Ticket).order_by(Ticket.number))]
    assert sorted(states) == ["called", "waiting"]
