"""What the terms make of verdicts whose time has run out: mostly broken, with an amount, as claimed.

The judge has the last word, over columns: what it says of a claimed verdict is nearly always what the claim
has written already, so there is nothing to write but what is owed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, Table
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.service import counts, judging
from promises.service.findings import Findings, Line, by_rank, counted_names
from promises.service.judgement import attributes_of, join, renew
from promises.service.judging.verdicts import BROKEN
from promises.service.many import find_rows
from promises.service.signals import Breach, Breaches, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.service.told_tables import Withdrawal
from promises.terms.calendar import branch_hours
from promises.terms.columns import MISSING, Flags, Rows
from promises.terms.hours import microseconds
from promises.terms.timeline import NEVER

STILL_OPEN = "still_open"
Key = tuple[int, int]
"""Branch and id of a case."""

_case: Table = Case.__table__  # type: ignore[attr-defined]
_milestone: Table = Milestone.__table__  # type: ignore[attr-defined]
_withdrawal: Table = Withdrawal.__table__  # type: ignore[attr-defined]


def follow(session: Session, claimed: Sequence[Row[Any]], as_of: datetime) -> int:
    """Write what follows for verdicts that this transaction has just claimed; how many are broken.

    :param claimed: rows of the verdict table as the claim has left them: the overdue broken, dated when
        they were due, the others pending.
    """
    keys = sorted({(row.branch_id, row.case_id) for row in claimed})
    together = judging.Cases.of(stored_cases(session, keys))
    line = Line(session, together, as_of, branch_hours(session, together.branches.values), frozenset(keys))
    for row in claimed:
        if row.status == "broken":
            now = counts.as_counted(row)
            counts.changed(session, replace(now, status="pending", elapsed_s=None), now)
    owed: list[Breaches] = []
    again: list[Breach] = []
    for dated in by_rank(session):
        own = {
            (row.branch_id, row.case_id, row.part): row
            for row in claimed
            if row.promise_id == dated.promise_id
        }
        for findings in line.judge(dated) if own else ():
            met = []
            parts = zip(findings.rows.tolist(), findings.parts.tolist(), strict=True)
            for place, (at, part) in enumerate(parts):
                if (*keys[at], part) in own:
                    met.append((place, own.pop((*keys[at], part))))
            as_claimed, otherwise = _renew(session, findings, met, as_of)
            owed.append(as_claimed)
            again += otherwise
        for row in own.values():
            again += join(session, _verdict(row), as_of)
    for breaches in (*owed, again):
        announce(session, again=breaches)
    broken = sum(map(len, owed)) + sum(one.newly for one in again)
    if broken:
        record(session, "watch.broke", "verdict", "", by=None, as_of=as_of, count=broken)
    return broken


def stored_cases(session: Session, keys: Sequence[Key]) -> list[judging.Case]:
    """Cases as the judge takes them, with all their milestones that stand, in the order of *keys*."""
    branches = select(Branch.id, Branch.code).where(col(Branch.id).in_({branch_id for branch_id, _ in keys}))
    codes = dict(session.exec(branches).all())
    happened: defaultdict[Key, list[tuple[str, datetime]]] = defaultdict(list)
    by = ("branch_id", "case_id")
    taken_back = {
        (row.branch_id, row.case_id, row.name, row.at) for row in find_rows(session, _withdrawal, by, keys)
    }
    for row in find_rows(session, _milestone, by, keys):
        if (row.branch_id, row.case_id, row.name, row.at) not in taken_back:
            happened[row.branch_id, row.case_id].append((row.name, row.at))
    return [
        judging.Case(
            str(row.id), codes[row.branch_id], tuple(happened[row.branch_id, row.id]), attributes_of(row)
        )
        for row in find_rows(session, _case, ("branch_id", "id"), keys)
    ]


def _renew(
    session: Session, findings: Findings, met: Sequence[tuple[int, Row[Any]]], as_of: datetime
) -> tuple[Breaches, list[Breach]]:
    """What is owed for the claimed rows at these places: as it was claimed, or as it had to be written."""
    places = np.array([place for place, _ in met], np.int64)
    guessed = _as_claimed(findings, places, [row for _, row in met])
    again = []
    for at in np.flatnonzero(~guessed).tolist():
        place, row = met[at]
        newly = findings.verdicts[place].status == "broken"
        again += [replace(one, newly=newly) for one in renew(session, _verdict(row), findings, place, as_of)]
    rows = [met[at][1] for at in np.flatnonzero(guessed).tolist()]
    return _owed(findings, places[guessed], rows, as_of), again


def _as_claimed(findings: Findings, places: Rows, rows: Sequence[Row[Any]]) -> Flags:
    """Which verdicts are what the claim has made of them: broken as their cases are still open."""
    found = findings.verdicts
    reasons = [number for number, reason in enumerate(found.reasons) if reason == STILL_OPEN]
    terms_ids = np.array([version.terms_id for version in findings.dated.versions])
    claimed = (
        np.array([row.status == "broken" and row.ended_at is None for row in rows], bool),
        np.array([NEVER if row.due_at is None else microseconds(row.due_at) for row in rows], np.int64),
        np.array([row.terms_id for row in rows], np.int64),
    )
    same: Flags = (
        claimed[0]
        & (found.status[places] == BROKEN)
        & np.isin(found.reason[places], reasons)
        & (found.ended_at[places] == MISSING)
        & (found.due_at[places] == claimed[1])
        & (terms_ids[findings.places[places]] == claimed[2])
    )
    return same


def _owed(findings: Findings, places: Rows, rows: Sequence[Row[Any]], as_of: datetime) -> Breaches:
    """What is owed for verdicts that are what the claim has made of them."""
    cents, pay_by = findings.owed(places, as_of)
    versions = findings.dated.versions
    towards = counted_names([version.terms for version in versions])
    return Breaches(
        promise_id=findings.dated.promise_id,
        judged_at=as_of,
        branch_ids=np.array([row.branch_id for row in rows], np.int64),
        verdict_ids=np.array([row.id for row in rows], np.int64),
        case_ids=np.array([row.case_id for row in rows], np.int64),
        terms_ids=np.array([row.terms_id for row in rows], np.int64),
        dated_at=findings.verdicts.due_at[places],
        ended_at=findings.verdicts.ended_at[places],
        pay_by=pay_by,
        cents=cents,
        currency={version.terms_id: version.terms.currency for version in versions},
        counts={
            number: findings.counts_towards(int(place))
            for number, place in enumerate(places.tolist())
            if towards and cents[number]
        },
    )


def _verdict(row: Row[Any]) -> Verdict:
    """A claimed row as it stands now; not in the session, which would look each one up."""
    return Verdict(**row._mapping)
