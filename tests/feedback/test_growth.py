"""Whether a problem grows: the chart says so where chance would hardly do it, and rarely where it did."""

from math import isclose

import numpy as np
import pytest

from promises.feedback.board.growth import FEWEST_PIECES, WEEKS, growth

LAST = 1000
HEARD = dict.fromkeys(range(LAST - WEEKS + 1, LAST + 1), 100)


def chart(pieces, heard=HEARD):
    """The chart of these last weeks, the newest last; the weeks before them are of five pieces each."""
    weeks = [5] * (WEEKS - len(pieces)) + list(pieces)
    return growth(dict(enumerate(weeks, LAST - WEEKS + 1)), heard, LAST)


def test_the_limits_are_those_of_a_worked_example():
    """Two shares, 10 of 100 and 30 of 100: centre .2, s .04, z -2.5 and 2.5, so σz = 5/1.128."""
    found = growth({LAST - 1: 10, LAST: 30}, {LAST - 1: 100, LAST: 100}, LAST)
    half = 3 * 0.04 * 5 / 1.128
    assert found.centre == 0.2
    assert [point.low for point in found.points] == [0.0, 0.0]
    assert all(isclose(point.high, 0.2 + half) for point in found.points)


def test_a_steady_share_has_the_limits_of_the_binomial_and_no_signal():
    found = chart([5, 5, 5])
    assert isclose(found.points[0].high, 0.05 + 3 * (0.05 * 0.95 / 100) ** 0.5)
    assert (found.course, found.recent, found.change) == ("steady", 20, 0.0)


def test_a_week_beyond_the_limit_among_the_last_four_says_that_it_grows():
    assert chart([25, 5, 5, 5]).course == "growing"
    assert chart([25, 5, 5, 5, 5]).course == "steady"


def test_eight_weeks_in_a_row_above_or_below_are_a_signal_and_seven_are_none():
    assert chart([8] * 8).course == "growing"
    assert chart([8] * 7).course == "steady"
    assert chart([8] * 8 + [5]).course == "steady"
    assert chart([3] * 8).course == "fading"


def test_more_feedback_of_the_same_kind_is_no_growth():
    heard = {week: 400 if week > LAST - 3 else 100 for week in HEARD}
    assert chart([20, 20, 20], heard).course == "steady"


def test_a_handful_of_pieces_is_no_signal_above():
    weeks = dict.fromkeys(range(LAST - WEEKS + 1, LAST + 1), 1000)
    few = growth({LAST: FEWEST_PIECES - 1}, weeks, LAST)
    assert few.points[-1].share > few.points[-1].high
    assert few.course == "steady"
    assert growth({LAST: FEWEST_PIECES}, weeks, LAST).course == "growing"


@pytest.mark.parametrize(("weeks", "course"), [(0, "unknown"), (7, "unknown"), (8, "steady")])
def test_few_weeks_say_nothing(weeks, course):
    heard = {week: 100 for week in HEARD if week > LAST - weeks}
    assert growth(dict.fromkeys(heard, 5), heard, LAST).course == course


def test_everything_or_nothing_speaks_of_it():
    assert growth(HEARD, HEARD, LAST).course == "steady"
    assert growth({}, HEARD, LAST).course == "steady"


def test_chance_alone_seldom_crosses_a_limit_and_a_doubling_is_seen():
    draw = np.random.default_rng(5)
    runs = 600
    steady = [chart(draw.binomial(100, 0.05, WEEKS).tolist()).course for _ in range(runs)]
    assert 1 - steady.count("steady") / runs < 0.06
    heard = dict.fromkeys(HEARD, 400)
    usual, more = (draw.binomial(400, p, (runs, WEEKS)).tolist() for p in (0.05, 0.11))
    doubled = [chart([*a[4:], *b[:4]], heard) for a, b in zip(usual, more, strict=True)]
    assert sum(one.course == "growing" for one in doubled) / runs > 0.8
    assert all(one.change > 1 for one in doubled)
