"""Sending notices to other systems: claimed by one sender, signed, and tried again until confirmed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.outbox.actions import LEASE
from promises.outbox.posting import Answer, post
from promises.outbox.signing import secret_of, signature
from promises.outbox.tables import Delivery, Notice, Webhook
from promises.people.tables import Branch

# About those that Standard Webhooks advises, two days in all.
WAITS = tuple(timedelta(minutes=m) for m in (0.1, 1, 5, 30, 120, 300, 600, 840, 1200))
AT_A_TIME = 4
"""So many systems are written to at the same time, so one that hangs holds up no other."""

ROUND_S = LEASE.total_seconds() / 2
"""A round ends while what it claims last is still its own."""

Post = Callable[[str, bytes, Mapping[str, str]], Answer]


def poster(*, private: bool) -> Post:
    """How notices leave: over the network, into our own only if *private* allows it."""
    return lambda address, body, headers: post(address, body, headers, private=private)


def deliver_due(engine: Engine, send: Post, *, installation: str, as_of: datetime, most: int = 200) -> int:
    """Try every delivery whose time has come; the number that was confirmed.

    Each is claimed for two minutes by a conditional update. The first fault ends this round for that
    system: the others wait their turn instead of knocking at a closed door.

    :param installation: the setting ``SECRET_KEY``, from which the webhooks' secrets are made.
    """
    with open_session(engine, writes=False) as session:
        due = session.exec(
            select(Delivery.webhook_id, Delivery.id)
            .where(col(Delivery.due_at) <= as_of)
            .order_by(col(Delivery.due_at), col(Delivery.id))
            .limit(most)
        ).all()
    queues: dict[int, list[int]] = defaultdict(list)
    for webhook_id, delivery_id in due:
        queues[webhook_id].append(delivery_id or 0)

    began = monotonic()

    def work_off(queue: list[int]) -> int:
        confirmed = 0
        for delivery_id in queue:
            if monotonic() - began > ROUND_S:
                break
            done = _try_one(engine, delivery_id, send, installation, as_of)
            if done is False:
                break
            confirmed += done is True
        return confirmed

    if len(queues) < 2:
        return sum(map(work_off, queues.values()))
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return sum(threads.map(work_off, queues.values()))


def _try_one(engine: Engine, delivery_id: int, send: Post, installation: str, as_of: datetime) -> bool | None:
    """Whether it was confirmed; None if another sender has it, or its receiver has left."""
    with transaction(engine) as session:
        claim = (
            update(Delivery)
            .where(col(Delivery.id) == delivery_id, col(Delivery.due_at) <= as_of)
            .values(due_at=as_of + LEASE, tries=Delivery.tries + 1)
        )
        if cast("CursorResult[Any]", session.execute(claim)).rowcount != 1:
            return None
        delivery = session.get_one(Delivery, delivery_id, populate_existing=True)
        webhook = session.get_one(Webhook, delivery.webhook_id)
        if webhook.ended_at is not None:
            delivery.due_at = None
            return None
        body = message(session, session.get_one(Notice, delivery.notice_id))
    answer = send(webhook.address, body, _headers(webhook, delivery_id, installation, as_of, body))
    with transaction(engine) as session:
        kept = session.get_one(Delivery, delivery_id)
        kept.status, kept.answer, kept.fault = answer.status, answer.text, answer.fault
        if answer.confirmed:
            kept.confirmed_at, kept.due_at = as_of, None
        else:
            kept.due_at = as_of + WAITS[kept.tries - 1] if kept.tries <= len(WAITS) else None
        session.add(kept)
    return answer.confirmed


def message(session: Session, notice: Notice) -> bytes:
    """The body of a webhook: what happened, where, when it was told, and each thing by its facts."""
    branch = session.get(Branch, notice.branch_id) if notice.branch_id is not None else None
    told = {
        "type": notice.kind,
        "timestamp": notice.made_at.isoformat(),
        "data": {
            "branch": branch.code if branch else None,
            "count": notice.count,
            "total": str(notice.total) if notice.total is not None else None,
            "currency": notice.currency or None,
            "items": notice.facts,
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(
    webhook: Webhook, delivery_id: int, installation: str, as_of: datetime, body: bytes
) -> dict[str, str]:
    # The same on every try, so that a receiver which heard it already can tell.
    message_id, stamp = f"promises_{delivery_id}", int(as_of.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Promises",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret_of(installation, webhook.salt), message_id, stamp, body),
    }
