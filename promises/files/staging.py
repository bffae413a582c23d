"""An uploaded file is kept until its columns are confirmed and its rows are taken, or its time is over.

Its pieces are written in short transactions, so that nobody waits for a large upload. Nobody is told the name
of half an upload, so what is left of one that was cut short only waits for its time to be over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePosixPath
from secrets import token_urlsafe

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from promises.database import transaction
from promises.files.sealing import seal, unseal
from promises.files.tables import StagedFile, StagedPiece
from promises.refusal import Refusal

UNCONFIRMED = timedelta(days=1)
CONFIRMED = timedelta(days=7)
"""A confirmed file goes when it is taken; one that nobody takes, because no watch runs, goes after this."""

PIECE = 1 << 20
AT_ONCE = 4
PACKED = b"PK\x03\x04"
"""How a workbook begins."""


def stage(
    engine: Engine, filename: str, content: bytes, *, fingerprint: str, by: int, secret: str, as_of: datetime
) -> StagedFile:
    """Keep *content*, whose *fingerprint* makes it known when it comes again, sealed with *secret*."""
    staged = StagedFile(
        token=token_urlsafe(24),
        person_id=by,
        filename=file_name(filename),
        sha256=fingerprint,
        made_at=as_of,
        forget_at=as_of + UNCONFIRMED,
    )
    with transaction(engine) as session:
        sweep(session, as_of)
        session.add(staged)
    for first in range(0, len(content), PIECE * AT_ONCE):
        sealed = [
            _sealed(staged.token, start // PIECE, content[start : start + PIECE], secret)
            for start in range(first, min(first + PIECE * AT_ONCE, len(content)), PIECE)
        ]
        with transaction(engine) as session:
            session.add_all(sealed)
    return staged


def _sealed(token: str, number: int, content: bytes, secret: str) -> StagedPiece:
    return StagedPiece(token=token, number=number, sealed=seal(secret, token, number, content))


def content_of(session: Session, token: str, secret: str) -> bytes:
    """The bytes of a staged file.

    :raises Refusal: ``files.sealed`` if it was sealed with another secret.
    """
    pieces = select(StagedPiece.number, StagedPiece.sealed).where(StagedPiece.token == token)
    told = session.exec(pieces.order_by(col(StagedPiece.number)).execution_options(yield_per=AT_ONCE))
    return b"".join(unseal(secret, token, number, sealed) for number, sealed in told)


def staged_for(session: Session, token: str, person_id: int) -> StagedFile | None:
    """The staged file *token*, if it still waits and is that person's."""
    staged = session.get(StagedFile, token)
    return staged if staged is not None and staged.person_id == person_id else None


def confirmed(session: Session, token: str, as_of: datetime) -> None:
    """It is known how the file is to be taken: it is kept for as long as that may last."""
    staged = session.get_one(StagedFile, token)
    staged.forget_at = as_of + CONFIRMED
    session.add(staged)


def forget(session: Session, token: str | None) -> None:
    """The file has been taken: its bytes go. A taking that still names it has no file any more."""
    if token is not None:
        session.execute(delete(StagedFile).where(col(StagedFile.token) == token))


def sweep(session: Session, as_of: datetime) -> None:
    """Forget files whose time is over."""
    session.execute(delete(StagedFile).where(col(StagedFile.forget_at) < as_of))


def naming(session: Session, known: set[bytes], secret: str) -> list[str]:
    """Tokens of staged files that hold any of *known*, and of those in which nobody can tell, as they are
    packed or sealed with another secret."""
    return [
        token
        for token in session.exec(select(StagedFile.token)).all()
        if _may_hold(session, token, known, secret)
    ]


def _may_hold(session: Session, token: str, known: set[bytes], secret: str) -> bool:
    try:
        content = content_of(session, token, secret)
    except Refusal:
        return True
    return content.startswith(PACKED) or any(one in content.replace(b"\0", b"") for one in known)


def file_name(name: str) -> str:
    """The last part of an uploaded file's name, without control characters; never used as a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:255] or "-"
