"""The sheet on which verdicts are written: whichever rule speaks first of a case has decided it."""

from __future__ import annotations

import numpy as np

from promises.terms.columns import Flags, Rows


class Sheet:
    """One line per case, undecided at first."""

    def __init__(self, count: int) -> None:
        self.status = np.full(count, -1, np.int8)
        self.reason = np.zeros(count, np.int16)
        self.reasons: list[str] = []

    @property
    def undecided(self) -> Flags:
        """Cases of which no rule has spoken."""
        return self.status < 0

    def say(self, status: int, reason: str, where: Flags) -> None:
        """The undecided cases among *where* are *status*, for *reason*."""
        speaks = where & self.undecided
        if speaks.any():
            self.status[speaks] = status
            self.reason[speaks] = self._number(reason)

    def instead(self, status: int, reason: str, rows: Rows) -> None:
        """These cases, decided before, are *status* after all."""
        self.status[rows] = -1
        again = np.zeros(len(self.status), bool)
        again[rows] = True
        self.say(status, reason, again)

    def _number(self, reason: str) -> int:
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason)
