"""What rows of feedback are checked against, and how those that can be taken are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, insert, text
from sqlmodel import Session, col, select

from promises.feedback.board.counts import heard
from promises.feedback.intake.checking import Against, Piece
from promises.feedback.intake.mapping import Columns, guess, recall
from promises.feedback.intake.sheet import Sheet
from promises.feedback.keeping import Masking, Originals, keep, wants_ids
from promises.feedback.tables import Feedback, Intake
from promises.people.queries import company_zone as company_zone
from promises.people.tables import Branch

LONGEST_SOURCE = 64
_feedback: Table = Feedback.__table__  # type: ignore[attr-defined]


def proposed_columns(session: Session, sheet: Sheet) -> tuple[Columns, bool]:
    """The columns of *sheet* as they were confirmed for the same header before, else as guessed;
    and whether they were remembered."""
    key = sheet.key()
    if key:
        query = select(Intake).where(Intake.columns == key).order_by(col(Intake.id).desc()).limit(1)
        earlier = session.exec(query).first()
        if earlier is not None:
            return recall(earlier.mapping, sheet), True
    return guess(sheet, branch_names(session).keys()), False


def branch_names(session: Session) -> dict[str, int]:
    """Codes and names of all branches in lower case → id."""
    names: dict[str, int] = {}
    for branch in session.exec(select(Branch)).all():
        names[" ".join(branch.name.casefold().split())] = branch.id or 0
        names[branch.code.casefold()] = branch.id or 0
    return names


def against(session: Session, *, default_at: datetime | None, as_of: datetime) -> Against:
    """What rows are checked against now; rows without a date get *default_at*, else *as_of*."""
    places = branch_names(session)
    masking = Masking(places)
    return Against(
        branches=places,
        zone=company_zone(session),
        as_of=as_of,
        default_at=default_at or as_of,
        mask=masking,
        names=masking.names,
        plain=masking.plain,
    )


def one_at_a_time(session: Session) -> None:
    """Who brings in feedback or looks for problems waits for others who do; in SQLite writers wait anyway."""
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(sha256(b"feedback").digest()[:4], "big")
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def insert_pieces(
    session: Session,
    intake_id: int,
    pieces: Sequence[Piece],
    originals: Originals | None,
    *,
    as_of: datetime,
) -> dict[str, int]:
    """Write *pieces*, which nobody knows yet, and what is kept beside them.

    :returns: feedback ids by fingerprint, where anything is kept beside.
    """
    rows = [row_of(piece, intake_id) for piece in pieces]
    session.execute(insert(_feedback), rows)
    heard(session, rows)
    if not wants_ids(pieces, originals):
        return {}
    prints = [piece.fingerprint for piece in pieces]
    query = select(Feedback.fingerprint, Feedback.id).where(col(Feedback.fingerprint).in_(prints))
    ids = {fingerprint: feedback_id or 0 for fingerprint, feedback_id in session.exec(query)}
    keep(session, ids, pieces, originals, as_of)
    return ids


def row_of(piece: Piece, intake_id: int) -> dict[str, Any]:
    """*piece* as a row of feedback."""
    row = {name: value for name, value in vars(piece).items() if name not in {"names", "original"}}
    # A score without words is an answer, but there is nothing in it to look for problems in.
    return {**row, "intake_id": intake_id, "kind": "" if piece.text else "nothing"}
