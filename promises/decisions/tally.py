"""From ballots to a ranking, with every step kept (pure).

Each criterion's mean is the sum of its marks through their number; a candidate's overall mean is the mean
of its criteria's means, each weighing the same. Fractions, never floats, so that a tie is a tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LOWEST, HIGHEST = 1, 5
MARKS = range(LOWEST, HIGHEST + 1)

Marks = Mapping[tuple[int, str], int]
"""One ballot: (candidate, criterion) → mark. A pair that isn't there was left without a mark."""


@dataclass(frozen=True)
class CriterionCount:
    """One candidate's marks on one criterion. ``given[i]`` is how often mark ``i + 1`` was given."""

    criterion: str
    given: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.given)

    @property
    def total(self) -> int:
        return sum(mark * times for mark, times in zip(MARKS, self.given, strict=True))

    @property
    def mean(self) -> Fraction | None:
        """Nothing without marks."""
        return Fraction(self.total, self.n) if self.n else None


@dataclass(frozen=True)
class Line:
    """One candidate's count. ``place`` is empty where nobody gave it marks on every criterion.

    Candidates with the same overall mean share their place (1, 1, 3) and name each other in ``tied_with``.
    """

    candidate: int
    criteria: tuple[CriterionCount, ...]
    overall: Fraction | None
    place: int | None
    tied_with: tuple[int, ...]


@dataclass(frozen=True)
class Count:
    """The whole count; ``lines`` by place, tied ones in the order in which they stood on the ballot."""

    ballots: int
    quorum: int
    lines: tuple[Line, ...]

    @property
    def quorum_met(self) -> bool:
        return self.ballots >= self.quorum

    def of(self, candidate: int) -> Line:
        """The line of one candidate."""
        return next(line for line in self.lines if line.candidate == candidate)


def count(
    candidates: Sequence[int], criteria: Sequence[str], ballots: Sequence[Marks], *, quorum: int
) -> Count:
    """Count *ballots* over *candidates* on *criteria*."""
    tallied = {
        candidate: tuple(_criterion(candidate, criterion, ballots) for criterion in criteria)
        for candidate in candidates
    }
    overall = {candidate: _overall(counts) for candidate, counts in tallied.items()}
    lines = [
        Line(
            candidate=candidate,
            criteria=tallied[candidate],
            overall=mean,
            place=None if mean is None else 1 + sum(o is not None and o > mean for o in overall.values()),
            tied_with=tuple(
                other for other, o in overall.items() if o == mean and other != candidate and o is not None
            ),
        )
        for candidate, mean in overall.items()
    ]
    lines.sort(key=lambda line: len(candidates) + 1 if line.place is None else line.place)
    return Count(ballots=len(ballots), quorum=quorum, lines=tuple(lines))


def _criterion(candidate: int, criterion: str, ballots: Sequence[Marks]) -> CriterionCount:
    given = [ballot[candidate, criterion] for ballot in ballots if (candidate, criterion) in ballot]
    return CriterionCount(criterion, tuple(given.count(mark) for mark in MARKS))


def _overall(counts: Sequence[CriterionCount]) -> Fraction | None:
    means = [one.mean for one in counts]
    known = [mean for mean in means if mean is not None]
    if not means or len(known) < len(means):
        return None
    return sum(known, Fraction(0)) / len(known)


def departures(count: Count, decided: Mapping[int, str], candidate: int, outcome: str) -> list[str]:
    """How deciding *outcome* of *candidate* would depart from the count; codes of the ``departure.*`` family.

    :param decided: outcome by candidate of those that have been decided before.
    :returns: ``quorum_missed`` (chosen though too few voted), ``passes_over`` (chosen while a candidate
        with a better place isn't), ``turns_down_first`` (the first place of a valid vote isn't chosen).
    """
    place = count.of(candidate).place
    found = []
    if outcome == "chosen":
        if not count.quorum_met:
            found.append("quorum_missed")
        better = [
            line.candidate
            for line in count.lines
            if line.place is not None and (place is None or line.place < place)
        ]
        if any(decided.get(other) != "chosen" for other in better):
            found.append("passes_over")
    elif count.quorum_met and place == 1:
        found.append("turns_down_first")
    return found
