"""Web workers notice when nobody watches: they tell it, and show it to those who can do something about it.

Mail and webhooks are usually sent by the watch. Where it stands still nobody would hear of it, so the worker
that notices sends what waits in the outbox, as long as that lasts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any

import structlog
from flask import Flask, current_app, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from promises import clock
from promises.outbox.leaving import send_mail, send_webhooks
from promises.people.roles import Role
from promises.service.heartbeat import SILENT, tell_if_silent
from promises.settings import Settings
from promises.web.request import visitor

LOOK = timedelta(seconds=10)
TOLD = {Role.BRANCH_MANAGER, Role.ADMINISTRATOR}
log = structlog.get_logger()


@dataclass
class _Seen:
    """What this process last saw, on which database."""

    engine: Engine
    began: datetime
    at: datetime
    since: datetime | None = None
    sending: Lock = field(default_factory=Lock)
    senders: list[Thread] = field(default_factory=list)


def attach(app: Flask) -> None:
    """Let *app*'s requests look now and then whether somebody watches.

    To be called before anything opens a request's transaction: what is told is written in one of its own.
    """
    app.before_request(_look)
    app.context_processor(_context)


def _look() -> None:
    now = clock.now()
    if request.endpoint in {"static", "health.alive"} or not due(current_app, now):
        return
    engine: Engine = current_app.extensions["engine"]
    seen: _Seen | None = current_app.extensions.get("watching")
    if seen is None or seen.engine is not engine or seen.began > now:
        seen = current_app.extensions["watching"] = _Seen(engine, began=now, at=now)
    seen.at = now
    if now - seen.began < SILENT:
        # After a pause of the whole installation the watch begins together with this process.
        return
    try:
        found = tell_if_silent(engine, now)
    except SQLAlchemyError as error:
        # A database that can't be reached is told by the page itself.
        log.warning("watching.not_seen", error=type(error).__name__)
        return
    seen.since = found.since
    if found.told:
        settings: Settings = current_app.config["SETTINGS"]
        sender = Thread(target=_send, args=(seen, settings, now), daemon=True)
        sender.start()
        seen.senders = [*filter(Thread.is_alive, seen.senders), sender]


def rest(app: Flask) -> None:
    """Wait until what *app* sends by itself has left: its database may be closed only then."""
    seen: _Seen | None = app.extensions.get("watching")
    for sender in seen.senders if seen is not None else ():
        sender.join()


def due(app: Flask, now: datetime) -> bool:
    """Whether the next request is to look."""
    seen: _Seen | None = app.extensions.get("watching")
    return seen is None or seen.engine is not app.extensions["engine"] or abs(now - seen.at) >= LOOK


def _send(seen: _Seen, settings: Settings, now: datetime) -> None:
    if not seen.sending.acquire(blocking=False):
        return
    try:
        send_mail(seen.engine, settings, as_of=now)
        send_webhooks(seen.engine, settings, as_of=now)
    except SQLAlchemyError as error:
        log.warning("watching.not_sent", error=type(error).__name__)
    finally:
        seen.sending.release()


def _context() -> dict[str, Any]:
    reader = visitor()
    seen: _Seen | None = current_app.extensions.get("watching")
    shown = seen is not None and reader is not None and Role(reader.role) in TOLD
    return {"watch_silent": seen.since if seen is not None and shown else None}
