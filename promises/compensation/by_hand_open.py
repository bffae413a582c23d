"""What can be done with a case by hand: from which promises it can be left out, what can be awarded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from promises.compensation.awards import awarded
from promises.service.excluded_tables import Exclusion, decided
from promises.service.tables import Case, Verdict
from promises.terms.queries import of_terms


@dataclass(frozen=True)
class Awardable:
    """A promise whose terms foresee awards: how much is left for the case, and above what in all a second
    person has to agree."""

    promise_id: int
    currency: str
    left: Decimal
    second_person_above: Decimal


def about(session: Session, case: Case) -> list[int]:
    """Promises that are about the case."""
    query = select(Verdict.promise_id).where(Verdict.branch_id == case.branch_id, Verdict.case_id == case.id)
    return list(session.exec(query.distinct().order_by(col(Verdict.promise_id))))


def excludable(session: Session, case: Case) -> list[int]:
    """Promises from which the case can be left out: pending or broken there, and not left out already."""
    standing = select(Exclusion.promise_id).where(
        Exclusion.branch_id == case.branch_id, Exclusion.case_id == case.id, ~decided("refused")
    )
    query = select(Verdict.promise_id).where(
        Verdict.branch_id == case.branch_id,
        Verdict.case_id == case.id,
        col(Verdict.status).in_(("pending", "broken")),
        col(Verdict.promise_id).not_in(standing),
    )
    return list(session.exec(query.distinct().order_by(col(Verdict.promise_id))))


def awardable(session: Session, case: Case) -> list[Awardable]:
    """The promises about this case whose terms foresee awards, as far as there is anything left."""
    query = select(Verdict).where(Verdict.branch_id == case.branch_id, Verdict.case_id == case.id)
    verdicts = session.exec(query.order_by(col(Verdict.promise_id), col(Verdict.part).desc())).all()
    by_promise = {verdict.promise_id: verdict for verdict in verdicts}
    versions = of_terms(session, {verdict.terms_id for verdict in by_promise.values()})
    found = []
    for promise_id, verdict in by_promise.items():
        terms = versions[verdict.terms_id].terms
        rule = terms.remedy.by_hand
        if rule is not None:
            left = rule.at_most - awarded(session, case, promise_id)
            if left > 0:
                found.append(Awardable(promise_id, terms.currency, left, rule.second_person_above))
    return found
