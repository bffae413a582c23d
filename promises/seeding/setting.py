"""What one half-year is simulated in: its shape, the branches' hours, and the day it is seen from."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from promises.seeding.days import DAY, on_or_before, working_days_after
from promises.seeding.shape import Shape
from promises.terms.hours import OpeningHours


@dataclass(frozen=True, slots=True)
class SimulatedCase:
    """One visit, request for a call, or question about an invoice.

    :param reference: the case's number, the same whenever the same day is simulated.
    :param milestones: name → moment in UTC, in order of time. Visits have ``arrived`` and ``called``,
        ``served``, ``ended``; or ``called``, ``no_show``; or ``left``. Requests have ``received`` and,
        if anybody answered, ``called_back`` or ``answered``.
    """

    reference: str
    branch: str
    promise: str
    touchpoint: str
    milestones: dict[str, datetime]
    customer: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime:
        """When the customer came or asked."""
        return next(iter(self.milestones.values()))


@dataclass(frozen=True)
class Setting:
    """See :func:`promises.seeding.simulation.simulate`, whose parameters these are."""

    shape: Shape
    hours: Mapping[str, OpeningHours]
    today: date
    holidays: str

    def days(self) -> list[date]:
        """Every date to simulate, the oldest first, *today* the last."""
        return [self.today - n * DAY for n in range(self.shape.days, -1, -1)]

    def outage_day(self) -> date:
        """The working day on which nobody could be served for a while."""
        return on_or_before(self.today - self.shape.outage.days_ago * DAY, self.holidays)

    def flu_days(self) -> tuple[date, ...]:
        """The working days on which one branch had fewer desks."""
        flu = self.shape.flu
        before = self.today - (flu.days_ago + 1) * DAY
        return tuple(working_days_after(before, n, self.holidays) for n in range(1, flu.working_days + 1))

    def rush_factor(self, day: date) -> float:
        """How many times the usual number of people turn to the bank since the app fails them."""
        rush = self.shape.app_rush
        return rush.factor if rush.days_ago_to <= (self.today - day).days <= rush.days_ago_from else 1.0

    def midnight(self, branch: str, day: date) -> datetime:
        """The moment that lies as far before the branch's noon as the clock says.

        Times of day from the morning on can be added to it, also where the clock changes at night.
        """
        noon = datetime.combine(day, time(12), ZoneInfo(self.hours[branch].zone))
        return noon.astimezone(UTC) - timedelta(hours=12)

    def stream(self, *names: str) -> random.Random:
        """Chance of its own for what *names* say: the same whatever else is simulated."""
        return random.Random("/".join((self.shape.seed, *names)))  # noqa: S311 - repeatable is the point

    def customer(self, branch: str, stream: random.Random) -> str:
        """One of the branch's customers."""
        return f"c{stream.randint(*self.shape.visits.branches[branch].customers)}"


def moments(stream: random.Random, expected: float, begins: int, ends: int) -> list[int]:
    """The seconds between *begins* and *ends* at which a steady stream of people come, in order.

    *expected* is how many do on average: a Poisson process, by its exponential gaps.
    """
    if expected <= 0:
        return []
    rate = expected / (ends - begins)
    found = []
    at = begins + stream.expovariate(rate)
    while at < ends:
        found.append(int(at))
        at += stream.expovariate(rate)
    return found
