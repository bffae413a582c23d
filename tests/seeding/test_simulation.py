"""The simulated half-year is repeatable, possible, and looks like the bank that the seed tells of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays as public_holidays
import pytest

from promises.seeding.setting import Setting
from promises.seeding.shape import Shape
from promises.seeding.simulation import SimulatedCase, known_by, simulate
from promises.terms.hours import OpeningHours

from .conftest import TODAY

HELSINKI = ZoneInfo("Europe/Helsinki")
FINLAND = public_holidays.country_holidays("FI", years=(2026,))
QUARTER = timedelta(minutes=15)
GOOD_BRANCHES = ("kaislavesi", "myllyranta", "tervasalmi", "lehtoharju", "sammalkyla")


def local(at: datetime) -> datetime:
    return at.astimezone(HELSINKI)


def visits(cases: Iterable[SimulatedCase]) -> list[SimulatedCase]:
    return [case for case in cases if case.touchpoint == "branch"]


def in_a_quarter(case: SimulatedCase) -> bool | None:
    """Kept or broken; None for who left in time or wasn't there when called."""
    arrived = case.milestones["arrived"]
    if "served" in case.milestones:
        return case.milestones["served"] - arrived <= QUARTER
    if "left" in case.milestones and case.milestones["left"] - arrived > QUARTER:
        return False
    return None


def answered_in(working_days: int) -> Callable[[SimulatedCase], bool | None]:
    def judged(case: SimulatedCase) -> bool | None:
        received, *answered = case.milestones.values()
        last = local(received).date()
        for _ in range(working_days):
            last += timedelta(days=1)
            while last.weekday() > 4 or last in FINLAND:
                last += timedelta(days=1)
        return bool(answered) and local(answered[0]).date() <= last

    return judged


def kept_share(cases: Iterable[SimulatedCase], judge: Callable[[SimulatedCase], bool | None]) -> float:
    verdicts = [verdict for verdict in map(judge, cases) if verdict is not None]
    return sum(verdicts) / len(verdicts)


def test_the_same_shape_and_day_give_the_same_cases(
    shape: Shape, hours: dict[str, OpeningHours], half_year: list[SimulatedCase]
) -> None:
    assert simulate(shape, hours, TODAY) == half_year


def test_a_day_without_events_comes_out_the_same_whenever_it_is_seen_from(
    shape: Shape, hours: dict[str, OpeningHours], half_year: list[SimulatedCase]
) -> None:
    ordinary = date(2026, 5, 19)

    def on_that_day(cases: list[SimulatedCase]) -> list[SimulatedCase]:
        return [case for case in cases if local(case.started_at).date() == ordinary]

    a_week_later = simulate(shape, hours, TODAY + timedelta(days=7))
    assert on_that_day(half_year) == on_that_day(a_week_later) != []


def test_references_are_unique_and_cases_in_order_of_their_start(half_year: list[SimulatedCase]) -> None:
    assert len({case.reference for case in half_year}) == len(half_year)
    starts = [case.started_at for case in half_year]
    assert starts == sorted(starts)


def test_milestones_are_in_utc_in_order_and_of_a_known_kind(half_year: list[SimulatedCase]) -> None:
    possible = {
        ("arrived", "called", "served", "ended"),
        ("arrived", "called", "no_show"),
        ("arrived", "left"),
        ("received", "called_back"),
        ("received", "answered"),
        ("received",),
    }
    for case in half_year:
        moments = list(case.milestones.values())
        assert tuple(case.milestones) in possible
        assert moments == sorted(moments)
        assert all(moment.tzinfo is UTC for moment in moments)


def test_tickets_are_called_in_order_but_for_those_who_left(half_year: list[SimulatedCase]) -> None:
    called = defaultdict(list)
    for case in visits(half_year):
        if "called" in case.milestones:
            called[case.branch, local(case.started_at).date()].append(case)
    for in_order_of_ticket in called.values():
        in_order_of_ticket.sort(key=lambda case: int(case.attributes["ticket"]))
        moments = [case.milestones["called"] for case in in_order_of_ticket]
        assert moments == sorted(moments)


def test_nobody_takes_a_ticket_on_a_closed_day_or_outside_the_doors_hours(
    half_year: list[SimulatedCase], hours: dict[str, OpeningHours]
) -> None:
    for case in visits(half_year):
        arrived = local(case.started_at)
        assert arrived.date() not in FINLAND
        minute = arrived.hour * 60 + arrived.minute
        assert any(opens <= minute < closes for opens, closes in hours[case.branch].on(arrived.date()))


def test_no_more_customers_are_at_the_desks_than_desks_are_staffed(
    half_year: list[SimulatedCase], shape: Shape, hours: dict[str, OpeningHours]
) -> None:
    sick = set(Setting(shape, hours, TODAY, "FI").flu_days())
    days = defaultdict(list)
    for case in visits(half_year):
        if "called" in case.milestones:
            days[case.branch, local(case.started_at).date()].append(case.milestones)
    for (branch, day), called in days.items():
        desks = shape.visits.branches[branch].desks
        last_end = datetime.combine(day, time(hour=max(desks) + 1), HELSINKI) + timedelta(minutes=30)
        for milestones in called:
            moment = milestones["called"]
            assert moment < last_end
            staffed = desks[min(local(moment).hour, max(desks))]
            if branch == shape.flu.branch and day in sick:
                staffed = max(1, staffed - shape.flu.desks_missing)
            busy = sum(other["called"] <= moment < list(other.values())[-1] for other in called)
            assert busy <= staffed


def test_nobody_is_called_anywhere_while_the_systems_are_down(
    half_year: list[SimulatedCase], shape: Shape, hours: dict[str, OpeningHours]
) -> None:
    down = Setting(shape, hours, TODAY, "FI").outage_day()
    assert timedelta(days=45) <= TODAY - down <= timedelta(days=47)
    at_noon = Counter(
        local(case.milestones["called"]).date()
        for case in visits(half_year)
        if "called" in case.milestones
        and time(12, 10) <= local(case.milestones["called"]).time() < time(14, 5)
    )
    assert at_noon[down] == 0
    assert at_noon[down - timedelta(days=7)] > 50
    on_that_day = [case for case in visits(half_year) if local(case.started_at).date() == down]
    assert kept_share(on_that_day, in_a_quarter) < 0.8


def test_the_branch_with_the_flu_keeps_less_that_week(
    half_year: list[SimulatedCase], shape: Shape, hours: dict[str, OpeningHours]
) -> None:
    sick = Setting(shape, hours, TODAY, "FI").flu_days()
    there = [case for case in visits(half_year) if case.branch == shape.flu.branch]
    in_flu = [case for case in there if local(case.started_at).date() in sick]
    assert len(sick) == 5
    assert kept_share(in_flu, in_a_quarter) < kept_share(there, in_a_quarter) - 0.15


def test_pension_days_and_fridays_are_fuller_than_a_wednesday(half_year: list[SimulatedCase]) -> None:
    count = Counter(
        local(case.started_at).date() for case in visits(half_year) if case.branch == "kaislavesi"
    )

    def mean(days: Iterable[date]) -> float:
        counts = [count[day] for day in days]
        return sum(counts) / len(counts)

    ordinary = [day for day in count if 10 <= day.day <= 24]
    wednesday = mean(day for day in ordinary if day.weekday() == 2)
    assert mean(day for day in ordinary if day.weekday() == 4) > 1.1 * wednesday
    assert mean(day for day in count if day.day == 7) > 1.25 * wednesday


@pytest.mark.parametrize("today", [TODAY, date(2026, 12, 1), date(2027, 2, 15)])
def test_the_bank_is_as_busy_and_as_good_as_its_story_says(
    shape: Shape, hours: dict[str, OpeningHours], today: date
) -> None:
    cases = simulate(shape, hours, today)
    seen = visits(cases)
    assert 40_000 < len(seen) < 60_000
    assert 0.94 < kept_share(seen, in_a_quarter) < 0.965
    for branch in GOOD_BRANCHES:
        here = [case for case in seen if case.branch == branch]
        assert 0.945 < kept_share(here, in_a_quarter) < 0.995, branch
    at_the_bad = [case for case in seen if case.branch == "haapaharju"]
    assert 0.84 < kept_share(at_the_bad, in_a_quarter) < 0.89
    gave_up = sum("left" in case.milestones for case in at_the_bad) / len(at_the_bad)
    assert 0.04 < gave_up < 0.11


def test_answers_come_as_late_as_the_story_says(half_year: list[SimulatedCase]) -> None:
    callbacks = [case for case in half_year if case.touchpoint == "phone"]
    invoices = [case for case in half_year if case.touchpoint == "invoice"]
    assert 0.89 < kept_share(callbacks, answered_in(1)) < 0.93
    assert 0.925 < kept_share(invoices, answered_in(2)) < 0.955
    learnt = TODAY - timedelta(days=182 - 35)
    first = [case for case in callbacks if local(case.started_at).date() < learnt]
    rest = [case for case in callbacks if local(case.started_at).date() >= learnt]
    assert kept_share(first, answered_in(1)) < kept_share(rest, answered_in(1))


def test_an_answer_comes_on_a_working_day_within_the_hours_of_those_who_answer(
    half_year: list[SimulatedCase], shape: Shape
) -> None:
    for case in half_year:
        answered = case.milestones.get("answered") or case.milestones.get("called_back")
        if answered:
            at = local(answered)
            answers = shape.invoices if case.touchpoint == "invoice" else shape.callbacks
            assert at.weekday() < 5
            assert at.year > 2026 or at.date() not in FINLAND
            assert answers.opens <= at.hour * 3600 + at.minute * 60 + at.second <= answers.closes


def test_doors_open_at_the_same_local_time_before_and_after_the_clock_change(
    half_year: list[SimulatedCase],
) -> None:
    first = {
        day: min(
            c.started_at for c in visits(half_year) if c.branch == "kaislavesi" and c.started_at.date() == day
        )
        for day in (date(2026, 3, 27), date(2026, 3, 30))
    }
    assert [at.hour for at in first.values()] == [7, 6]
    assert {local(at).hour for at in first.values()} == {9}


def test_what_has_not_happened_yet_is_not_known(half_year: list[SimulatedCase]) -> None:
    noon = datetime(2026, 9, 8, 12, tzinfo=HELSINKI).astimezone(UTC)
    known = list(known_by(half_year, noon))
    assert max(max(case.milestones.values()) for case in known) <= noon
    assert {case.reference for case in half_year} > {case.reference for case in known}
    waiting = [case for case in visits(known) if set(case.milestones) == {"arrived"}]
    assert 1 <= len(waiting) <= 40, "somebody stands in a queue at noon"
    assert list(known_by(half_year, half_year[-1].started_at + timedelta(days=60))) == half_year


def test_the_shares_of_the_shape_are_whole_and_the_desks_cover_the_open_hours(
    shape: Shape, hours: dict[str, OpeningHours]
) -> None:
    assert sum(kind.share for kind in shape.visits.kinds) == pytest.approx(1)
    for answers in (shape.callbacks, shape.invoices):
        assert sum(answers.channels.values()) == pytest.approx(1)
        for branch in answers.branches.values():
            assert sum(branch.by_days.values()) + branch.never == pytest.approx(1)
    assert set(hours) == set(shape.visits.branches)
    for code, branch_visits in shape.visits.branches.items():
        open_hours = {
            minute // 60
            for day in hours[code].week
            for opens, closes in day
            for minute in range(opens, closes)
        }
        assert set(branch_visits.arrivals) == set(branch_visits.desks) == open_hours
