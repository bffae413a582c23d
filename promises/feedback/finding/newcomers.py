"""Bursts made ready to be problems: their texts, centre, reach and name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from promises.feedback.finding import meanings
from promises.feedback.finding.bursts import Burst, bursts, level, points
from promises.feedback.finding.looking import LANGUAGES, Spoken
from promises.feedback.mining import known, naming, placing, problems, vectors
from promises.feedback.mining.placing import Held
from promises.feedback.mining.results import Label, Text
from promises.feedback.mining.spread import Spread
from promises.feedback.mining.vectors import Matrix

# A burst that shares so much of its texts with a surer one is the same.
SAME = 0.5
# This near to a known problem it bears that one's name.
NAMED = 0.55
# How far a new problem reaches: to all but a quarter of its texts, within these bounds.
SHARE_WITHIN, LEAST_REACH, MOST_REACH = 0.25, 0.3, 0.5
# Words set a problem apart from so many other texts.
OTHERS = 200


class Newcomer(NamedTuple):
    """One problem that arises: *inside* are the ids of the feedback from day *since* on, *strengths* how well
    each fits, older feedback that does included; *expected* as many as :class:`Burst` tells."""

    code: str
    label: Label
    centre: bytes
    reach: float
    inside: tuple[int, ...]
    strengths: dict[int, float]
    since: int
    expected: float


@vectors.one_thread
def find(
    said: Sequence[Spoken], asked: Sequence[int], space: bytes, taken: Collection[str]
) -> list[Newcomer]:
    """What the texts number *asked* of *said* belong to, the surest first.

    :param space: of the standing problems; *taken* are the codes and names that they bear.
    """
    told = meanings.unpacked(one.vector for one in said)
    languages = [one.language if one.language in LANGUAGES else "und" for one in said]
    days = np.array([one.day for one in said], np.int64)
    at = level(len(said), int(days[-1] - days[0]) + 1)
    found: list[Burst] = []
    for burst in bursts(points(told, languages), days, asked, at):
        if not any(len({*burst.texts} & {*other.texts}) >= SAME * len(burst.texts) for other in found):
            found.append(burst)
    if not found:
        return []
    place = vectors.unpack(space).place
    where, near_known = place(told, languages), known.space().place(told, languages)
    names = set(taken)
    made = []
    for burst in found:
        one = _made(said, burst, where, near_known, names)
        names |= {one.code, one.label.fi}
        made.append(one)
    return made


def _made(
    said: Sequence[Spoken], burst: Burst, where: Matrix, near_known: Matrix, taken: Collection[str]
) -> Newcomer:
    inside = list(burst.texts)
    everything = [*burst.texts, *burst.before]
    centre = vectors.unit(where[inside].sum(axis=0)[None])[0]
    near = where[everything] @ centre
    own = near[: len(inside)]
    reach = float(np.clip(np.quantile(own, SHARE_WITHIN), LEAST_REACH, MOST_REACH))
    strengths = [round(float(fits), 3) for fits in np.clip(near, 0.0, 1.0)]
    code, label = _named(said, burst, near_known, taken)
    return Newcomer(
        code=code,
        label=label,
        centre=bytes(centre.astype("<f4").tobytes()),
        reach=round(reach, 3),
        inside=tuple(sorted(said[i].id for i in inside)),
        strengths=dict(zip((said[i].id for i in everything), strengths, strict=True)),
        since=burst.since,
        expected=burst.expected,
    )


def _named(
    said: Sequence[Spoken], burst: Burst, near_known: Matrix, taken: Collection[str]
) -> tuple[str, Label]:
    """Code and name of the nearest known problem, if it is near and none bears them; else of its words."""
    middle = vectors.unit(near_known[list(burst.texts)].sum(axis=0)[None])[0]
    close = known.middles() @ middle
    for row in np.argsort(-close, kind="stable"):
        label = known.labels()[int(row)]
        code = _code(label.en)
        if close[row] < NAMED:
            break
        if code not in taken and label.fi not in taken:
            return code, label
    typical = said[burst.texts[0]].text
    label = _of_words(said, burst.texts) or Label(typical, typical)
    code = _code(typical)
    while code in taken:
        code += "x"
    return code, label


def _code(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def _of_words(said: Sequence[Spoken], own: Sequence[int]) -> Label | None:
    """A name of the words that set the texts number *own* apart from others of the time."""
    others = [i for i in range(max(0, len(said) - OTHERS - len(own)), len(said)) if i not in set(own)]
    texts = [
        Text(one.text, one.score, one.language if one.language in LANGUAGES else None)
        for one in (said[i] for i in (*own, *others))
    ]
    readings = placing.read_all(texts, False, Spread(0))
    rows = [(i, Held(0, 1.0, 0, len(one.text))) for i, one in enumerate(texts)]
    words = problems.salient(texts, readings, [rows[: len(own)], rows[len(own) :]])[0]
    return naming.name(words) if words[0] and words[1] else None
