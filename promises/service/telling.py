"""What an event says of its case: told, taken back or put right. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from json import dumps
from operator import itemgetter
from typing import Literal

from promises.refusal import Refusal

Operation = Literal["told", "withdrawn", "corrected"]
Attribute = str | bool | int
Happening = tuple[str, datetime]
"""The name of a milestone and when it happened."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, as its source tells it.

    :param reference: by what the source knows its case.
    :param touchpoint: where it happened; needed with what is first told of a case, ignored later.
    :param at: when. May be left out where a milestone that happened once is taken back.
    :param was: of a correction: when it was said to have happened, if it was said more than once.
    :param attributes: what else is known of the case; told otherwise later, it is replaced.
    :param event: the source's own number of this event, if it has one.
    """

    source: str
    branch: str
    reference: str
    milestone: str
    at: datetime | None
    operation: Operation = "told"
    was: datetime | None = None
    touchpoint: str = ""
    customer: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    event: str = ""

    @property
    def begins(self) -> bool:
        """Whether a case may begin with it: it says that something happened, whatever was told before."""
        return self.operation == "told" or (self.operation == "corrected" and self.was is not None)

    @property
    def content(self) -> str:
        """A digest of all that it says, by which a number that comes again with other contents is seen."""
        said = (
            self.branch, self.reference, self.milestone, self.operation, _instant(self.at),
            _instant(self.was), self.touchpoint, self.customer, sorted(self.attributes.items()),
        )  # fmt: skip
        return sha256(dumps(said, ensure_ascii=False).encode()).hexdigest()


def _instant(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


@dataclass
class Story:
    """What is known of the milestones of one case, those that were taken back beside those that stand."""

    happened: set[Happening] = field(default_factory=set)
    withdrawn: set[Happening] = field(default_factory=set)

    def standing(self, name: str = "") -> list[Happening]:
        """What counts, of one milestone or of all, in order of time."""
        return sorted((one for one in self.counting() if not name or one[0] == name), key=itemgetter(1))

    def counting(self) -> set[Happening]:
        """What counts, in no order."""
        return self.happened - self.withdrawn if self.withdrawn else self.happened

    def take(self, told: Told) -> tuple[list[Happening], list[Happening]]:
        """Let *told* become known; the milestones and the withdrawals that are new by it.

        A milestone that was taken back and is told again, as by a message that came late or twice, stays
        taken back.

        :raises Refusal: ``events.nothing_to_withdraw``, ``events.which_one``, ``events.taken_back_before``.
        """
        if told.operation == "told":
            assert told.at is not None
            return _added(self.happened, (told.milestone, told.at)), []
        if told.operation == "withdrawn":
            return [], self._withdraw(told.milestone, told.at)
        assert told.at is not None
        return self._correct(told.milestone, told.was, told.at)

    def _withdraw(self, name: str, at: datetime | None) -> list[Happening]:
        if at is not None:
            return _added(self.withdrawn, (name, at))
        standing = self.standing(name)
        if len(standing) > 1:
            raise Refusal("events.which_one", field="at", found=name)
        if not standing and all(one[0] != name for one in self.withdrawn):
            raise Refusal("events.nothing_to_withdraw", field="milestone", found=name)
        return _added(self.withdrawn, standing[0]) if standing else []

    def _correct(
        self, name: str, was: datetime | None, at: datetime
    ) -> tuple[list[Happening], list[Happening]]:
        if (name, at) in self.withdrawn:
            raise Refusal("events.taken_back_before", field="at", found=at.isoformat())
        others = [one for one in self.standing(name) if one[1] != at]
        if was is not None:
            others = [(name, was)] if was != at else []
        elif len(others) > 1:
            raise Refusal("events.which_one", field="was", found=name)
        elif not others and (name, at) not in self.happened:
            raise Refusal("events.nothing_to_withdraw", field="milestone", found=name)
        withdrawn = [one for other in others for one in _added(self.withdrawn, other)]
        return _added(self.happened, (name, at)), withdrawn


def _added(known: set[Happening], one: Happening) -> list[Happening]:
    """*one* is known from now on; itself, if it wasn't before."""
    if one in known:
        return []
    known.add(one)
    return [one]
