"""A file that waits, its sealed pieces, and what rooms that take files keep of how far they have come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class StagedFile(SQLModel, table=True):
    """A file that was uploaded: it waits for its columns to be confirmed, then to be taken.

    It is in the database, so that every worker finds it and no file lies about under a guessable name.
    Its bytes are what customers wrote, so they are sealed, and go at ``forget_at`` at the latest.
    """

    __tablename__ = "staged_file"

    token: str = Field(max_length=43, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    filename: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    made_at: datetime
    forget_at: datetime = Field(index=True)


class StagedPiece(SQLModel, table=True):
    """A piece of a staged file, encrypted with a key that is not in the database."""

    __tablename__ = "staged_piece"

    token: str = Field(foreign_key="staged_file.token", primary_key=True, ondelete="CASCADE", max_length=43)
    number: int = Field(primary_key=True)
    sealed: bytes


class Taking(SQLModel):
    """How far the taking of a file has come, written with each part of it, so that it goes on from there.

    Each room has a table of this shape, keyed by its own intakes. ``seen`` counts what has been read of the
    file, taken or not, ``row`` is the last row of it; ``about`` is how much there may be in all. ``token``
    names the staged file, where the taking goes on in the background. ``stopped`` is the refusal that ended
    it: {code, facts}.
    """

    seen: int = 0
    row: int = 0
    about: int = 0
    token: str | None = Field(
        default=None, foreign_key="staged_file.token", ondelete="SET NULL", index=True, max_length=43
    )
    stopped: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    moved_at: datetime
    finished_at: datetime | None = None
