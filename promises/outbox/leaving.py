"""All that waits in the outbox leaves: letters are written, mail and webhooks are sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from promises.outbox.actions import send_due
from promises.outbox.delivering import deliver_due, poster
from promises.outbox.digests import write_digests
from promises.outbox.transport import transport
from promises.settings import Settings


def send_mail(engine: Engine, settings: Settings, *, as_of: datetime) -> int:
    """Gather what is to be told into letters, and send every letter that is due; how many were confirmed."""
    gap = timedelta(minutes=settings.mail_gap_minutes)
    write_digests(engine, base_url=settings.base_url, gap=gap, as_of=as_of)
    return send_due(engine, transport(settings), as_of=as_of)


def send_webhooks(engine: Engine, settings: Settings, *, as_of: datetime) -> int:
    """Send to other systems what is due; how many deliveries were confirmed."""
    send = poster(private=settings.webhook_private)
    return deliver_due(engine, send, installation=settings.secret_key, as_of=as_of)
