"""What people of the seed decided by hand: exclusions and awards, some of which still wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from promises.compensation.awards import make_award
from promises.compensation.exclusions import decide_exclusion, propose_exclusion
from promises.compensation.tables import Compensation, Entry
from promises.people.tables import Branch
from promises.seeding.files import Calendar, toml
from promises.terms.queries import find

SAID_AFTER = timedelta(minutes=50)
DECIDED_AFTER = timedelta(hours=4)


def load_by_hand(
    session: Session,
    calendar: Calendar,
    branches: Mapping[str, Branch],
    staff: Mapping[str, int],
) -> None:
    """Everything of ``by_hand.toml``, each on a case of its own."""
    told = toml("by_hand")
    for one in told["exclusion"]:
        owed = _last_owed(session, calendar, branches, one)
        made = propose_exclusion(
            session, branches[one["branch"]], owed.case_id, owed.promise_id,
            reason=one["reason"], evidence=one.get("evidence", ""), reference=one.get("reference", ""),
            by=staff[one["by"]], as_of=owed.dated_at + SAID_AFTER,
        )  # fmt: skip
        if "outcome" in one:
            decide_exclusion(
                session, branches[one["branch"]], made.id,
                approve=one["outcome"] == "approved", reason=one.get("decision", ""),
                by=staff[one["decided_by"]], as_of=owed.dated_at + DECIDED_AFTER,
            )  # fmt: skip
    for one in told["award"]:
        owed = _last_owed(session, calendar, branches, one)
        make_award(
            session, branches[one["branch"]], owed.case_id, owed.promise_id,
            amount=Decimal(one["amount"]), reason=one["reason"], evidence=one.get("evidence", ""),
            reference=one.get("reference", ""), by=staff[one["by"]], as_of=owed.dated_at + SAID_AFTER,
        )  # fmt: skip


def _last_owed(
    session: Session, calendar: Calendar, branches: Mapping[str, Branch], one: Mapping[str, Any]
) -> Compensation:
    """The last compensation of the branch before the told day."""
    promise = find(session, one["promise"])
    undone = aliased(Entry)
    reversal = select(undone.id).where(
        undone.branch_id == Compensation.branch_id, undone.reverses == Compensation.id
    )
    query = select(Compensation).where(
        Compensation.branch_id == branches[one["branch"]].id,
        Compensation.promise_id == (promise.id if promise else None),
        Compensation.dated_at < calendar.when(one["before"]),
        ~reversal.exists(),
    )
    return session.exec(query.order_by(col(Compensation.dated_at).desc()).limit(1)).one()
