"""Where a problem is concentrated: said where it is so, and hardly ever where chance made it look so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from promises.feedback.board.concentration import Concentration, bound, concentrated

EVEN = {str(branch): 100 for branch in range(10)}


def test_most_at_one_branch_is_said_with_what_would_be_usual():
    own = {"3": 30, "4": 10}
    assert concentrated("branch", own, EVEN, 10) == Concentration("branch", "3", 30, 40, 0.1)


@pytest.mark.parametrize(
    ("own", "everyone", "why"),
    [
        ({"3": 9}, EVEN, "nine customers are too few"),
        ({str(n): 2 for n in range(10)}, EVEN, "spread as usual"),
        ({"3": 60, "4": 40}, {"3": 500, "4": 500}, "not twice its usual share"),
        ({"3": 24, **{str(n): 9 for n in range(10, 19)}}, EVEN, "less than a quarter of it"),
        ({"3": 40}, {"3": 100}, "there is only one place"),
        ({"9": 40}, {"1": 5, "2": 5}, "nothing is known of that place"),
        ({}, EVEN, "nobody"),
    ],
)
def test_it_is_not_said_where(own, everyone, why):
    assert concentrated("branch", own, everyone, 1) is None, why


def test_many_questions_need_a_stronger_answer():
    own = {"3": 6, "4": 3, "5": 3, "6": 3}
    assert concentrated("branch", own, EVEN, 1)
    assert concentrated("branch", own, EVEN, 1000) is None


@given(st.integers(1, 400), st.floats(0.001, 0.999), st.data())
def test_the_bound_is_never_below_the_true_probability(n, p, data):
    k = data.draw(st.integers(0, n))
    assert bound(k, n, p) >= binom.sf(k - 1, n, p) * (1 - 1e-9)


def test_problems_that_fall_on_branches_as_all_trouble_does_are_hardly_ever_said_to_be_somewhere():
    draw = np.random.default_rng(1)
    shares = draw.dirichlet(np.ones(50))
    everyone = {str(n): int(share * 1_000_000) + 1 for n, share in enumerate(shares)}
    said = 0
    for _ in range(40):
        boards = [draw.multinomial(draw.integers(10, 200), shares) for _ in range(50)]
        owns = [{str(n): int(k) for n, k in enumerate(own) if k} for own in boards]
        said += any(concentrated("branch", own, everyone, 50 * 50) for own in owns)
    assert said <= 2
