"""Looking for problems in texts: the step that takes long and needs no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from promises.feedback.mining.results import Found, Joined, Said, Standing, Text

if TYPE_CHECKING:
    from promises.feedback.mining.learned import Fresh
    from promises.feedback.mining.placing import Unit

LANGUAGES = {"fi", "sv", "en"}
# So few texts are no problem.
LEAST_LOOSE = 3
# So many of the latest texts are compared with each other; at a thousand a day, those of a week.
COMPARED = 8_000
# What is placed no surer than this may be of a problem that has only begun.
WEAK = 0.6


class Row(NamedTuple):
    """One piece of feedback to look at."""

    id: int
    text: str
    score: int | None
    language: str
    touchpoint: str = ""


class Spoken(NamedTuple):
    """One piece of feedback to be compared with others: ``day`` from 1970, ``vector`` its packed meaning."""

    id: int
    vector: bytes
    day: int
    language: str
    text: str
    score: int | None


@dataclass(frozen=True)
class Material:
    """What is looked at.

    :param pending: feedback in which nobody has looked for problems yet.
    :param everything: all feedback, if problems are to be found anew, else nothing.
    :param standing: the spaces that problems were found in, the newest first, with those problems.
    :param said: what people said of single texts, the newest last.
    :param unplaced: feedback of the last year that fitted no problem, the newest last.
    :param weak: feedback of the last weeks that fits its problem none too well, and how well.
    :param codes: of all problems, whatever became of them.
    """

    pending: tuple[Row, ...]
    everything: tuple[Row, ...]
    standing: tuple[Standing, ...]
    said: tuple[Said, ...] = ()
    unplaced: tuple[Row, ...] = ()
    weak: tuple[tuple[Row, float], ...] = ()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Further:
    """What a look tells besides: new problems among *loose* (feedback that fits none well), how sure the
    problems of a look over everything are, see :func:`promises.feedback.mining.steadiness.steadiness`, and
    what the latest feedback says (id → packed vector, see :mod:`promises.feedback.finding.meanings`)."""

    loose: tuple[Row, ...] = ()
    fresh: Fresh | None = None
    steadiness: dict[str, tuple[float, int]] = field(default_factory=dict)
    meanings: dict[int, bytes] = field(default_factory=dict)


def look(material: Material) -> tuple[Joined | None, Found | None, Further]:
    """Place what is pending into the standing problems, or find problems in everything."""
    # Imported here: it brings the sentence encoder with it, which no page needs.
    from promises.feedback.finding import meanings
    from promises.feedback.mining import learned
    from promises.feedback.mining.problems import find_problems, join
    from promises.feedback.mining.steadiness import steadiness

    joined, found, further = None, None, Further()
    told: list[Unit | None] = []
    if material.pending and material.standing:
        newest, *older = learned.together(material.standing)
        taught = learned.taught(newest, material.said)
        joined = _held(join(taught, texts(material.pending), heard=told.extend))
        for standing in older:
            left = joined.unplaced
            more = join(standing, texts([material.pending[i] for i in left]))
            joined = _completed(joined, more, left)
        loose = dict.fromkeys((*material.unplaced, *(material.pending[i] for i in joined.unplaced)), 0.0)
        best = _best(material.pending, joined)
        loose |= {row: strength for row, strength in (*material.weak, *best.items()) if strength < WEAK}
        if not material.everything and len(loose) >= LEAST_LOOSE:
            fresh = learned.fresh(newest, texts(tuple(loose)), tuple(loose.values()), material.codes)
            further = Further(tuple(loose), fresh)
    if material.everything:
        everything = texts(material.everything)
        told.clear()
        found = find_problems(everything, heard=told.extend)
        further = Further(steadiness=steadiness(everything, found))
    read = material.everything or material.pending
    said = meanings.said([row.id for row in read], told) if told else {}
    return joined, found, replace(further, meanings=said)


def texts(rows: Sequence[Row]) -> list[Text]:
    """*rows* as problem finding takes them."""
    return [
        Text(row.text, row.score, row.language if row.language in LANGUAGES else None, row.touchpoint)
        for row in rows
    ]


def _best(rows: Sequence[Row], joined: Joined) -> dict[Row, float]:
    """How well each of *rows* that a problem holds fits where it fits best."""
    found: dict[Row, float] = {}
    for member in joined.members:
        row = rows[member.text]
        found[row] = max(found.get(row, 0.0), member.strength)
    return found


def _held(joined: Joined) -> Joined:
    """*joined* without what is nearest to texts that people took out of the problems: it fits none."""
    from promises.feedback.mining.learned import stands

    members = tuple(member for member in joined.members if stands(member.problem))
    held = {member.text for member in members}
    kinds = tuple(
        "unplaced" if kind == "trouble" and i not in held else kind for i, kind in enumerate(joined.kinds)
    )
    return Joined(members, joined.languages, kinds)


def _completed(joined: Joined, further: Joined, left: Sequence[int]) -> Joined:
    """*joined*, with the texts number *left* as *further* has them."""
    kinds = list(joined.kinds)
    for place, kind in zip(left, further.kinds, strict=True):
        kinds[place] = kind
    moved = tuple(replace(member, text=left[member.text]) for member in further.members)
    return Joined(joined.members + moved, joined.languages, tuple(kinds))
