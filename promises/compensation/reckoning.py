"""What verdicts come to be owed: when a promise breaks, and when a verdict is judged anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Insert, Table, insert, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

import promises.service.raising  # noqa: F401  hears what is freed, and judges what a cap had cut
from promises.compensation import ledger
from promises.compensation.award_tables import Award
from promises.compensation.bulk import owe_many
from promises.compensation.late import expect, forget
from promises.compensation.tables import Compensation, Entry, Payout, Toward
from promises.compensation.telling import tell_many_owed, tell_owed
from promises.database import new_id
from promises.journal.actions import record
from promises.journal.tables import Event
from promises.service import signals
from promises.service.keys import parts as some_at_a_time

_compensation: Table = Compensation.__table__  # type: ignore[attr-defined]
_toward: Table = Toward.__table__  # type: ignore[attr-defined]

OPEN, PAID, REVERSED = "open", "paid", "reversed"


@signals.broken.connect
def compensate(session: Session, verdicts: Sequence[signals.Breach]) -> None:
    """Owe what the terms say for verdicts that have just become broken, in the same transaction.

    A compensation shares its verdict's key; the database refuses a second one for the same verdict.
    """
    if isinstance(verdicts, signals.Breaches):
        owe_many(session, verdicts)
        tell_many_owed(session, verdicts)
        return
    _owe(session, [(verdict, _row(verdict, verdict.amount)) for verdict in verdicts if verdict.amount > 0])


@signals.reckoned.connect
def reckon(session: Session, verdicts: Sequence[signals.Breach]) -> None:
    """Let what is owed for verdicts that were judged anew be what it is now: the difference is owed, or
    unpaid parts are reversed. What was paid stays with the customer. A second reckoning changes nothing.
    """
    parts = _parts(session, signals.keys_of(verdicts))
    if isinstance(verdicts, signals.Breaches) and not parts:
        compensate(session, verdicts)
        return
    more = []
    taken_back: list[Compensation] = []
    for verdict in verdicts:
        every = parts.get((verdict.branch_id, verdict.verdict_id), [])
        own = [part for part in every if not part.awarded]
        standing = sum((part.compensation.amount for part in own if part.state != REVERSED), Decimal(0))
        for part in reversed(own):
            if standing > verdict.amount and part.state == OPEN:
                _reverse(session, part.compensation, verdict.judged_at)
                taken_back.append(part.compensation)
                standing -= part.compensation.amount
        if standing > verdict.amount:
            _left_paid(session, own[0].compensation, verdict.judged_at)
        if standing < verdict.amount:
            row = _row(verdict, verdict.amount - standing)
            if every:
                late = verdict.ended_at or verdict.judged_at if standing else verdict.dated_at
                key = new_id(int(late.timestamp() * 1000))
                row |= {"id": key, "part": every[-1].compensation.part + 1, "dated_at": late}
            more.append((verdict, row))
    _owe(session, more)
    if keys := _counted_towards(session, taken_back):
        signals.freed.send(session, keys=keys, as_of=verdicts[0].judged_at)


def _counted_towards(session: Session, compensations: Sequence[Compensation]) -> set[tuple[str, str]]:
    """The caps and faults, by attribute and value, that *compensations* counted towards."""
    found: set[tuple[str, str]] = set()
    for one in compensations:
        query = select(Toward.name, Toward.value).where(
            Toward.branch_id == one.branch_id, Toward.compensation_id == one.id
        )
        found |= set(session.exec(query))
    return found


def _row(verdict: signals.Breach, amount: Decimal) -> dict[str, Any]:
    return {
        "branch_id": verdict.branch_id,
        "id": verdict.verdict_id,
        "verdict_id": verdict.verdict_id,
        "part": 1,
        "case_id": verdict.case_id,
        "promise_id": verdict.promise_id,
        "terms_id": verdict.terms_id,
        "amount": amount,
        "currency": verdict.currency,
        "dated_at": verdict.dated_at,
        "pay_by": verdict.pay_by,
        "made_at": verdict.judged_at,
    }


def _owe(session: Session, owed: Sequence[tuple[signals.Breach, dict[str, Any]]]) -> None:
    if not owed:
        return
    rows = [row for _, row in owed]
    statement: Insert = insert(_compensation)
    session.execute(statement, rows)
    ledger.owe(session, rows)
    expect(session, rows)
    tell_owed(session, rows)
    toward = [
        {"branch_id": row["branch_id"], "compensation_id": row["id"], "name": name, "value": value}
        for verdict, row in owed
        for name, value in verdict.counts
    ]
    if toward:
        statement = insert(_toward)
        session.execute(statement, toward)


@dataclass(frozen=True)
class _Part:
    """``awarded`` by hand: it has nothing to do with what the judge finds."""

    compensation: Compensation
    state: str
    awarded: bool


def _parts(session: Session, verdicts: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[_Part]]:
    """What has been owed for *verdicts* so far, part by part, held until the transaction ends."""
    found: defaultdict[tuple[int, int], list[_Part]] = defaultdict(list)
    for branch_id in sorted({one for one, _ in verdicts}):
        ids = [verdict_id for one, verdict_id in verdicts if one == branch_id]
        for some in some_at_a_time(ids):
            query = select(Compensation).where(
                Compensation.branch_id == branch_id, col(Compensation.verdict_id).in_(some)
            )
            query = query.order_by(col(Compensation.verdict_id), col(Compensation.part))
            rows = session.exec(query.with_for_update(key_share=True)).all()
            states = _states(session, branch_id, [row.id for row in rows]) if rows else {}
            awarded = _awarded(session, branch_id, [row.id for row in rows]) if rows else set()
            for row in rows:
                part = _Part(row, states.get(row.id, OPEN), row.id in awarded)
                found[branch_id, row.verdict_id].append(part)
    return found


def _awarded(session: Session, branch_id: int, ids: Sequence[int]) -> set[int]:
    query = select(Award.id).where(Award.branch_id == branch_id, col(Award.id).in_(ids))
    return set(session.exec(query))


def _states(session: Session, branch_id: int, ids: Sequence[int]) -> dict[int, str]:
    """Which compensations are paid or reversed; the others are open."""
    reversed_ones = select(col(Entry.reverses)).where(
        Entry.branch_id == branch_id, col(Entry.reverses).in_(ids)
    )
    paid = select(Payout.compensation_id).where(
        Payout.branch_id == branch_id, col(Payout.compensation_id).in_(ids)
    )
    sent = select(Compensation.id).where(
        Compensation.branch_id == branch_id,
        col(Compensation.id).in_(ids),
        ledger.on_its_way(col(Compensation.branch_id), col(Compensation.id)),
    )
    states = dict.fromkeys((one for one in session.exec(reversed_ones) if one is not None), REVERSED)
    # What is on its way is not called back: the customer may hold the voucher, the bank the order.
    states |= dict.fromkeys(session.exec(sent), PAID)
    return states | dict.fromkeys(session.exec(paid), PAID)


def _reverse(session: Session, compensation: Compensation, as_of: datetime) -> None:
    owed = session.get_one(Entry, (compensation.branch_id, compensation.id))
    ledger.reverse(session, owed, by=None, as_of=as_of)
    for extra in ledger.entries(session, compensation):
        if extra.kind == "owed" and extra.id != owed.id:
            ledger.reverse(session, extra, by=None, as_of=as_of)
    forget(session, compensation)
    record(session, "compensation.reversed", "compensation", compensation.id, by=None, as_of=as_of)


def _left_paid(session: Session, compensation: Compensation, as_of: datetime) -> None:
    """Say once that more was paid than is owed, and that it stays with the customer."""
    same = (
        Event.verb == "compensation.left_paid",
        Event.subject == "compensation",
        Event.subject_id == str(compensation.id),
    )
    if session.exec(select(Event.id).where(*same)).first() is None:
        record(session, "compensation.left_paid", "compensation", compensation.id, by=None, as_of=as_of)


@signals.owed_before.connect
def owed_before(session: Session, keys: Sequence[tuple[str, str]]) -> list[signals.Owed]:
    """What has come to be owed that counts towards any of *keys*, attribute and value; not what was
    reversed."""
    undone = aliased(Entry)
    found: list[signals.Owed] = []
    for some in some_at_a_time(list(dict.fromkeys(keys))):
        query = (
            select(Toward, Compensation)
            .join(
                Compensation,
                (col(Compensation.branch_id) == col(Toward.branch_id))
                & (col(Compensation.id) == col(Toward.compensation_id)),
            )
            .outerjoin(
                undone,
                (col(undone.branch_id) == col(Compensation.branch_id))
                & (col(undone.reverses) == col(Compensation.id)),
            )
            .where(tuple_(col(Toward.name), col(Toward.value)).in_(some), col(undone.id).is_(None))
        )
        found += [
            signals.Owed(
                toward.name,
                toward.value,
                owed.promise_id,
                owed.branch_id,
                owed.case_id,
                owed.verdict_id,
                owed.id,
                owed.dated_at,
                int(owed.amount.scaleb(2)),
            )
            for toward, owed in session.exec(query)
        ]
    return found
