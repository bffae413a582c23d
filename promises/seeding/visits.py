"""The visitors of one day at one branch: who comes, with what patience, and how the queue serves them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from promises.seeding.days import day_factor, is_working
from promises.seeding.desks import Arrival, DeskPlan, serve
from promises.seeding.setting import Setting, SimulatedCase, moments
from promises.seeding.shape import HOUR, MINUTE, Kind
from promises.terms.hours import Interval

OPENING_RUSH = 3 * MINUTE
SHORTEST_SERVICE = 40


def visits_on(setting: Setting, branch: str, day: date) -> Iterator[SimulatedCase]:
    """The visits to *branch* on *day*, by ticket number."""
    if not is_working(day, setting.holidays):
        return
    shape = setting.shape
    visits, here = shape.visits, shape.visits.branches[branch]
    stream = setting.stream("visits", branch, day.isoformat())
    ill = branch == shape.flu.branch and day in setting.flu_days()
    plan = DeskPlan.by_hour(here.desks, shape.flu.desks_missing if ill else 0)
    stopped = (shape.outage.begins, shape.outage.ends) if day == setting.outage_day() else None
    factor = day_factor(day, shape.calendar, setting.holidays) * setting.rush_factor(day)
    midnight = setting.midnight(branch, day)
    number = 0
    for opens, closes in setting.hours[branch].on(day):
        doors = (opens * MINUTE, closes * MINUTE)
        people = _people(setting, branch, doors, factor, stream)
        queue = serve((arrival for arrival, _ in people), plan, doors[1] + visits.overtime, stopped)
        for (_, kind), seconds in zip(people, queue, strict=True):
            number += 1
            known = stream.random() < visits.known_share
            yield SimulatedCase(
                reference=f"{branch}-{day:%Y%m%d}-{number:03}",
                branch=branch,
                promise=visits.promise,
                touchpoint=visits.touchpoint,
                milestones={name: midnight + timedelta(seconds=second) for name, second in seconds.items()},
                customer=setting.customer(branch, stream) if known else "",
                attributes={"ticket": str(number), "service": kind.code},
            )


def _people(
    setting: Setting, branch: str, doors: Interval, factor: float, stream: random.Random
) -> list[tuple[Arrival, Kind]]:
    """Everybody who takes a ticket from the doors' opening to the last ticket, in order."""
    visits, here = setting.shape.visits, setting.shape.visits.branches[branch]
    opens, last = doors[0], doors[1] - visits.last_ticket
    times = moments(stream, here.at_opening * factor, opens, opens + OPENING_RUSH)
    for hour, usual in here.arrivals.items():
        times += moments(stream, usual * factor, hour * HOUR, (hour + 1) * HOUR)
    times = sorted(at for at in times if opens <= at < last)
    kinds = stream.choices(visits.kinds, [kind.share for kind in visits.kinds], k=len(times))
    return [
        (_arrival(setting, branch, at, kind, stream), kind) for at, kind in zip(times, kinds, strict=True)
    ]


def _arrival(setting: Setting, branch: str, at: int, kind: Kind, stream: random.Random) -> Arrival:
    visits, here = setting.shape.visits, setting.shape.visits.branches[branch]
    gone = stream.random() < here.no_show
    # The mean of a gamma distribution is its shape times its scale.
    over_shortest = (kind.seconds * here.pace - SHORTEST_SERVICE) / visits.service_spread
    return Arrival(
        at=at,
        patience=int(stream.gammavariate(visits.patience_spread, here.patience / visits.patience_spread)),
        walk=visits.no_show_seconds if gone else stream.randint(*visits.walk),
        service=SHORTEST_SERVICE + int(stream.gammavariate(visits.service_spread, over_shortest)),
        gone=gone,
    )
