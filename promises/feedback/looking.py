"""Looking for problems in texts: the step that takes long and needs no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from promises.feedback.mining.results import Found, Joined, Said, Standing, Text

if TYPE_CHECKING:
    from promises.feedback.mining.learned import Fresh

LANGUAGES = {"fi", "sv", "en"}
# So many texts that fit no problem are soon compared with each other, and so few are no problem.
LEAST_LOOSE = 3


class Row(NamedTuple):
    """One piece of feedback to look at."""

    id: int
    text: str
    score: int | None
    language: str
    touchpoint: str = ""


@dataclass(frozen=True)
class Material:
    """What is looked at.

    :param pending: feedback in which nobody has looked for problems yet.
    :param everything: all feedback, if problems are to be found anew, else nothing.
    :param standing: the spaces that problems were found in, the newest first, with those problems.
    :param said: what people said of single texts, the newest last.
    :param unplaced: feedback of the last year that fitted no problem, the newest last.
    :param codes: of all problems, whatever became of them.
    """

    pending: tuple[Row, ...]
    everything: tuple[Row, ...]
    standing: tuple[Standing, ...]
    said: tuple[Said, ...] = ()
    unplaced: tuple[Row, ...] = ()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Further:
    """What a look tells besides: new problems among *loose* (feedback that fitted none), and how sure the
    problems of a look over everything are, see :func:`promises.feedback.mining.steadiness.steadiness`."""

    loose: tuple[Row, ...] = ()
    fresh: Fresh | None = None
    steadiness: dict[str, tuple[float, int]] = field(default_factory=dict)


def look(material: Material) -> tuple[Joined | None, Found | None, Further]:
    """Place what is pending into the standing problems, or find problems in everything."""
    # Imported here: it brings the sentence encoder with it, which no page needs.
    from promises.feedback.mining import learned
    from promises.feedback.mining.problems import find_problems, join
    from promises.feedback.mining.steadiness import steadiness

    joined, found, further = None, None, Further()
    if material.pending and material.standing:
        newest, *older = learned.together(material.standing)
        taught = learned.taught(newest, material.said, material.codes)
        joined = _held(join(taught, texts(material.pending)))
        for standing in older:
            left = joined.unplaced
            more = join(standing, texts([material.pending[i] for i in left]))
            joined = _completed(joined, more, left)
        loose = (*material.unplaced, *(material.pending[i] for i in joined.unplaced))
        if not material.everything and joined.unplaced and len(loose) >= LEAST_LOOSE:
            further = Further(loose, learned.fresh(newest, texts(loose), material.codes))
    if material.everything:
        everything = texts(material.everything)
        found = find_problems(everything)
        further = Further(steadiness=steadiness(everything, found))
    return joined, found, further


def texts(rows: Sequence[Row]) -> list[Text]:
    """*rows* as problem finding takes them."""
    return [
        Text(row.text, row.score, row.language if row.language in LANGUAGES else None, row.touchpoint)
        for row in rows
    ]


def _held(joined: Joined) -> Joined:
    """*joined* without what is nearest to a problem that doesn't stand: those texts fit none that does."""
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
