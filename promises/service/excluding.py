"""Exclusions by hand as the judge meets them: cases that a promise isn't judged on, whatever happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service.excluded_tables import Exclusion, ExclusionDecision
from promises.service.judging.cases import Cases
from promises.service.judging.verdicts import EXCLUDED, Verdicts
from promises.service.many import find_rows
from promises.terms.columns import Flags
from promises.terms.timeline import NEVER

BY_HAND = "by_hand"
"""The reason of such verdicts."""

_exclusion: Table = Exclusion.__table__  # type: ignore[attr-defined]
_decision: Table = ExclusionDecision.__table__  # type: ignore[attr-defined]

ByHand = Mapping[int, frozenset[tuple[str, str]]]
"""By promise, the cases that are excluded from it: branch code and id, as the judge knows them."""


def excluded_by_hand(session: Session, keys: Collection[tuple[int, int]]) -> ByHand:
    """The exclusions in force of the cases *keys* (branch and id)."""
    rows = find_rows(session, _exclusion, ("branch_id", "case_id"), sorted(keys))
    if not rows:
        return {}
    waiting = [(row.branch_id, row.id) for row in rows if not row.alone]
    approved = {
        (row.branch_id, row.exclusion_id)
        for row in find_rows(session, _decision, ("branch_id", "exclusion_id"), waiting)
        if row.outcome == "approved"
    }
    branches = select(Branch.id, Branch.code).where(col(Branch.id).in_({row.branch_id for row in rows}))
    codes = dict(session.exec(branches).all())
    found: dict[int, frozenset[tuple[str, str]]] = {}
    for row in rows:
        if row.alone or (row.branch_id, row.id) in approved:
            own = found.get(row.promise_id, frozenset())
            found[row.promise_id] = own | {(codes[row.branch_id], str(row.case_id))}
    return found


def excluded_rows(cases: Cases, excluded: Collection[tuple[str, str]]) -> Flags:
    """Which of *cases* are excluded."""
    codes = cases.branches.values
    branches = (codes[code] if code >= 0 else "" for code in cases.branches.codes.tolist())
    pairs = zip(branches, map(str, cases.ids), strict=True)
    return np.fromiter((pair in excluded for pair in pairs), bool, len(cases))


def without(verdicts: Verdicts, excluded: Flags) -> Verdicts:
    """The same verdicts, but those of *excluded* rows that were judged are excluded and owe nothing."""
    rows = excluded & (verdicts.status != EXCLUDED)
    if not rows.any():
        return verdicts
    reason = verdicts.reason.copy()
    reason[rows] = len(verdicts.reasons)
    return replace(
        verdicts,
        status=np.where(rows, EXCLUDED, verdicts.status).astype(verdicts.status.dtype),
        reason=reason,
        reasons=(*verdicts.reasons, BY_HAND),
        due_at=np.where(rows, NEVER, verdicts.due_at),
        cents=np.where(rows, 0, verdicts.cents),
    )
