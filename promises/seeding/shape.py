"""The shape of the half-year to simulate, read from ``seed_data/shape.toml``; each number is explained there.

Times of day are seconds after local midnight here, lengths of time are seconds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promises.terms.hours import WEEKDAYS
from promises.terms.quantities import read_time

MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Days:
    """How many come on which day, as factors of an ordinary one."""

    weekdays: tuple[float, ...]
    pension_days: tuple[int, ...]
    pension_factor: float
    month_turn_days: int
    month_turn_factor: float
    after_holiday_factor: float


@dataclass(frozen=True, slots=True)
class Outage:
    days_ago: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Flu:
    branch: str
    days_ago: int
    working_days: int
    desks_missing: int


@dataclass(frozen=True, slots=True)
class Rush:
    days_ago_from: int
    days_ago_to: int
    factor: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What a visitor comes for, how common that is, and the mean seconds it takes at the desk."""

    code: str
    share: float
    seconds: float


@dataclass(frozen=True, slots=True)
class BranchVisits:
    """One branch's visitors and desks; ``arrivals`` and ``desks`` are by hour of the clock."""

    at_opening: float
    arrivals: dict[int, float]
    desks: dict[int, int]
    patience: float
    no_show: float
    pace: float
    customers: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Visits:
    promise: str
    touchpoint: str
    last_ticket: int
    overtime: int
    walk: tuple[int, int]
    no_show_seconds: int
    known_share: float
    patience_spread: float
    service_spread: float
    kinds: tuple[Kind, ...]
    branches: dict[str, BranchVisits]


@dataclass(frozen=True, slots=True)
class BranchAnswers:
    """One branch's requests a day, and the share answered after so many working days."""

    per_day: float
    by_days: dict[int, float]
    never: float


@dataclass(frozen=True, slots=True)
class Answers:
    """Requests that are received now and answered on this working day or a later one."""

    promise: str
    touchpoint: str
    to: str
    late_from: int
    weekend_factor: float
    in_first: int
    late_factor: float
    opens: int
    closes: int
    channels: dict[str, float]
    branches: dict[str, BranchAnswers]


@dataclass(frozen=True, slots=True)
class Shape:
    seed: str
    days: int
    calendar: Days
    outage: Outage
    flu: Flu
    app_rush: Rush
    visits: Visits
    callbacks: Answers
    invoices: Answers


def load_shape(path: Path) -> Shape:
    """The shape written in the file at *path*.

    :raises OSError, tomllib.TOMLDecodeError, KeyError, TypeError: for a file that is not one.
    """
    with path.open("rb") as file:
        return read_shape(tomllib.load(file))


def read_shape(data: Mapping[str, Any]) -> Shape:
    """The shape from the tables of its file. A key that is missing or unknown raises."""
    calendar, outage = dict(data["calendar"]), data["outage"]
    weekdays = calendar.pop("weekdays")
    calendar["weekdays"] = tuple(weekdays.get(name, 1.0) for name in WEEKDAYS)
    calendar["pension_days"] = tuple(calendar["pension_days"])
    return Shape(
        seed=data["seed"],
        days=data["days"],
        calendar=Days(**calendar),
        outage=Outage(outage["days_ago"], *(read_time(outage[key]) * MINUTE for key in ("from", "to"))),
        flu=Flu(**data["flu"]),
        app_rush=Rush(**data["app_rush"]),
        visits=_visits(data["visits"]),
        callbacks=_answers(data["callbacks"]),
        invoices=_answers(data["invoices"]),
    )


def _visits(data: Mapping[str, Any]) -> Visits:
    given = dict(data)
    for key in ("last_ticket", "overtime"):
        given[key] *= MINUTE
    given["walk"] = tuple(given.pop("walk_seconds"))
    given["kinds"] = tuple(
        Kind(kind["code"], kind["share"], kind["minutes"] * MINUTE) for kind in given.pop("kind")
    )
    given["branches"] = {code: _branch_visits(branch) for code, branch in given.pop("branch").items()}
    return Visits(**given)


def _branch_visits(data: Mapping[str, Any]) -> BranchVisits:
    given = dict(data)
    for key in ("arrivals", "desks"):
        given[key] = {int(hour): value for hour, value in given[key].items()}
    given["patience"] *= MINUTE
    given["customers"] = tuple(given["customers"])
    return BranchVisits(**given)


def _answers(data: Mapping[str, Any]) -> Answers:
    given = dict(data)
    given["opens"], given["closes"] = (read_time(text) * MINUTE for text in given.pop("answered_between"))
    given["branches"] = {
        code: BranchAnswers(
            branch["per_day"],
            {int(days): share for days, share in branch["by_days"].items()},
            branch["never"],
        )
        for code, branch in given.pop("branch").items()
    }
    return Answers(**given)
