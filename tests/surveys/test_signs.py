"""Begging for scores shows, and chance alone hardly ever looks like it."""

import random
from datetime import timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.shares import tail
from promises.surveys.signs import Heard, Week, bunched_at_nine, jumps, signs, tens_at_once
from tests.conftest import NOON

MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)


def usual(chance, count, door=1, clerk=None, start=NOON):
    """Answers of an ordinary place: a quarter tens, spread over weeks."""
    weights = (2, 1, 1, 2, 2, 4, 5, 10, 24, 24, 25)
    return [
        Heard(start - timedelta(hours=7 * n), chance.choices(range(11), weights)[0], 1, door, clerk)
        for n in range(count)
    ]


def test_an_hour_of_nothing_but_tens_on_one_link_is_a_question():
    burst = [Heard(NOON + 5 * n * MINUTE, 10, 1, door=2) for n in range(10)]
    before = usual(random.Random(1), 60) + usual(random.Random(2), 20, 2, start=NOON - 7 * HOUR)
    (sign,) = tens_at_once(before + burst)
    assert (sign.code, sign.door, sign.seen) == ("tens_at_once", 2, 10)
    assert (sign.since, sign.until) == (NOON, NOON + 45 * MINUTE)


def test_the_same_tens_over_a_week_are_none():
    spread = [Heard(NOON + 17 * n * HOUR, 10, 1, door=2) for n in range(10)]
    assert tens_at_once(usual(random.Random(1), 60) + spread) == []


def test_one_other_score_between_breaks_the_series():
    burst = [Heard(NOON + 5 * n * MINUTE, 8 if n == 4 else 10, 1, door=2) for n in range(8)]
    assert tens_at_once(usual(random.Random(1), 60) + burst) == []


def test_a_link_that_always_gets_tens_asks_no_question():
    always = [Heard(NOON + 6 * n * MINUTE, 10, 1, door=2) for n in range(200)]
    assert tens_at_once(always) == []


def test_a_clerk_whose_scores_bunch_at_nine_is_a_question():
    others = [Heard(NOON + n * HOUR, (8, 9, 10)[n % 3], 1, clerk=n % 4) for n in range(200)]
    own = [Heard(NOON + n * HOUR, 9 if n else 10, 1, clerk=9) for n in range(20)]
    (sign,) = bunched_at_nine(others + own)
    assert (sign.clerk, sign.seen, sign.of) == (9, 19, 20)


@pytest.mark.parametrize("score", [8, 10])
def test_bunching_elsewhere_is_not_bunching_at_nine(score):
    others = [Heard(NOON, (8, 9, 10)[n % 3], 1, clerk=n % 4) for n in range(200)]
    assert bunched_at_nine(others + [Heard(NOON, score, 1, clerk=9)] * 40) == []


def test_answers_of_no_known_clerk_are_left_out():
    assert bunched_at_nine([Heard(NOON, 9, 1)] * 100) == []


def weeks(*shares, asked=100):
    return [Week(1, 4, NOON + n * WEEK, asked, round(asked * share)) for n, share in enumerate(shares)]


def test_a_jump_of_the_share_that_answers_is_a_question():
    (sign,) = jumps(weeks(0.2, 0.22, 0.19, 0.2, 0.6))
    assert (sign.code, sign.branch_id, sign.seen, sign.of) == ("jump", 4, 60, 100)
    assert sign.since == NOON + 4 * WEEK


@pytest.mark.parametrize("shares", [(0.2, 0.22, 0.19, 0.2, 0.26), (0.2, 0.2, 0.05), (0.6,)])
def test_what_chance_or_nobody_wanting_to_answer_brings_is_none(shares):
    assert jumps(weeks(*shares)) == []


def test_a_few_invitations_prove_nothing():
    assert jumps(weeks(0.2, 0.2, 1.0, asked=10)) == []


def test_a_shuffled_year_of_an_honest_company_raises_no_question():
    raised = 0
    for seed in range(40):
        chance = random.Random(seed)
        heard = [one for place in range(8) for one in usual(chance, 150, door=place, clerk=place)]
        asked = [
            Week(1, branch, NOON + n * WEEK, 60, sum(chance.random() < 0.3 for _ in range(60)))
            for branch in range(8)
            for n in range(26)
        ]
        raised += len(signs(heard, asked))
    assert raised <= 1


@given(n=st.integers(0, 60), least=st.integers(-1, 61), percent=st.integers(0, 100))
def test_the_tail_is_the_sum_of_the_binomial(n, least, percent):
    p = percent / 100
    exact = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(max(least, 0), n + 1))
    assert tail(least, n, p) == pytest.approx(min(exact, 1.0), abs=1e-9)
