"""Cases that are told again: found by their reference, and given what they don't have yet."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service.actions import add_milestone
from promises.service.judging.cases import Cases
from promises.service.keys import parts
from promises.service.tables import Case, Milestone
from promises.terms.columns import Rows
from promises.terms.hours import moment

NEW = -1


def known_cases(session: Session, source: str, branch_ids: Rows, references: list[str]) -> Rows:
    """The id of each case that *source* has told before, or NEW."""
    found = np.full(len(references), NEW)
    for branch in np.unique(branch_ids):
        rows = np.flatnonzero(branch_ids == branch).tolist()
        of_branch = select(Case.reference, Case.id).where(
            Case.branch_id == int(branch), Case.source == source
        )
        if session.exec(of_branch.limit(1)).first() is None:
            continue
        row_of = {references[row]: row for row in rows}
        for part in parts([references[row] for row in rows]):
            for reference, number in session.exec(of_branch.where(col(Case.reference).in_(part))):
                found[row_of[reference]] = number
    return found


def add_to_known(
    session: Session,
    cases: Cases,
    rows: Rows,
    known: Rows,
    branch_ids: Rows,
    branches: dict[int | None, Branch],
    *,
    by: int | None,
    as_of: datetime,
) -> int:
    """Add the milestones that known cases don't have; how many cases learned something."""
    told = _told(cases, rows)
    there = _there(session, known[rows], branch_ids[rows])
    grown = 0
    for row in rows.tolist():
        key = (int(branch_ids[row]), int(known[row]))
        more = sorted(told[row] - there[key], key=lambda happening: happening[1])
        if not more:
            continue
        case = session.get_one(Case, key)
        for name, at in more:
            add_milestone(session, case, branches[key[0]], name, at, by=by, as_of=as_of)
        grown += 1
    return grown


Happenings = set[tuple[str, datetime]]


def _told(cases: Cases, rows: Rows) -> dict[int, Happenings]:
    told: dict[int, Happenings] = {row: set() for row in rows.tolist()}
    for name, happened in cases.milestones.items():
        for row, at in zip(*(column.tolist() for column in happened.all()), strict=True):
            if row in told:
                told[row].add((name, moment(at)))
    return told


def _there(session: Session, ids: Rows, branch_ids: Rows) -> defaultdict[tuple[int, int], Happenings]:
    there: defaultdict[tuple[int, int], Happenings] = defaultdict(set)
    for branch in np.unique(branch_ids).tolist():
        of_branch = select(Milestone.case_id, Milestone.name, Milestone.at).where(
            Milestone.branch_id == branch
        )
        for part in parts(ids[branch_ids == branch].tolist()):
            for case_id, name, at in session.exec(of_branch.where(col(Milestone.case_id).in_(part))):
                there[branch, case_id].add((name, at))
    return there
