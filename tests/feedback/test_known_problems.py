"""The hand-written problems of service companies, and what is shipped of them."""

from collections import Counter

import numpy as np

from promises.feedback.data import make_ways
from promises.feedback.mining import catalogue, known
from promises.feedback.mining.known import spoken_of


def test_every_known_problem_has_its_own_names_and_enough_ways() -> None:
    entries = catalogue.entries()
    names = Counter(name for entry in entries for name in entry.label.__dict__.values())
    assert [name for name, times in names.items() if times > 1] == []
    few = [e.label.en for e in entries if Counter(w.language for w in e.ways)["fi"] < 4 or len(e.ways) < 7]
    assert few == []


def test_no_way_is_given_to_two_problems() -> None:
    times = Counter(way for entry in catalogue.entries() for way in entry.ways)
    assert [way.text for way, n in times.items() if n > 1] == []


def test_what_is_shipped_is_made_of_the_ways_as_they_stand() -> None:
    made, shipped = make_ways.make(), known.shipped()
    assert (made["sizes"] == shipped["sizes"]).all()
    cosines = (made["points"].astype(np.float32) * shipped["points"].astype(np.float32)).sum(axis=1)
    assert cosines.min() > 0.98


def test_most_ways_lie_nearest_to_their_own_problem() -> None:
    shipped = known.shipped()
    own = np.repeat(np.arange(len(shipped["sizes"])), shipped["sizes"])
    near = shipped["points"].astype(np.float32) @ known.unit(known.middles()).T
    assert (near.argmax(axis=1) == own).mean() > 0.8


def test_a_problem_that_little_is_said_of_falls_to_its_neighbour_and_a_lonely_one_stays() -> None:
    near = np.array([[0.80, 0.78, 0.0]] * 5 + [[0.76, 0.78, 0.0]] * 3 + [[0.0, 0.0, 0.7]] * 3, np.float32)
    assert spoken_of(near, np.ones(len(near), np.int64)).tolist() == [0, 2]


def test_two_texts_open_no_problem() -> None:
    assert spoken_of(np.array([[0.9], [0.9]], np.float32), np.ones(2, np.int64)).tolist() == []
