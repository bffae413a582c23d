"""Events of other systems: late, twice, out of order, corrected, withdrawn, and two batches at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func
from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import open_session, transaction
from promises.journal.tables import Event
from promises.people.tables import SpecialDay
from promises.service.events import take_events
from promises.service.judgement import judge_case
from promises.service.tables import Case, Milestone, Verdict
from promises.service.telling import Told
from promises.service.told_tables import ToldOnce, Withdrawal
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, branch_of, promise

MINUTE = timedelta(minutes=1)


def told(milestone: str, minute: float, reference: str = "A1", **otherwise) -> Told:
    usual = {"source": "queue", "branch": "centre", "touchpoint": "branch"}
    at = NOON + minute * MINUTE
    return Told(**{**usual, "reference": reference, "milestone": milestone, "at": at, **otherwise})


@pytest.fixture
def hear(engine, cast):
    """``hear(event, ..., as_of=minutes)``: take the events in one transaction; "new", "known" or a code."""
    with transaction(engine) as session:
        promise(session)

    def take(*events: Told, as_of: float = 60) -> list[str]:
        with transaction(engine) as session:
            found = take_events(session, events, as_of=NOON + as_of * MINUTE)
        return [one.refusal.code if one.refusal else "new" if one.new else "known" for one in found]

    return take


def verdicts(engine) -> list[tuple[str, str]]:
    with open_session(engine, writes=False) as session:
        return [(row.status, row.reason) for row in session.exec(select(Verdict).order_by(Verdict.case_id))]


def count(engine, table) -> int:
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def owed(engine) -> Decimal:
    """What is owed and not taken back, summed over the ledger."""
    with open_session(engine, writes=False) as session:
        entries = session.exec(select(Entry)).all()
    signs = {"owed": 1, "reversed": -1, "paid": 0}
    return sum((signs[one.kind] * one.amount for one in entries), Decimal(0))


def test_a_case_begins_with_its_first_event_and_is_judged_with_each(engine, hear):
    assert hear(told("arrived", 0), as_of=1) == ["new"]
    assert verdicts(engine) == [("pending", "clock_running")]
    assert hear(told("served", 10), as_of=11) == ["new"]
    assert verdicts(engine) == [("kept", "in_time")]
    assert count(engine, Case) == 1


def test_a_batch_tells_many_cases_and_several_events_of_one(engine, hear):
    events = [told("arrived", n, f"A{n}") for n in range(20)] + [
        told("served", n + n, f"A{n}") for n in range(20)
    ]
    assert hear(*events, as_of=90) == ["new"] * 40
    statuses = [status for status, _ in verdicts(engine)]
    assert (statuses.count("kept"), statuses.count("broken")) == (16, 4)
    assert owed(engine) == Decimal("40.00")


def test_a_batch_that_is_sent_again_changes_nothing(engine, hear):
    events = [told("arrived", 0), told("served", 20), told("arrived", 5, "A2"), told("served", 6, "A2")]
    assert hear(*events) == ["new"] * 4
    before = [count(engine, table) for table in (Case, Milestone, Verdict, Compensation, Entry, Event)]
    assert hear(*events) == ["known"] * 4
    assert hear(*reversed(events)) == ["known"] * 4
    after = [count(engine, table) for table in (Case, Milestone, Verdict, Compensation, Entry, Event)]
    assert after == before


def test_the_same_event_twice_in_one_batch_is_taken_once(engine, hear):
    assert hear(told("arrived", 0), told("arrived", 0)) == ["new", "known"]
    assert count(engine, Milestone) == 1


def test_an_end_that_comes_before_its_beginning_is_judged_once_both_are_known(engine, hear):
    assert hear(told("served", 20)) == ["new"]
    assert hear(told("arrived", 0)) == ["new"]
    assert verdicts(engine) == [("broken", "late")]
    assert owed(engine) == Decimal("10.00")


def test_an_end_that_comes_late_takes_the_breach_and_what_was_owed_back(engine, hear):
    hear(told("arrived", 0), as_of=1)
    tick(engine, NOON + 16 * MINUTE)
    assert verdicts(engine) == [("broken", "still_open")]
    assert owed(engine) == Decimal("10.00")
    assert hear(told("served", 14), as_of=60) == ["new"]
    assert verdicts(engine) == [("kept", "in_time")]
    assert owed(engine) == 0


def test_what_was_paid_stays_when_the_breach_turns_out_to_be_none(engine, hear, cast):
    hear(told("arrived", 0), told("served", 20))
    with transaction(engine) as session:
        one = session.exec(select(Compensation)).one()
        compensation.pay_at_counter(
            session, one.branch_id, one.id, receiver="", by=cast.teller, as_of=NOON + 61 * MINUTE
        )
    hear(told("served", 12, operation="corrected"), as_of=70)
    assert verdicts(engine) == [("kept", "in_time")]
    assert count(engine, Payout) == 1
    assert owed(engine) == Decimal("10.00")


def test_a_withdrawn_milestone_is_kept_and_no_longer_judged(engine, hear):
    hear(told("arrived", 0), told("served", 10))
    assert hear(told("served", 10, operation="withdrawn"), as_of=20) == ["new"]
    assert verdicts(engine) == [("broken", "still_open")]
    assert count(engine, Milestone) == 2
    assert count(engine, Withdrawal) == 1


def test_a_withdrawal_is_known_the_second_time_and_its_milestone_stays_withdrawn(engine, hear):
    events = [told("arrived", 0), told("served", 10), told("served", 10, operation="withdrawn")]
    hear(*events, as_of=12)
    assert hear(*events, as_of=12) == ["known"] * 3
    assert verdicts(engine) == [("pending", "clock_running")]


def test_the_only_milestone_of_its_name_is_withdrawn_without_naming_its_moment(engine, hear):
    hear(told("arrived", 0), told("served", 20))
    assert hear(told("served", 0, at=None, operation="withdrawn")) == ["new"]
    assert hear(told("served", 0, at=None, operation="withdrawn")) == ["known"]
    assert verdicts(engine) == [("broken", "still_open")]


def test_of_several_the_source_has_to_say_which(engine, hear):
    hear(told("arrived", 0), told("parked", 1), told("parked", 3))
    assert hear(told("parked", 0, at=None, operation="withdrawn")) == ["events.which_one"]
    assert hear(told("parked", 2, operation="corrected")) == ["events.which_one"]
    assert hear(told("parked", 2, was=NOON + 3 * MINUTE, operation="corrected")) == ["new"]


def test_nothing_can_be_withdrawn_or_corrected_that_was_never_told(engine, hear):
    assert hear(told("served", 0, at=None, operation="withdrawn")) == ["events.unknown_case"]
    hear(told("arrived", 0))
    assert hear(told("served", 0, at=None, operation="withdrawn")) == ["events.nothing_to_withdraw"]
    assert hear(told("served", 5, operation="corrected")) == ["events.nothing_to_withdraw"]


def test_a_withdrawal_that_comes_first_holds_when_its_milestone_follows(engine, hear):
    hear(told("arrived", 0))
    assert hear(told("served", 10, operation="withdrawn"), as_of=12) == ["new"]
    assert hear(told("served", 10), as_of=12) == ["new"]
    assert verdicts(engine) == [("pending", "clock_running")]


def test_a_correction_moves_the_milestone_and_the_verdict(engine, hear):
    hear(told("arrived", 0), told("served", 20))
    assert hear(told("served", 14, operation="corrected")) == ["new"]
    assert hear(told("served", 14, operation="corrected")) == ["known"]
    assert verdicts(engine) == [("kept", "in_time")]
    assert owed(engine) == 0


def test_a_correction_back_to_what_was_taken_back_is_refused_and_changes_nothing(engine, hear):
    hear(told("arrived", 0), told("served", 20), told("served", 14, operation="corrected"))
    assert hear(told("served", 20, operation="corrected")) == ["events.taken_back_before"]
    assert verdicts(engine) == [("kept", "in_time")]


def test_withdrawals_stand_in_the_journal(engine, hear):
    hear(told("arrived", 0), told("served", 10), told("served", 10, operation="withdrawn"))
    with open_session(engine, writes=False) as session:
        event = session.exec(select(Event).where(Event.verb == "case.withdrawn")).one()
    assert event.facts == {"milestone": "served", "happened": (NOON + 10 * MINUTE).isoformat()}


def test_a_single_judging_honours_what_was_withdrawn_too(engine, hear):
    hear(told("arrived", 0), told("served", 10), told("served", 10, operation="withdrawn"), as_of=12)
    with transaction(engine) as session:
        judge_case(session, session.exec(select(Case)).one(), branch_of(session), NOON + 13 * MINUTE)
    assert verdicts(engine) == [("pending", "clock_running")]


def test_the_watch_breaks_a_case_whose_end_was_withdrawn(engine, hear):
    hear(told("arrived", 0), told("served", 10), told("served", 10, operation="withdrawn"), as_of=12)
    tick(engine, NOON + 16 * MINUTE)
    assert verdicts(engine) == [("broken", "still_open")]


def test_good_rows_are_kept_when_others_are_refused(engine, hear):
    found = hear(
        told("arrived", 0),
        told("arrived", 0, "A2", branch="nowhere"),
        told("arrived", 61, "A3"),
        told("arrived", 0, "A4", touchpoint=""),
        told("arrived", 0, "A5"),
    )
    refused = ["cases.unknown_branch", "cases.in_future", "events.no_touchpoint"]
    assert found == ["new", *refused, "new"]
    assert count(engine, Case) == 2


def test_the_touchpoint_may_stand_in_any_event_of_a_new_case(engine, hear):
    assert hear(told("called", 5, touchpoint=""), told("arrived", 0)) == ["new", "new"]
    assert hear(told("served", 6, touchpoint="")) == ["new"]
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Case.started_at)).one() == NOON


def test_a_number_of_the_source_is_taken_once(engine, hear):
    first = told("arrived", 0, event="e-1")
    assert hear(first) == ["new"]
    assert hear(first) == ["known"]
    assert hear(replace(first, reference="A2")) == ["events.number_used"]
    assert hear(replace(first, reference="A2"), told("arrived", 0, "A3", event="e-2")) == [
        "events.number_used",
        "new",
    ]
    assert count(engine, ToldOnce) == 2


def test_one_number_twice_in_a_batch_is_taken_for_the_first(engine, hear):
    one = told("arrived", 0, event="e-1")
    assert hear(one, one, replace(one, reference="A2")) == ["new", "known", "events.number_used"]


def test_two_sources_may_call_their_cases_the_same(engine, hear):
    assert hear(told("arrived", 0), told("arrived", 1, source="other")) == ["new", "new"]
    assert count(engine, Case) == 2


def test_attributes_told_later_count_and_told_otherwise_are_noted(engine, cast):
    with transaction(engine) as session:
        promise(session, excluded=[{"reason": "strike", "when": {"attribute": "strike", "is": True}}])
    for attributes in ({"strike": False}, {"strike": True}, {"strike": True}):
        with transaction(engine) as session:
            event = told("arrived", 0, attributes=attributes, customer="C1")
            (last,) = take_events(session, [event], as_of=NOON + 20 * MINUTE)
    assert last.new is False
    assert verdicts(engine) == [("excluded", "strike")]
    assert owed(engine) == 0
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Event.facts).where(Event.verb == "case.told_otherwise")).one() == {
            "names": "strike"
        }


def test_two_batches_about_the_same_cases_at_once_double_nothing(engine, hear):
    arrivals = [told("arrived", n, f"A{n:02}") for n in range(30)]
    ends = [told("served", n + 20, f"A{n:02}") for n in range(30)]

    def send(events):
        def act():
            with transaction(engine) as session:
                return take_events(session, events, as_of=NOON + 60 * MINUTE)

        return act

    answers = at_once(
        send(arrivals + ends), send(ends[::-1] + arrivals[::-1]), send(arrivals), send(arrivals + ends)
    )
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert verdicts(engine) == [("broken", "late")] * 30
    assert [count(engine, table) for table in (Case, Milestone, Compensation, Entry)] == [30, 60, 30, 30]
    assert sum(one.new for answer in answers for one in answer) == 60


def test_events_and_the_watch_at_once_leave_one_verdict_and_what_it_owes(engine, hear):
    hear(*(told("arrived", n / 10, f"A{n:02}") for n in range(40)), as_of=5)

    def ends():
        with transaction(engine) as session:
            return take_events(
                session, [told("served", 14, f"A{n:02}") for n in range(40)], as_of=NOON + 30 * MINUTE
            )

    answers = at_once(ends, lambda: tick(engine, NOON + 30 * MINUTE, most=7), ends)
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert verdicts(engine) == [("kept", "in_time")] * 40
    assert owed(engine) == 0


def test_a_case_of_another_branch_with_the_same_reference_is_another(engine, hear):
    assert hear(told("arrived", 0), told("arrived", 0, branch="harbour")) == ["new", "new"]
    assert count(engine, Verdict) == 2


def test_events_on_a_closed_day_follow_the_hours_of_their_branch(engine, cast):
    with transaction(engine) as session:
        promise(
            session, measure={"from": "arrived", "to": "served", "limit": "15 min", "clock": "opening_hours"}
        )
        session.add(SpecialDay(branch_id=cast.harbour, day=NOON.date()))
    with transaction(engine) as session:
        events = [told("arrived", 0), told("arrived", 0, branch="harbour")]
        take_events(session, events, as_of=NOON + 60 * MINUTE)
    assert sorted(verdicts(engine)) == [("broken", "still_open"), ("pending", "clock_running")]
