"""One day's queue at one branch: customers wait in the order they came, and free desks call them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Arrival:
    """A customer who takes a ticket. All in seconds; ``at`` is after midnight.

    :param patience: how long they wait uncalled before they leave.
    :param walk: from the call to the desk.
    :param service: at the desk. Somebody who is gone when called takes ``walk`` of the teller's time.
    :param gone: whether they walked off without a word, so that nobody comes when they are called.
    """

    at: int
    patience: int
    walk: int
    service: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """How many desks have somebody behind them, from which second after midnight on."""

    starts: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def by_hour(cls, desks: Mapping[int, int], missing: int = 0) -> DeskPlan:
        """From ``{hour: desks}``, with *missing* fewer at each hour, but never less than one."""
        hours = sorted(desks)
        return cls(tuple(hour * 3600 for hour in hours), tuple(max(1, desks[h] - missing) for h in hours))

    def at(self, second: int) -> int:
        """Desks in use at *second*; none before the first hour, the last hour's after it."""
        found = bisect_right(self.starts, second)
        return self.counts[found - 1] if found else 0

    def next_change(self, second: int) -> tuple[int, ...]:
        """The first moment after *second* at which the number may change, if there is one."""
        found = bisect_right(self.starts, second)
        return self.starts[found : found + 1]


def serve(
    arrivals: Iterable[Arrival], plan: DeskPlan, until: int, stopped: tuple[int, int] | None = None
) -> Iterator[dict[str, int]]:
    """What happens to each of the *arrivals* (given in order), as milestone → second after midnight.

    Every case has ``arrived`` and then ``called``, ``served``, ``ended``; or ``called``, ``no_show``; or
    ``left``. A desk that is no longer staffed finishes its customer and calls no other. Whoever is not
    called by *until* leaves then. From ``stopped[0]`` until before ``stopped[1]`` nobody is called.
    """
    busy: list[int] = []
    front = 0  # nobody further back in the queue can be called before this
    for arrival in arrivals:
        leaves = min(arrival.at + arrival.patience, until)
        called = _called(max(arrival.at, front), leaves, busy, plan, stopped)
        if called is None:
            front = max(front, leaves)
            yield {"arrived": arrival.at, "left": leaves}
            continue
        front = called
        served = called + arrival.walk
        if arrival.gone:
            heappush(busy, served)
            yield {"arrived": arrival.at, "called": called, "no_show": served}
        else:
            ended = served + arrival.service
            heappush(busy, ended)
            yield {"arrived": arrival.at, "called": called, "served": served, "ended": ended}


def _called(
    at: int, leaves: int, busy: list[int], plan: DeskPlan, stopped: tuple[int, int] | None
) -> int | None:
    """When the customer at the head of the queue is called, from *at* on; None if they leave before."""
    while at < leaves:
        while busy and busy[0] <= at:
            heappop(busy)
        if stopped and stopped[0] <= at < stopped[1]:
            at = stopped[1]
        elif len(busy) < plan.at(at):
            return at
        else:
            following = [*busy[:1], *plan.next_change(at)]
            at = min(following, default=leaves)
    return None
