"""Find the problems in a collection of texts, and place new texts into a standing set of problems.

Finnish, Swedish and English texts become one set. The same texts in any order give the same problems:
everything works on distinct units in alphabetical order. No clock, no randomness, no network.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np

from promises.feedback.mining import graph, known, lexical, naming, placing, sentences, vectors
from promises.feedback.mining.graph import Labels
from promises.feedback.mining.placing import Held, Unit
from promises.feedback.mining.results import Found, Joined, Label, Problem, Quote, Standing, Text
from promises.feedback.mining.spread import spreading
from promises.feedback.mining.vectors import Matrix, Points
from promises.feedback.text import gloss, language, reading
from promises.feedback.text.reading import Reading
from promises.sweeping import unswept

# Grain of the groups: higher finds more and smaller ones; words of several languages fit less finely.
RESOLUTION, FINE_RESOLUTION, MIXED_RESOLUTION = 3.0, 6.0, 4.0
# A group outside the known problems needs so many texts, so near together (mean cosine to its centre), and
# two words that so large shares of them have, so many times the share of all texts: else it is a way of
# speaking, not a problem.
FEWEST_TEXTS, TOGETHER, SHARED_WORDS, OFTENER = 4, 0.65, (0.6, 0.4), 3.0
OWN_REACH = 0.5
# The nearest of such groups are one if their centres are this near; a handful of texts comes in pieces.
ALIKE = 0.6
# Texts this near to a known problem are left there; a group of the others is a problem of its own if its
# centre is so much nearer to them than what is known.
CLEARLY_KNOWN, GAINED = 0.55, 0.15
# What is to be grouped is compared each with each; of more than so many texts a part is, and the others
# find their place by the centres.
MOST_COMPARED = 20_000
MOST_QUOTES = 5
# So many words tell something and are soon read.
READABLE = range(4, 31)
# How far directions are evened out: half where the grain is free, else not at all (see bench/mining.py).
PLAIN, HALF_WHITENED = 0.0, 0.5


# Is given what each text tells of trouble, for those who compare texts further.
Heard = Callable[[Sequence[Unit | None]], None]


class Centres(NamedTuple):
    """The middles of the problems, how far each reaches, and its hand-written name where it has one."""

    points: Matrix
    reach: Matrix
    names: Sequence[Label | None]


@cache
@unswept()
def load() -> None:
    """Fill all tables that reading and encoding a text need, two at a time.

    The models are unpacked by libraries that let the interpreter go on with the dictionaries meanwhile.
    """
    with ThreadPoolExecutor(1) as beside:
        models = [beside.submit(make) for make in (sentences.encoder, language.classifier)]
        reading.load()
        for model in models:
            model.result()


@unswept()
@vectors.one_thread
def find_problems(
    texts: Sequence[Text],
    *,
    number: int | None = None,
    everything: bool = False,
    heard: Heard | None = None,
) -> Found:
    """The problems of *texts*.

    Texts that say nothing, or only praise, are set apart. The rest is gathered round the known problems of
    service companies, and what fits none of them is grouped by itself.

    :param number: group into so many problems, by the texts alone; ``None`` lets the texts tell.
    :param everything: take every text as naming something, and place each (collections of questions);
        the known problems then play no part.
    """
    load()
    spread = spreading(len(texts))
    readings = placing.read_all(texts, everything, spread)
    units = [placing.unit_of(text, one, everything) for text, one in zip(texts, readings, strict=True)]
    if heard is not None:
        heard(units)
    counts = Counter(unit for unit in units if unit)
    if not counts:
        return Found((), tuple(r.language for r in readings), tuple(r.kind for r in readings), (), b"")
    distinct = sorted(counts)
    names: list[Label | None]
    if everything or number is not None:
        told = [unit.language for unit in distinct]
        raw = np.vstack(spread.parts(vectors.encode, [unit.english for unit in distinct]))
        space = vectors.fit(raw, told, HALF_WHITENED if number is None else PLAIN)
        points = space.place(raw, told)
        labels = group(points, distinct, number)
        centres, names = graph.centres(points, labels), [None] * (int(labels.max()) + 1)
        reach = np.full(len(centres), OWN_REACH, np.float32)
        placed = as_grouped(texts, units, distinct, labels, points, centres)
    else:
        space = known.space()
        clauses = Points(space, (clause for unit in distinct for clause in unit.said), spread)
        points = placing.points_of(clauses, distinct)
        centres, names = gather(points, distinct, np.array([counts[unit] for unit in distinct]))
        reach = np.array([known.FITS if name else OWN_REACH for name in names], np.float32)
        placed = placing.place(clauses, centres, reach, readings, units)
    return assemble(texts, readings, placed, space, Centres(centres, reach, names))


def gather(points: Matrix, distinct: Sequence[Unit], counts: Labels) -> tuple[Matrix, list[Label | None]]:
    """Centres of the known problems that the points speak of, then of groups of their own among the rest."""
    near_known, centre = known.gather(points, counts)
    spoken_of = [k for k in range(len(centre)) if centre[k].any()]
    names: list[Label | None] = [known.labels()[k] for k in spoken_of]
    found = [centre[spoken_of]]
    everywhere = word_shares([unit.english for unit in distinct])
    loose = some_of(np.flatnonzero(near_known < CLEARLY_KNOWN), distinct)
    if len(loose) >= FEWEST_TEXTS:
        near = graph.neighbours(points[loose], [distinct[int(i)].language for i in loose])
        labels = graph.join_alike(points[loose], graph.groups(near, RESOLUTION), ALIKE)
        middle = graph.centres(points[loose], labels)
        close = (points[loose] * middle[labels]).sum(axis=1)
        for label in range(len(middle)):
            own = labels == label
            gained = (close[own] - near_known[loose[own]]).mean()
            if counts[loose[own]].sum() < FEWEST_TEXTS or close[own].mean() < TOGETHER or gained < GAINED:
                continue
            if about_one_thing([distinct[int(i)].english for i in loose[own]], everywhere):
                found.append(middle[label : label + 1])
                names.append(None)
    return np.vstack(found), names


def some_of(rows: Labels, distinct: Sequence[Unit]) -> Labels:
    """So many of *rows* as can be compared with each other; always the same ones of the same texts."""
    if len(rows) <= MOST_COMPARED:
        return rows
    drawn = np.array([zlib.crc32(distinct[int(row)].english.encode()) for row in rows])
    return np.sort(rows[np.argsort(drawn, kind="stable")[:MOST_COMPARED]])


def word_shares(told: Sequence[str]) -> dict[str, float]:
    """The share of texts that have each telling word; a place ("branch office") alone is no problem."""
    counts = Counter(word for said in told for word in set(naming.english_words(said)) - known.places())
    return {word: n / len(told) for word, n in counts.items()}


def about_one_thing(told: Sequence[str], everywhere: dict[str, float]) -> bool:
    """Whether large shares of the texts have the same telling words, and other texts have not."""
    own = [share for word, share in word_shares(told).items() if share >= OFTENER * everywhere[word]]
    most = sorted(own, reverse=True)[: len(SHARED_WORDS)]
    return len(most) == len(SHARED_WORDS) and all(n >= s for n, s in zip(most, SHARED_WORDS, strict=True))


def group(points: Matrix, distinct: Sequence[Unit], number: int | None) -> Labels:
    """The group of each point by the points alone, from 0; *number* groups, or as many as there are."""
    told = [unit.language for unit in distinct]
    joint = lexical.beside(points, [unit.english for unit in distinct])
    near = graph.neighbours(joint, told)
    resolution = FINE_RESOLUTION if len(set(told)) == 1 else MIXED_RESOLUTION
    labels = graph.mix(joint, graph.renumber(graph.groups(near, resolution)), told)
    return labels if number is None else graph.merge(joint, labels, number)


def as_grouped(
    texts: Sequence[Text],
    units: Sequence[Unit | None],
    distinct: Sequence[Unit],
    labels: Labels,
    points: Matrix,
    centres: Matrix,
) -> list[list[Held]]:
    """Each text in the group of its unit, all of its words being the quote."""
    near = (points * centres[labels]).sum(axis=1)
    row = {unit: i for i, unit in enumerate(distinct)}
    return [
        [Held(int(labels[row[unit]]), float(near[row[unit]]), 0, len(text.text))] if unit else []
        for text, unit in zip(texts, units, strict=True)
    ]


def assemble(
    texts: Sequence[Text],
    readings: Sequence[Reading],
    placed: Sequence[Sequence[Held]],
    space: vectors.Space,
    centres: Centres,
) -> Found:
    """Problems with names, quotes and ids, and the memberships of all texts."""
    names = centres.names
    rows: list[list[tuple[int, Held]]] = [[] for _ in names]
    for i, held in enumerate(placed):
        for one in held:
            rows[one.group].append((i, one))
    for own in rows:
        own.sort(key=lambda r: (-round(r[1].strength, 4), texts[r[0]].text, r[1].start))
    ids = [identify(texts, own, names[g]) for g, own in enumerate(rows)]
    words = salient(texts, readings, rows)
    problems = []
    for g, own in enumerate(rows):
        if own:
            strength = round(float(np.mean([held.strength for _, held in own])), 3)
            terms = Label(", ".join(words[g][0]), ", ".join(words[g][1]))
            problem = Problem(
                id=ids[g],
                label=names[g] or naming.name(words[g]),
                known=names[g] is not None,
                texts=len(own),
                strength=strength,
                quotes=quotes(texts, own),
                terms=terms,
                centre=centres.points[g].astype("<f4").tobytes(),
                reach=float(centres.reach[g]),
            )
            problems.append(problem)
    problems.sort(key=lambda problem: (-problem.texts, problem.id))
    languages = tuple(one.language for one in readings)
    kinds = placing.kinds(readings, placed)
    return Found(placing.members(placed, ids), languages, kinds, tuple(problems), space.pack())


def identify(texts: Sequence[Text], rows: Sequence[tuple[int, Held]], name: Label | None) -> str:
    """The id of a problem: of its hand-written name, else of its most typical text."""
    typical = name.en if name else texts[rows[0][0]].text if rows else ""
    return hashlib.sha256(typical.encode()).hexdigest()[:8]


def quotes(texts: Sequence[Text], rows: Sequence[tuple[int, Held]]) -> tuple[Quote, ...]:
    """The strongest of *rows*, no wording twice; those that a reader understands by themselves first."""
    found: dict[tuple[str, ...], tuple[bool, Quote]] = {}
    for i, held in rows:
        said = tuple(gloss.words(texts[i].text[held.start : held.end]))
        quote = Quote(i, held.start, held.end, round(max(0.0, held.strength), 3))
        found.setdefault(said, (len(said) not in READABLE, quote))
    best = sorted(found.values(), key=lambda pair: pair[0])
    return tuple(quote for _, quote in best[:MOST_QUOTES])


def salient(
    texts: Sequence[Text], readings: Sequence[Reading], rows: Sequence[Sequence[tuple[int, Held]]]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The Finnish and the English words that set each problem apart."""
    english: list[list[list[str]]] = []
    finnish: list[list[list[str]]] = []
    for own in rows:
        english.append([])
        finnish.append([])
        for i, held in own:
            told = [p.english for p in readings[i].parts if p.start >= held.start and p.end <= held.end]
            english[-1].append(naming.english_words(" ".join(told)))
            if readings[i].language == "fi":
                finnish[-1].append(naming.finnish_words(texts[i].text[held.start : held.end]))
    pairs = zip(naming.terms(english), naming.terms(finnish), strict=True)
    return [(fi, en) for en_own, fi_own in pairs for fi, en in [naming.both(en_own, fi_own)]]


@unswept()
@vectors.one_thread
def join(standing: Standing, texts: Sequence[Text], *, heard: Heard | None = None) -> Joined:
    """Place *texts* into the problems of *standing*, which stay as they are; the rest is ``unplaced``."""
    load()
    spread = spreading(len(texts))
    readings = placing.read_all(texts, False, spread)
    units = [placing.unit_of(text, one, False) for text, one in zip(texts, readings, strict=True)]
    if heard is not None:
        heard(units)
    placed: list[list[Held]] = [[] for _ in texts]
    if standing.centres:
        space = vectors.unpack(standing.space)
        clauses = Points(space, (clause for unit in units if unit for clause in unit.said), spread)
        centres = np.stack([np.frombuffer(one.centre, "<f4") for one in standing.centres])
        reach = np.array([one.reach for one in standing.centres], np.float32)
        placed = placing.place(clauses, centres, reach, readings, units)
    ids = [one.problem for one in standing.centres]
    languages = tuple(one.language for one in readings)
    return Joined(placing.members(placed, ids), languages, placing.kinds(readings, placed))
