"""Judging together many cases of which something was told: new verdicts inserted, known ones renewed.

The same judge as for one case, over columns. Whoever tells something of a case holds it; here the verdicts
are held too, so the watch passes over them, and a row is still changed only if it is as it was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Row, Table
from sqlmodel import Session

from promises.service import counts, judging
from promises.service.bulk_judging import NewCases, insert_verdicts, judge_new
from promises.service.findings import Findings, Line, by_rank
from promises.service.many import change_rows, find_rows
from promises.service.signals import Breach, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.hours import microseconds

_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]

Key = tuple[int, int]
"""Branch and id of a case."""
WRITTEN = ("terms_id", "status", "reason", "due_at", "ended_at", "dated_at", "judged_at", "elapsed_s")
SEEN = ("branch_id", "id", "status")


@dataclass(frozen=True, slots=True)
class Judged:
    """A case to be judged: its key, when it began, what is known of it, and whether it is new."""

    key: Key
    started_at: datetime
    case: judging.Case
    is_new: bool


def judge_told(session: Session, cases: Sequence[Judged], as_of: datetime) -> None:
    """Judge *cases*, which this transaction holds, from what is known of them now."""
    new = [case for case in cases if case.is_new]
    if new:
        judge_new(session, judging.Cases.of([case.case for case in new]), _columns(new), as_of)
    known = [case for case in cases if not case.is_new]
    if known:
        _judge_again(session, known, as_of)


def _columns(cases: Sequence[Judged]) -> NewCases:
    return NewCases(
        np.array([case.key[0] for case in cases]),
        np.array([case.key[1] for case in cases]),
        np.array([microseconds(case.started_at) for case in cases]),
    )


def _judge_again(session: Session, cases: Sequence[Judged], as_of: datetime) -> None:
    keys = [case.key for case in cases]
    rows = find_rows(session, _verdict, ("branch_id", "case_id"), keys, hold=True)
    known = {(row.branch_id, row.case_id, row.promise_id, row.part): row for row in rows}
    columns, plain = _columns(cases), judging.Cases.of([case.case for case in cases])
    line = Line(session, plain, as_of, branch_hours(session, plain.branches.values), frozenset(keys))
    breaches: list[Breach] = []
    renewed = _Renewed(session, as_of)
    for dated in by_rank(session):
        for findings in line.judge(dated):
            fresh = findings.its_own()
            parts = zip(findings.rows.tolist(), findings.parts.tolist(), strict=True)
            for place, (at, part) in enumerate(parts):
                row = known.pop((*keys[at], dated.promise_id, part), None)
                if row is not None:
                    fresh[place] = False
                    renewed.write(row, findings, place)
            own = np.flatnonzero(fresh)
            if len(own):
                breaches += insert_verdicts(session, findings, own, columns, as_of)
    for row in known.values():
        renewed.join(row)
    renewed.store()
    announce(session, breaches, renewed.again)


class _Renewed:
    """Verdicts that are judged anew, gathered to be written together."""

    def __init__(self, session: Session, as_of: datetime) -> None:
        self.session, self.as_of = session, as_of
        self.again: list[Breach] = []
        self._rows: list[tuple[Any, ...]] = []

    def write(self, row: Row[Any], findings: Findings, place: int) -> None:
        """Write what was found over *row*; what is then owed for it is told, if anything is or was."""
        found, version = findings.verdicts[place], findings.version(place)
        decided = found.status != "pending"
        self._change(
            row, version.terms_id, found.status, found.reason, found.due_at, found.ended_at,
            (found.dated_at or row.started_at) if decided else None,
            float(found.elapsed_s) if found.ended_at and found.elapsed_s is not None else None,
        )  # fmt: skip
        if "broken" in (row.status, found.status):
            amount, pay_by = findings.owing(place, self.as_of)
            counted = findings.counts_towards(place) if amount else ()
            self._owe(
                row, version.terms_id, found.dated_at or self.as_of, amount, version.terms.currency, pay_by,
                counted, found.ended_at,
            )  # fmt: skip

    def join(self, row: Row[Any]) -> None:
        """A stretch that turned out to be a part of the one before it: nothing of its own."""
        self._change(
            row, row.terms_id, "excluded", "joined", None, row.ended_at, row.started_at, row.elapsed_s
        )
        if row.status == "broken":
            self._owe(row, row.terms_id, self.as_of, Decimal(0), "", None, (), None)

    def _change(
        self,
        row: Row[Any],
        terms_id: int,
        status: str,
        reason: str,
        due_at: datetime | None,
        ended_at: datetime | None,
        dated_at: datetime | None,
        elapsed_s: float | None,
    ) -> None:
        was = (row.terms_id, row.status, row.reason, row.due_at, row.ended_at, row.dated_at, row.elapsed_s)
        if was == (terms_id, status, reason, due_at, ended_at, dated_at, elapsed_s):
            return
        self._rows.append(
            (terms_id, status, reason, due_at, ended_at, dated_at, self.as_of, elapsed_s,
             row.branch_id, row.id, row.status)
        )  # fmt: skip
        lasted = elapsed_s if ended_at is not None else None
        now = counts.Counted(row.branch_id, row.promise_id, terms_id, row.started_at, status, reason, lasted)
        counts.changed(self.session, counts.as_counted(row), now)

    def _owe(
        self,
        row: Row[Any],
        terms_id: int,
        dated_at: datetime,
        amount: Decimal,
        currency: str,
        pay_by: datetime | None,
        counted: tuple[tuple[str, str], ...],
        ended_at: datetime | None,
    ) -> None:
        self.again.append(
            Breach(
                row.branch_id, row.id, row.case_id, row.promise_id, terms_id, dated_at, amount, currency,
                pay_by, self.as_of, counted, ended_at,
            )
        )  # fmt: skip

    def store(self) -> None:
        """Write them.

        :raises RuntimeError: if a row isn't as it was seen, though it is held: then nothing may be committed.
        """
        if change_rows(self.session, _verdict, SEEN, WRITTEN, self._rows) != len(self._rows):
            raise RuntimeError("a verdict was changed by somebody else while it was held")
