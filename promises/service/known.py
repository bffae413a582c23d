"""Cases that are told again: found by their reference, and given what they don't have yet."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service.actions import tell
from promises.service.judging.cases import Cases
from promises.service.keys import found, parts
from promises.service.tables import Case, Milestone
from promises.terms.columns import Rows
from promises.terms.hours import moment

_case: Table = Case.__table__  # type: ignore[attr-defined]
NEW = -1
TOUCHPOINT = "touchpoint"


def known_cases(session: Session, source: str, branch_ids: Rows, references: pa.Array) -> Rows:
    """The id of each case that *source* has told before, or NEW."""
    known = np.full(len(references), NEW)
    for branch in np.unique(branch_ids):
        rows = np.flatnonzero(branch_ids == branch)
        own = references.take(rows).to_pylist()
        for place, number in found(session, _case, int(branch), "reference", own, source=source):
            known[rows[place]] = number
    return known


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
    """Add what isn't known of known cases, milestones and attributes; how many cases learned something."""
    told = _told(cases, rows)
    there = _there(session, known[rows], branch_ids[rows])
    attributes = _attributes(session, known[rows], branch_ids[rows])
    grown = 0
    for row in rows.tolist():
        key = (int(branch_ids[row]), int(known[row]))
        more = sorted(told[row] - there[key], key=lambda happening: happening[1])
        also = {
            name: coded.values[coded.codes[row]]
            for name, coded in cases.attributes.items()
            if name != TOUCHPOINT and coded.codes[row] >= 0
        }
        also = {name: value for name, value in also.items() if written(attributes[key].get(name)) != value}
        if not more and not also:
            continue
        case = session.get_one(Case, key)
        grown += tell(session, case, branches[key[0]], more, also, by=by, as_of=as_of)
    return grown


def written(value: Any) -> str | None:
    """An attribute as files tell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _attributes(session: Session, ids: Rows, branch_ids: Rows) -> dict[tuple[int, int], dict[str, Any]]:
    """What is known of known cases beside what happened."""
    known: dict[tuple[int, int], dict[str, Any]] = {}
    for branch in np.unique(branch_ids).tolist():
        of_branch = select(Case.id, Case.customer, Case.attributes).where(Case.branch_id == branch)
        for part in parts(ids[branch_ids == branch].tolist()):
            for case_id, customer, attributes in session.exec(of_branch.where(col(Case.id).in_(part))):
                known[branch, case_id] = {**attributes, **({"customer": customer} if customer else {})}
    return known


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
