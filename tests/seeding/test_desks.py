"""A queue is served in order by the desks that are staffed; who gives up leaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promises.seeding.desks import Arrival, DeskPlan, serve

TEN = 10 * 3600
ONE_DESK = DeskPlan.by_hour({10: 1})
TWO_DESKS = DeskPlan.by_hour({10: 2})
CLOSES = 16 * 3600


def customer(
    at: int, *, patience: int = 3600, walk: int = 10, service: int = 300, gone: bool = False
) -> Arrival:
    return Arrival(TEN + at, patience, walk, service, gone)


def after_ten(happened: dict[str, int]) -> dict[str, int]:
    return {name: second - TEN for name, second in happened.items()}


def queue(
    *customers: Arrival, plan: DeskPlan = ONE_DESK, stopped: tuple[int, int] | None = None
) -> list[dict[str, int]]:
    return [after_ten(happened) for happened in serve(customers, plan, CLOSES, stopped)]


def test_a_customer_alone_is_called_at_once_and_served_after_the_walk() -> None:
    assert queue(customer(5)) == [{"arrived": 5, "called": 5, "served": 15, "ended": 315}]


def test_the_third_of_three_waits_for_the_first_desk_that_is_free() -> None:
    happened = queue(customer(0, service=300), customer(1, service=100), customer(2), plan=TWO_DESKS)
    assert [one["called"] for one in happened] == [0, 1, 111]


def test_who_is_called_in_the_last_second_of_patience_stays_and_at_its_end_is_gone() -> None:
    first = customer(0, walk=0, service=300)
    assert queue(first, customer(1, patience=300))[1]["called"] == 300
    assert queue(first, customer(1, patience=299))[1] == {"arrived": 1, "left": 300}


def test_the_next_in_line_is_called_when_the_one_before_has_left() -> None:
    happened = queue(customer(0, walk=0, service=600), customer(1, patience=60), customer(2))
    assert happened[1] == {"arrived": 1, "left": 61}
    assert happened[2]["called"] == 600


def test_nobody_comes_to_the_call_and_the_teller_waits_a_while() -> None:
    happened = queue(customer(0, walk=60, gone=True), customer(1))
    assert happened[0] == {"arrived": 0, "called": 0, "no_show": 60}
    assert happened[1]["called"] == 60


def test_nobody_is_called_while_the_systems_are_down_and_the_first_is_as_they_come_back() -> None:
    happened = queue(customer(99, service=10), customer(150), stopped=(TEN + 100, TEN + 200))
    assert [one["called"] for one in happened] == [99, 200]


def test_a_desk_left_for_lunch_ends_with_its_customer_and_calls_no_other() -> None:
    plan = DeskPlan.by_hour({10: 2, 11: 1})
    long = customer(3000, walk=0, service=1800)
    happened = queue(long, customer(3001, walk=0, service=1200), customer(3002), plan=plan)
    assert happened[0]["ended"] == 4800
    assert happened[2]["called"] == 4800, "the desk free at 4201 is no longer staffed"


def test_nobody_is_called_before_the_first_staffed_hour() -> None:
    assert queue(customer(1), plan=DeskPlan.by_hour({11: 1}))[0]["called"] == 3600


def test_whoever_is_still_waiting_at_the_very_end_leaves_then() -> None:
    first = customer(0, service=CLOSES)
    assert queue(first, customer(1, patience=CLOSES))[1] == {"arrived": 1, "left": CLOSES - TEN}


def test_illness_takes_a_desk_but_never_the_last() -> None:
    plan = DeskPlan.by_hour({10: 3, 11: 1}, missing=1)
    assert (plan.at(TEN), plan.at(TEN + 3600), plan.at(TEN - 1)) == (2, 1, 0)


def second_by_second(
    people: list[Arrival], plan: DeskPlan, until: int, stopped: tuple[int, int] | None
) -> list[dict[str, int]]:
    """The same queue, walked through one second after the other."""
    happened = [{"arrived": one.at} for one in people]
    waiting: list[int] = []
    busy: list[int] = []
    for now in range(min((one.at for one in people), default=0), until + 1):
        waiting += [n for n, one in enumerate(people) if one.at == now]
        busy = [end for end in busy if end > now]
        for n in list(waiting):
            if now >= min(people[n].at + people[n].patience, until):
                happened[n]["left"] = now
                waiting.remove(n)
        down = stopped is not None and stopped[0] <= now < stopped[1]
        while waiting and not down and len(busy) < plan.at(now):
            n = waiting.pop(0)
            one = people[n]
            there = now + one.walk
            happened[n] |= {"called": now, "no_show": there} if one.gone else {
                "called": now, "served": there, "ended": there + one.service
            }  # fmt: skip
            busy.append(there if one.gone else there + one.service)
    return happened


people = st.lists(
    st.builds(
        Arrival,
        at=st.integers(3500, 3700),
        patience=st.integers(0, 120),
        walk=st.integers(1, 5),
        service=st.integers(1, 90),
        gone=st.booleans(),
    ),
    max_size=14,
).map(lambda found: sorted(found, key=lambda one: one.at))


@given(
    people,
    st.integers(0, 3),
    st.integers(0, 3),
    st.none() | st.tuples(st.integers(3500, 3600), st.integers(3600, 3700)),
)
def test_it_is_the_same_as_walking_through_the_day_second_by_second(
    arrivals: list[Arrival], before: int, after: int, stopped: tuple[int, int] | None
) -> None:
    plan = DeskPlan((0, 3600), (before, after))
    assert list(serve(arrivals, plan, 3750, stopped)) == second_by_second(arrivals, plan, 3750, stopped)
