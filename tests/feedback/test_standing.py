"""Which problem found anew is which of the standing ones."""

from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.finding.standing import carry_over


def carried(found, standing, touched=(), same=None):
    return carry_over(found, standing, touched, same or {})


def test_a_group_of_the_same_texts_is_the_same_problem():
    assert carried({"a": {1, 2, 3}}, {7: {1, 2, 3}}).of == {"a": 7}


def test_a_group_of_other_texts_is_a_new_problem():
    found = carried({"a": {4, 5}}, {7: {1, 2, 3}})
    assert found.of == {}
    assert found.gone == {}


def test_of_two_halves_the_larger_goes_on_and_the_other_is_new():
    assert carried({"a": {1, 2}, "b": {3, 4, 5}}, {7: {1, 2, 3, 4, 5}}).of == {"b": 7}


def test_of_two_problems_in_one_group_the_larger_goes_on_and_the_other_goes_into_it():
    found = carried({"a": {1, 2, 3, 4, 5}}, {7: {1, 2}, 8: {3, 4, 5}})
    assert (found.of, found.gone) == ({"a": 8}, {7: "a"})


def test_a_problem_that_people_touched_takes_every_group_that_is_mostly_its_own():
    found = carried({"a": {1, 2}, "b": {3, 4, 9}}, {7: {1, 2, 3, 4}}, touched={7})
    assert found.of == {"a": 7, "b": 7}


def test_half_of_a_group_is_enough_for_a_touched_problem_and_less_is_not():
    assert carried({"a": {1, 9}}, {7: {1, 2}}, touched={7}).of == {"a": 7}
    assert carried({"a": {1, 8, 9}}, {7: {1, 2}}, touched={7}).of == {}


def test_a_touched_problem_that_no_group_continues_is_not_given_up():
    assert carried({"a": {1, 8, 9, 10}}, {7: {1, 2}}, touched={7}).gone == {}


def test_a_code_that_is_known_goes_on_whatever_the_texts():
    assert carried({"a": {8, 9}}, {7: {1, 2}}, same={"a": 7}).of == {"a": 7}


groups = st.dictionaries(
    st.text("abc", min_size=1, max_size=2), st.sets(st.integers(0, 12), min_size=1), max_size=5
)
problems = st.dictionaries(st.integers(1, 6), st.sets(st.integers(0, 12), min_size=1), max_size=5)


@given(groups, problems, st.sets(st.integers(1, 6)))
def test_whatever_comes_each_group_continues_one_problem_and_untouched_ones_at_most_once(
    found, standing, touched
):
    outcome = carried(found, standing, touched)
    assert set(outcome.of) <= set(found)
    assert set(outcome.of.values()) <= set(standing)
    untouched = [problem for problem in outcome.of.values() if problem not in touched]
    assert len(untouched) == len(set(untouched))
    assert not set(outcome.gone) & (touched | set(outcome.of.values()))
    for problem, group in outcome.gone.items():
        assert standing[problem] & found[group]


@given(groups, problems, st.sets(st.integers(1, 6)), st.randoms(use_true_random=False))
def test_the_order_in_which_things_come_does_not_matter(found, standing, touched, random):
    pairs, other = list(found.items()), list(standing.items())
    random.shuffle(pairs)
    random.shuffle(other)
    assert carried(dict(pairs), dict(other), touched) == carried(found, standing, touched)
