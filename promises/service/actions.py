"""Cases and their milestones, one at a time, as they happen. Files come in through bulk.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.findings import stand_in_line
from promises.service.judgement import judge_case
from promises.service.tables import Case, Milestone

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
    only what wasn't known of it is added.

    :param milestones: at least one; the earliest is the beginning of the case.
    :raises Refusal: ``cases.no_milestones``, ``cases.in_future``.
    """
    if not milestones:
        raise Refusal("cases.no_milestones", reference=reference)
    _not_in_future(milestones, as_of)
    stand_in_line(session)
    started_at = min(at for _, at in milestones)
    row = {
        "branch_id": branch.id,
        "id": new_id(int(started_at.timestamp() * 1000)),
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
        known = {**(attributes or {}), **({"customer": customer} if customer else {})}
        tell(session, case, branch, milestones, known, by=by, as_of=as_of)
        return case
    for name, at in dict.fromkeys(milestones):
        _note(session, case, name, at, by)
    judge_case(session, case, branch, as_of)
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
    return tell(session, case, branch, [(name, at)], by=by, as_of=as_of)


def tell(
    session: Session,
    case: Case,
    branch: Branch,
    milestones: Sequence[Happening] = (),
    attributes: Mapping[str, str | bool | int] | None = None,
    *,
    by: int | None,
    as_of: datetime,
) -> bool:
    """Note what has become known of *case*, then judge it anew once; False if all of it was known.

    :param attributes: what is known of it beside what happened, such as evidence that excuses a breach;
        ``customer`` is one of them. What was told before and is told otherwise now is replaced, and the
        journal keeps that it was.
    :raises Refusal: ``cases.in_future``.
    """
    _not_in_future(milestones, as_of)
    stand_in_line(session)
    # One judging of a case at a time: each sees what was told before.
    held = select(Case).where(Case.branch_id == case.branch_id, Case.id == case.id)
    held = held.with_for_update(key_share=True).execution_options(populate_existing=True)
    case = session.exec(held).one()
    noted = [_note(session, case, name, at, by) for name, at in dict.fromkeys(milestones)]
    learned = _learn(session, case, attributes or {}, by, as_of)
    if not (any(noted) or learned):
        return False
    judge_case(session, case, branch, as_of)
    return True


def _learn(
    session: Session, case: Case, told: Mapping[str, str | bool | int], by: int | None, as_of: datetime
) -> bool:
    """Keep attributes that are new or told otherwise; whether there were any."""
    known = {**case.attributes, "customer": case.customer}
    new = {name: value for name, value in told.items() if known.get(name, "") != value}
    if not new:
        return False
    changed = sorted(name for name in new if known.get(name, "") != "")
    case.customer = str(new.pop("customer", case.customer))
    case.attributes = {**case.attributes, **new}
    session.add(case)
    session.flush()
    if changed:
        record(session, "case.told_otherwise", "case", case.id, by=by, as_of=as_of, names=", ".join(changed))
    return True


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


def find_case(session: Session, branch: Branch, case_id: int) -> Case | None:
    """A case of this branch."""
    return session.exec(select(Case).where(Case.branch_id == branch.id, col(Case.id) == case_id)).first()
