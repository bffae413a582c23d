"""Nearest neighbours are found block by block; the plain way over all pairs says which they are."""

import numpy as np
import pytest

from promises.feedback.mining import graph
from promises.feedback.mining.vectors import Matrix, unit


def drawn(count: int, seed: int = 1) -> Matrix:
    return unit(np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32))


def plainly(points: Matrix, languages: list[str], row: int, own: bool, count: int) -> set[int]:
    near = points[row] @ points.T
    others = [
        i for i in range(len(points)) if i != row and near[i] > 0 and (languages[i] == languages[row]) == own
    ]
    return set(sorted(others, key=lambda i: -near[i])[:count])


@pytest.mark.parametrize("count", [1, 2, 40, 700, 3000])
def test_the_nearest_are_neighbours(count: int) -> None:
    points = drawn(count)
    found = graph.neighbours(points, ["fi"] * count)
    for row in range(0, count, 97):
        assert plainly(points, ["fi"] * count, row, True, graph.NEIGHBOURS) <= set(found[row].indices)


def test_half_of_the_neighbours_speak_another_language() -> None:
    points = drawn(900)
    languages = [("fi", "en", "en", "sv")[i % 4] for i in range(900)]
    found = graph.neighbours(points, languages)
    for row in range(0, 900, 53):
        for own in (True, False):
            wanted = plainly(points, languages, row, own, graph.NEIGHBOURS // 2)
            assert wanted <= set(found[row].indices)


def test_no_point_is_its_own_neighbour_and_the_graph_is_symmetric() -> None:
    found = graph.neighbours(np.repeat(drawn(50), 3, axis=0), ["fi", "en"] * 75)
    assert found.diagonal().sum() == 0.0
    assert abs(found - found.T).nnz == 0


@pytest.mark.parametrize("width", [3, 64, 1000, 5003])
def test_the_highest_of_each_row_come_first_and_the_earlier_of_equal_ones(width: int) -> None:
    scores = np.random.default_rng(width).integers(0, 2000, (20, width)).astype(np.float32)
    count = min(10, width)
    values = np.take_along_axis(scores, graph.top(scores, count), axis=1)
    assert (values == -np.sort(-scores, axis=1)[:, :count]).all()
    assert (graph.top(np.zeros((2, 3), np.float32), 3) == [0, 1, 2]).all()


def test_two_opposite_points_of_two_languages_are_one_group() -> None:
    points = np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32)
    assert set(graph.mix(points, np.array([0, 1]), ["fi", "en"])) == {0}
