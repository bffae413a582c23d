"""What many verdicts come to be owed when their promise breaks: as columns, in as few statements."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Table
from sqlmodel import Session

from promises.compensation import late, ledger
from promises.compensation.tables import Compensation, Toward
from promises.loading import load, texts, times
from promises.service.signals import Breaches
from promises.terms.columns import MISSING, Rows
from promises.terms.queries import of_terms

_compensation: Table = Compensation.__table__  # type: ignore[attr-defined]
_toward: Table = Toward.__table__  # type: ignore[attr-defined]


def owe_many(session: Session, breaches: Breaches) -> None:
    """Owe what the terms say for verdicts that have just become broken, in the order of their keys."""
    owed = np.flatnonzero(breaches.cents > 0)
    currencies = list(breaches.currency.values())
    place = {terms_id: number for number, terms_id in enumerate(breaches.currency)}
    coded = np.array([place[terms_id] for terms_id in breaches.terms_ids[owed].tolist()], np.int32)
    columns = ledger.Owed(
        branch_ids=breaches.branch_ids[owed],
        ids=breaches.verdict_ids[owed],
        cents=breaches.cents[owed],
        currency=texts(currencies, coded),
        dated_at=times(breaches.dated_at[owed]),
        made_at=breaches.judged_at,
    )
    pay_by = breaches.pay_by[owed]
    load(session, _compensation, len(owed), {
        "branch_id": columns.branch_ids,
        "id": columns.ids,
        "verdict_id": columns.ids,
        "part": 1,
        "case_id": breaches.case_ids[owed],
        "promise_id": breaches.promise_id,
        "terms_id": breaches.terms_ids[owed],
        "amount": columns.cents,
        "currency": columns.currency,
        "dated_at": columns.dated_at,
        "pay_by": times(pay_by, pay_by == MISSING),
        "made_at": columns.made_at,
    })  # fmt: skip
    ledger.owe_many(session, columns)
    _expect(session, breaches, owed)
    _count_towards(session, breaches, owed)


def _expect(session: Session, breaches: Breaches, owed: Rows) -> None:
    """Where the terms add a sum to what is late, note when that is."""
    versions = of_terms(session, set(breaches.currency))
    rules = {number: version.terms.remedy.late for number, version in versions.items()}
    adding = [number for number, rule in rules.items() if rule and rule.pays]
    rows = owed[np.isin(breaches.terms_ids[owed], adding) & (breaches.pay_by[owed] != MISSING)]
    one_by_one = (breaches[place] for place in rows.tolist())
    late.expect(
        session,
        [
            {"branch_id": one.branch_id, "id": one.verdict_id, "terms_id": one.terms_id, "pay_by": one.pay_by}
            for one in one_by_one
        ],
    )


def _count_towards(session: Session, breaches: Breaches, owed: Rows) -> None:
    paid = set(owed.tolist())
    told = [
        (place, name, value)
        for place, counts in breaches.counts.items()
        if place in paid
        for name, value in counts
    ]
    places = np.array([place for place, _, _ in told], np.int64)
    load(session, _toward, len(told), {
        "branch_id": breaches.branch_ids[places],
        "compensation_id": breaches.verdict_ids[places],
        "name": texts([name for _, name, _ in told], np.arange(len(told), dtype=np.int32)),
        "value": texts([value for _, _, value in told], np.arange(len(told), dtype=np.int32)),
    })  # fmt: skip
