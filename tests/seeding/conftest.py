"""The seed's own files, read once, and half a year simulated from them."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from promises.seeding.shape import Shape, load_shape
from promises.seeding.simulation import SimulatedCase, simulate
from promises.terms.hours import OpeningHours, read_days, read_intervals

SEED_DATA = Path(__file__).parents[2] / "seed_data"
# A Tuesday after midsummer, so that the half-year holds Easter, May Day, midsummer and a clock change.
TODAY = date(2026, 9, 8)


def rows_of(name: str) -> list[dict[str, str]]:
    with (SEED_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables_of(name: str) -> dict[str, Any]:
    return tomllib.loads((SEED_DATA / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def hours() -> dict[str, OpeningHours]:
    company = tables_of("company.toml")
    return {
        branch["code"]: OpeningHours.of(
            company["zone"],
            [
                (weekday, *interval)
                for days, text in branch["hours"].items()
                for weekday in read_days(days)
                for interval in read_intervals(text)
            ],
            holidays=company["holidays"],
        )
        for branch in company["branch"]
    }


@pytest.fixture(scope="session")
def shape() -> Shape:
    return load_shape(SEED_DATA / "shape.toml")


@pytest.fixture(scope="session")
def half_year(shape: Shape, hours: dict[str, OpeningHours]) -> list[SimulatedCase]:
    return simulate(shape, hours, TODAY)
