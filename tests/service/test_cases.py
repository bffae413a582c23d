"""Cases one at a time: matched to promises, judged as they happen, each exactly once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation import ledger
from promises.compensation.tables import Compensation
from promises.refusal import Refusal
from promises.service import signals
from promises.service.actions import add_milestone
from promises.service.tables import Case, Verdict
from promises.service.watch import tick
from promises.terms.actions import set_terms
from tests.conftest import NOON
from tests.promised import branch_of, document, milestones_of, promise, verdict_of, visit

MINUTES_15 = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


def owed(session):
    return session.exec(select(Compensation)).all()


def happens(session, case, name, at, as_of=None):
    return add_milestone(session, case, branch_of(session), name, at, by=None, as_of=as_of or at)


def test_a_case_begins_pending_and_knows_when_it_is_due(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    verdict = verdict_of(session, case)
    assert (verdict.status, verdict.due_at, verdict.dated_at) == ("pending", NOON + MINUTES_15, None)


def test_served_exactly_at_the_limit_is_kept_and_costs_nothing(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    happens(session, case, "served", NOON + MINUTES_15)
    verdict = verdict_of(session, case)
    assert (verdict.status, verdict.reason, verdict.dated_at) == ("kept", "in_time", NOON + MINUTES_15)
    assert verdict.elapsed_s == 900
    assert owed(session) == []


def test_served_a_second_after_the_limit_is_broken_at_its_due_time_and_compensated(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    happens(session, case, "served", NOON + MINUTES_15 + SECOND)
    verdict = verdict_of(session, case)
    assert (verdict.status, verdict.reason, verdict.dated_at) == ("broken", "late", NOON + MINUTES_15)
    (compensation,) = owed(session)
    assert (compensation.amount, compensation.dated_at) == (Decimal("10.00"), NOON + MINUTES_15)
    assert ledger.open_amount(session, compensation) == Decimal("10.00")


def test_the_same_case_told_twice_is_one_case_with_one_verdict(session, cast):
    promise(session)
    late = NOON + timedelta(minutes=20)
    first = visit(session, "a", ("arrived", NOON), ("served", late), as_of=late)
    second = visit(session, "a", ("arrived", NOON), ("served", late), as_of=late + SECOND)
    assert first.id == second.id
    assert len(session.exec(select(Case)).all()) == len(session.exec(select(Verdict)).all()) == 1
    assert len(owed(session)) == 1


def test_a_milestone_told_twice_changes_nothing(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    assert happens(session, case, "served", NOON + MINUTES_15)
    assert not happens(session, case, "served", NOON + MINUTES_15, as_of=NOON + timedelta(hours=1))
    assert milestones_of(session, case) == ["arrived", "served"]


def test_a_case_of_another_touchpoint_has_no_verdict(session, cast):
    promise(session, touchpoint="phone")
    visit(session, "a", ("arrived", NOON), as_of=NOON)
    assert session.exec(select(Verdict)).all() == []


def test_a_case_at_another_branch_than_promised_has_no_verdict(session, cast):
    promise(session, branches=["harbour"])
    visit(session, "a", ("arrived", NOON), as_of=NOON)
    assert session.exec(select(Verdict)).all() == []


def test_two_promises_of_one_touchpoint_are_judged_each_by_itself(session, cast):
    promise(session)
    promise(session, "greeted", measure={"from": "arrived", "to": "called", "limit": "5 min"})
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    happens(session, case, "called", NOON + timedelta(minutes=5))
    found = {verdict.status for verdict in session.exec(select(Verdict).where(Verdict.case_id == case.id))}
    assert found == {"kept", "pending"}


def test_a_case_is_judged_by_the_terms_in_force_when_it_began(session, cast):
    old = promise(session)
    stricter = document(
        measure={"from": "arrived", "to": "served", "limit": "10 min"}, starts=str(NOON.date())
    )
    new = set_terms(session, document=stricter, by=cast.director, as_of=NOON)
    before = visit(session, "before", ("arrived", NOON - SECOND), as_of=NOON)
    at_once = visit(session, "at once", ("arrived", NOON), as_of=NOON)
    assert verdict_of(session, before).terms_id == old.id
    assert verdict_of(session, at_once).terms_id == new.id
    assert verdict_of(session, at_once).due_at == NOON + timedelta(minutes=10)


def test_who_walks_out_before_the_limit_is_owed_nothing(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    happens(session, case, "left", NOON + MINUTES_15)
    assert (verdict_of(session, case).status, verdict_of(session, case).reason) == (
        "excluded",
        "left_before_limit",
    )
    assert owed(session) == []


def test_who_walks_out_after_the_limit_is_owed_although_nobody_looked(session, cast):
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    happens(session, case, "left", NOON + timedelta(minutes=40))
    assert verdict_of(session, case).reason == "left_after_limit"
    assert [one.dated_at for one in owed(session)] == [NOON + MINUTES_15]


def test_a_broken_promise_without_remedy_owes_nothing(session, cast):
    promise(session, remedy={})
    visit(
        session,
        "a",
        ("arrived", NOON),
        ("served", NOON + timedelta(hours=1)),
        as_of=NOON + timedelta(hours=2),
    )
    assert owed(session) == []


def test_what_has_not_happened_yet_is_refused(session, cast):
    promise(session)
    with pytest.raises(Refusal, match=r"cases\.in_future"):
        visit(session, "a", ("arrived", NOON + SECOND), as_of=NOON)


def test_a_case_needs_a_milestone(session, cast):
    with pytest.raises(Refusal, match=r"cases\.no_milestones"):
        visit(session, "a", as_of=NOON)


def test_opening_hours_of_the_branch_stop_the_clock_overnight(session, cast):
    promise(
        session,
        measure={"from": "arrived", "to": "served", "limit": "15 min", "clock": "opening_hours"},
    )
    ten_before_closing = NOON.replace(hour=13, minute=20)
    case = visit(session, "a", ("arrived", ten_before_closing), as_of=ten_before_closing)
    next_morning = NOON.replace(day=10, hour=7, minute=5)
    assert verdict_of(session, case).due_at == next_morning


def test_a_broken_promise_that_nobody_compensates_is_not_committed(session, cast):
    promise(session)
    listeners = dict(signals.broken.receivers)
    signals.broken.receivers.clear()
    try:
        with pytest.raises(RuntimeError, match="nobody compensates"):
            visit(
                session,
                "a",
                ("arrived", NOON),
                ("served", NOON + timedelta(hours=1)),
                as_of=NOON + timedelta(hours=2),
            )
    finally:
        signals.broken.receivers.update(listeners)


@pytest.fixture
def broken_by_the_watch(session, cast, engine):
    """A case that nobody ended in time, broken by the watch."""
    promise(session)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    session.commit()
    tick(engine, NOON + timedelta(minutes=16))
    assert verdict_of(session, case).reason == "still_open"
    return case


def test_the_end_of_a_broken_case_completes_its_verdict_and_owes_nothing_more(session, broken_by_the_watch):
    served = NOON + timedelta(minutes=17, seconds=12)
    happens(session, broken_by_the_watch, "served", served)
    verdict = verdict_of(session, broken_by_the_watch)
    assert (verdict.status, verdict.reason, verdict.elapsed_s) == ("broken", "late", 1032)
    assert (verdict.ended_at, verdict.dated_at) == (served, NOON + MINUTES_15)
    assert len(owed(session)) == 1


def test_an_end_in_time_that_is_told_late_mends_the_verdict_and_reverses_what_is_unpaid(
    session, broken_by_the_watch
):
    happens(
        session,
        broken_by_the_watch,
        "served",
        NOON + timedelta(minutes=14),
        as_of=NOON + timedelta(hours=1),
    )
    assert verdict_of(session, broken_by_the_watch).status == "kept"
    (compensation,) = owed(session)
    assert ledger.open_amount(session, compensation) == 0
    assert [entry.kind for entry in ledger.entries(session, compensation)] == ["owed", "reversed"]
