"""Whether every broken verdict that owes something has its compensation: judged again, as it was judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from promises.audit.faults import Fault
from promises.compensation.tables import Compensation, Entry
from promises.people.tables import Branch
from promises.service import judging
from promises.service.findings import Line
from promises.service.judgement import plain_case
from promises.service.tables import Case, Verdict
from promises.terms.calendar import branch_hours
from promises.terms.caps import looks_at_others
from promises.terms.queries import Dated, promises

AT_ONCE = 500


def check_owing(session: Session, as_of: datetime) -> Iterator[Fault]:
    """Broken verdicts that owe something by their terms, and for which nothing is owed or paid.

    Promises whose payments look at other cases (caps by customer, one payment for a fault) are left out:
    what they owe depends on what was owed when, and that can't be seen again.
    """
    branches = {branch.id: branch for branch in session.exec(select(Branch))}
    for dated in promises(session):
        remedies = [version.terms.remedy for version in dated.versions]
        if any(remedy.pays for remedy in remedies) and not any(map(looks_at_others, remedies)):
            for some in _bare(session, dated):
                suspects = _owing(session, dated, some, branches, as_of)
                # What has come to be owed since then is not missing yet: the case hasn't been told anew.
                for verdict in suspects:
                    if _owing(session, dated, [verdict], branches, verdict.judged_at):
                        yield Fault("fault.not_compensated", {"branch": verdict.branch_id, "row": verdict.id})


def _bare(session: Session, dated: Dated) -> Iterator[Sequence[Verdict]]:
    """Broken verdicts for which nothing stands, some at a time."""
    undone = aliased(Entry)
    reversal = select(undone.id).where(
        undone.branch_id == Compensation.branch_id, undone.reverses == Compensation.id
    )
    standing = select(Compensation.id).where(
        Compensation.branch_id == Verdict.branch_id,
        Compensation.verdict_id == Verdict.id,
        ~reversal.exists(),
    )
    key = tuple_(col(Verdict.branch_id), col(Verdict.id))
    query = select(Verdict).where(
        Verdict.status == "broken", Verdict.promise_id == dated.promise_id, ~standing.exists()
    )
    last = (0, -1)
    while some := session.exec(
        query.where(key > last).order_by(col(Verdict.branch_id), col(Verdict.id)).limit(AT_ONCE)
    ).all():
        last = (some[-1].branch_id, some[-1].id)
        yield some
        session.expunge_all()


def _owing(
    session: Session,
    dated: Dated,
    verdicts: Sequence[Verdict],
    branches: dict[int | None, Branch],
    as_of: datetime,
) -> list[Verdict]:
    """Those of *verdicts* for which the judge finds something owed at *as_of*."""
    keys = sorted({(verdict.branch_id, verdict.case_id) for verdict in verdicts})
    cases = [plain_case(session, session.get_one(Case, key), branches[key[0]]) for key in keys]
    line = Line(session, judging.Cases.of(cases), as_of, branch_hours(session), frozenset(keys))
    own = {(verdict.branch_id, verdict.case_id, verdict.part): verdict for verdict in verdicts}
    found = []
    for findings in line.judge(dated):
        for place, at in enumerate(findings.rows.tolist()):
            verdict = own.get((*keys[at], int(findings.parts[place])))
            if verdict is not None and findings.owing(place, as_of)[0] > 0:
                found.append(verdict)
    return found
