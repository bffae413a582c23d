"""What the interface tells: one case, the promises in force, and what has become known at a branch since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, and_, select, tuple_
from sqlmodel import Session

from promises.compensation import queries as compensation
from promises.compensation.tables import Compensation, Entry
from promises.journal.tables import Link
from promises.people.tables import Branch
from promises.service.queries import milestones, verdicts
from promises.service.tables import Case, Verdict
from promises.terms.hours import microseconds, moment
from promises.terms.queries import promises
from promises.terms.reading import write_terms

_case: Table = Case.__table__  # type: ignore[attr-defined]
_verdict: Table = Verdict.__table__  # type: ignore[attr-defined]
_entry: Table = Entry.__table__  # type: ignore[attr-defined]
_owed: Table = Compensation.__table__  # type: ignore[attr-defined]
_link: Table = Link.__table__  # type: ignore[attr-defined]

SETTLED = timedelta(seconds=30)
"""Verdicts are told once they are so old: whoever began to judge before is then done, so that nothing is
written behind a cursor that has gone by."""

BEGINNING = (0, 0)
Cursor = tuple[int, int]


def read_cursor(text: str | None) -> Cursor:
    """From where on; numbers that no table holds are as good as its end."""
    if not text:
        return BEGINNING
    major, _, minor = text.partition("-")
    most = 2**63 - 1
    return min(int(major), most), min(int(minor), most)


def promises_in_force(session: Session, as_of: datetime) -> list[dict[str, Any]]:
    """Every promise that is in force, with its terms."""
    found = []
    for dated in promises(session):
        version = dated.at(as_of)
        if version is not None:
            found.append(
                {
                    "promise": dated.code,
                    "version": version.number,
                    "starts_at": _at(version.starts_at),
                    "terms": write_terms(version.terms),
                }
            )
    return found


def one_case(session: Session, branch: Branch, source: str, reference: str) -> dict[str, Any] | None:
    """A case of *source*, with what happened, what it is under each promise and what is owed for it."""
    query = select(Case).where(
        _case.c.branch_id == branch.id, _case.c.source == source, _case.c.reference == reference
    )
    case = session.execute(query).scalar()
    if case is None:
        return None
    owed: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in compensation.of_case(session, case.branch_id, case.id):
        own = line.compensation
        owed[own.verdict_id].append(
            {
                "amount": _money(own.amount),
                "currency": own.currency,
                "state": line.state,
                "dated_at": _at(own.dated_at),
                "pay_by": _at(own.pay_by),
            }
        )
    return {
        "branch": branch.code,
        "case": case.reference,
        "touchpoint": case.touchpoint,
        "started_at": _at(case.started_at),
        "customer": case.customer or None,
        "attributes": case.attributes,
        "milestones": [
            {"milestone": one.name, "at": _at(one.at), "withdrawn": one.taken_back}
            for one in milestones(session, case)
        ],
        "verdicts": [
            _verdict_of(one.verdict, one.code, one.version.number)
            | {"compensation": owed.get(one.verdict.id, [])}
            for one in verdicts(session, case)
        ],
    }


def verdicts_since(
    session: Session, branch_id: int, after: Cursor, limit: int, as_of: datetime
) -> tuple[list[dict[str, Any]], str, bool]:
    """The verdicts of a branch as they were judged after *after*, the cursor after them, and whether there
    are more. A verdict that is judged anew comes again."""
    key = tuple_(_verdict.c.judged_at, _verdict.c.id)
    since = moment(min(after[0], microseconds(as_of)))
    query = (
        select(_verdict, _case.c.reference, _case.c.source)
        .join(_case, and_(_case.c.branch_id == _verdict.c.branch_id, _case.c.id == _verdict.c.case_id))
        .where(
            _verdict.c.branch_id == branch_id,
            _verdict.c.judged_at >= since,
            key > tuple_(since, after[1]),
            _verdict.c.judged_at <= as_of - SETTLED,
        )
        .order_by(_verdict.c.judged_at, _verdict.c.id)
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    known = {
        version.terms_id: (dated.code, version.number)
        for dated in promises(session)
        for version in dated.versions
    }
    told = [
        _verdict_of(row, *known[row.terms_id]) | {"case": row.reference, "source": row.source}
        for row in rows[:limit]
    ]
    last = (microseconds(rows[:limit][-1].judged_at), rows[:limit][-1].id) if rows else after
    return told, _written(last), len(rows) > limit


def movements_since(
    session: Session, branch_id: int, after: Cursor, limit: int
) -> tuple[list[dict[str, Any]], str, bool]:
    """The ledger of a branch in the order in which it was committed, which its hash chain keeps, so that
    nothing can come behind a cursor."""
    key = tuple_(_link.c.number, _entry.c.id)
    query = (
        select(_entry, _link.c.number, _owed.c.verdict_id, _case.c.reference, _case.c.source)
        .select_from(_link)
        .join(_entry, and_(_entry.c.branch_id == _link.c.chain, _entry.c.seal == _link.c.seal))
        .join(_owed, and_(_owed.c.branch_id == branch_id, _owed.c.id == _entry.c.compensation_id))
        .join(_case, and_(_case.c.branch_id == branch_id, _case.c.id == _owed.c.case_id))
        .where(_link.c.chain == branch_id, _link.c.number >= after[0], key > tuple_(*after))
        .order_by(_link.c.number, _entry.c.id)
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    told = [
        {
            "id": str(row.id),
            "compensation": str(row.compensation_id),
            "verdict": None if row.verdict_id is None else str(row.verdict_id),
            "kind": row.kind,
            "amount": _money(row.amount),
            "currency": row.currency,
            "dated_at": _at(row.dated_at),
            "made_at": _at(row.made_at),
            "case": row.reference,
            "source": row.source,
        }
        for row in rows[:limit]
    ]
    last = (rows[:limit][-1].number, rows[:limit][-1].id) if rows else after
    return told, _written(last), len(rows) > limit


def _verdict_of(verdict: Any, promise: str, version: int) -> dict[str, Any]:
    names = ("due_at", "ended_at", "dated_at", "judged_at")
    return {
        "id": str(verdict.id),
        "promise": promise,
        "terms": version,
        "part": verdict.part,
        "status": verdict.status,
        "reason": verdict.reason,
        "elapsed_s": verdict.elapsed_s,
        **{name: _at(getattr(verdict, name)) for name in names},
    }


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _written(cursor: Cursor) -> str:
    return f"{cursor[0]}-{cursor[1]}"


def answer_page(name: str, found: tuple[list[dict[str, Any]], str, bool]) -> Mapping[str, Any]:
    """One page of a list and where to go on."""
    return {name: found[0], "next": found[1], "more": found[2]}
