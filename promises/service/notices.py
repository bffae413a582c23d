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

from promises.outbox.actions import NAMED_IN_MAIL, Hearer, hearing, hearing_anywhere, notify
from promises.service import signals
from promises.service.many import find_rows
from promises.service.signals import Breach, Breaches
from promises.service.tables import Case
from promises.terms.hours import microseconds
from promises.terms.queries import of_terms

NEWS = timedelta(days=7)

_case: Table = Case.__table__  # type: ignore[attr-defined]


@signals.broken.connect
@signals.reckoned.connect
def tell_broken(session: Session, verdicts: Sequence[Breach]) -> None:
    """Tell of those that were not broken before."""
    among, found = news(session, "case.broken", verdicts)
    about = iter(
        facts_of(session, [(one.branch_id, one.case_id, one.terms_id) for _, own, _ in found for one in own])
    )
    for branch_id, named, others in found:
        facts = [{**next(about), "at": one.dated_at.isoformat()} for one in named]
        as_of = named[0].judged_at
        notify(session, "case.broken", facts, branch_id, as_of, more=len(others), among=among)


def news(
    session: Session, kind: str, verdicts: Sequence[Breach]
) -> tuple[list[Hearer], list[tuple[int, list[Breach], list[int]]]]:
    """The other systems that hear of *kind*, and those of *verdicts* that have just become broken, and not
    long ago, by branch.

    Of each branch those that are to be named, and the places of the others: where no other system hears
    of *kind*, a mail names only the first few.
    """
    by_branch: dict[int, list[int]] = defaultdict(list)
    if isinstance(verdicts, Breaches):
        since = microseconds(verdicts.judged_at - NEWS)
        for place in (verdicts.dated_at >= since).nonzero()[0].tolist():
            by_branch[int(verdicts.branch_ids[place])].append(place)
    else:
        for place, one in enumerate(verdicts):
            if one.newly and one.dated_at >= one.judged_at - NEWS:
                by_branch[one.branch_id].append(place)
    among, found = hearing_anywhere(session, kind) if by_branch else [], []
    for branch_id, places in sorted(by_branch.items()):
        named = len(places) if hearing(session, kind, branch_id, among) else NAMED_IN_MAIL
        found.append((branch_id, [verdicts[place] for place in places[:named]], places[named:]))
    return among, found


def facts_of(session: Session, about: Sequence[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """What is told of cases under terms, each as (branch, case, terms): by what their source knows them.

    Ids are texts, as other systems may read a large number only roughly.
    """
    if not about:
        return []
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
