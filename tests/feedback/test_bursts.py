"""Alike texts that come all at once are seen, wherever they were put; chance alone shows none."""

import numpy as np
import pytest

from promises.feedback.finding import bursts, meanings
from promises.feedback.finding.bursts import level
from promises.feedback.mining import vectors

YEAR = 365


def directions(number, seed):
    """So many texts that are not alike, as points."""
    return vectors.unit(np.random.default_rng(seed).normal(size=(number, 64)).astype(np.float32))


def alike(number, seed):
    """So many texts about one thing."""
    drawn = np.random.default_rng(seed)
    middle = drawn.normal(size=64)
    return vectors.unit((middle + 0.6 * drawn.normal(size=(number, 64))).astype(np.float32))


def stream(*parts):
    """Points and days of texts, by day."""
    points, days = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(days, kind="stable")
    return points[order], days[order].astype(np.int64)


def a_year(number=400, seed=1):
    return directions(number, seed), np.random.default_rng(seed).integers(0, YEAR, number)


def asked(points, days, since=0):
    new = [i for i, day in enumerate(days) if day >= since]
    return bursts.bursts(points, days, new, level(len(days), YEAR))


def test_alike_texts_that_begin_are_seen_within_ten():
    for gap in (1, 2):
        begun = (alike(10, 7), 300 + gap * np.arange(10))
        points, days = stream(a_year(), begun)
        upto = days <= 300 + 9 * gap
        found = asked(points[upto], days[upto], 300)
        assert found, gap
        assert found[0].since >= 300
        assert len(found[0].texts) >= bursts.FEWEST
        assert found[0].expected < 0.5


def test_alike_texts_that_were_always_told_are_no_burst():
    steady = (alike(60, 7), np.arange(0, 360, 6))
    assert asked(*stream(a_year(), steady)) == []


def test_alike_texts_of_before_are_counted_as_expected():
    before, now = (alike(13, 7)[:3], np.array([20, 100, 200])), (alike(13, 7)[3:], 300 + np.arange(10))
    found = asked(*stream(a_year(), before, now), since=300)
    assert found
    assert all(one.since >= 300 for one in found)
    assert any(one.before and one.expected > 0 for one in found)


def test_four_alike_texts_are_too_few():
    assert asked(*stream(a_year(), (alike(4, 7), np.full(4, 300)))) == []


def test_a_collection_that_came_in_one_day_shows_nothing():
    points = np.vstack([directions(200, 1), alike(50, 7)])
    assert asked(points, np.full(250, 300)) == []


def test_too_few_texts_show_nothing():
    points, days = stream((directions(30, 1), np.arange(30)), (alike(10, 7), np.full(10, 40)))
    assert asked(points, days) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_shuffled_year_shows_nothing(seed):
    drawn = np.random.default_rng(seed)
    points = np.vstack([alike(n, 100 * seed + n) for n in range(5, 45, 2)])
    days = np.sort(drawn.integers(0, YEAR, len(points)))
    assert asked(points[drawn.permutation(len(points))], days, 60) == []


def test_the_same_texts_give_the_same_bursts():
    both = stream(a_year(), (alike(10, 7), 300 + np.arange(10)))
    assert asked(*both) == asked(*both)


def test_the_more_is_said_the_rarer_a_burst_has_to_be():
    assert level(800, 365) == pytest.approx(level(1600, 365) * 2)
    assert level(100, 36) < level(100, 365)


def test_a_meaning_is_kept_exactly_enough():
    rows = vectors.unit(np.random.default_rng(3).normal(size=(50, 512)).astype(np.float32))
    again = meanings.unpacked(meanings.packed(rows))
    assert (rows * again).sum(axis=1).min() > 0.998
