"""Texts are read the same by one process and by two, and lie where their clauses do."""

from functools import partial
from itertools import islice, product

import numpy as np
import pytest

from promises.feedback.mining import known, placing
from promises.feedback.mining.placing import Unit
from promises.feedback.mining.results import Text
from promises.feedback.mining.spread import FEWEST, Spread
from promises.feedback.mining.vectors import Clause, Points, encode, unit

WHO = ("kortti", "lasku", "sovellus", "tilaus", "my card", "the app", "kortet", "pankki", "laina", "chatti")
WHAT = ("ei toimi", "on hidas", "oli hyvä", "on kallis", "does not work", "fungerar inte", "katosi")
TURN = (", mutta ", ". ", " ja ", " but ")
SLOW = Clause("queue too long", "fi")
RUDE = Clause("the clerk was rude", "en")


def test_two_processes_read_as_one_does() -> None:
    told = product(WHO, WHAT, TURN, WHO, WHAT)
    texts = [Text(f"{a} {b}{turn}{c} {d}") for a, b, turn, c, d in islice(told, 0, None, 2)]
    assert len(texts) > FEWEST
    read = partial(placing.read_some, False, frozenset())
    assert Spread(1)(read, texts) == Spread(0)(read, texts)


def test_a_text_lies_in_the_middle_of_its_clauses() -> None:
    points = Points(known.space(), [RUDE, SLOW, SLOW], Spread(0))
    alone = known.space().place(encode([SLOW.english, RUDE.english]), [SLOW.language, RUDE.language])
    found = points.middles([[SLOW], [RUDE], [SLOW, RUDE]])
    assert np.allclose(found, [*alone, unit(alone.sum(axis=0)[None])[0]], atol=1e-5)


def test_a_clause_that_was_not_placed_has_no_point() -> None:
    with pytest.raises(KeyError):
        Points(known.space(), [SLOW], Spread(0)).middles([[RUDE]])


def test_of_a_long_text_the_first_words_count() -> None:
    assert placing.first_words(["yksi kaksi", "kolme " * 100, "neljä"]) == [
        "yksi kaksi",
        " ".join(["kolme"] * (placing.MOST_WORDS - 2)),
    ]


def test_the_clauses_of_a_text_with_one_are_not_looked_at_again() -> None:
    assert placing.pieces_of(Unit((SLOW,), "phone")) == []
    assert placing.pieces_of(Unit((SLOW, RUDE), "phone")) == [Unit((SLOW,), "phone"), Unit((RUDE,), "phone")]
