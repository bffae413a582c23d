"""The problems that every service company has, written by hand: what feedback is first gathered round.

A text that is told in three words ("puoli tuntia") has too little of its own to form a group. The known
problems lend it one; those that a collection does not speak of drop out, and what fits none of them is
grouped by itself (see :mod:`problems`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from promises.feedback.mining.graph import Labels
from promises.feedback.mining.results import Label
from promises.feedback.mining.vectors import Matrix, Space, encode, unit
from promises.feedback.text import gloss

# How many texts the hand-written ways weigh, against those that customers wrote.
OWN_WEIGHT = 20.0
FITS = 0.33
ROUNDS = 8
FEWEST_TEXTS = 3
# What a customer was asked about says where "half an hour" was waited.
ABOUT = {
    "app": "mobile app",
    "appointment": "appointment",
    "atm": "ATM",
    "branch": "branch office counter",
    "card": "card",
    "chat": "chat",
    "invoice": "invoice",
    "loan": "loan",
    "phone": "phone customer service",
    "web": "online banking",
}
ABOUT_WEIGHT = 0.2


@cache
def places() -> frozenset[str]:
    """The words of what customers are asked about."""
    return frozenset(word.lower() for name in ABOUT.values() for word in name.split())


@cache
def catalogue() -> tuple[Label, ...]:
    """The names of the known problems, in the order of the file."""
    return tuple(Label(row[0], row[1]) for row in rows())


@cache
def rows() -> tuple[tuple[str, ...], ...]:
    text = files("promises.feedback.data").joinpath("service_problems.tsv").read_text("utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def ways() -> tuple[Matrix, tuple[str, ...], Labels]:
    """Encoder vectors of all the ways that the known problems are put; language and problem of each."""
    said = []
    for number, (fi, en, in_english, in_finnish) in enumerate(rows()):
        said += [(way, "en", number) for way in (en, *in_english.split("|"))]
        said += [(gloss.english(way, "fi"), "fi", number) for way in (fi, *in_finnish.split("|"))]
    vectors = encode([english for english, _, _ in said])
    numbers = np.array([number for _, _, number in said], dtype=np.int64)
    return vectors, tuple(told for _, told, _ in said), numbers


def middles(space: Space) -> Matrix:
    """The mean of the ways of each known problem, one row each; its length tells how alike they are."""
    vectors, told, number = ways()
    points = space.place(vectors, told)
    sums = np.zeros((len(rows()), points.shape[1]), np.float64)
    np.add.at(sums, number, points.astype(np.float64))
    return (sums / np.bincount(number)[:, None]).astype(np.float32)


def gather(space: Space, points: Matrix, counts: Labels) -> tuple[Matrix, Matrix]:
    """Gather *points* round the known problems, each of which moves towards what is said of it.

    :param counts: how many texts stand behind each point.
    :returns: the cosine of each point to the nearest known problem as it was written, before it moved; and
        the centre of each, a row of zeros for one that fewer than ``FEWEST_TEXTS`` texts speak of.
    """
    own = middles(space)
    centre = unit(own)
    for n in range(ROUNDS + 1):
        near = points @ centre.T
        best = near.argmax(axis=1)
        best[near.max(axis=1) < FITS] = -1
        if n == ROUNDS:
            break
        held = best >= 0
        sums = OWN_WEIGHT * own.astype(np.float64)
        np.add.at(sums, best[held], points[held].astype(np.float64))
        centre = unit(sums.astype(np.float32))
        if n:
            centre[np.bincount(best[held], weights=counts[held], minlength=len(own)) < FEWEST_TEXTS] = 0.0
    return (points @ unit(own).T).max(axis=1), centre


@cache
def about_vectors() -> Matrix:
    return encode(list(ABOUT.values()))


def towards(space: Space, points: Matrix, about: list[str]) -> Matrix:
    """*points* moved a little towards what each customer was asked about, where that is known."""
    places = space.place(about_vectors(), ["en"] * len(ABOUT))
    order = {code: i for i, code in enumerate(ABOUT)}
    moved = points.copy()
    which = np.array([order.get(code, -1) for code in about], dtype=np.int64)
    moved[which >= 0] += ABOUT_WEIGHT * places[which[which >= 0]]
    return unit(moved)
