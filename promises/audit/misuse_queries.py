"""Gathering what the rules of misuse look at, and the cases behind each sign."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation.misuse import (
    Sign,
    Tally,
    alone_and_broken,
    compensated_again,
    excludes_most,
    paid_again,
)
from promises.compensation.tables import Compensation, Entry
from promises.database import EPOCH_MS, LOW_BITS
from promises.payments.account import masked
from promises.payments.tables import Choice
from promises.people.tables import Branch, Membership, Person
from promises.service.excluded_tables import Exclusion
from promises.service.tables import Case, Milestone, Verdict

LOOKED_BACK = timedelta(days=90)
BEHIND = 20
"""So many cases are shown behind a sign, the newest first."""
KINDS = ("customer", "account", "excludes", "alone")

Behind = tuple[str, int, str, datetime]
"""A case as it is linked to: branch code, id, reference, when it began."""


@dataclass(frozen=True)
class Shown:
    """A sign with the cases behind it; ``name`` is how people know whom it is about."""

    kind: str
    sign: Sign
    name: str
    cases: list[Behind]


def signs(session: Session, branch_ids: Collection[int], as_of: datetime) -> list[Shown]:
    """Everything that stands out at these branches in the last :data:`LOOKED_BACK`."""
    since = as_of - LOOKED_BACK
    found = _customers(session, branch_ids, since)
    found += _accounts(session, branch_ids, since)
    found += _excluders(session, branch_ids, since)
    return found + _alone(session, branch_ids, since)


def _customers(session: Session, branch_ids: Collection[int], since: datetime) -> list[Shown]:
    here = [col(Case.branch_id).in_(branch_ids), col(Case.started_at) >= since]
    times = func.count(func.distinct(Case.id))
    paid = func.count(func.distinct(case((_owed(), Case.id))))
    grouped = select(col(Case.customer), paid, times).where(*here, col(Case.customer) != "")
    grouped = grouped.group_by(col(Case.customer)).having(paid >= 2)
    tallies = [Tally(*row) for row in session.execute(grouped)]
    people = func.count(func.distinct(Case.customer))
    whole = session.execute(select(paid, times, people).where(*here)).one()
    rest = Tally(
        "", whole[0] - sum(one.count for one in tallies), whole[1] - sum(one.out_of for one in tallies)
    )
    return [
        Shown("customer", sign, sign.tally.who,
              _cases(session, *here, _owed(), col(Case.customer) == sign.tally.who))
        for sign in compensated_again([*tallies, rest], whole[2])
    ]  # fmt: skip


def _accounts(session: Session, branch_ids: Collection[int], since: datetime) -> list[Shown]:
    here = [
        col(Choice.branch_id).in_(branch_ids), col(Choice.chosen_at) >= since, col(Choice.iban) != "",
    ]  # fmt: skip
    owed = and_(
        col(Compensation.branch_id) == Choice.branch_id, col(Compensation.id) == Choice.compensation_id
    )
    times, cases = func.count(), func.count(func.distinct(Compensation.case_id))
    grouped = select(col(Choice.iban), times, cases).join(Compensation, owed).where(*here)
    tallies = [Tally(*row) for row in session.execute(grouped.group_by(col(Choice.iban)))]
    found = []
    for sign in paid_again(tallies):
        chosen = select(col(Choice.iban)).join(Compensation, owed)
        chosen = chosen.where(
            col(Compensation.branch_id) == Case.branch_id, col(Compensation.case_id) == Case.id,
            col(Choice.iban) == sign.tally.who,
        )  # fmt: skip
        behind = _cases(session, col(Case.branch_id).in_(branch_ids), chosen.exists())
        found.append(Shown("account", sign, masked(sign.tally.who), behind))
    return found


def _excluders(session: Session, branch_ids: Collection[int], since: datetime) -> list[Shown]:
    proposed: dict[tuple[int, int], int] = {
        (branch, person): count
        for branch, person, count in session.execute(
            select(col(Exclusion.branch_id), col(Exclusion.made_by), func.count())
            .where(col(Exclusion.branch_id).in_(branch_ids), col(Exclusion.made_at) >= since)
            .group_by(col(Exclusion.branch_id), col(Exclusion.made_by))
        )
    }
    if not proposed:
        return []
    served = _served(session, branch_ids, since)
    staff = select(col(Membership.branch_id), col(Membership.person_id)).where(
        col(Membership.branch_id).in_(branch_ids)
    )
    people = {(branch, person) for branch, person in session.execute(staff)} | set(proposed) | set(served)
    names = _names(session, {person for _, person in people})
    tallies = [
        Tally(str(person), proposed.get((branch, person), 0), served.get((branch, person), 0), str(branch))
        for branch, person in sorted(people)
    ]
    return [
        Shown("excludes", sign, names[int(sign.tally.who)],
              _cases(session, col(Case.branch_id) == int(sign.tally.place),
                     _excluded_by(int(sign.tally.who), since)))
        for sign in excludes_most(tallies)
    ]  # fmt: skip


def _served(session: Session, branch_ids: Collection[int], since: datetime) -> dict[tuple[int, int], int]:
    """How many cases each person had a hand in, by branch."""
    cases = func.count(func.distinct(Milestone.case_id))
    query = select(col(Milestone.branch_id), col(Milestone.by), cases).where(
        col(Milestone.branch_id).in_(branch_ids),
        col(Milestone.case_id) >= _first_key(since),
        col(Milestone.by).is_not(None),
    )
    grouped = query.group_by(col(Milestone.branch_id), col(Milestone.by))
    return {(branch, person): count for branch, person, count in session.execute(grouped)}


def _alone(session: Session, branch_ids: Collection[int], since: datetime) -> list[Shown]:
    in_one_hand = _in_one_hand(branch_ids, since).subquery()
    broken = func.sum(case((col(Verdict.status) == "broken", 1), else_=0))
    query = (
        select(in_one_hand.c.who, broken, func.count(), in_one_hand.c.branch_id)
        .join(
            Verdict,
            and_(
                col(Verdict.branch_id) == in_one_hand.c.branch_id,
                col(Verdict.case_id) == in_one_hand.c.case_id,
            ),
        )
        .where(col(Verdict.status).in_(("kept", "broken")))
        .group_by(in_one_hand.c.branch_id, in_one_hand.c.who)
    )
    rows = session.execute(query).all()
    names = _names(session, {row[0] for row in rows})
    found = []
    for sign in alone_and_broken([Tally(str(row[0]), row[1], row[2], str(row[3])) for row in rows]):
        own = _in_one_hand([int(sign.tally.place)], since).subquery()
        key = select(own.c.case_id).where(own.c.who == int(sign.tally.who))
        behind = _cases(session, col(Case.branch_id) == int(sign.tally.place), col(Case.id).in_(key))
        found.append(Shown("alone", sign, names[int(sign.tally.who)], behind))
    return found


def _in_one_hand(branch_ids: Collection[int], since: datetime) -> Any:
    """Cases of which every step, at least two, was noted by one and the same person."""
    by = col(Milestone.by)
    return (
        select(col(Milestone.branch_id), col(Milestone.case_id), func.min(by).label("who"))
        .where(col(Milestone.branch_id).in_(branch_ids), col(Milestone.case_id) >= _first_key(since))
        .group_by(col(Milestone.branch_id), col(Milestone.case_id))
        .having(and_(func.count() >= 2, func.count(by) == func.count(), func.min(by) == func.max(by)))
    )


def _first_key(since: datetime) -> int:
    """The first key that a case of *since* or later can have: keys begin with the time (see new_id)."""
    return max(int(since.timestamp() * 1000) - EPOCH_MS, 0) << LOW_BITS


def _owed() -> ColumnElement[bool]:
    """Whether the case of a query is or was owed something that wasn't taken back."""
    undone = aliased(Entry)
    reversal = select(col(undone.id)).where(
        col(undone.branch_id) == Compensation.branch_id, col(undone.reverses) == Compensation.id
    )
    own = select(col(Compensation.id)).where(
        col(Compensation.branch_id) == Case.branch_id,
        col(Compensation.case_id) == Case.id,
        ~reversal.exists(),
    )
    return own.exists()


def _excluded_by(person: int, since: datetime) -> ColumnElement[bool]:
    own = select(col(Exclusion.id)).where(
        col(Exclusion.branch_id) == Case.branch_id, col(Exclusion.case_id) == Case.id,
        col(Exclusion.made_by) == person, col(Exclusion.made_at) >= since,
    )  # fmt: skip
    return own.exists()


def _cases(session: Session, *conditions: ColumnElement[bool]) -> list[Behind]:
    query = select(col(Branch.code), col(Case.id), col(Case.reference), col(Case.started_at))
    query = query.join(Branch, col(Branch.id) == Case.branch_id).where(*conditions)
    found = session.execute(query.order_by(col(Case.started_at).desc()).limit(BEHIND))
    return [(row[0], row[1], row[2], row[3]) for row in found]


def _names(session: Session, ids: Collection[int]) -> dict[int, str]:
    query = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(ids))
    return {row[0]: row[1] for row in session.execute(query)}
