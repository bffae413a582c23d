"""Find the problems in a collection of texts, and place new texts into a standing set of problems.

Finnish, Swedish and English texts become one set. The same texts in any order give the same problems:
everything below works on distinct units in alphabetical order. No clock, no randomness, no network.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from promises.feedback.mining import graph, labels, lexical, vectors
from promises.feedback.mining.labels import Label
from promises.feedback.mining.vectors import Matrix
from promises.feedback.text import gloss, reading
from promises.feedback.text.reading import NOTHING, PRAISE, TROUBLE, Part, Reading

RESOLUTION = 5.0
# Below this cosine to its centre a unit fits no problem; two centres nearer than ALIKE are one problem.
FITS = 0.35
ALIKE = 0.72
NAMED = 0.50
SAME_NAME = 0.60
FEWEST_TEXTS = 3
MOST_QUOTES = 5
MOST_WORDS = 80
UNPLACED = "unplaced"


@dataclass(frozen=True)
class Text:
    """One piece of feedback: its words, its score of 0-10 and its language (``fi``, ``sv``, ``en``) where known."""

    text: str
    score: float | None = None
    language: str | None = None


@dataclass(frozen=True)
class Quote:
    """A stretch of text number *text* (from 0) that shows a problem; *strength* is a cosine, 0-1."""

    text: int
    start: int
    end: int
    strength: float


@dataclass(frozen=True)
class Problem:
    """A group of texts with one cause.

    :ivar id: eight hexadecimal digits made of its most typical words: the same texts, the same id.
    :ivar texts: number of texts that hold it (each counted once).
    :ivar strength: mean cosine of its texts to its centre, 0-1.
    :ivar terms: the words that set it apart, per language of the names.
    :ivar centre: packed float32 point in the space of the run; with ``Found.space`` it can be joined.
    """

    id: str
    label: Label
    texts: int
    strength: float
    quotes: tuple[Quote, ...]
    terms: Label
    centre: bytes


@dataclass(frozen=True)
class Member:
    """Text number *text* (from 0) holds problem *problem*; *main* for the strongest of the text."""

    text: int
    problem: str
    strength: float
    start: int
    end: int
    main: bool


@dataclass(frozen=True)
class Found:
    """What a collection holds.

    :ivar problems: by number of texts, most first.
    :ivar members: by text, the main problem first.
    :ivar languages: ``fi``, ``sv``, ``en`` or ``und`` of each text, in order of input.
    :ivar kinds: of each text ``trouble`` (in a problem), ``unplaced`` (tells of trouble, fits no problem),
        ``praise`` or ``nothing``.
    :ivar space: what the centres are measured in, for :func:`join`.
    """

    problems: tuple[Problem, ...]
    members: tuple[Member, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]
    space: bytes

    @property
    def unplaced(self) -> tuple[int, ...]:
        """Numbers of the texts that tell of trouble and fit no problem."""
        return tuple(i for i, kind in enumerate(self.kinds) if kind == UNPLACED)


@dataclass(frozen=True)
class Standing:
    """A set of problems that lasts over runs: the space it was found in, and id and centre of each."""

    space: bytes
    centres: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Joined:
    """New texts placed into a standing set; the fields are those of :class:`Found`."""

    members: tuple[Member, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]


def read_all(texts: Sequence[Text], everything: bool) -> list[Reading]:
    common = frozenset() if everything else reading.common_phrases(t.text for t in texts)
    return [reading.read(t.text, t.score, t.language, everything, common) for t in texts]


def said(parts: Sequence[Part]) -> str:
    """What the troubled parts of a text say, in English, as one unit."""
    return " ".join(" . ".join(p.english for p in parts if p.trouble).split()[:MOST_WORDS])


def find_problems(texts: Sequence[Text], *, number: int | None = None, everything: bool = False) -> Found:
    """The problems of *texts*.

    :param number: how many problems to find; ``None`` lets the texts tell.
    :param everything: take every text as naming something and place each one (collections of questions).
    """
    readings = read_all(texts, everything)
    languages = tuple(r.language for r in readings)
    keys = [(said(r.parts), r.language) if r.kind == TROUBLE else None for r in readings]
    units = sorted({key for key in keys if key})
    if not units:
        kinds = tuple(r.kind if r.kind != TROUBLE else UNPLACED for r in readings)
        return Found((), (), languages, kinds, b"")
    counts = Counter(key for key in keys if key)
    told = [language for _, language in units]
    raw = vectors.encode([english for english, _ in units])
    space = vectors.fit(raw, told)
    points = space.place(raw, told)
    found = cluster(points, units, number, everything)
    if not everything:
        found = name_alike(space, points, found)
        found = drop_small(found, [counts[unit] for unit in units], FEWEST_TEXTS)
    middle = graph.centres(points[found >= 0], found[found >= 0])
    whole = {unit: (int(found[i]), points[i]) for i, unit in enumerate(units)}
    members = place_all(readings, [whole.get(key) if key else None for key in keys], space, middle, everything)
    return assemble(texts, readings, members, space, middle)


def cluster(points: Matrix, units: Sequence[tuple[str, str]], number: int | None, everything: bool) -> graph.Labels:
    """The group of each unit, from 0."""
    told = [language for _, language in units]
    joint = lexical.beside(points, [english for english, _ in units])
    near = graph.neighbours(joint, told)
    found = graph.renumber(graph.groups(near, RESOLUTION if number is None else max(RESOLUTION, number / 8)))
    if number is not None:
        return graph.merge(joint, found, number, 0.0)
    return found if everything else graph.merge(joint, found, None, ALIKE)


def name_alike(space: vectors.Space, points: Matrix, found: graph.Labels) -> graph.Labels:
    """Groups that clearly bear the same hand-written name are one."""
    near = labels.nearness(space, graph.centres(points, found))
    best = near.argmax(axis=1)
    first: dict[int, int] = {}
    target = np.arange(len(near))
    for group in range(len(near)):
        if near[group, best[group]] >= SAME_NAME:
            target[group] = first.setdefault(int(best[group]), group)
    return graph.renumber(target[found])


def drop_small(found: graph.Labels, counts: Sequence[int], fewest: int) -> graph.Labels:
    """Groups of fewer texts than *fewest* become -1; the others are numbered from 0."""
    sizes = np.bincount(found, weights=np.array(counts, float))
    keep = np.flatnonzero(sizes >= fewest)
    numbers = np.full(len(sizes), -1, dtype=np.int64)
    numbers[keep] = np.arange(len(keep))
    return numbers[found]


Placed = list[tuple[int, float, int, int]]  # problem, strength, start, end; the main one first


def place_all(
    readings: Sequence[Reading],
    whole: Sequence[tuple[int, Matrix] | None],
    space: vectors.Space,
    middle: Matrix,
    everything: bool,
) -> list[Placed]:
    """The problems of each text: its own group, and others that a clause of it names on its own."""
    pieces = sorted({(p.english, r.language) for r in readings if len(r.parts) > 1 for p in r.parts if p.trouble})
    points = space.place(vectors.encode([e for e, _ in pieces]), [told for _, told in pieces])
    row = {piece: i for i, piece in enumerate(pieces)}
    found: list[Placed] = []
    for one, unit in zip(readings, whole, strict=True):
        if unit is None or not len(middle):
            found.append([])
            continue
        group, point = unit
        near = middle @ point
        if group < 0 or not everything:
            group = int(near.argmax()) if group < 0 or near[group] < near.max() - 0.1 else group
        troubled = [p for p in one.parts if p.trouble]
        best: dict[int, tuple[float, int, int]] = {}
        if near[group] >= FITS or everything:
            best[group] = (float(near[group]), troubled[0].start, troubled[-1].end)
        if len(troubled) > 1 and not everything:
            for part in troubled:
                close = middle @ points[row[(part.english, one.language)]]
                at = int(close.argmax())
                strength = float(close[at])
                if strength >= (SAME_NAME if best else FITS + 0.1) and strength > best.get(at, (0.0,))[0] - 0.1:
                    if at not in best or strength >= best[at][0] or at == group:
                        best[at] = (max(strength, best.get(at, (0.0,))[0]), part.start, part.end)
        order = sorted(best, key=lambda g: (g != group, -best[g][0], g))
        found.append([(g, *best[g]) for g in order])
    return found


def assemble(
    texts: Sequence[Text], readings: Sequence[Reading], placed: Sequence[Placed], space: vectors.Space, middle: Matrix
) -> Found:
    """Problems with names, quotes and ids, and the memberships of all texts."""
    held: dict[int, list[tuple[float, int, int, int]]] = defaultdict(list)
    for i, problems in enumerate(placed):
        for group, strength, start, end in problems:
            held[group].append((strength, i, start, end))
    order = sorted(held, key=lambda g: (-len(held[g]), sorted(texts[i].text for _, i, _, _ in held[g])))
    names, terms = name(texts, readings, [held[g] for g in order], space, middle[order])
    ids: dict[int, str] = {}
    problems = []
    for place, group in enumerate(order):
        rows = sorted(held[group], key=lambda r: (-round(r[0], 4), texts[r[1]].text))
        _, i, start, end = rows[0]
        typical = texts[i].text[start:end]
        ids[group] = hashlib.sha256(f"{typical}\n{texts[i].text}".encode()).hexdigest()[:8]
        quotes = tuple(Quote(i, start, end, round(max(0.0, s), 3)) for s, i, start, end in shown(texts, rows))
        strength = round(float(np.mean([r[0] for r in rows])), 3)
        centre = middle[group].astype("<f4").tobytes()
        problems.append(Problem(ids[group], names[place], len(rows), strength, quotes, terms[place], centre))
    kinds = tuple(
        (TROUBLE if held_by else UNPLACED) if r.kind == TROUBLE else r.kind
        for r, held_by in zip(readings, placed, strict=True)
    )
    return Found(tuple(problems), members(placed, ids), tuple(r.language for r in readings), kinds, space.pack())


def members(placed: Sequence[Placed], ids: dict[int, str]) -> tuple[Member, ...]:
    return tuple(
        Member(i, ids[group], round(min(1.0, max(0.0, strength)), 3), start, end, main=n == 0)
        for i, problems in enumerate(placed)
        for n, (group, strength, start, end) in enumerate(problems)
    )


def shown(texts: Sequence[Text], rows: Sequence[tuple[float, int, int, int]]) -> list[tuple[float, int, int, int]]:
    """The quotes to show: the strongest, no wording twice."""
    seen: set[str] = set()
    found = []
    for row in rows:
        words = " ".join(gloss.words(texts[row[1]].text[row[2] : row[3]]))
        if words not in seen:
            seen.add(words)
            found.append(row)
        if len(found) == MOST_QUOTES:
            break
    return found


def name(
    texts: Sequence[Text],
    readings: Sequence[Reading],
    held: Sequence[Sequence[tuple[float, int, int, int]]],
    space: vectors.Space,
    middle: Matrix,
) -> tuple[list[Label], list[Label]]:
    """A name for each problem, no name twice, and its telling words in both languages."""
    english, finnish = [], []
    for rows in held:
        said_en, said_fi = [], []
        for _, i, start, end in rows:
            told = readings[i].language
            words = texts[i].text[start:end]
            glossed = " ".join(p.english for p in readings[i].parts if p.start >= start and p.end <= end)
            said_en.append(labels.telling([gloss.plain_english(w) for w in gloss.words(glossed)]))
            if told == "fi":
                own = gloss.lemmas(words, "fi")
                said_fi.append([w for w in own if labels.telling([gloss.choose(w, "fi")[1].split(" ")[-1] or "the"])])
        english.append(said_en)
        finnish.append(said_fi)
    best_en, best_fi = labels.terms(english), labels.terms(finnish)
    near = labels.nearness(space, middle) if len(middle) else np.zeros((0, 1), np.float32)
    pairs = sorted(((-float(near[p, k]), p, k) for p in range(len(near)) for k in range(near.shape[1])))
    taken: dict[int, int] = {}
    for cost, p, k in pairs:
        if -cost >= NAMED and p not in taken and k not in taken.values():
            taken[p] = k
    names, words_of = [], []
    for p, (en, fi) in enumerate(zip(best_en, best_fi, strict=True)):
        fi = fi or [labels.finnish_of().get(word, word) for word in en]
        en = en or fi
        words_of.append(Label(", ".join(fi), ", ".join(en)))
        names.append(labels.known()[taken[p]][0] if p in taken else Label(labels.compose(fi), labels.compose(en)))
    return names, words_of


def join(standing: Standing, texts: Sequence[Text]) -> Joined:
    """Place *texts* into the problems of *standing*, which stay as they are; the rest is unplaced."""
    readings = read_all(texts, everything=False)
    space = vectors.unpack(standing.space)
    middle = np.stack([np.frombuffer(centre, "<f4") for _, centre in standing.centres]) if standing.centres else (
        np.zeros((0, space.axes.shape[1]), np.float32)
    )
    troubled = [i for i, r in enumerate(readings) if r.kind == TROUBLE]
    told = [readings[i].language for i in troubled]
    points = space.place(vectors.encode([said(readings[i].parts) for i in troubled]), told)
    whole: list[tuple[int, Matrix] | None] = [None] * len(texts)
    for i, point in zip(troubled, points, strict=True):
        whole[i] = (-1, point)
    placed = place_all(readings, whole, space, middle, everything=False)
    ids = {n: problem for n, (problem, _) in enumerate(standing.centres)}
    kinds = tuple(
        (TROUBLE if held else UNPLACED) if r.kind == TROUBLE else r.kind for r, held in zip(readings, placed, strict=True)
    )
    return Joined(members(placed, ids), tuple(r.language for r in readings), kinds)


__all__ = [
    "NOTHING", "PRAISE", "TROUBLE", "UNPLACED", "Found", "Joined", "Label", "Member", "Problem", "Quote", "Standing",
    "Text", "find_problems", "join",
]  # fmt: skip
