"""How long a wait may be: told from today's pace, or not at all."""

from datetime import timedelta
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from promises.queue.estimate import FEWEST, LOOKS_BACK, estimate
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


def every(minutes, count, last=NOON):
    return [last - minutes * n * MINUTE for n in range(count)]


def test_a_steady_queue_is_told_as_it_runs():
    assert estimate(every(3, 20), 0, NOON) == (3, 3)
    assert estimate(every(3, 20), 4, NOON) == (15, 15)


def test_nothing_is_told_from_too_few_calls():
    assert estimate(every(3, FEWEST), 0, NOON) is None
    assert estimate(every(3, FEWEST + 1), 0, NOON) == (3, 3)
    assert estimate(every(3, FEWEST + 1), 1, NOON) is None
    assert estimate([], 0, NOON) is None


def test_calls_of_long_ago_say_nothing_of_now():
    assert estimate(every(3, 20, NOON - LOOKS_BACK), 0, NOON) is None


def test_a_queue_that_stands_still_has_no_pace():
    assert estimate(every(3, 20, NOON - 9 * MINUTE), 0, NOON) == (3, 3)
    assert estimate(every(3, 20, NOON - 9 * MINUTE - MINUTE / 60), 0, NOON) is None


def test_what_is_called_at_once_still_takes_a_minute():
    assert estimate([NOON] * 20, 0, NOON) == (1, 1)


moments = st.lists(st.integers(0, 90 * 60), max_size=60)


@given(moments, st.integers(0, 12))
def test_what_is_said_lies_within_what_was_seen(seconds, ahead):
    """The oracle looks at every stretch by brute force and counts how many lie outside."""
    calls = [NOON - timedelta(seconds=one) for one in seconds]
    told = estimate(calls, ahead, NOON)
    order = sorted(90 * 60 - one for one in seconds)
    waits = [order[at + ahead + 1] - order[at] for at in range(len(order)) if at + ahead + 1 < len(order)]
    if told is None:
        still = seconds and min(seconds) > 120
        assert len(waits) < FEWEST or still
        return
    low, high = told
    minutes = [max(ceil(wait / 60), 1) for wait in waits]
    assert min(minutes) <= low <= high <= max(minutes)
    assert sum(one < low for one in minutes) <= len(minutes) / 10
    assert sum(one > high for one in minutes) <= len(minutes) / 10
