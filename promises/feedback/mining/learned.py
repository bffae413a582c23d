"""What people said of single texts, made part of a standing set, so that new texts like them go the same way.

Each text that a person placed becomes a further centre of its problem: the middle between the text and the
problem (Rocchio 1971 moves the middle towards the examples; here each example keeps its own place besides, as
nearest neighbours do, which serves problems that are told in several ways). See ``bench/learning.py``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from promises.feedback.mining import known, placing, vectors
from promises.feedback.mining.problems import FEWEST_TEXTS, OWN_REACH, find_problems
from promises.feedback.mining.results import Centre, Found, Said, Standing, Text
from promises.feedback.mining.spread import Spread
from promises.feedback.mining.vectors import Matrix, Points, Space

# How much the problem's own centre weighs against what people placed, when its middle is sought.
OWN_WEIGHT = 5.0
# So much better has a text to fit a new problem than the one that it is with, to count for the new one.
CLEARLY = 0.1
# Not an id of any problem: what is nearest to such a centre is said of none of the standing problems.
NOBODY = ""


class Fresh(NamedTuple):
    """New problems among texts that fitted none: *found* with those problems only, and for the id of each
    its centre in the standing space and its reach."""

    found: Found
    centres: dict[str, Centre]


@vectors.one_thread
def taught(standing: Standing, said: Sequence[Said]) -> Standing:
    """*standing* with what people said of single texts."""
    if not said:
        return standing
    ways = _ways(standing, vectors.unpack(standing.space), said)
    return Standing(standing.space, (*standing.centres, *ways))


def _ways(standing: Standing, space: Space, said: Sequence[Said]) -> list[Centre]:
    points = _points(space, [one.text for one in said])
    sums: defaultdict[str, Matrix] = defaultdict(lambda: np.zeros(points.shape[1], np.float32))
    own: defaultdict[str, list[Matrix]] = defaultdict(list)
    for centre in standing.centres:
        own[centre.problem].append(np.frombuffer(centre.centre, "<f4"))
    for problem, centres in own.items():
        sums[problem] += OWN_WEIGHT * np.mean(centres, axis=0)
    for one, point in zip(said, points, strict=True):
        sums[one.problem] += point
    middle = {problem: vectors.unit(total[None])[0] for problem, total in sums.items()}
    found = []
    for one, point in zip(said, points, strict=True):
        # What is no problem's has no middle to lean towards, and reaches no further than what is like it.
        place = vectors.unit((point + middle[one.problem])[None])[0] if one.problem else point
        found.append(Centre(one.problem, _packed(place), known.FITS if one.problem else OWN_REACH))
    return found


def same(one: Space, other: Space) -> bool:
    """Whether points of the two can be compared."""
    return one.axes.shape == other.axes.shape and bool((one.axes == other.axes).all())


def together(standing: Sequence[Standing]) -> list[Standing]:
    """*standing*, with those in one space put together."""
    found: list[tuple[Space, Standing]] = []
    for one in standing:
        space = vectors.unpack(one.space)
        for i, (other, kept) in enumerate(found):
            if same(space, other):
                found[i] = (other, Standing(kept.space, (*kept.centres, *one.centres)))
                break
        else:
            found.append((space, one))
    return [kept for _, kept in found]


def stands(problem: str) -> bool:
    """Whether this id of a taught set is that of a problem that stands."""
    return problem != NOBODY


@vectors.one_thread
def fresh(
    standing: Standing, texts: Sequence[Text], strengths: Sequence[float], codes: Collection[str]
) -> Fresh:
    """The problems among *texts* that have none of *codes*: *texts* fit no standing problem well.

    :param strengths: how well each fits where it is now, 0 where it fits nowhere. One that fits somewhere
        counts only for a known problem, and only where it fits clearly better there.
    """
    found = find_problems(texts)
    known_ones = {problem.id for problem in found.problems if problem.known}
    new = {problem.id for problem in found.problems if problem.id not in codes}
    members = tuple(
        member
        for member in found.members
        if member.problem in new
        and (
            not strengths[member.text]
            or (member.problem in known_ones and member.strength >= strengths[member.text] + CLEARLY)
        )
    )
    sizes = Counter(member.problem for member in members)
    kept = tuple(
        problem
        for problem in found.problems
        if sizes[problem.id] >= (known.FEWEST_TEXTS if problem.known else FEWEST_TEXTS)
    )
    members = tuple(member for member in members if member.problem in {problem.id for problem in kept})
    space = vectors.unpack(standing.space)
    centres = {}
    for problem in kept:
        said = [
            Text(texts[m.text].text[m.start : m.end], None, found.languages[m.text], texts[m.text].about)
            for m in members
            if m.problem == problem.id
        ]
        middle = vectors.unit(_points(space, said).mean(axis=0)[None])[0]
        reach = known.FITS if problem.known else OWN_REACH
        centres[problem.id] = Centre(problem.id, _packed(middle), reach)
    return Fresh(Found(members, found.languages, found.kinds, kept, found.space), centres)


def _points(space: Space, texts: Sequence[Text]) -> Matrix:
    """A point for each text, whatever it says: a person has said what it is."""
    alone = Spread(0)
    readings = placing.read_all(texts, True, alone)
    units = [placing.unit_of(text, one, False) for text, one in zip(texts, readings, strict=True)]
    # What has no words of its own lies nowhere, and so near to nothing.
    told = [unit for unit in units if unit]
    points = np.zeros((len(texts), space.axes.shape[1]), np.float32)
    if told:
        clauses = Points(space, (clause for unit in told for clause in unit.said), alone)
        points[[i for i, unit in enumerate(units) if unit]] = placing.points_of(clauses, told)
    return points


def _packed(point: Matrix) -> bytes:
    return bytes(point.astype("<f4").tobytes())
