"""Counting: means, places, ties, quorum, and what departs from the count."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.decisions.tally import count, departures

CRITERIA = ("solves_problem", "can_keep", "worth_cost")


def ballot(**marks):
    """``ballot(a=(5, 4, 3))``: candidate a is 1, b is 2, ..., in the order of the alphabet."""
    return {
        ("abcdef".index(name) + 1, criterion): mark
        for name, given in marks.items()
        for criterion, mark in zip(CRITERIA, given, strict=True)
    }


@st.composite
def elections(draw):
    """Full ballots as an array: ballots by candidates by criteria."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 3)))
    flat = draw(st.lists(st.integers(1, 5), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.array(flat).reshape(shape)


def counted(marks, quorum=1):
    _, candidates, criteria = marks.shape
    ballots = [
        {(c, CRITERIA[k]): int(sheet[c, k]) for c in range(candidates) for k in range(criteria)}
        for sheet in marks
    ]
    return count(range(candidates), CRITERIA[:criteria], ballots, quorum=quorum)


@given(elections())
def test_on_full_ballots_the_places_are_those_of_the_plain_sums_of_all_marks(marks):
    sums = marks.sum(axis=(0, 2))  # every candidate has equally many marks, so means rank as sums do
    for line in counted(marks).lines:
        assert line.place == 1 + int((sums > sums[line.candidate]).sum())
        others = set(np.flatnonzero(sums == sums[line.candidate]).tolist()) - {line.candidate}
        assert set(line.tied_with) == others


@given(elections())
def test_every_mean_is_the_arrays_mean(marks):
    for line in counted(marks).lines:
        assert float(line.overall) == pytest.approx(marks[:, line.candidate, :].mean())
        for k, criterion in enumerate(line.criteria):
            column = marks[:, line.candidate, k]
            assert float(criterion.mean) == pytest.approx(column.mean())
            assert criterion.given == tuple(np.bincount(column, minlength=6)[1:].tolist())


@given(elections(), st.randoms())
def test_the_order_of_the_ballots_changes_nothing(marks, random):
    shuffled = list(marks)
    random.shuffle(shuffled)
    assert counted(np.array(shuffled)) == counted(marks)


@given(elections())
def test_lines_come_by_place(marks):
    places = [line.place for line in counted(marks).lines]
    assert places == sorted(places)


def test_a_tie_is_named_and_shares_the_place():
    result = count([1, 2, 3], CRITERIA, [ballot(a=(5, 4, 3), b=(4, 4, 4), c=(1, 1, 1))], quorum=1)
    assert [(line.candidate, line.place, line.tied_with) for line in result.lines] == [
        (1, 1, (2,)),
        (2, 1, (1,)),
        (3, 3, ()),
    ]


def test_thirds_that_floats_would_tell_apart_are_a_tie():
    # (4/3 + 5/3 + 7/3) / 3 and (6/3 + 5/3 + 5/3) / 3 are both 16/9.
    first = [ballot(a=marks, b=other) for marks, other in (((1, 1, 2), (1, 2, 1)), ((2, 2, 2), (2, 2, 2)))]
    third = [ballot(a=(1, 2, 3), b=(3, 1, 2))]
    result = count([1, 2], CRITERIA, first + third, quorum=1)
    assert result.lines[0].overall == result.lines[1].overall == Fraction(16, 9)
    assert {line.place for line in result.lines} == {1}


@pytest.mark.parametrize(("ballots", "met"), [(1, False), (2, True), (3, True)])
def test_the_quorum_is_met_at_exactly_its_number(ballots, met):
    assert count([1], CRITERIA, [ballot(a=(3, 3, 3))] * ballots, quorum=2).quorum_met is met


def test_without_ballots_nobody_has_a_place_and_nobody_is_tied():
    result = count([1, 2], CRITERIA, [], quorum=1)
    assert [(line.place, line.overall, line.tied_with) for line in result.lines] == [(None, None, ())] * 2
    assert not result.quorum_met


FIRST_SECOND = count([1, 2], CRITERIA, [ballot(a=(5, 5, 5), b=(4, 4, 4))], quorum=1)
TOO_FEW = count([1, 2], CRITERIA, [ballot(a=(5, 5, 5), b=(4, 4, 4))], quorum=2)
TIED = count([1, 2], CRITERIA, [ballot(a=(4, 4, 4), b=(4, 4, 4))], quorum=1)


@pytest.mark.parametrize(
    ("result", "decided", "candidate", "outcome", "expected"),
    [
        (FIRST_SECOND, {}, 1, "chosen", []),
        (FIRST_SECOND, {}, 1, "rejected", ["turns_down_first"]),
        (FIRST_SECOND, {}, 1, "sent_back", ["turns_down_first"]),
        (FIRST_SECOND, {}, 2, "chosen", ["passes_over"]),
        (FIRST_SECOND, {1: "rejected"}, 2, "chosen", ["passes_over"]),
        (FIRST_SECOND, {1: "chosen"}, 2, "chosen", []),
        (FIRST_SECOND, {}, 2, "rejected", []),
        (TOO_FEW, {}, 1, "chosen", ["quorum_missed"]),
        (TOO_FEW, {}, 2, "chosen", ["quorum_missed", "passes_over"]),
        (TOO_FEW, {}, 1, "sent_back", []),
        (TIED, {}, 2, "chosen", []),
        (TIED, {}, 2, "rejected", ["turns_down_first"]),
        (count([1], CRITERIA, [], quorum=1), {}, 1, "chosen", ["quorum_missed"]),
    ],
)
def test_a_decision_that_departs_from_the_count_is_named(result, decided, candidate, outcome, expected):
    assert departures(result, decided, candidate, outcome) == expected
