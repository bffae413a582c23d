"""When something that counted towards a cap or a fault is not owed any more, the cases that it had cut are
judged anew in the same transaction: what is left now is owed to them, in the order in which they broke."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from promises.people.tables import Branch
from promises.service import signals
from promises.service.findings import by_rank, counted_names
from promises.service.judgement import judge_case
from promises.service.tables import Case, Verdict


@signals.freed.connect
def judge_cut_cases(session: Session, keys: Collection[tuple[str, str]], as_of: datetime) -> None:
    """Judge the broken cases that tell any of *keys*, attribute and value, under promises that count by it.

    Whoever takes something back stands in line (:func:`promises.service.findings.stand_in_line`), so nobody
    else shares out the same cap meanwhile. One after another, each sees what those before it were owed; what
    is owed already stands, so nobody gets less, and a second judging changes nothing.
    """
    for name, value in sorted(keys):
        counting = [
            dated.promise_id
            for dated in by_rank(session)
            if name in counted_names([version.terms for version in dated.versions])
        ]
        query = (
            select(Case)
            .join(
                Verdict,
                (col(Verdict.branch_id) == col(Case.branch_id)) & (col(Verdict.case_id) == col(Case.id)),
            )
            .where(
                col(Verdict.status) == "broken", col(Verdict.promise_id).in_(counting), _tells(name, value)
            )
            .order_by(col(Verdict.dated_at), col(Case.branch_id), col(Case.id))
            .with_for_update(of=Case)
        )
        cut = {(case.branch_id, case.id): case for case in session.exec(query)}
        for case in cut.values():
            judge_case(session, case, session.get_one(Branch, case.branch_id), as_of)


def _tells(name: str, value: str) -> ColumnElement[bool]:
    """Whether a case tells *value* of the attribute *name*, as terms may ask for it."""
    if name == "customer":
        return and_(col(Case.customer) == value, col(Case.customer) != "")
    told: ColumnElement[bool] = col(Case.attributes)[name].as_string() == value
    return told
