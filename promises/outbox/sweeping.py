"""What the outbox forgets: notices that were told, a month after."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists
from sqlmodel import Session, col

from promises.outbox.tables import Delivery, Notice

KEPT = timedelta(days=30)


def sweep(session: Session, as_of: datetime) -> None:
    """Forget old notices and their deliveries; what still waits to be told stays."""
    waits = exists().where(col(Delivery.notice_id) == col(Notice.id), col(Delivery.due_at).is_not(None))
    old = col(Notice.made_at) < as_of - KEPT, col(Notice.mailed_at).is_not(None), ~waits
    forgotten = exists().where(col(Notice.id) == col(Delivery.notice_id), *old[:2])
    session.execute(delete(Delivery).where(col(Delivery.due_at).is_(None), forgotten))
    session.execute(delete(Notice).where(*old))
