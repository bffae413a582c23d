"""Half a year of cases from the shape of it: deterministic, without a clock, a database or a file.

Every branch and day has chance of its own, so a day comes out the same whatever else is simulated,
except what lies a set number of days before the day of seeding (the outage, the flu, the app's rush,
the first weeks of a promise).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from promises.seeding.answers import requests_on
from promises.seeding.setting import Setting, SimulatedCase
from promises.seeding.shape import Shape
from promises.seeding.visits import visits_on
from promises.terms.hours import OpeningHours

__all__ = ["SimulatedCase", "known_by", "simulate"]


def simulate(
    shape: Shape, hours: Mapping[str, OpeningHours], today: date, holidays: str = "FI"
) -> list[SimulatedCase]:
    """All cases from ``shape.days`` before *today* to the end of *today*, in order of their start.

    :param hours: opening hours by branch code, for every branch of the shape.
    :param today: the day of seeding, in the branches' own zone.
    :param holidays: calendar of public holidays, as in the terms format; nobody works on them.

    Milestones run on past *today* where an answer takes so long; see :func:`known_by`.
    """
    setting = Setting(shape, hours, today, holidays)
    cases: list[SimulatedCase] = []
    for day in setting.days():
        for branch in shape.visits.branches:
            cases += visits_on(setting, branch, day)
        for answers in (shape.callbacks, shape.invoices):
            for branch in answers.branches:
                cases += requests_on(setting, answers, branch, day)
    return sorted(cases, key=lambda case: (case.started_at, case.reference))


def known_by(cases: Iterable[SimulatedCase], as_of: datetime) -> Iterator[SimulatedCase]:
    """The *cases* that had begun at *as_of*, with the milestones that had been reached by then."""
    for case in cases:
        reached = {name: at for name, at in case.milestones.items() if at <= as_of}
        if reached:
            yield case if len(reached) == len(case.milestones) else replace(case, milestones=reached)
