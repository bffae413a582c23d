"""Writing mail into the outbox, and sending what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from promises.database import transaction
from promises.outbox.tables import Letter

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
LEASE = timedelta(minutes=2)

Send = Callable[[Letter], None]


def write(session: Session, to: str, subject: str, body: str, *, as_of: datetime) -> None:
    """Put a mail into the outbox; it leaves after this transaction has been committed."""
    session.add(Letter(to=to, subject=subject, body=body, made_at=as_of, due_at=as_of))


def send_due(engine: Engine, send: Send, *, as_of: datetime, most: int = 50) -> int:
    """Try every mail whose time has come; the number that was confirmed.

    Each is claimed for two minutes by a conditional update, so several senders never send one
    twice; a sender that dies after sending and before noting it is the one case of a second copy.
    """
    with transaction(engine) as session:
        due = session.exec(
            select(Letter.id).where(col(Letter.due_at) <= as_of).order_by(col(Letter.due_at)).limit(most)
        ).all()
    return sum(_try_one(engine, letter_id, send, as_of) for letter_id in due if letter_id is not None)


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
