"""Judging stored cases: from rows to the judge's plain values, and its verdicts back into rows.

Whatever becomes known of a case, it is judged anew from all of it, under every promise: a verdict row is
what is known now, and what is owed follows it. A row is changed by a conditional update, and whoever's
update changes it writes the consequence in the same transaction, so a second judging changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import CursorResult, Row, update
from sqlmodel import Session, col, select

from promises.database import new_id
from promises.people.tables import Branch
from promises.service import counts, judging
from promises.service.findings import Findings, Line, by_rank
from promises.service.signals import Breach, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.service.told_tables import taken_back
from promises.terms.calendar import branch_hours


def judge_case(session: Session, case: Case, branch: Branch, as_of: datetime) -> None:
    """Judge *case* under every promise from what is known of it now: new verdicts, and changed ones.

    A pending verdict may be decided. A decided one changes when something is told late: an end in time,
    a pause, a claim, evidence; and a broken one's amount may have grown until the case ended.
    """
    query = select(Verdict).where(Verdict.branch_id == case.branch_id, Verdict.case_id == case.id)
    rows = session.exec(query.execution_options(populate_existing=True)).all()
    known = {(verdict.promise_id, verdict.part): verdict for verdict in rows}
    columns = judging.Cases.of([plain_case(session, case, branch)])
    hours = branch_hours(session, [branch.code])
    line = Line(session, columns, as_of, hours, frozenset({(case.branch_id, case.id)}))
    breaches: list[Breach] = []
    again: list[Breach] = []
    for dated in by_rank(session):
        parts = 0
        for findings in line.judge(dated):
            own = findings.its_own()
            for place in range(len(findings.rows)):
                part = int(findings.parts[place])
                parts = max(parts, part)
                verdict = known.get((dated.promise_id, part))
                if verdict is not None:
                    again += renew(session, verdict, findings, place, as_of)
                elif own[place]:
                    breaches += _insert(session, case, findings, place, as_of)
        for (promise_id, part), verdict in known.items():
            if promise_id == dated.promise_id and part > parts:
                again += join(session, verdict, as_of)
    session.flush()
    announce(session, breaches, again)


def plain_case(session: Session, case: Case, branch: Branch) -> judging.Case:
    """*case* as the judge takes it, with all its milestones that stand."""
    found = session.exec(
        select(Milestone.name, Milestone.at).where(
            Milestone.branch_id == case.branch_id, Milestone.case_id == case.id, ~taken_back()
        )
    )
    return judging.Case(str(case.id), branch.code, tuple(found), attributes_of(case))


def attributes_of(case: Case | Row[Any]) -> dict[str, str | bool | int]:
    """All that is known of *case*, as terms may ask for it."""
    known = {**case.attributes, "touchpoint": case.touchpoint}
    return {**known, "customer": case.customer} if case.customer else known


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


def breach(
    verdict: Verdict, findings: Findings, place: int, as_of: datetime, *, newly: bool = False
) -> Breach:
    """What the rooms after this one need to know of a verdict: what is owed for it, and since when.

    :param newly: whether this judging made it broken.
    """
    found, version = findings.verdicts[place], findings.version(place)
    amount, pay_by = findings.owing(place, as_of)
    return Breach(
        branch_id=verdict.branch_id,
        verdict_id=verdict.id,
        case_id=verdict.case_id,
        promise_id=verdict.promise_id,
        terms_id=version.terms_id,
        dated_at=found.dated_at or as_of,
        amount=amount,
        currency=version.terms.currency,
        pay_by=pay_by,
        judged_at=as_of,
        counts=findings.counts_towards(place) if amount else (),
        ended_at=found.ended_at,
        newly=newly,
    )


def renew(
    session: Session, verdict: Verdict, findings: Findings, place: int, as_of: datetime
) -> list[Breach]:
    """Write what was found over a verdict; what is then owed for it, if anything is or was."""
    found = findings.verdicts[place]
    values = verdict_values(found, verdict.started_at, as_of)
    values["terms_id"] = findings.version(place).terms_id
    was = _write(session, verdict, values)
    newly = found.status == "broken" and was != "broken"
    return [breach(verdict, findings, place, as_of, newly=newly)] if "broken" in (was, found.status) else []


def join(session: Session, verdict: Verdict, as_of: datetime) -> list[Breach]:
    """A stretch that turned out to be a part of the one before it: nothing of its own."""
    values = {
        "status": "excluded", "reason": "joined", "due_at": None, "dated_at": verdict.started_at,
        "judged_at": as_of,
    }  # fmt: skip
    if _write(session, verdict, values) != "broken":
        return []
    own = (verdict.branch_id, verdict.id, verdict.case_id, verdict.promise_id, verdict.terms_id)
    return [Breach(*own, dated_at=as_of, amount=Decimal(0), currency="", pay_by=None, judged_at=as_of)]


def _write(session: Session, verdict: Verdict, values: dict[str, Any]) -> str:
    """Change the row as it was seen, and the counts with it; the status that it had until then.

    The watch may have broken it meanwhile, and nobody else can: whoever tells something of a case holds
    the case. Then the same is written over what the watch wrote.
    """
    same = all(getattr(verdict, name) == value for name, value in values.items() if name != "judged_at")
    if same:
        return verdict.status
    while True:
        seen = counts.as_counted(verdict)
        row = [col(Verdict.branch_id) == verdict.branch_id, col(Verdict.id) == verdict.id]
        row += [
            col(Verdict.status) == seen.status,
            col(Verdict.reason) == seen.reason,
            col(Verdict.terms_id) == seen.terms_id,
        ]
        statement = update(Verdict).where(*row).values(**values)
        statement = statement.execution_options(synchronize_session=False)
        if cast("CursorResult[Any]", session.execute(statement)).rowcount == 1:
            counts.changed(session, seen, counts.after(verdict, values))
            if verdict in session:
                session.expire(verdict)
            return seen.status
        session.refresh(verdict)


def _insert(session: Session, case: Case, findings: Findings, place: int, as_of: datetime) -> list[Breach]:
    found, version = findings.verdicts[place], findings.version(place)
    verdict = Verdict(
        branch_id=case.branch_id,
        id=new_id(int(case.started_at.timestamp() * 1000)),
        case_id=case.id,
        promise_id=version.promise_id,
        part=int(findings.parts[place]),
        terms_id=version.terms_id,
        started_at=case.started_at,
        **verdict_values(found, case.started_at, as_of),
    )
    session.add(verdict)
    counts.changed(session, None, counts.as_counted(verdict))
    return [breach(verdict, findings, place, as_of, newly=True)] if found.status == "broken" else []
