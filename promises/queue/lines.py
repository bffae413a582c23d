"""The lines of a branch's hall: which touchpoints customers can take a ticket for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.queue.tables import QueueLine
from promises.refusal import Refusal

COUNTER = "branch"
IN_A_HALL = (COUNTER, "appointment", "card", "loan")
"""Touchpoints that a hall can have a line for, in the order in which a kiosk offers them."""


def lines_of(session: Session, branch: Branch) -> tuple[str, ...]:
    """The branch's lines; the counter alone where nobody has said otherwise."""
    query = select(QueueLine.touchpoint).where(QueueLine.branch_id == branch.id)
    found = set(session.exec(query).all())
    return tuple(line for line in IN_A_HALL if line in found) or (COUNTER,)


def set_lines(
    session: Session, branch: Branch, touchpoints: Collection[str], *, by: int | None, as_of: datetime
) -> None:
    """Let the branch have these lines; none at all means the counter alone. Tickets given stay in theirs.

    :raises Refusal: ``desk.unknown_line``.
    """
    unknown = sorted(set(touchpoints) - set(IN_A_HALL))
    if unknown:
        raise Refusal("desk.unknown_line", found=unknown[0])
    before = lines_of(session, branch)
    session.execute(delete(QueueLine).where(col(QueueLine.branch_id) == branch.id))
    session.add_all(QueueLine(branch_id=branch.id or 0, touchpoint=one) for one in sorted(set(touchpoints)))
    session.flush()
    after = lines_of(session, branch)
    if after != before:
        record(session, "queue.lines_set", "branch", branch.id, by=by, as_of=as_of, lines=", ".join(after))
