"""A problem that rises or falls beyond chance is noticed; chance alone is not."""

import random

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from promises.feedback.finding.emergence import FALLS, FALSE_A_YEAR, RISES, Change, Days, change, level

TODAY = 1000
STEADY = Days(dict.fromkeys(range(TODAY - 364, TODAY + 1), 10))
AT = level(3650)


def turned(own, today=TODAY, before=None, at=AT):
    return change(Days(own), STEADY, today=today, before=before, at=at)


def test_days_are_summed_over_any_time():
    days = Days({5: 2, 3: 1, 9: 4, 7: 0})
    assert days.days == [3, 5, 9]
    assert [days.between(*both) for both in ((3, 9), (4, 8), (6, 8), (9, 3), (0, 99))] == [7, 2, 0, 0, 7]


def test_a_silent_problem_that_begins_is_announced_within_its_first_ten_texts():
    for gap, most in ((1, 7), (2, 8), (3, 9)):
        told = []
        for n in range(1, 11):
            own = {TODAY - 9 * gap + k * gap: 1 for k in range(n)}
            if turned(own, today=TODAY - 9 * gap + (n - 1) * gap):
                told.append(n)
        assert told[0] <= most


def test_what_was_hardly_heard_of_emerges_and_what_was_known_grows():
    assert turned(dict.fromkeys(range(991, 1001), 1)) == Change("emerged", 991, 10, 0.0)
    monthly = {**dict.fromkeys(range(640, 990, 30), 1), **dict.fromkeys(range(991, 1001), 1)}
    assert turned(monthly).kind == "emerged"
    weekly = {**dict.fromkeys(range(640, 970, 7), 1), **dict.fromkeys(range(971, 1001), 1)}
    found = turned(weekly)
    assert (found.kind, found.since) == ("growing", 971)
    assert found.texts == 30
    assert 4 < found.expected < 5


def test_a_problem_that_falls_silent_fades():
    daily = dict.fromkeys(range(640, 960), 1)
    found = turned(daily)
    assert (found.kind, found.since, found.texts) == ("fading", 960, 0)
    assert 40 < found.expected < 42


def test_a_problem_that_still_comes_now_and_then_fades_too():
    found = turned({**dict.fromkeys(range(640, 930), 1), 950: 1, 980: 1})
    assert (found.kind, found.texts) == ("fading", 2)


def test_a_steady_problem_does_not_turn():
    assert turned(dict.fromkeys(range(640, 1001), 1)) is None
    assert turned(dict.fromkeys(range(640, 1001, 7), 1)) is None


def test_a_busy_week_in_which_all_is_said_more_often_is_no_turn():
    heard = Days({**dict.fromkeys(range(640, 994), 10), **dict.fromkeys(range(994, 1001), 200)})
    own = {**dict.fromkeys(range(640, 994, 2), 1), **dict.fromkeys(range(994, 1001), 10)}
    assert change(Days(own), heard, today=TODAY, before=None, at=AT) is None


def test_three_texts_are_too_few_however_sudden():
    assert turned({1000: 3}) is None


def test_with_no_time_before_there_is_nothing_to_compare_with():
    assert change(Days({1000: 50}), Days({1000: 60}), today=TODAY, before=None, at=AT) is None


def test_after_an_announced_turn_the_time_before_it_is_over():
    own = dict.fromkeys(range(971, 1001), 1)
    assert turned(own).kind == "emerged"
    assert turned(own, before=971) is None


def test_what_is_to_come_is_not_looked_at():
    assert turned({**dict.fromkeys(range(640, 990, 7), 1), **dict.fromkeys(range(991, 1001), 5)}, 980) is None


def test_the_more_is_said_the_surer_each_window_has_to_be():
    assert level(1000) == FALSE_A_YEAR / (1000 * (len(RISES) + len(FALLS)))
    assert level(0) == level(1)


@given(st.integers(4, 30), st.integers(0, 20), st.integers(5, 60))
def test_the_chance_is_that_of_an_exact_binomial_test(inside, outside, length):
    since = TODAY - length + 1
    own = {since: inside} if not outside else {since: inside, TODAY - 364: outside}
    share = length / 365
    chance = binomtest(inside - 1, inside - 1 + outside, share, alternative="greater").pvalue
    risen = inside >= 2 * outside * share / (1 - share)
    found = turned(own, at=chance * 1.001)
    assert found is not None or not risen
    found = turned(own, at=chance * 0.999)
    assert found is None or found.kind == "fading"


def test_shuffled_years_bring_no_announcement():
    chance = random.Random(7)
    for _ in range(20):
        days = [chance.randrange(640, 1001) for _ in range(1500)]
        owners = [chance.choices(range(20), weights=range(1, 21))[0] for _ in days]
        heard = Days({day: days.count(day) for day in set(days)})
        for problem in range(20):
            mine = [day for day, owner in zip(days, owners, strict=True) if owner == problem]
            own = Days({day: mine.count(day) for day in set(mine)})
            for today in range(700, 1001, 7):
                assert change(own, heard, today=today, before=None, at=level(1500)) is None
