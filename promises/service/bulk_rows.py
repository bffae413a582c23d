"""New cases and their milestones as columns, into their tables at once."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table
from sqlmodel import Session

from promises.loading import Column, load, texts, times
from promises.service.bulk_judging import CaseRows
from promises.service.judging.cases import Cases
from promises.service.keys import draw_ids, in_key_order
from promises.service.tables import Case, Milestone
from promises.terms.columns import MISSING, Coded, Rows, Times
from promises.terms.timeline import NEVER

_case: Table = Case.__table__  # type: ignore[attr-defined]
_milestone: Table = Milestone.__table__  # type: ignore[attr-defined]

TOUCHPOINT, CUSTOMER = "touchpoint", "customer"


def started(cases: Cases) -> Times:
    """When each case began: its earliest milestone, or NEVER."""
    found = np.full(len(cases), NEVER)
    for happened in cases.milestones.values():
        found = np.where(happened.first == MISSING, found, np.minimum(found, happened.first))
    return found


def insert_cases(
    session: Session, cases: Cases, branch_ids: Rows, references: pa.Array, source: str, by: int | None
) -> CaseRows:
    """Insert *cases* and what happened to them, in the order of their keys."""
    at = started(cases)
    ids = draw_ids(session, _case, branch_ids, at)
    order = in_key_order(branch_ids, ids)
    touchpoints, customers = cases.attribute(TOUCHPOINT), cases.attribute(CUSTOMER)
    load(session, _case, len(cases), {
        "branch_id": branch_ids[order],
        "id": ids[order],
        "source": source,
        "reference": references.take(order),
        "touchpoint": texts(touchpoints.values, touchpoints.codes[order]),
        "started_at": times(at[order]),
        "customer": texts(customers.values, customers.codes[order], ""),
        "attributes": _attributes(cases, order),
    })  # fmt: skip
    _insert_milestones(session, cases, branch_ids, ids, order, by)
    return CaseRows(branch_ids, ids, at)


def _attributes(cases: Cases, order: Rows) -> Column:
    """All other attributes of each case, as the JSON text that is stored."""
    members = [
        _members(name, coded, order)
        for name, coded in cases.attributes.items()
        if name not in (TOUCHPOINT, CUSTOMER)
    ]
    if not members:
        return "{}"
    # Arrow joins nothing at all where there is but one text to join.
    one = len(members) == 1
    inner = members[0] if one else pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", pc.fill_null(inner, ""), "}", "")


def _members(name: str, coded: Coded, order: Rows) -> pa.Array:
    return texts([f"{json.dumps(name)}: {json.dumps(value)}" for value in coded.values], coded.codes[order])


def _insert_milestones(
    session: Session, cases: Cases, branch_ids: Rows, ids: Rows, order: Rows, by: int | None
) -> None:
    names = sorted(cases.milestones)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    told: list[tuple[Rows, Rows, Times]] = []
    for number, name in enumerate(names):
        rows, at = cases.milestones[name].all()
        new = np.ones(len(rows), bool)
        new[1:] = (rows[1:] != rows[:-1]) | (at[1:] != at[:-1])
        told.append((rows[new], np.full(int(new.sum()), number), at[new]))
    rows, codes, at = (np.concatenate(column) for column in zip(*told, strict=True))
    sorted_ = np.lexsort((at, codes, place[rows]))
    rows, codes, at = rows[sorted_], codes[sorted_], at[sorted_]
    load(session, _milestone, len(rows), {
        "branch_id": branch_ids[rows],
        "case_id": ids[rows],
        "name": texts(names, codes.astype(np.int32)),
        "at": times(at),
        "by": by,
    })  # fmt: skip
