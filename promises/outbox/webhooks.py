"""What the administrator does about other systems: letting them hear, letting go, sending again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, cast

from sqlalchemy import CursorResult, case, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.outbox.addresses import checked
from promises.outbox.kinds import KINDS
from promises.outbox.tables import Delivery, Notice, Webhook
from promises.refusal import Refusal


def add_webhook(
    session: Session,
    *,
    name: str,
    address: str,
    kinds: Sequence[str],
    branch_ids: Sequence[int],
    private: bool,
    by: int | None,
    as_of: datetime,
) -> Webhook:
    """Let the system at *address* hear of *kinds*, at some branches or, if none is named, everywhere.

    :param private: whether the settings allow addresses inside our own network.
    :raises Refusal: ``webhook.address``, ``webhook.private``, ``webhook.no_kinds``, ``webhook.unknown_kind``.
    """
    checked(address, private=private)
    if not kinds:
        raise Refusal("webhook.no_kinds")
    for kind in kinds:
        if kind not in KINDS:
            raise Refusal("webhook.unknown_kind", found=kind)
    webhook = Webhook(
        name=name,
        address=address,
        kinds=[kind for kind in KINDS if kind in kinds],
        branch_ids=sorted(branch_ids),
        salt=token_hex(16),
        made_at=as_of,
    )
    session.add(webhook)
    session.flush()
    record(session, "webhook.added", "webhook", webhook.id, by=by, as_of=as_of, name=name)
    return webhook


def end_webhook(session: Session, webhook: Webhook, *, by: int | None, as_of: datetime) -> None:
    """Tell this system nothing more, not even what still waits; a second time changes nothing."""
    claim = (
        update(Webhook)
        .where(col(Webhook.id) == webhook.id, col(Webhook.ended_at).is_(None))
        .values(ended_at=as_of)
    )
    if cast("CursorResult[Any]", session.execute(claim)).rowcount == 1:
        waiting = update(Delivery).where(
            col(Delivery.webhook_id) == webhook.id, col(Delivery.due_at).is_not(None)
        )
        session.execute(waiting.values(due_at=None))
        record(session, "webhook.ended", "webhook", webhook.id, by=by, as_of=as_of, name=webhook.name)


def send_again(session: Session, webhook: Webhook, *, by: int | None, as_of: datetime) -> int:
    """Try anew all that was given up for this system; how many those are."""
    again = (
        update(Delivery)
        .where(col(Delivery.webhook_id) == webhook.id, *_given_up())
        .values(due_at=as_of, tries=0)
    )
    if webhook.ended_at is not None:
        return 0
    count = cast("CursorResult[Any]", session.execute(again)).rowcount
    if count:
        record(session, "webhook.again", "webhook", webhook.id, by=by, as_of=as_of, count=count)
    return count


def _given_up() -> tuple[Any, Any]:
    return col(Delivery.due_at).is_(None), col(Delivery.confirmed_at).is_(None)


@dataclass(frozen=True)
class Standing:
    """A webhook and how its deliveries stand."""

    webhook: Webhook
    confirmed: int = 0
    waiting: int = 0
    given_up: int = 0
    last_at: datetime | None = None


def standings(session: Session) -> list[Standing]:
    """Every webhook, those that have ended last."""
    given_up = case((col(Delivery.due_at).is_(None) & col(Delivery.confirmed_at).is_(None), 1))
    query = columns(
        col(Delivery.webhook_id),
        func.count(col(Delivery.confirmed_at)),
        func.count(col(Delivery.due_at)),
        func.count(given_up),
        func.max(col(Delivery.confirmed_at)),
    ).group_by(col(Delivery.webhook_id))
    counts = {row[0]: row[1:] for row in session.execute(query)}
    every = session.exec(select(Webhook).order_by(col(Webhook.id))).all()
    found = [Standing(one, *counts.get(one.id or 0, ())) for one in every]
    return sorted(found, key=lambda one: one.webhook.ended_at is not None)


def deliveries(session: Session, webhook_id: int, most: int) -> list[tuple[Delivery, Notice]]:
    """The newest deliveries to one system, with what was told."""
    query = (
        select(Delivery, Notice)
        .join(Notice, col(Notice.id) == col(Delivery.notice_id))
        .where(Delivery.webhook_id == webhook_id)
        .order_by(col(Delivery.id).desc())
        .limit(most)
    )
    return list(session.exec(query).all())
