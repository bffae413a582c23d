"""Sending on and parking: the customer's clock goes on, and nobody falls out of the queue."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.queue import desk, sending
from promises.queue.lines import lines_of, set_lines
from promises.refusal import Refusal
from promises.service.tables import Ticket
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, branch_of, milestones_of, promise, verdict_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def centre(session, cast):
    promise(session)
    branch = branch_of(session)
    set_lines(session, branch, ["branch", "loan"], by=cast.manager, as_of=NOON)
    return branch


def give(session, branch, minutes=0, line="branch"):
    return desk.give_ticket(session, branch, touchpoint=line, by=None, as_of=NOON + minutes * MINUTE)


def called(session, branch, person, minutes=1, **where):
    return desk.call_next(session, branch, by=person, as_of=NOON + minutes * MINUTE, **where)


def send(session, branch, ticket, person, minutes=2, **where):
    where = {"touchpoint": "branch", **where}
    return sending.transfer(
        session, branch, ticket.case_id, by=person, as_of=NOON + minutes * MINUTE, **where
    )


def test_a_hall_has_the_counter_alone_until_somebody_says_otherwise(session, cast):
    branch = branch_of(session)
    assert lines_of(session, branch) == ("branch",)
    set_lines(session, branch, ["loan", "branch"], by=cast.manager, as_of=NOON)
    assert lines_of(session, branch) == ("branch", "loan")
    set_lines(session, branch, [], by=cast.manager, as_of=NOON)
    assert lines_of(session, branch) == ("branch",)
    with pytest.raises(Refusal, match=r"desk\.unknown_line"):
        set_lines(session, branch, ["roof"], by=cast.manager, as_of=NOON)


def test_a_ticket_is_given_only_for_a_line_of_the_hall(session, cast, centre):
    assert give(session, centre, line="loan").touchpoint == "loan"
    with pytest.raises(Refusal, match=r"desk\.unknown_line"):
        give(session, centre, line="card")


def test_a_desk_calls_the_longest_waiting_of_its_own_lines(session, cast, centre):
    give(session, centre)
    loan = give(session, centre, line="loan")
    assert called(session, centre, cast.teller, lines=["loan"]).case_id == loan.case_id
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        called(session, centre, cast.colleague, lines=["loan"])


def test_who_is_sent_on_waits_again_by_their_number_while_the_clock_goes_on(session, cast, centre):
    first, second = give(session, centre), give(session, centre, 1)
    called(session, centre, cast.teller)
    due = verdict_of(session, first).due_at
    sent = send(session, centre, first, cast.teller, touchpoint="loan")
    assert (sent.state, sent.touchpoint, sent.called_by) == ("waiting", "loan", None)
    assert verdict_of(session, first).due_at == due
    assert called(session, centre, cast.colleague, 3).case_id == first.case_id
    assert called(session, centre, cast.teller, 3).case_id == second.case_id


def test_a_second_call_and_a_second_serving_leave_the_verdict_of_the_first(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    send(session, centre, ticket, cast.teller, 3, touchpoint="loan")
    called(session, centre, cast.colleague, 20)
    desk.serve(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON + 21 * MINUTE)
    desk.finish(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON + 25 * MINUTE)
    assert milestones_of(session, ticket) == [
        "arrived", "called", "served", "transferred", "called_again", "served_again", "ended",
    ]  # fmt: skip
    verdict = verdict_of(session, ticket)
    assert (verdict.status, verdict.reason, verdict.elapsed_s) == ("kept", "in_time", 120)


def test_terms_that_say_so_stop_the_clock_from_the_transfer_to_the_next_call(session, cast):
    pause = {"from": "transferred", "to": "called_again"}
    measure = {"from": "arrived", "to": "served", "limit": "15 min", "pauses": [pause]}
    promise(session, measure=measure)
    branch = branch_of(session)
    set_lines(session, branch, ["branch", "loan"], by=None, as_of=NOON)
    ticket = give(session, branch)
    called(session, branch, cast.teller, 5)
    send(session, branch, ticket, cast.teller, 6, touchpoint="loan")
    called(session, branch, cast.colleague, 16)
    assert verdict_of(session, ticket).due_at == NOON + 25 * MINUTE


def test_who_waits_for_a_person_is_called_by_that_person_only(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    send(session, centre, ticket, cast.teller, person_id=cast.colleague)
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        called(session, centre, cast.teller)
    # Even a desk that serves other lines.
    assert called(session, centre, cast.colleague, lines=["loan"]).case_id == ticket.case_id


def test_who_waits_for_a_desk_is_called_at_that_desk_only(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller, desk="1")
    send(session, centre, ticket, cast.teller, desk="4")
    with pytest.raises(Refusal, match=r"desk\.nobody_waiting"):
        called(session, centre, cast.teller, desk="1")
    found = called(session, centre, cast.colleague, desk="4")
    assert (found.case_id, found.for_desk) == (ticket.case_id, "")


def test_sending_on_names_a_line_a_person_or_a_desk_that_is_there(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    for code, where in (
        ("sent_nowhere", {}),
        ("unknown_line", {"touchpoint": "card"}),
        ("unknown_person", {"person_id": cast.outsider}),
        ("unknown_person", {"person_id": cast.teller}),
    ):
        with pytest.raises(Refusal, match=rf"desk\.{code}"):
            send(session, centre, ticket, cast.teller, **where)
    with pytest.raises(Refusal, match=r"desk\.not_yours"):
        send(session, centre, ticket, cast.colleague, touchpoint="loan")


def test_a_parked_customer_frees_the_desk_and_is_taken_back_by_anybody(session, cast, centre):
    ticket, other = give(session, centre), give(session, centre)
    called(session, centre, cast.teller)
    desk.serve(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    sending.park(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 3 * MINUTE)
    assert called(session, centre, cast.teller, 3).case_id == other.case_id
    with pytest.raises(Refusal, match=r"desk\.finish_first"):
        desk.take_back(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 4 * MINUTE)
    back = desk.take_back(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON + 4 * MINUTE)
    assert (back.state, back.called_by) == ("called", cast.colleague)
    with pytest.raises(Refusal, match=r"desk\.not_parked"):
        desk.take_back(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 5 * MINUTE)
    assert milestones_of(session, ticket) == ["arrived", "called", "served", "parked", "resumed"]


def test_a_parked_customer_who_was_never_served_still_runs_out(session, engine, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    sending.park(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    session.commit()
    tick(engine, NOON + 16 * MINUTE)
    assert verdict_of(session, ticket).status == "broken"


def test_a_parked_customer_who_walks_out_is_over(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    sending.park(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    gone = desk.left(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON + 3 * MINUTE)
    assert gone.state == "over"


def test_calling_again_tells_the_wall_and_not_the_case(session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.teller)
    again = desk.call_again(session, centre, ticket.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    assert (again.calls, again.called_at) == (2, NOON + 2 * MINUTE)
    assert milestones_of(session, ticket) == ["arrived", "called"]
    with pytest.raises(Refusal, match=r"desk\.not_yours"):
        desk.call_again(session, centre, ticket.case_id, by=cast.colleague, as_of=NOON + 2 * MINUTE)


def test_two_tellers_take_back_two_parked_or_one_of_them_is_told(engine, session, cast, centre):
    ticket = give(session, centre)
    called(session, centre, cast.manager)
    sending.park(session, centre, ticket.case_id, by=cast.manager, as_of=NOON + 2 * MINUTE)
    session.commit()

    def take(person):
        with transaction(engine) as own:
            return desk.take_back(
                own, branch_of(own), ticket.case_id, by=person, as_of=NOON + 3 * MINUTE
            ).case_id

    found = at_once(lambda: take(cast.teller), lambda: take(cast.colleague))
    assert ticket.case_id in found
    assert [one.code for one in found if isinstance(one, Refusal)] == ["desk.not_parked"]
    session.expire_all()
    assert session.exec(select(Ticket)).one().calls == 2
