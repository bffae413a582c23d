"""Shares, their intervals and comparisons, against definitions that share no formula with the code."""

from __future__ import annotations

from math import comb, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from promises.reports.compliance import FEW, Figures, difference, differs
from promises.shares import wilson, z_of

counted = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def contradicted(p: float, kept: int, judged: int) -> float:
    """How far *kept* of *judged* lies from what the true share *p* leads to, in its own deviations."""
    return abs(kept / judged - p) / sqrt(p * (1 - p) / judged)


def bisected(inside: float, outside: float, kept: int, judged: int) -> float:
    """The share between the two where the cases begin to contradict it."""
    for _ in range(80):
        middle = (inside + outside) / 2
        if contradicted(middle, kept, judged) <= z_of(0.95):
            inside = middle
        else:
            outside = middle
    return inside


@given(counted)
def test_the_interval_holds_just_those_shares_that_the_cases_dont_contradict(cases: tuple[int, int]) -> None:
    kept, judged = cases
    interval = wilson(kept, judged)
    centre = (interval.low + interval.high) / 2
    if kept > 0:
        assert interval.low == pytest.approx(bisected(centre, 1e-12, kept, judged), abs=1e-9)
    if kept < judged:
        assert interval.high == pytest.approx(bisected(centre, 1 - 1e-12, kept, judged), abs=1e-9)


@given(counted)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(cases: tuple[int, int]) -> None:
    kept, judged = cases
    interval = wilson(kept, judged)
    assert 0 <= interval.low <= kept / judged <= interval.high <= 1


def test_wilson_gives_newcombes_published_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I: 81/263, 15/148, 0/20, 1/29 by method 3.
    for kept, judged, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        interval = wilson(kept, judged)
        assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_difference_gives_newcombes_published_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
    for a, m, b, n, low, high in [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0000),
    ]:
        gap = difference(Figures(kept=a, broken=m - a), Figures(kept=b, broken=n - b))
        assert gap is not None
        assert (round(gap.low, 4), round(gap.high, 4)) == (low, high)


@pytest.mark.parametrize("share", [0.80, 0.95])
@pytest.mark.parametrize("judged", [20, 50, 200])
def test_the_interval_covers_the_true_share_about_as_often_as_it_says(share: float, judged: int) -> None:
    covered = 0.0
    for kept in range(judged + 1):
        interval = wilson(kept, judged)
        if interval.low <= share <= interval.high:
            covered += comb(judged, kept) * share**kept * (1 - share) ** (judged - kept)
    assert 0.92 < covered < 0.985


def test_nineteen_cases_are_too_few_and_twenty_are_not() -> None:
    assert Figures(kept=FEW - 1).against(0.95) == "few"
    assert Figures(kept=FEW).against(0.80) == "above"


def test_a_share_without_judged_cases_is_no_share() -> None:
    only_waiting = Figures(pending=5, excluded=3)
    assert only_waiting.share is None
    assert only_waiting.interval is None
    assert only_waiting.against(0.95) == "none"


@pytest.mark.parametrize(
    ("kept", "broken", "standing"),
    [(1000, 10, "above"), (96, 4, "met"), (95, 5, "met"), (94, 6, "short"), (800, 200, "below")],
)
def test_a_share_stands_against_its_target_as_surely_as_its_cases_allow(
    kept: int, broken: int, standing: str
) -> None:
    assert Figures(kept=kept, broken=broken).against(0.95) == standing


def test_those_who_gave_up_after_the_limit_are_broken_and_lower_the_share() -> None:
    figures = Figures(kept=9, broken=1, gave_up_after=1)
    assert figures.share == 0.9


@given(counted, counted)
def test_no_branch_differs_while_intervals_of_the_difference_hold_zero(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    a = Figures(kept=one[0], broken=one[1] - one[0])
    b = Figures(kept=other[0], broken=other[1] - other[0])
    assume(not a.few and not b.few)
    # Two separate Wilson intervals that part mean a difference; so says Newcombe's, never less strictly.
    apart = a.interval.low > b.interval.high or a.interval.high < b.interval.low  # type: ignore[union-attr]
    if apart:
        assert differs(a, b) == ("better" if a.kept * b.judged > b.kept * a.judged else "worse")
    if a.kept * b.judged == b.kept * a.judged:
        assert differs(a, b) is None


def test_the_more_branches_are_compared_the_more_it_takes_to_stand_out() -> None:
    one, rest = Figures(kept=85, broken=15), Figures(kept=930, broken=70)
    assert differs(one, rest, comparisons=1) == "worse"
    assert differs(one, rest, comparisons=50) is None


def test_a_branch_with_few_cases_never_stands_out() -> None:
    assert differs(Figures(broken=19), Figures(kept=1000)) is None
