"""When hours to come of a branch change, its open cases are judged anew: they may end at other moments."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service.findings import stand_in_line
from promises.service.judgement import judge_case
from promises.service.tables import Case, Verdict
from promises.terms import opening


@opening.changed.connect
def judge_open_cases(session: Session, branch: Branch, as_of: datetime) -> None:
    """Judge the pending cases of *branch* anew, each held as by somebody who tells something of it."""
    stand_in_line(session)
    pending = select(Verdict.case_id).where(Verdict.branch_id == branch.id, Verdict.status == "pending")
    cases = select(Case).where(Case.branch_id == branch.id, col(Case.id).in_(pending)).order_by(col(Case.id))
    for case in session.exec(cases.with_for_update()).all():
        judge_case(session, case, branch, as_of)
