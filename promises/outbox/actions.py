"""Writing into the outbox what is to leave after the commit, and sending the mail that is due."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Engine, Table, insert, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.outbox.kinds import KINDS
from promises.outbox.tables import Delivery, Letter, Notice
from promises.plain import Remembered, plain_rows

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
LEASE = timedelta(minutes=2)
TOLD_AT_ONCE = 500
"""How many things one notice to another system tells of at most."""
NAMED_IN_MAIL = 5

Send = Callable[[Letter], None]
_notice: Table = Notice.__table__  # type: ignore[attr-defined]
_INSERTED = insert(_notice).returning(_notice.c.id)
_LISTENING = """
    SELECT id, CAST(kinds AS TEXT), CAST(branch_ids AS TEXT) FROM webhook WHERE ended_at IS NULL ORDER BY id
"""
_hearers: Remembered[list[Hearer]] = Remembered()


def write(session: Session, to: str, subject: str, body: str, *, as_of: datetime, stop_url: str = "") -> None:
    """Put a mail into the outbox; it leaves after this transaction has been committed.

    :param stop_url: where one press ends mails of this kind (RFC 8058); empty for mails that staff need.
    """
    session.add(Letter(to=to, subject=subject, body=body, made_at=as_of, due_at=as_of, stop_url=stop_url))


def notify(
    session: Session,
    kind: str,
    facts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    branch_id: int | None,
    as_of: datetime,
    *,
    more: int = 0,
    more_total: Decimal | None = None,
    among: Sequence[Hearer] | None = None,
) -> None:
    """Tell those who want to hear that something of *kind* happened, once this transaction is committed.

    Other systems that subscribe to the kind get it as signed webhooks, the people of
    :data:`promises.outbox.kinds.KINDS` in their next mail. Who hears is settled now.

    :param kind: a key of ``KINDS``, for example ``"case.broken"``.
    :param facts: plain JSON values of what happened, or a list of such for many things of one branch: times
        as ISO 8601 with zone, money as strings under ``"amount"`` with ``"currency"``. No names of customers.
    :param branch_id: where; None for what concerns the whole company.
    :param more: how many more happened of which no facts are told, as no other system hears of them (see
        :func:`hearing`), and what they sum up to.
    :param among: the other systems that hear of *kind* anywhere, if the caller has looked them up.
    """
    items = [dict(facts)] if isinstance(facts, Mapping) else [dict(one) for one in facts]
    if kind not in KINDS:
        raise KeyError(f"no such kind of notice: {kind}")
    hearers = [one.id for one in hearing(session, kind, branch_id, among)] if items else []
    for start in range(0, len(items), TOLD_AT_ONCE):
        some = items[start : start + TOLD_AT_ONCE]
        for currency, own in _by_currency(some).items():
            amounts = [Decimal(one["amount"]) for one in own if currency]
            row = {
                "kind": kind,
                "branch_id": branch_id,
                "count": len(own) + more,
                "total": sum(amounts, more_total or Decimal(0)) if currency else None,
                "currency": currency,
                "facts": own if hearers else own[:NAMED_IN_MAIL],
                "made_at": as_of,
                "mailed_at": None if KINDS[kind].mailed else as_of,
            }
            more, more_total = 0, None
            number = session.execute(_INSERTED, row).scalar_one()
            session.add_all(
                Delivery(webhook_id=one, notice_id=number, made_at=as_of, due_at=as_of) for one in hearers
            )


class Hearer(NamedTuple):
    """Another system, and of what it wants to hear where (see :class:`promises.outbox.tables.Webhook`)."""

    id: int
    kinds: frozenset[str]
    branch_ids: frozenset[int]


def hearing(
    session: Session, kind: str, branch_id: int | None, among: Sequence[Hearer] | None = None
) -> list[Hearer]:
    """The other systems that hear of *kind* at a branch; those that named branches hear of no other.

    :param among: what :func:`hearing_anywhere` answered.
    """
    every = hearing_anywhere(session, kind) if among is None else among
    return [one for one in every if not one.branch_ids or branch_id in one.branch_ids]


def hearing_anywhere(session: Session, kind: str) -> list[Hearer]:
    """The other systems that hear of *kind* at any branch."""
    rows = plain_rows(session, _LISTENING)
    return [one for one in _hearers.get(rows, lambda: [_hearer(*row) for row in rows]) if kind in one.kinds]


def _hearer(number: int, kinds: str, branch_ids: str) -> Hearer:
    return Hearer(number, frozenset(json.loads(kinds)), frozenset(json.loads(branch_ids)))


def _by_currency(items: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in items:
        found.setdefault(str(one["currency"]) if one.get("amount") else "", []).append(one)
    return found


def send_due(engine: Engine, send: Send, *, as_of: datetime, most: int = 50) -> int:
    """Try every mail whose time has come; the number that was confirmed.

    Each is claimed for two minutes by a conditional update, so several senders never send one
    twice; a sender that dies after sending and before noting it is the one case of a second copy.
    """
    with open_session(engine, writes=False) as session:
        due = session.exec(
            select(Letter.id).where(col(Letter.due_at) <= as_of).order_by(col(Letter.due_at)).limit(most)
        ).all()
    began, confirmed = monotonic(), 0
    for letter_id in due:
        # A round ends while what it claims last is still its own.
        if letter_id is None or monotonic() - began > LEASE.total_seconds() / 2:
            break
        confirmed += _try_one(engine, letter_id, send, as_of)
    return confirmed


def _try_one(engine: Engine, letter_id: int, send: Send, as_of: datetime) -> bool:
    with transaction(engine) as session:
        claimed = session.execute(
            update(Letter)
            .where(col(Letter.id) == letter_id, col(Letter.due_at) <= as_of)
            .values(due_at=as_of + LEASE, tries=Letter.tries + 1)
        )
        if claimed.rowcount != 1:  # type: ignore[attr-defined]
            return False
        letter = session.get_one(Letter, letter_id, populate_existing=True)
        session.expunge(letter)
    fault = ""
    try:
        send(letter)
    except Exception as error:  # whatever the mail server does, the mail stays and is tried again
        fault = f"{type(error).__name__}: {error}"[:500]
    with transaction(engine) as session:
        kept = session.get_one(Letter, letter_id)
        kept.fault = fault
        if not fault:
            kept.sent_at, kept.due_at = as_of, None
        else:
            kept.due_at = as_of + WAITS[kept.tries - 1] if kept.tries <= len(WAITS) else None
        session.add(kept)
    return not fault
