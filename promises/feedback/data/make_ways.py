"""Encode the hand-written problems of ``service_problems/``; run by hand when they or their glosses change.

    python -m promises.feedback.data.make_ways

Written beside this file: ``service_problems.npz``. Encoding takes seconds that no run should have to
spend, and what is shipped is the same on every machine. It also holds the *metric*: directions in which
ways of one problem differ count for little, those in which problems differ count in full (linear
discriminant analysis, Fisher 1936, with the scatter within problems shrunk towards a sphere). Texts are
nearer to those that mean the same in it than in the encoder's own space, also of problems not listed.
"""

from pathlib import Path

import numpy as np

from promises.feedback.mining import catalogue, graph, vectors
from promises.feedback.mining.graph import Labels
from promises.feedback.text import gloss

HERE = Path(__file__).parent
SHRINK = 0.06
DIRECTIONS = 128
# Centres are told apart in so many steps of this length; SHARP is how sharply a nearer centre wins, and
# HELD how firmly each is held to the middle of its ways.
STEPS, STEP, SHARP, HELD = 150, 0.5, 10.0, 0.03


@vectors.one_thread
def make() -> dict[str, vectors.Matrix]:
    """What the file holds: axes, means by language (the last for any other), and the points of the ways."""
    entries = catalogue.entries()
    ways = [way for entry in entries for way in entry.ways]
    numbers = np.repeat(np.arange(len(entries)), [len(entry.ways) for entry in entries])
    told = [way.language for way in ways]
    raw = vectors.encode([gloss.english(way.text, way.language) for way in ways])
    plain = vectors.fit(raw, told, 0.0)
    centred = plain.centred(raw, told).astype(np.float64)
    middles = np.zeros((len(entries), raw.shape[1]))
    np.add.at(middles, numbers, centred)
    middles /= np.bincount(numbers)[:, None]
    within = centred - middles[numbers]
    scatter = within.T @ within / len(within)
    scatter += SHRINK * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    strength, directions = np.linalg.eigh(scatter)
    evened = directions / np.sqrt(strength)
    between = (middles @ evened) * np.sqrt(np.bincount(numbers))[:, None]
    _, told_apart = np.linalg.eigh(between.T @ between)
    axes = evened @ told_apart[:, ::-1][:, :DIRECTIONS]
    axes = (axes / np.abs(axes).max()).astype(np.float32)
    space = vectors.Space(plain.languages, plain.means, axes)
    points = space.place(raw, told)
    return {
        "axes": axes,
        "centres": told_apart_by(points, numbers, len(entries)).astype(np.float16),
        "languages": np.array(plain.languages),
        "means": plain.means,
        "points": points.astype(np.float16),
        "sizes": np.array([len(entry.ways) for entry in entries], dtype=np.int32),
    }


def told_apart_by(points: vectors.Matrix, numbers: Labels, count: int) -> vectors.Matrix:
    """A centre for each known problem, so placed that its own ways are nearer to it than to any other.

    Starts from the middles and goes down the slope of the cross-entropy of a softmax over cosines.
    """
    start = graph.centres(points, numbers)
    centres = start
    for _ in range(STEPS):
        near = SHARP * (points @ vectors.unit(centres).T)
        shares = np.exp(near - near.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(len(points)), numbers] -= 1.0
        slope = shares.T @ points * (count / (10.0 * len(points)))
        centres = (centres - STEP * (slope + HELD * (centres - start))).astype(np.float32)
    return vectors.unit(centres)


if __name__ == "__main__":
    np.savez_compressed(HERE / "service_problems.npz", **make())
