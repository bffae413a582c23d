"""Judging stored cases: from rows to the judge's plain values, and its verdicts back into rows.

A verdict is decided by a conditional update of a pending row, and whoever's update changes the row
writes the consequence in the same transaction. So a second judging of anything changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, update
from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service import judging
from promises.service.signals import Breach, Mended, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.terms.calendar import branch_hours
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours
from promises.terms.paying import pay_by
from promises.terms.queries import Version, of_terms

NOT_ITS_CASE = frozenset({"not_covered", "before_terms"})
"""Reasons that say the promise isn't about the case at all, so there is nothing to keep of it."""


def judge_case(session: Session, case: Case, branch: Branch, as_of: datetime) -> None:
    """Judge every verdict of *case* anew from what is known of it now.

    A pending one may be decided. One that was broken because nothing had come in time is completed
    when the end comes late, and mended when it turns out that the end had come in time.
    """
    query = select(Verdict).where(Verdict.branch_id == case.branch_id, Verdict.case_id == case.id)
    verdicts = session.exec(query.execution_options(populate_existing=True)).all()
    versions = of_terms(session, {verdict.terms_id for verdict in verdicts})
    plain = plain_case(session, case, branch)
    hours = hours_for(session, branch, [version.terms for version in versions.values()])
    breaches: list[Breach] = []
    mends: list[Mended] = []
    for verdict in verdicts:
        version = versions[verdict.terms_id]
        found = judging.judge(plain, version.terms, as_of, hours)
        if verdict.status == "pending" and _decide(session, verdict, found, as_of):
            if found.status == "broken":
                breaches.append(breach(verdict, version.terms, found, as_of))
            continue
        session.refresh(verdict)
        if verdict.status == "broken" and verdict.ended_at is None and found.ended_at is not None:
            mends += _complete(session, verdict, found, as_of)
    announce(session, breaches, mends)


def plain_case(session: Session, case: Case, branch: Branch) -> judging.Case:
    """*case* as the judge takes it, with all its milestones."""
    found = session.exec(
        select(Milestone.name, Milestone.at).where(
            Milestone.branch_id == case.branch_id, Milestone.case_id == case.id
        )
    )
    return judging.Case(str(case.id), branch.code, tuple(found), attributes_of(case))


def attributes_of(case: Case) -> dict[str, str | bool | int]:
    """All that is known of *case*, as terms may ask for it."""
    known = {**case.attributes, "touchpoint": case.touchpoint}
    return {**known, "customer": case.customer} if case.customer else known


def hours_for(session: Session, branch: Branch, terms: Sequence[TermsDocument]) -> dict[str, OpeningHours]:
    """The branch's opening hours, if any of *terms* runs on a clock that asks for them."""
    clocks = {one.measure.clock_name for one in terms if isinstance(one.measure, TimeMeasure)}
    return branch_hours(session, [branch.code]) if clocks - {"elapsed"} else {}


def verdict_values(found: judging.Verdict, started_at: datetime, as_of: datetime) -> dict[str, Any]:
    """The columns of a verdict row that the judge decides."""
    decided = found.status != "pending"
    return {
        "status": found.status,
        "reason": found.reason,
        "due_at": found.due_at,
        "ended_at": found.ended_at,
        "dated_at": (found.dated_at or started_at) if decided else None,
        "judged_at": as_of,
        "elapsed_s": float(found.elapsed_s) if found.ended_at and found.elapsed_s is not None else None,
    }


def breach(verdict: Verdict, terms: TermsDocument, found: judging.Verdict, as_of: datetime) -> Breach:
    """What the rooms after this one need to know of a verdict that was found to be broken."""
    dated_at = found.dated_at or as_of
    return Breach(
        branch_id=verdict.branch_id,
        verdict_id=verdict.id,
        case_id=verdict.case_id,
        promise_id=verdict.promise_id,
        terms_id=verdict.terms_id,
        dated_at=dated_at,
        amount=found.amount,
        currency=found.currency,
        pay_by=pay_by(terms, dated_at),
        judged_at=as_of,
    )


def _decide(session: Session, verdict: Verdict, found: judging.Verdict, as_of: datetime) -> bool:
    """Write what was found over a pending verdict; False if somebody else had decided it meanwhile."""
    if found.status == "pending" and found.due_at == verdict.due_at and found.reason == verdict.reason:
        return True
    values = verdict_values(found, verdict.started_at, as_of)
    return _changed(session, verdict, [col(Verdict.status) == "pending"], values)


def _complete(session: Session, verdict: Verdict, found: judging.Verdict, as_of: datetime) -> list[Mended]:
    """The end of a case whose verdict was broken while it was still open."""
    waiting = [col(Verdict.status) == "broken", col(Verdict.ended_at).is_(None)]
    values = verdict_values(found, verdict.started_at, as_of)
    if not _changed(session, verdict, waiting, values) or found.status == "broken":
        return []
    return [Mended(verdict.branch_id, verdict.id, as_of)]


def _changed(
    session: Session, verdict: Verdict, only_if: list[ColumnElement[bool]], values: dict[str, Any]
) -> bool:
    row = [col(Verdict.branch_id) == verdict.branch_id, col(Verdict.id) == verdict.id]
    statement = update(Verdict).where(*row, *only_if).values(**values)
    statement = statement.execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def matched(
    session: Session, case: Case, branch: Branch, versions: Sequence[Version], as_of: datetime
) -> list[tuple[Version, judging.Verdict]]:
    """The versions that promise something about *case*, each with what it is under them."""
    plain = plain_case(session, case, branch)
    hours = hours_for(session, branch, [version.terms for version in versions])
    found = [(version, judging.judge(plain, version.terms, as_of, hours)) for version in versions]
    return [(version, verdict) for version, verdict in found if verdict.reason not in NOT_ITS_CASE]
