"""From counts by quarter of an hour to counts by a branch's own weeks and hours.

Every zone's offset from UTC has been a multiple of 15 minutes since 1972, clock changes included, so
a quarter of an hour in UTC lies in one local hour, day and week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from promises.reports.compliance import Figures
from promises.reports.periods import Week
from promises.service.judging.verdicts import CANT_JUDGE

QUARTER = 900
"""Seconds in a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """*n* cases that began in one quarter of an hour (counted from 1970 in UTC) and became the same."""

    quarter: int
    status: str
    reason: str
    n: int

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.quarter * QUARTER, UTC)


def figures_of(status: str, reason: str, n: int) -> Figures:
    """*n* cases of one *status* and *reason*."""
    return Figures(
        kept=n if status == "kept" else 0,
        broken=n if status == "broken" else 0,
        pending=n if status == "pending" else 0,
        excluded=n if status == "excluded" else 0,
        cant_judge=n if status == "excluded" and reason in CANT_JUDGE else 0,
        gave_up_before=n if reason == "left_before_limit" else 0,
        gave_up_after=n if reason == "left_after_limit" else 0,
    )


def total(buckets: Iterable[Bucket]) -> Figures:
    """All of them together."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for bucket in buckets:
        counts[bucket.status, bucket.reason] += bucket.n
    return _sum(counts)


def by_week(buckets: Iterable[Bucket], zone: ZoneInfo, weeks: Sequence[Week]) -> dict[Week, Figures]:
    """Figures of each of *weeks*, those without cases included; cases of other weeks are left out."""
    counts: dict[Week, defaultdict[tuple[str, str], int]] = {week: defaultdict(int) for week in weeks}
    for bucket in buckets:
        found = counts.get(Week.at(bucket.at, zone))
        if found is not None:
            found[bucket.status, bucket.reason] += bucket.n
    return {week: _sum(found) for week, found in counts.items()}


def by_hour(buckets: Iterable[Bucket], zone: ZoneInfo) -> dict[tuple[int, int], Figures]:
    """Figures by weekday (Monday 0) and local hour of the start, where there are any cases."""
    counts: defaultdict[tuple[int, int], defaultdict[tuple[str, str], int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for bucket in buckets:
        local = bucket.at.astimezone(zone)
        counts[local.weekday(), local.hour][bucket.status, bucket.reason] += bucket.n
    return {hour: _sum(found) for hour, found in sorted(counts.items())}


def by_reason(buckets: Iterable[Bucket], status: str) -> list[tuple[str, int]]:
    """Reasons of the cases of *status* and how many have each, the most frequent first."""
    counts: defaultdict[str, int] = defaultdict(int)
    for bucket in buckets:
        if bucket.status == status:
            counts[bucket.reason] += bucket.n
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _sum(counts: dict[tuple[str, str], int]) -> Figures:
    return sum((figures_of(status, reason, n) for (status, reason), n in counts.items()), Figures())
