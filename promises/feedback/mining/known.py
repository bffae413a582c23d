"""The problems that service companies have, written by hand: what feedback is first gathered round.

A text that is told in three words ("puoli tuntia") has too little of its own to form a group. The known
problems lend it one. A collection opens only those of them that enough is said of: what little is told of
the others goes to the nearest opened one, and what fits none is grouped by itself (see :mod:`problems`).
"""

from __future__ import annotations

import io
import math
from functools import cache
from importlib.resources import files

import numpy as np

from promises.feedback.mining import catalogue
from promises.feedback.mining.graph import Labels
from promises.feedback.mining.results import Label
from promises.feedback.mining.vectors import Matrix, Space, encode, unit

# How many texts the hand-written ways weigh, against those that customers wrote.
OWN_WEIGHT = 8.0
# Cosine from which a text may be about a known problem at all.
FITS = 0.25
ROUNDS = 4
FEWEST_TEXTS = 3
# What opening a problem costs: so much cosine has to be lost without it, over all texts together; more in
# a large collection, where something is said of everything.
OPENING, OF_TEXTS = 0.5, 400
# What much is said of is likelier meant: so much cosine for each doubling of texts, for three at most.
LIKELIER, USUAL, MOST_DOUBLINGS = 0.02, 4.0, 3.0
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
def shipped() -> dict[str, Matrix]:
    """The ways of all known problems as points, and the space they lie in (see ``data/make_ways.py``)."""
    packed = files("promises.feedback.data").joinpath("service_problems.npz").read_bytes()
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@cache
def space() -> Space:
    """The space that ways of one problem lie near together in, whatever the collection."""
    held = shipped()
    return Space(tuple(str(name) for name in held["languages"]), held["means"], held["axes"])


@cache
def middles() -> Matrix:
    """The centre of each known problem, one row each: where its ways lie and those of others do not."""
    centres: Matrix = shipped()["centres"].astype(np.float32)
    return unit(centres)


def gather(points: Matrix, counts: Labels) -> tuple[Matrix, Matrix]:
    """Gather *points* round the known problems, each of which moves towards what is said of it.

    :param counts: how many texts stand behind each point.
    :returns: the cosine of each point to the nearest known problem as it was written, before it moved; and
        the centre of each, a row of zeros for one that was not opened.
    """
    own = middles()
    near = points @ own.T
    opened = spoken_of(near + likelier(near, counts), counts)
    centre = np.zeros_like(own)
    if not len(opened):
        return near.max(axis=1), centre
    moved = own[opened]
    for _ in range(ROUNDS):
        close = points @ moved.T
        best = close.argmax(axis=1)
        held = close.max(axis=1) >= FITS
        sums = OWN_WEIGHT * own[opened].astype(np.float64)
        np.add.at(sums, best[held], points[held].astype(np.float64))
        moved = unit(sums.astype(np.float32))
    centre[opened] = moved
    return near.max(axis=1), centre


def likelier(near: Matrix, counts: Labels) -> Matrix:
    """How much nearer each known problem counts, by how many texts it is the nearest one of."""
    held = near.max(axis=1) >= FITS
    texts = np.bincount(near[held].argmax(axis=1), weights=counts[held], minlength=near.shape[1])
    doublings = np.clip(np.log2((texts + 1.0) / USUAL), -MOST_DOUBLINGS, MOST_DOUBLINGS)
    nearer: Matrix = (LIKELIER * doublings).astype(np.float32)
    return nearer


def spoken_of(near: Matrix, counts: Labels) -> Labels:
    """Which known problems a collection opens: those that losing would cost more than ``OPENING``.

    All are open at first. The one that is missed least is closed and its texts go to their next nearest
    open one, until each that is left is missed enough (the facility location problem, by reverse deletion).

    :param near: cosine of each point to each known problem.
    """
    cost = OPENING * max(1.0, 1.0 + math.log(max(1, int(counts.sum())) / OF_TEXTS))
    open_ = np.ones(near.shape[1], bool)
    rows = np.flatnonzero(near.max(axis=1) >= FITS)
    near = np.maximum(near[rows], FITS)
    weight = counts[rows].astype(np.float64)
    every = np.arange(len(rows))
    best = near.argmax(axis=1)
    second = np.full(len(rows), FITS, np.float32)

    def look(some: Labels) -> None:
        """Find the nearest open problem of *some* points, and how near the next one is."""
        left = np.where(open_, near[some], FITS)
        best[some] = left.argmax(axis=1)
        left[np.arange(len(some)), best[some]] = FITS
        second[some] = left.max(axis=1)

    look(every)
    while open_.any():
        lost = weight * (near[every, best] - second)
        missed = np.bincount(best, weights=lost, minlength=len(open_))
        few = np.bincount(best, weights=weight, minlength=len(open_)) < FEWEST_TEXTS
        missed = np.where(open_, np.where(few, np.minimum(missed, cost / 2), missed), np.inf)
        least = int(missed.argmin())
        if missed[least] >= cost:
            break
        open_[least] = False
        look(np.flatnonzero((best == least) | (second == near[:, least])))
    return np.flatnonzero(open_)


@cache
def about_points() -> Matrix:
    return space().place(encode(list(ABOUT.values())), ["en"] * len(ABOUT))


def towards(points: Matrix, about: list[str]) -> Matrix:
    """*points* moved a little towards what each customer was asked about, where that is known."""
    order = {code: i for i, code in enumerate(ABOUT)}
    which = np.array([order.get(code, -1) for code in about], dtype=np.int64)
    if (which < 0).all():
        return points
    moved = points.copy()
    moved[which >= 0] += ABOUT_WEIGHT * about_points()[which[which >= 0]]
    return unit(moved)


def labels() -> list[Label]:
    """The names of the known problems, one a row of :func:`middles`."""
    return [entry.label for entry in catalogue.entries()]
