"""Telling that there is compensation to pay, in the transaction in which it comes to be owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from promises.outbox.actions import hearing_anywhere, notify
from promises.service.notices import NEWS, facts_of, news
from promises.service.signals import Breach, Breaches

OWED = "compensation.owed"


def tell_owed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell of new compensations whose promises broke lately.

    :param rows: values of the compensation table, just inserted.
    """
    by_branch: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["dated_at"] >= row["made_at"] - NEWS:
            by_branch[row["branch_id"]].append(row)
    if not by_branch:
        return
    among, found = hearing_anywhere(session, OWED), sorted(by_branch.items())
    facts = iter(_facts(session, [row for _, own in found for row in own]))
    for branch_id, own in found:
        told = [next(facts) for _ in own]
        notify(session, OWED, told, branch_id, own[0]["made_at"], among=among)


def tell_many_owed(session: Session, breaches: Breaches) -> None:
    """The same for breaches that come as columns, which are owed without a row of values for each."""
    among, found = news(session, OWED, breaches)
    for branch_id, named, others in found:
        rows = [_row(one) for one in named if one.amount]
        cents = int(breaches.cents[others].sum())
        more = int((breaches.cents[others] > 0).sum())
        if rows:
            notify(
                session,
                OWED,
                _facts(session, rows),
                branch_id,
                breaches.judged_at,
                more=more,
                more_total=Decimal(cents).scaleb(-2),
                among=among,
            )


def compensation_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of one compensation beside its case."""
    return {
        "compensation_id": str(row["id"]),
        "amount": str(row["amount"]),
        "currency": row["currency"],
        "at": row["dated_at"].isoformat(),
        "pay_by": row["pay_by"].isoformat() if row["pay_by"] else None,
    }


def _facts(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    about = facts_of(session, [(row["branch_id"], row["case_id"], row["terms_id"]) for row in rows])
    return [compensation_facts(row) | told for row, told in zip(rows, about, strict=True)]


def _row(one: Breach) -> dict[str, Any]:
    return {
        "id": one.verdict_id,
        "branch_id": one.branch_id,
        "case_id": one.case_id,
        "terms_id": one.terms_id,
        "amount": one.amount,
        "currency": one.currency,
        "dated_at": one.dated_at,
        "pay_by": one.pay_by,
    }
