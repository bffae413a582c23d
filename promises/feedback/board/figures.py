"""The figures of problems and of all feedback, and what is asked for them under a reader's filters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, select
from sqlmodel import col

from promises.feedback.board.facts import HIGHEST_DETRACTOR
from promises.feedback.queries import Certainty, Wanted, conditions
from promises.feedback.tables import Feedback, Mention
from promises.shares import Interval, wilson

FEW = 5_000
Places = dict[str, tuple[int, int]]
"""Value of a facet → pieces and customers."""


@dataclass(frozen=True)
class Figures:
    """What one problem does.

    :param texts: pieces of feedback that speak of it.
    :param customers: distinct customers; each piece without a customer counts as one.
    :param promoters, passives, detractors: how many of them scored 9-10, 7-8, 0-6.
    """

    texts: int = 0
    customers: int = 0
    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def scored(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def distribution(self) -> tuple[int, ...]:
        """The scores as a distribution over 0 to 10, each group at one of its scores."""
        counts = [0] * 11
        counts[0], counts[HIGHEST_DETRACTOR + 1], counts[10] = self.detractors, self.passives, self.promoters
        return tuple(counts)

    @property
    def detractor_share(self) -> float | None:
        return self.detractors / self.scored if self.scored else None

    @property
    def detractor_interval(self) -> Interval | None:
        return wilson(self.detractors, self.scored) if self.scored else None


class Seen(Protocol):
    """What the reader's filters leave."""

    @property
    def totals(self) -> Mapping[int, Figures]:
        """Problem → its figures, where any feedback speaks of it."""

    @property
    def heard(self) -> Figures:
        """All feedback, its customers aside."""

    @property
    def certainty(self) -> Certainty:
        """How much of it has found a problem."""

    def few(self) -> list[int] | None:
        """The ids of all feedback, where it is little enough to be gone through; else nothing."""

    def weekly(self, since: int, ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        """Problem of *ids* → week from *since* on → pieces."""

    def heard_weekly(self, since: int) -> Mapping[int, int]:
        """Week → all feedback in which problems have been looked for."""

    def placed(self, facet: str, ids: Collection[int]) -> Mapping[int, Places]:
        """Problem of *ids* → where it is spoken of; nothing where that isn't known with these filters."""

    def trouble(self, facet: str) -> Mapping[str, int]:
        """Value of *facet* → all feedback there that tells of trouble."""


def whole(numbers: Iterable[Sequence[int]]) -> Figures:
    """All feedback, from its numbers by kind or place: pieces, promoters, passives, detractors."""
    texts, promoters, passives, detractors = (sum(column) for column in zip([0] * 4, *numbers, strict=True))
    return Figures(texts, 0, promoters, passives, detractors)


def speaking(wanted: Wanted, *columns: Any) -> Select[Any]:
    """Select *columns* of what is said of problems, under the reader's filters."""
    return (
        select(*columns)
        .select_from(Mention)
        .join(Feedback, col(Feedback.id) == col(Mention.feedback_id))
        .where(*conditions(wanted))
    )
