"""Two people's agreement is what the literature and scikit-learn say it is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from promises.feedback.curation.agreement import alpha, kappa

# Krippendorff, Computing Krippendorff's alpha-reliability (2011): example B, four observers, twelve units.
FOUR = [
    "123321412...",
    "1233224125.3",
    ".3332342251.",
    "12332441251.",
]


def people(rows):
    return [{n: told for n, told in enumerate(row) if told != "."} for row in rows]


def test_alpha_is_that_of_krippendorffs_own_example():
    found = alpha(people(FOUR))
    assert found.n == 11
    assert found.value == pytest.approx(0.743, abs=0.0005)
    assert found.low < found.value < found.high


def test_alpha_of_two_observers_with_two_values_is_that_of_his_example():
    rows = ["0100000010", "1110010000"]
    assert alpha(people(rows)).value == pytest.approx(0.095, abs=0.0005)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_is_that_of_scikit_learn(pairs):
    one, other = ({n: pair[side] for n, pair in enumerate(pairs)} for side in (0, 1))
    found = kappa(one, other)
    if found.value is None:
        assert len({label for pair in pairs for label in pair}) == 1
        return
    assert found.value == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))
    assert found.same == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))


def test_only_texts_that_both_labelled_count():
    assert kappa({1: "a", 2: "b"}, {2: "b", 3: "a"}).n == 1
    assert kappa({1: "a"}, {2: "a"}) is None
    assert alpha([{1: "a"}, {2: "a"}]) is None


def test_with_a_handful_of_texts_there_is_no_interval():
    few = kappa({n: "ab"[n % 2] for n in range(9)}, {n: "ab"[n % 2] for n in range(9)})
    assert (few.value, few.low, few.high) == (1.0, None, None)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    chance, held = random.Random(3), 0
    for _ in range(60):
        truth = [chance.choice("abcd") for _ in range(60)]
        one, other = (
            {n: told if chance.random() < 0.8 else chance.choice("abcd") for n, told in enumerate(truth)}
            for _ in range(2)
        )
        found = kappa(one, other)
        # Both are right, or one guesses right: .85 ** 2 + 3 * .05 ** 2 the same, a quarter by chance.
        held += found.low <= (0.85**2 + 3 * 0.05**2 - 0.25) / 0.75 <= found.high
    assert held >= 50
