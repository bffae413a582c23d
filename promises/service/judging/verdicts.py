"""What judging says: one verdict as a plain value, many as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from promises.terms.columns import MISSING, Flags, Rows, Times
from promises.terms.hours import moment
from promises.terms.timeline import NEVER

Status = Literal["pending", "kept", "broken", "excluded"]
STATUSES: tuple[Status, ...] = ("pending", "kept", "broken", "excluded")
PENDING, KEPT, BROKEN, EXCLUDED = range(4)

REASONS = {
    "in_time": KEPT,
    "met": KEPT,
    "late": BROKEN,
    "still_open": BROKEN,
    "left_after_limit": BROKEN,
    "not_met": BROKEN,
    "clock_running": PENDING,
    "paused": PENDING,
    "not_started": PENDING,
    "not_covered": EXCLUDED,
    "before_terms": EXCLUDED,
    "left_before_limit": EXCLUDED,
    "joined": EXCLUDED,
}
"""Reasons of judged and rightly excluded cases. Endings and exclusions of the terms add their own codes."""

CANT_JUDGE = frozenset(
    {
        "start_missing",
        "start_twice",
        "end_twice",
        "end_before_start",
        "ended_twice",
        "pauses_unclear",
        "too_long",
        "hours_unknown",
        "never_open",
        "attribute_missing",
        "attribute_not_number",
        "attribute_negative",
        "attribute_unknown",
        "amount_absurd",
        "case_missing",
        "case_twice",
        "time_unreadable",
        "time_skipped",
        "time_twice",
    }
)
"""Reasons of cases that can't be judged: excluded, and counted apart because the data are at fault."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one case is under one version of terms, as known at a moment.

    :param reason: a code: one of :data:`REASONS`, :data:`CANT_JUDGE`, or the name of an ending or
        exclusion of the terms.
    :param due_at: when the time runs out; None while the clock stands still or nothing can run out.
    :param ended_at: when the case ended, if it has.
    :param elapsed_s: seconds that the terms' clock has counted from the start to the end, or until now.
    :param amount: what is owed, in *currency*; zero unless broken.
    """

    status: Status
    reason: str
    due_at: datetime | None
    ended_at: datetime | None
    elapsed_s: Decimal | None
    amount: Decimal
    currency: str

    @property
    def cant_judge(self) -> bool:
        """Whether the case is set aside because its data are at fault."""
        return self.reason in CANT_JUDGE

    @property
    def dated_at(self) -> datetime | None:
        """When it was decided: broken by time at the due time, all else at the end; None if pending."""
        if self.status == "pending":
            return None
        return self.due_at if self.status == "broken" and self.due_at else self.ended_at


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of many cases as columns, in the cases' order.

    :param status: numbers into :data:`STATUSES`.
    :param reason: numbers into *reasons*.
    :param due_at: microseconds, or NEVER.
    :param ended_at: microseconds, or MISSING.
    :param elapsed: microseconds, or MISSING.
    :param cents: what is owed, in hundredths of *currency*.
    """

    status: NDArray[np.int8]
    reason: NDArray[np.int16]
    reasons: tuple[str, ...]
    due_at: Times
    ended_at: Times
    elapsed: Times
    cents: Times
    currency: str

    @classmethod
    def joined(cls, parts: Sequence[tuple[Rows, Verdicts]], count: int) -> Verdicts:
        """Verdicts of *count* cases from those of some of their rows; the parts share a currency."""
        reasons = list(dict.fromkeys(reason for _, part in parts for reason in part.reasons))
        status, reason = np.zeros(count, np.int8), np.zeros(count, np.int16)
        due, ended, elapsed = (np.full(count, value) for value in (NEVER, MISSING, MISSING))
        cents = np.zeros(count, np.int64)
        for rows, part in parts:
            status[rows] = part.status
            reason[rows] = np.array([reasons.index(one) for one in part.reasons], np.int16)[part.reason]
            due[rows], ended[rows], elapsed[rows] = part.due_at, part.ended_at, part.elapsed
            cents[rows] = part.cents
        return cls(status, reason, tuple(reasons), due, ended, elapsed, cents, parts[-1][1].currency)

    def __len__(self) -> int:
        return len(self.status)

    def __getitem__(self, row: int) -> Verdict:
        due, ended, elapsed = int(self.due_at[row]), int(self.ended_at[row]), int(self.elapsed[row])
        return Verdict(
            STATUSES[self.status[row]],
            self.reasons[self.reason[row]],
            None if due == NEVER else moment(due),
            None if ended == MISSING else moment(ended),
            None if elapsed == MISSING else Decimal(elapsed) / 1_000_000,
            Decimal(int(self.cents[row])).scaleb(-2),
            self.currency,
        )

    def dated(self, rows: Rows) -> Times:
        """When the verdicts of *rows* were decided, as :attr:`Verdict.dated_at` says it, or MISSING."""
        due, status = self.due_at[rows], self.status[rows]
        at = np.where((status == BROKEN) & (due != NEVER), due, self.ended_at[rows])
        return np.where(status == PENDING, MISSING, at)

    def __iter__(self) -> Iterator[Verdict]:
        return (self[row] for row in range(len(self)))

    def is_(self, status: Status) -> Flags:
        """Rows with this status."""
        return np.equal(self.status, STATUSES.index(status))


@dataclass(frozen=True)
class Counts:
    """How many cases are what, and what is owed in all."""

    kept: int = 0
    broken: int = 0
    pending: int = 0
    excluded: int = 0
    cant_judge: int = 0
    owed: Decimal = Decimal("0.00")

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.kept + other.kept,
            self.broken + other.broken,
            self.pending + other.pending,
            self.excluded + other.excluded,
            self.cant_judge + other.cant_judge,
            self.owed + other.owed,
        )


def counted(verdicts: Verdicts) -> Counts:
    """The sums over *verdicts*; ``cant_judge`` is a part of ``excluded``."""
    by_status = np.bincount(verdicts.status, minlength=4)
    faulty = [number for number, reason in enumerate(verdicts.reasons) if reason in CANT_JUDGE]
    return Counts(
        kept=int(by_status[KEPT]),
        broken=int(by_status[BROKEN]),
        pending=int(by_status[PENDING]),
        excluded=int(by_status[EXCLUDED]),
        cant_judge=int(np.isin(verdicts.reason, faulty).sum()),
        owed=Decimal(int(verdicts.cents.sum())).scaleb(-2),
    )
