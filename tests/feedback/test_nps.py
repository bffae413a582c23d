"""The score, how sure it is, and what a theme costs."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.nps import apart, distribution, impact, nps, without

answers = st.lists(st.integers(0, 10), max_size=200)


def test_detractors_end_at_six_and_promoters_begin_at_nine() -> None:
    counted = nps(distribution([0, 6, 7, 8, 9, 10]))
    assert (counted.detractors, counted.passives, counted.promoters) == (2, 2, 2)


def test_the_interval_is_the_adjusted_wald_one() -> None:
    # 10 answers, 5 promote and 2 detract. By hand: p = 5.75/13 = .44231, d = 2.75/13 = .21154,
    # p + d - (p - d)² = .65385 - .05325 = .60059, half = 1.95996 · √(.60059/13) = .42128.
    counted = nps(distribution([9] * 5 + [8] * 3 + [3] * 2))
    assert counted.score == pytest.approx(30.0)
    assert counted.low == pytest.approx(-19.05, abs=0.01)
    assert counted.high == pytest.approx(65.20, abs=0.01)


def test_no_answers_have_no_score() -> None:
    counted = nps(distribution([]))
    assert counted.score is None
    assert not counted.enough


def test_twenty_answers_are_enough_and_nineteen_too_few() -> None:
    assert nps(distribution([9] * 20)).enough
    assert not nps(distribution([9] * 19)).enough


@pytest.mark.parametrize("score", [-1, 11, 9.5])
def test_a_score_off_the_scale_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match=str(score)):
        distribution([score])


@given(answers)
def test_the_score_lies_between_its_ends_of_the_scale(scores: list[int]) -> None:
    counted = nps(distribution(scores))
    if counted.score is not None and counted.low is not None and counted.high is not None:
        assert -100 <= counted.low <= counted.high <= 100
        assert counted.score == pytest.approx(sum((s > 8) - (s < 7) for s in scores) * 100 / len(scores))


@given(answers, answers)
def test_a_theme_costs_what_the_score_gains_without_it(rest: list[int], theme: list[int]) -> None:
    counts = distribution(rest + theme)
    cost = without(counts, distribution(theme))
    if rest and theme:
        whole, left = nps(counts).score, nps(distribution(rest)).score
        assert whole is not None
        assert left is not None
        assert cost == pytest.approx(whole - left)
    else:
        assert cost is None


def test_branches_are_ranked_only_where_intervals_do_not_overlap() -> None:
    good, bad = nps(distribution([10] * 60 + [3] * 5)), nps(distribution([10] * 5 + [3] * 60))
    like = nps(distribution([10] * 55 + [3] * 10))
    assert apart(good, bad)
    assert not apart(good, like)
    assert not apart(good, nps(distribution([])))


@pytest.mark.parametrize("n", [10, 20, 50, 200])
def test_the_interval_holds_the_true_score_as_often_as_it_says(n: int) -> None:
    draw = random.Random(n)
    true = 100 * (0.5 - 0.25)
    held = 0
    for _ in range(2000):
        scores = draw.choices((9, 7, 3), weights=(0.5, 0.25, 0.25), k=n)
        counted = nps(distribution(scores))
        held += counted.low is not None and counted.high is not None and counted.low <= true <= counted.high
    assert 0.93 <= held / 2000 <= 0.975


@given(answers, answers)
def test_the_impact_is_what_the_score_loses_and_lies_within_its_interval(
    rest: list[int], theme: list[int]
) -> None:
    found = impact(distribution(rest + theme), distribution(theme))
    if rest and theme:
        assert found is not None
        assert found.points == pytest.approx(without(distribution(rest + theme), distribution(theme)))
        assert found.low <= found.points + 1e-9
        assert found.high >= found.points - 1e-9
    else:
        assert found is None


@pytest.mark.parametrize(("n", "share"), [(100, 0.2), (300, 0.1), (2000, 0.03), (2000, 0.3)])
def test_the_interval_of_an_impact_holds_the_true_one_as_often_as_it_says(n: int, share: float) -> None:
    draw = random.Random(n)
    unhappy, others = (0.1, 0.2, 0.7), (0.55, 0.25, 0.2)
    # NPS of those who name it: -60; of the others: 35. The impact is the share times the difference.
    true = share * (-60 - 35)
    held = tried = 0
    for _ in range(1500):
        named = [draw.random() < share for _ in range(n)]
        scores = [draw.choices((9, 7, 3), weights=unhappy if one else others)[0] for one in named]
        theme = [score for score, one in zip(scores, named, strict=True) if one]
        found = impact(distribution(scores), distribution(theme))
        if found is not None:
            tried += 1
            held += found.low <= true <= found.high
    assert 0.925 <= held / tried <= 0.975
