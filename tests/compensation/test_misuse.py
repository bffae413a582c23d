"""Signs of misuse: what stands out is found, and what chance explains is not."""

from __future__ import annotations

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.compensation.misuse import (
    Tally,
    alone_and_broken,
    compensated_again,
    excludes_most,
    paid_again,
)

REST = Tally("", 90, 1000)


def who(signs):
    return [sign.tally.who for sign in signs]


def test_a_customer_who_is_compensated_nearly_every_time_stands_out():
    (sign,) = compensated_again([Tally("77", 7, 7), Tally("78", 1, 5), REST])
    assert sign.tally.who == "77"
    assert sign.usual == pytest.approx(91 / 1005)
    assert sign.interval.low > sign.usual


def test_a_customer_who_comes_often_and_is_compensated_as_others_does_not():
    assert compensated_again([Tally("77", 9, 100), REST]) == []


@pytest.mark.parametrize(("count", "found"), [(2, []), (3, ["77"])])
def test_twice_is_no_sign_and_three_times_may_be(count, found):
    assert who(compensated_again([Tally("77", count, count), Tally("", 10, 1000)])) == found


def test_without_others_nothing_is_usual_and_nobody_stands_out():
    assert compensated_again([Tally("77", 7, 7)]) == []


def test_an_account_that_is_paid_three_times_is_asked_about():
    assert who(paid_again([Tally("a", 3, 3), Tally("b", 2, 2), Tally("c", 5, 4)])) == ["c", "a"]


def test_who_excludes_most_of_all_though_serving_no_more_stands_out():
    people = [Tally("anna", 12, 300, "x"), Tally("pia", 1, 320, "x"), Tally("eero", 1, 310, "x")]
    assert who(excludes_most(people)) == ["anna"]


def test_who_serves_nearly_everybody_may_exclude_nearly_everything():
    assert excludes_most([Tally("anna", 12, 900, "x"), Tally("pia", 1, 30, "x")]) == []


def test_where_nobody_is_known_to_serve_all_count_alike():
    assert who(excludes_most([Tally("anna", 12, 0), Tally("pia", 0, 0), Tally("eero", 0, 0)])) == ["anna"]


def test_one_person_alone_at_a_place_has_nobody_to_differ_from():
    assert excludes_most([Tally("anna", 30, 100, "x"), Tally("pia", 1, 100, "y")]) == []


def test_four_exclusions_are_no_sign():
    assert excludes_most([Tally("anna", 4, 10), Tally("pia", 0, 1000)]) == []


@pytest.mark.parametrize(
    ("broken", "judged", "found"), [(5, 5, ["anna"]), (4, 4, []), (9, 10, []), (30, 30, ["anna"])]
)
def test_cases_in_one_hand_are_asked_about_when_all_of_at_least_five_broke(broken, judged, found):
    assert who(alone_and_broken([Tally("anna", broken, judged), Tally("pia", 2, 40)])) == found


def tail(count, out_of, share):
    """The chance of at least *count* of *out_of*, each with the chance *share*: the exact binomial sum."""
    return sum(comb(out_of, k) * share**k * (1 - share) ** (out_of - k) for k in range(count, out_of + 1))


@given(st.integers(3, 30), st.integers(0, 60), st.integers(1, 400), st.integers(600, 4000))
def test_who_stands_out_is_hardly_there_by_chance(count, more, broken, cases):
    customers = [Tally("77", count, count + more), Tally("", broken, cases)]
    found = compensated_again(customers, looked_at=100)
    assert bool(found) == (tail(count, count + more, broken / cases) < 0.0005)


def test_among_a_thousand_who_differ_by_chance_alone_hardly_anybody_is_asked_about():
    chance = random.Random(7)
    shown = 0
    for _ in range(40):
        customers = []
        for number in range(1000):
            cases = chance.randint(1, 12)
            customers.append(Tally(str(number), sum(chance.random() < 0.09 for _ in range(cases)), cases))
        shown += bool(compensated_again(customers))
    assert shown <= 5


def test_the_more_are_looked_at_the_more_it_takes_to_stand_out():
    few = [Tally("77", 4, 6), REST]
    assert who(compensated_again(few)) == ["77"]
    assert compensated_again(few, looked_at=5000) == []
