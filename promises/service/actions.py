"""Cases and their milestones, one at a time, as they happen. Files come in through bulk.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from promises.database import new_id
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.judgement import breach, judge_case, matched, verdict_values
from promises.service.signals import announce
from promises.service.tables import Case, Milestone, Verdict
from promises.terms.queries import promises

_case: Table = Case.__table__  # type: ignore[attr-defined]
_milestone: Table = Milestone.__table__  # type: ignore[attr-defined]

Happening = tuple[str, datetime]
"""The name of a milestone and when it happened."""


def open_case(
    session: Session,
    *,
    branch: Branch,
    touchpoint: str,
    source: str,
    reference: str,
    milestones: Sequence[Happening],
    by: int | None,
    as_of: datetime,
    attributes: Mapping[str, str | bool | int] | None = None,
    customer: str = "",
) -> Case:
    """A case as it begins, matched to the promises of its touchpoint and branch and judged by them.

    Told again (same source and reference at the branch), it is the case that is there already, and
    only milestones that it doesn't have are added.

    :param milestones: at least one; the earliest is the beginning of the case, by which the version of
        the terms is chosen.
    :raises Refusal: ``cases.no_milestones``, ``cases.in_future``.
    """
    if not milestones:
        raise Refusal("cases.no_milestones", reference=reference)
    _not_in_future(milestones, as_of)
    started_at = min(at for _, at in milestones)
    case_id = new_id(int(started_at.timestamp() * 1000))
    row = {
        "branch_id": branch.id,
        "id": case_id,
        "source": source,
        "reference": reference,
        "touchpoint": touchpoint,
        "started_at": started_at,
        "customer": customer,
        "attributes": dict(attributes or {}),
    }
    inserted = insert_new(session, _case, row)
    same = (Case.branch_id == branch.id, Case.source == source, Case.reference == reference)
    case = session.exec(select(Case).where(*same)).one()
    if not inserted:
        for name, at in milestones:
            add_milestone(session, case, branch, name, at, by=by, as_of=as_of)
        return case
    for name, at in dict.fromkeys(milestones):
        _note(session, case, name, at, by)
    _begin(session, case, branch, as_of)
    return case


def add_milestone(
    session: Session,
    case: Case,
    branch: Branch,
    name: str,
    at: datetime,
    *,
    by: int | None,
    as_of: datetime,
) -> bool:
    """Note that *name* happened to *case* at *at*, and judge it anew; False if that was known.

    :raises Refusal: ``cases.in_future``.
    """
    _not_in_future([(name, at)], as_of)
    # One judging of a case at a time: each sees the milestones of the one before.
    session.exec(
        select(Case.id)
        .where(Case.branch_id == case.branch_id, Case.id == case.id)
        .with_for_update(key_share=True)
    ).one()
    if not _note(session, case, name, at, by):
        return False
    judge_case(session, case, branch, as_of)
    return True


def _begin(session: Session, case: Case, branch: Branch, as_of: datetime) -> None:
    """Match a new case to promises and judge it: mostly pending, with the time when it is due."""
    versions = [version for dated in promises(session) if (version := dated.at(case.started_at))]
    breaches = []
    for version, found in matched(session, case, branch, versions, as_of):
        verdict = Verdict(
            branch_id=case.branch_id,
            id=new_id(int(case.started_at.timestamp() * 1000)),
            case_id=case.id,
            promise_id=version.promise_id,
            terms_id=version.terms_id,
            started_at=case.started_at,
            **verdict_values(found, case.started_at, as_of),
        )
        session.add(verdict)
        if found.status == "broken":
            breaches.append(breach(verdict, version.terms, found, as_of))
    session.flush()
    announce(session, breaches)


def _not_in_future(milestones: Sequence[Happening], as_of: datetime) -> None:
    for name, at in milestones:
        if at > as_of:
            raise Refusal("cases.in_future", field=name, found=at.isoformat())


def _note(session: Session, case: Case, name: str, at: datetime, by: int | None) -> bool:
    return insert_new(
        session,
        _milestone,
        {"branch_id": case.branch_id, "case_id": case.id, "name": name, "at": at, "by": by},
    )


def insert_new(session: Session, table: Table, row: dict[str, Any]) -> bool:
    """Insert *row* unless its key is there; whether it was new. Waits for others who insert the same."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**row).on_conflict_do_nothing().returning(table.c.branch_id)
    return session.execute(statement).first() is not None


def find_case(session: Session, branch: Branch, case_id: int) -> Case | None:
    """A case of this branch."""
    return session.exec(select(Case).where(Case.branch_id == branch.id, col(Case.id) == case_id)).first()
