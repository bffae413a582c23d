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
from promises.service.bulk_judging import CaseRows, insert_verdicts
from promises.service.findings import Findings, Line, by_rank
from promises.service.judging.verdicts import PENDING, STATUSES
from promises.service.many import change_rows, find_rows, kept_times
from promises.service.signals import Breach, Breaches, announce
from promises.service.tables import Verdict
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Rows
from promises.terms.hours import microseconds
from promises.terms.quantities import HOUR
from promises.terms.timeline import NEVER

_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]

Key = tuple[int, int]
"""Branch and id of a case."""
DECIDED = ("terms_id", "status", "reason", "due_at", "ended_at", "dated_at", "elapsed_s", "judged_at")
SEEN = ("branch_id", "id", "status")
KNOWN = (
    "branch_id", "id", "case_id", "promise_id", "part", "started_at",
    "terms_id", "status", "reason", "due_at", "ended_at", "dated_at", "elapsed_s",
)  # fmt: skip
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
    rows = find_rows(
        session, _verdict, ("branch_id", "case_id"), known_cases, names=KNOWN, hold=True, as_kept=True
    )
    known = {(row.branch_id, row.case_id, row.promise_id, row.part): row for row in rows}
    columns = judging.Cases.of([case.case for case in cases])
    hours = branch_hours(session, columns.branches.values)
    line = Line(session, columns, as_of, hours, frozenset(known_cases))
    sheet = _Sheet(session, cases, as_of)
    for dated in by_rank(session):
        for findings in line.judge(dated):
            sheet.enter(findings, known)
    for row in known.values():
        sheet.join(row)
    sheet.store()


class _Sheet:
    """Verdicts as they are found, gathered to be written by one statement each for new and for known ones.

    All times are in the form in which the database keeps them, in known rows and in what is found now.
    """

    def __init__(self, session: Session, cases: Sequence[Judged], as_of: datetime) -> None:
        self.session, self.cases, self.as_of = session, cases, as_of
        branch_ids, ids = np.array([case.key for case in cases]).T
        self._started = np.array([microseconds(case.started_at) for case in cases])
        self._rows = CaseRows(branch_ids, ids, self._started)
        (self._now,) = kept_times(session, np.array([microseconds(as_of)]))
        self._changed: list[tuple[Any, ...]] = []
        self._counted: list[counts.Change] = []
        self._broken: list[Breaches] = []
        self._again: list[Breach] = []

    def enter(self, findings: Findings, known: dict[tuple[int, int, int, int], Row[Any]]) -> None:
        """What the cases are under one promise. Rows of *known* that it is about are taken out there."""
        promise_id = findings.dated.promise_id
        rows, parts, own = findings.rows.tolist(), findings.parts.tolist(), findings.its_own().tolist()
        new, again = [], []
        for place, at in enumerate(rows):
            case = self.cases[at]
            row = None if case.is_new else known.pop((*case.key, promise_id, parts[place]), None)
            if row is not None:
                again.append((place, row))
            elif own[place]:
                new.append(place)
        values = self._values(findings, np.array([place for place, _ in again], np.int64))
        for (place, row), now in zip(again, values, strict=True):
            self._renew(row, findings, place, now)
        if new:
            self._broken.append(
                insert_verdicts(self.session, findings, np.array(new), self._rows, self.as_of)
            )

    def _renew(self, row: Row[Any], findings: Findings, place: int, values: tuple[Any, ...]) -> None:
        """Write what was found over *row*; what is then owed for it is told, if anything is or was."""
        self._change(row, values, int(self._started[findings.rows[place]]))
        now = values[1]
        if "broken" not in (row.status, now):
            return
        as_before = row.status == now and row.terms_id == values[0]
        if not (as_before and findings.version(place).terms.remedy.always_the_same):
            ids = (row.branch_id, row.id, row.case_id, row.promise_id)
            self._again.append(self._breach(ids, findings, place, newly=row.status != "broken"))

    def join(self, row: Row[Any]) -> None:
        """A stretch that turned out to be a part of the one before it: nothing of its own."""
        (case,) = (place for place, one in enumerate(self.cases) if one.key == (row.branch_id, row.case_id))
        values = (row.terms_id, *JOINED, None, row.ended_at, row.started_at, row.elapsed_s)
        self._change(row, values, int(self._started[case]))
        if row.status == "broken":
            ids = (row.branch_id, row.id, row.case_id, row.promise_id, row.terms_id)
            self._again.append(
                Breach(*ids, self.as_of, amount=Decimal(0), currency="", pay_by=None, judged_at=self.as_of)
            )

    def _values(self, findings: Findings, places: Rows) -> list[tuple[Any, ...]]:
        """Of the stretches at *places* the columns of their verdicts that the judge decides, as DECIDED names
        them."""
        found = findings.verdicts
        terms_ids = [version.terms_id for version in findings.dated.versions]
        status, due, ended = found.status[places], found.due_at[places], found.ended_at[places]
        dated = found.dated(places)
        dated = np.where(dated == MISSING, self._started[findings.rows[places]], dated)
        elapsed = np.where(ended == MISSING, MISSING, found.elapsed[places])
        return list(
            zip(
                [terms_ids[place] for place in findings.places[places].tolist()],
                [STATUSES[one] for one in status.tolist()],
                [found.reasons[reason] for reason in found.reason[places].tolist()],
                kept_times(self.session, np.where(due == NEVER, MISSING, due)),
                kept_times(self.session, ended),
                kept_times(self.session, np.where(status == PENDING, MISSING, dated)),
                [None if one == MISSING else one / 1_000_000 for one in elapsed.tolist()],
                strict=True,
            )
        )

    def _change(self, row: Row[Any], values: tuple[Any, ...], started: int) -> None:
        was = (row.terms_id, row.status, row.reason, row.due_at, row.ended_at, row.dated_at, row.elapsed_s)
        if was == values:
            return
        self._changed.append((*values, self._now, row.branch_id, row.id, row.status))
        self._counted.append((_counted(row, was, started), _counted(row, values, started)))

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
        changed = sorted(self._changed, key=_key)
        if change_rows(self.session, _verdict, SEEN, DECIDED, changed) != len(changed):
            raise RuntimeError("a verdict was changed by somebody else while it was held")
        counts.all_changed(self.session, self._counted)
        for breaches in self._broken:
            announce(self.session, breaches)
        announce(self.session, again=self._again)


def _counted(row: Row[Any], values: tuple[Any, ...], started: int) -> counts.Counted:
    """What the verdict of *row* counts as with these *values*."""
    terms_id, status, reason, _, ended_at, _, elapsed = values
    lasted = elapsed if ended_at is not None else None
    return counts.Counted(row.branch_id, row.promise_id, terms_id, started // HOUR, status, reason, lasted)


def _key(row: tuple[Any, ...]) -> Key:
    return row[len(DECIDED)], row[len(DECIDED) + 1]
