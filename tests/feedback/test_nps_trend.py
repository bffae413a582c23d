"""The score over time: a week stands out only where chance alone would hardly bring it."""

import random
from datetime import date, timedelta

import pytest

from promises.feedback.nps_trend import Period, trend

MONDAY = date(2026, 1, 5)


def period(number, low=0, middle=0, high=0):
    counts = [0] * 11
    counts[3], counts[7], counts[10] = low, middle, high
    start = MONDAY + timedelta(weeks=number)
    return Period(start, start + timedelta(weeks=1), tuple(counts))


def ordinary(number, chance):
    drawn = [chance.choices("lmh", (30, 30, 40))[0] for _ in range(40)]
    return period(number, drawn.count("l"), drawn.count("m"), drawn.count("h"))


def test_the_centre_is_the_score_of_all_answers_together():
    found = trend([period(0, 10, 0, 10), period(1, 0, 20, 20)])
    assert found.centre == pytest.approx(100 * (30 - 10) / 60)


def test_limits_are_three_standard_errors_wide_and_narrower_where_more_answer():
    found = trend([period(0, 5, 5, 10), period(1, 20, 20, 40)])
    sd = 100 * (0.5 + 0.25 - 0.25**2) ** 0.5
    first, second = found.points
    assert first.high - found.centre == pytest.approx(3 * sd / 20**0.5)
    assert second.high - found.centre == pytest.approx(3 * sd / 80**0.5)


def test_limits_never_leave_the_scale():
    found = trend([period(0, 0, 1, 9), period(1, 0, 0, 10)])
    assert all(-100 <= point.low <= point.high <= 100 for point in found.points)


def test_a_week_far_below_the_others_is_a_signal():
    found = trend([*(period(n, 12, 12, 16) for n in range(12)), period(12, 40, 5, 0)])
    assert [point.signal for point in found.signals if point.signal != "run"] == ["below"]


def test_eight_weeks_on_one_side_are_a_signal_and_seven_are_none():
    def series(run):
        down, up = period(0, 12, 12, 16), period(0, 8, 12, 20)
        weeks = [down if n % 2 else up for n in range(10)] + [down] + [up] * run
        return [Period(MONDAY + timedelta(weeks=n), MONDAY, week.counts) for n, week in enumerate(weeks)]

    assert trend(series(7)).signals == ()
    assert [point.signal for point in trend(series(8)).signals] == ["run"]


def test_weeks_with_few_answers_have_no_point():
    found = trend([period(0, 4, 3, 3), period(1, 3, 3, 3), period(2, 4, 3, 3)])
    assert [point.period.start for point in found.points] == [MONDAY, MONDAY + timedelta(weeks=2)]


def test_one_week_is_no_trend():
    assert trend([period(0, 10, 10, 10)]) is None
    assert trend([]) is None


def test_steady_weeks_hardly_ever_raise_a_signal():
    chance = random.Random(7)
    found = [trend([ordinary(n, chance) for n in range(26)]) for _ in range(40)]
    points = sum(len(one.points) for one in found)
    outside = sum(point.signal in ("above", "below") for one in found for point in one.points)
    assert outside / points < 0.01
