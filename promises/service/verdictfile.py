"""Writing verdicts as CSV: whole or not at all."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from zoneinfo import ZoneInfo

from promises.refusal import Refusal
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import Verdict, Verdicts
from promises.terms.document import TermsDocument

COLUMNS = (
    "case", "branch", "promise", "verdict", "due_at", "ended_at", "elapsed_s", "amount", "currency", "reason",
)  # fmt: skip


class VerdictFile:
    """A file of verdicts. It takes its name only when all of it is written; without a path it is nothing.

    Times are in *zone* with their offset; seconds and amounts are plain decimal numbers.
    """

    def __init__(self, path: Path | None, zone: ZoneInfo) -> None:
        self.path = path
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}") if path else None
        self.zone = zone
        self._file: IO[str] | None = None
        self._rows: Any = None

    def __enter__(self) -> VerdictFile:
        if self._unfinished is not None:
            try:
                self._file = self._unfinished.open("x", encoding="utf-8", newline="")
            except OSError:
                raise Refusal("judge.cannot_write", file=str(self.path)) from None
            self._rows = csv.writer(self._file)
            self._rows.writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._unfinished is None or self.path is None:
            return
        self._file.close()
        if kind is None:
            self._unfinished.replace(self.path)
        else:
            self._unfinished.unlink()

    def write(self, cases: Cases, terms: TermsDocument, verdicts: Verdicts) -> None:
        """A row for each case, in their order."""
        if self._file is None:
            return
        branches = [*cases.branches.values, ""]
        for row, (case, verdict) in enumerate(zip(cases.ids, verdicts, strict=True)):
            branch = branches[cases.branches.codes[row]]
            self._rows.writerow([case, branch, terms.promise, *self._told(verdict)])

    def _told(self, verdict: Verdict) -> list[str]:
        due, ended = (
            at.astimezone(self.zone).isoformat() if at else "" for at in (verdict.due_at, verdict.ended_at)
        )
        elapsed = "" if verdict.elapsed_s is None else format(verdict.elapsed_s.normalize(), "f")
        return [
            verdict.status, due, ended, elapsed, str(verdict.amount), verdict.currency, verdict.reason,
        ]  # fmt: skip
