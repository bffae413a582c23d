"""A form's button works once: a second press, or a reload, leads to what the first one did."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import redirect
from sqlalchemy import Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from promises.web.request import as_of, db
from promises.web.tables import Press

KEPT = timedelta(days=7)
_press: Table = Press.__table__  # type: ignore[attr-defined]


def pressed_before(token: str, session: Session | None = None, *, reading: bool = False) -> Response | None:
    """Claim *token* for this request; if another has it, the way to where that one led.

    Two presses at the same time meet at the primary key: the second waits for the first's commit.

    :param session: whose transaction claims it, where it isn't that of the request.
    :param reading: only look whether another has it, and claim nothing.
    """
    session = session or db()
    if reading:
        seen = session.get(Press, token[:36])
        return redirect(seen.location or "/") if seen is not None else None
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row = insert(_press).values(token=token[:36], at=as_of(), location="").on_conflict_do_nothing()
    if session.execute(row.returning(_press.c.token)).first() is not None:
        return None
    location = session.exec(select(Press.location).where(Press.token == token[:36])).one()
    return redirect(location or "/")


def done(token: str, location: str, session: Session | None = None) -> Response:
    """Redirect to *location* and remember it as what *token*'s press led to."""
    session = session or db()
    press = session.get(Press, token[:36])
    if press is not None:
        press.location = location
        session.add(press)
    return redirect(location)


def take_back(token: str, session: Session) -> None:
    """What *token*'s press did was undone: the same form may be sent again."""
    session.execute(delete(Press).where(col(Press.token) == token[:36]))


def sweep(session: Session, as_of: datetime) -> None:
    """Forget presses that are too old to be repeated."""
    session.execute(delete(Press).where(col(Press.at) < as_of - KEPT))
