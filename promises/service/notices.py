"""Telling of broken promises: managers by mail, other systems by webhook, in the breach's own transaction.

What broke more than a week ago is history that came with a file, and news to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session

from promises.outbox.actions import notify
from promises.service import signals
from promises.service.many import find_rows
from promises.service.tables import Case
from promises.terms.hours import microseconds
from promises.terms.queries import of_terms

NEWS = timedelta(days=7)

_case: Table = Case.__table__  # type: ignore[attr-defined]


@signals.broken.connect
@signals.reckoned.connect
def tell_broken(session: Session, verdicts: Sequence[signals.Breach]) -> None:
    """Tell of those that were not broken before."""
    told = news(verdicts)
    about = facts_of(session, [(one.branch_id, one.case_id, one.terms_id) for one in told])
    by_branch: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one, facts in zip(told, about, strict=True):
        by_branch[one.branch_id].append({**facts, "at": one.dated_at.isoformat()})
    for branch_id in sorted(by_branch):
        notify(session, "case.broken", by_branch[branch_id], branch_id, told[0].judged_at)


def news(verdicts: Sequence[signals.Breach]) -> list[signals.Breach]:
    """Those of *verdicts* that have just become broken, and not long ago."""
    if isinstance(verdicts, signals.Breaches):
        since = microseconds(verdicts.judged_at - NEWS)
        return [verdicts[place] for place in (verdicts.dated_at >= since).nonzero()[0].tolist()]
    return [one for one in verdicts if one.newly and one.dated_at >= one.judged_at - NEWS]


def facts_of(session: Session, about: Sequence[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """What is told of cases under terms, each as (branch, case, terms): by what their source knows them.

    Ids are texts, as other systems may read a large number only roughly.
    """
    cases = {
        (row.branch_id, row.id): row
        for row in find_rows(session, _case, ("branch_id", "id"), [(one[0], one[1]) for one in about])
    }
    terms = of_terms(session, {one[2] for one in about})
    found = []
    for branch_id, case_id, terms_id in about:
        case, told = cases[branch_id, case_id], terms[terms_id].terms
        found.append(
            {
                "case_id": str(case_id),
                "source": case.source,
                "reference": case.reference,
                "promise": told.promise,
                "name": told.name.model_dump(),
            }
        )
    return found
