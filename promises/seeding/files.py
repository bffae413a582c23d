"""Reading the seed's files, and its relative days as moments."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEED = Path(__file__).parents[2] / "seed_data"


@dataclass(frozen=True)
class Calendar:
    """Turns "so many days ago, at such a local time" into moments, seen from the day of seeding."""

    as_of: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.as_of.astimezone(self.zone).date()

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def at(self, days_ago: int, local_time: str) -> datetime:
        """The moment in UTC, never later than the seeding for a day that has begun."""
        local = datetime.combine(self.day(days_ago), time.fromisoformat(local_time.zfill(5)), self.zone)
        moment = local.astimezone(UTC)
        return moment if days_ago < 0 else min(moment, self.as_of)

    def when(self, told: Mapping[str, Any]) -> datetime:
        """The moment of ``{ days_ago = 3, time = "14:00" }``; midnight without a time."""
        return self.at(int(told["days_ago"]), str(told.get("time", "00:00")))


def toml(name: str) -> dict[str, Any]:
    """What ``seed_data/<name>.toml`` says."""
    return tomllib.loads((SEED / f"{name}.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of ``seed_data/<name>.csv``."""
    with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
