"""Telling that there is compensation to pay, in the transaction in which it comes to be owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from promises.outbox.actions import notify
from promises.service import signals
from promises.service.notices import NEWS, facts_of, news


def tell_owed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell of new compensations whose promises broke lately.

    :param rows: values of the compensation table, just inserted.
    """
    told = [row for row in rows if row["dated_at"] >= row["made_at"] - NEWS]
    about = facts_of(session, [(row["branch_id"], row["case_id"], row["terms_id"]) for row in told])
    by_branch: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row, facts in zip(told, about, strict=True):
        by_branch[row["branch_id"]].append(compensation_facts(row) | facts)
    for branch_id in sorted(by_branch):
        notify(session, "compensation.owed", by_branch[branch_id], branch_id, told[0]["made_at"])


def compensation_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of one compensation beside its case."""
    return {
        "compensation_id": str(row["id"]),
        "amount": str(row["amount"]),
        "currency": row["currency"],
        "at": row["dated_at"].isoformat(),
        "pay_by": row["pay_by"].isoformat() if row["pay_by"] else None,
    }


@signals.broken.connect
def tell_many_owed(session: Session, verdicts: Sequence[signals.Breach]) -> None:
    """The same for breaches that come as columns, which are owed without a row of values for each."""
    if isinstance(verdicts, signals.Breaches):
        tell_owed(
            session,
            [
                {
                    "id": one.verdict_id,
                    "branch_id": one.branch_id,
                    "case_id": one.case_id,
                    "terms_id": one.terms_id,
                    "amount": one.amount,
                    "currency": one.currency,
                    "dated_at": one.dated_at,
                    "pay_by": one.pay_by,
                    "made_at": one.judged_at,
                }
                for one in news(verdicts)
                if one.amount > 0
            ],
        )
