"""Judging together cases of which something was told: new verdicts inserted, known ones renewed.

The same judge as for one case and for a file, over columns. Whoever tells something of a case holds it; here
its verdicts are held too, so the watch passes over them, and still a row is changed only as it was seen.
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
from promises.service.findings import Findings, Line, by_rank
from promises.service.keys import draw_ids
from promises.service.many import change_rows, find_rows, insert_rows
from promises.service.signals import Breach, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Rows
from promises.terms.hours import microseconds

_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]

Key = tuple[int, int]
"""Branch and id of a case."""
DECIDED = ("terms_id", "status", "reason", "due_at", "ended_at", "dated_at", "elapsed_s", "judged_at")
SEEN = ("branch_id", "id", "status")
BEGUN = (*DECIDED, "branch_id", "id", "case_id", "promise_id", "part", "started_at")
JOINED = ("excluded", "joined")


@dataclass(frozen=True, slots=True)
class Judged:
    """A case to be judged: its key, when it began, what is known of it, and whether it is new."""

    key: Key
    started_at: datetime
    case: judging.Case
    is_new: bool


def judge_told(session: Session, cases: Sequence[Judged], as_of: datetime) -> None:
    """Judge *cases*, which this transaction holds, from what is known of them now."""
    if not cases:
        return
    known_cases = [case.key for case in cases if not case.is_new]
    rows = find_rows(session, _verdict, ("branch_id", "case_id"), known_cases, hold=True)
    known = {(row.branch_id, row.case_id, row.promise_id, row.part): row for row in rows}
    columns = judging.Cases.of([case.case for case in cases])
    hours = branch_hours(session, columns.branches.values)
    line = Line(session, columns, as_of, hours, frozenset(known_cases))
    sheet = _Sheet(session, cases, as_of)
    for dated in by_rank(session):
        for findings in line.judge(dated):
            new = findings.its_own()
            for place in _with_verdicts(findings, cases):
                at, part = int(findings.rows[place]), int(findings.parts[place])
                row = known.pop((*cases[at].key, dated.promise_id, part), None)
                if row is not None:
                    new[place] = False
                    sheet.renew(row, findings, place)
            sheet.begin(findings, np.flatnonzero(new))
    for row in known.values():
        sheet.join(row)
    sheet.store()


def _with_verdicts(findings: Findings, cases: Sequence[Judged]) -> list[int]:
    """Stretches of cases that aren't new."""
    return [place for place, at in enumerate(findings.rows.tolist()) if not cases[at].is_new]


class _Sheet:
    """Verdicts as they are found, gathered to be written by one statement each for new and for known ones."""

    def __init__(self, session: Session, cases: Sequence[Judged], as_of: datetime) -> None:
        self.session, self.cases, self.as_of = session, cases, as_of
        self._new: list[tuple[Any, ...]] = []
        self._changed: list[tuple[Any, ...]] = []
        self._broken: list[Breach] = []
        self._again: list[Breach] = []

    def begin(self, findings: Findings, places: Rows) -> None:
        """New verdicts for the stretches at *places*."""
        if not len(places):
            return
        cases = [self.cases[at] for at in findings.rows[places].tolist()]
        branches = np.array([case.key[0] for case in cases])
        started = np.array([microseconds(case.started_at) for case in cases])
        ids = draw_ids(self.session, _verdict, branches, started).tolist()
        promise_id, verdicts = findings.dated.promise_id, findings.verdicts
        for place, case, number in zip(places.tolist(), cases, ids, strict=True):
            values = self._values(findings, place, case.started_at)
            part = int(findings.parts[place])
            self._new.append((*values, case.key[0], number, case.key[1], promise_id, part, case.started_at))
            if values[1] == "broken":
                ids_ = (case.key[0], number, case.key[1], promise_id)
                self._broken.append(self._breach(ids_, findings, place, newly=True))
        ended = verdicts.ended_at[places]
        counts.inserted(
            self.session,
            promise_id=promise_id,
            branch_ids=branches,
            terms_ids=np.array([version.terms_id for version in findings.dated.versions])[
                findings.places[places]
            ],
            started=started,
            status=verdicts.status[places],
            reason=verdicts.reason[places],
            reasons=verdicts.reasons,
            elapsed=np.where(ended == MISSING, MISSING, verdicts.elapsed[places]),
        )

    def renew(self, row: Row[Any], findings: Findings, place: int) -> None:
        """Write what was found over *row*; what is then owed for it is told, if anything is or was."""
        values = self._values(findings, place, row.started_at)
        self._change(row, values)
        now = values[1]
        as_before = row.status == now == "broken" and row.terms_id == values[0]
        if as_before and findings.version(place).terms.remedy.always_the_same:
            return
        if "broken" in (row.status, now):
            ids = (row.branch_id, row.id, row.case_id, row.promise_id)
            self._again.append(self._breach(ids, findings, place, newly=row.status != "broken"))

    def join(self, row: Row[Any]) -> None:
        """A stretch that turned out to be a part of the one before it: nothing of its own."""
        self._change(
            row, (row.terms_id, *JOINED, None, row.ended_at, row.started_at, row.elapsed_s, self.as_of)
        )
        if row.status == "broken":
            ids = (row.branch_id, row.id, row.case_id, row.promise_id, row.terms_id)
            self._again.append(
                Breach(*ids, self.as_of, amount=Decimal(0), currency="", pay_by=None, judged_at=self.as_of)
            )

    def _values(self, findings: Findings, place: int, started_at: datetime) -> tuple[Any, ...]:
        """The columns of a verdict that the judge decides, as DECIDED names them."""
        found = findings.verdicts[place]
        elapsed = float(found.elapsed_s) if found.ended_at and found.elapsed_s is not None else None
        decided_at = None if found.status == "pending" else found.dated_at or started_at
        return (
            findings.version(place).terms_id, found.status, found.reason, found.due_at, found.ended_at,
            decided_at, elapsed, self.as_of,
        )  # fmt: skip

    def _change(self, row: Row[Any], values: tuple[Any, ...]) -> None:
        was = (row.terms_id, row.status, row.reason, row.due_at, row.ended_at, row.dated_at, row.elapsed_s)
        if was == values[:-1]:
            return
        self._changed.append((*values, row.branch_id, row.id, row.status))
        terms_id, status, reason, _, ended_at, _, elapsed, _ = values
        now = counts.Counted(
            row.branch_id, row.promise_id, terms_id, row.started_at, status, reason,
            elapsed if ended_at is not None else None,
        )  # fmt: skip
        counts.changed(self.session, counts.as_counted(row), now)

    def _breach(self, ids: tuple[int, int, int, int], findings: Findings, place: int, newly: bool) -> Breach:
        found, version = findings.verdicts[place], findings.version(place)
        amount, pay_by = findings.owing(place, self.as_of)
        return Breach(
            *ids,
            terms_id=version.terms_id,
            dated_at=found.dated_at or self.as_of,
            amount=amount,
            currency=version.terms.currency,
            pay_by=pay_by,
            judged_at=self.as_of,
            counts=findings.counts_towards(place) if amount else (),
            ended_at=found.ended_at,
            newly=newly and found.status == "broken",
        )

    def store(self) -> None:
        """Write them all, and tell the rooms after this one what broke and what isn't broken any more.

        :raises RuntimeError: if a row isn't as it was seen, though it is held: then nothing may be committed.
        """
        insert_rows(self.session, _verdict, BEGUN, sorted(self._new, key=_key))
        changed = sorted(self._changed, key=_key)
        if change_rows(self.session, _verdict, SEEN, DECIDED, changed) != len(changed):
            raise RuntimeError("a verdict was changed by somebody else while it was held")
        announce(self.session, self._broken, self._again)


def _key(row: tuple[Any, ...]) -> Key:
    return row[len(DECIDED)], row[len(DECIDED) + 1]
