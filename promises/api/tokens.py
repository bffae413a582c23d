"""Tokens: made once, shown once, recognised by their digest, revoked for good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Engine, Table, or_, select, update
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from promises.api.tables import Token
from promises.database import transaction
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.plain import plain_rows
from promises.refusal import Refusal

SCOPES = (
    "events.write",
    "cases.read",
    "promises.read",
    "verdicts.read",
    "compensation.read",
    "feedback.write",
)
PREFIX = "prm_"
SHOWN = 12
USED_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a token was last used."""

_token: Table = Token.__table__  # type: ignore[attr-defined]
_branch: Table = Branch.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who comes in by a token: a source, what it may, and at which branches (codes; all if none are named).

    A token is never changed, only revoked, so all but that may be remembered.
    """

    id: int
    source: str
    scopes: frozenset[str]
    branches: frozenset[str]

    def reaches(self, branch: str) -> bool:
        """Whether the token is good at *branch*, a code."""
        return not self.branches or branch in self.branches


def digest_of(token: str) -> str:
    """By what a token is known. It has 256 random bits, so a plain digest can't be guessed from."""
    return sha256(token.encode()).hexdigest()


def make(
    session: Session,
    *,
    source: str,
    scopes: Collection[str],
    branches: Collection[int] = (),
    note: str = "",
    by: int | None,
    as_of: datetime,
) -> tuple[Token, str]:
    """A new token for *source*, and what it reads: it is told here and never again.

    :param branches: where it is good; everywhere if none are named.
    :raises Refusal: ``tokens.no_source``, ``tokens.no_scopes``, ``tokens.unknown_scope``.
    """
    if not source.strip():
        raise Refusal("tokens.no_source")
    if not scopes:
        raise Refusal("tokens.no_scopes")
    for scope in scopes:
        if scope not in SCOPES:
            raise Refusal("tokens.unknown_scope", found=scope, allowed=", ".join(SCOPES))
    secret = PREFIX + token_urlsafe(32)
    token = Token(
        source=source.strip(),
        note=note,
        start=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        branch_ids=sorted(branches),
        made_at=as_of,
        made_by=by,
    )
    session.add(token)
    session.flush()
    record(session, "token.made", "token", token.id, by=by, as_of=as_of, source=token.source)
    return token, secret


def revoke(session: Session, token_id: int, *, by: int | None, by_name: str, as_of: datetime) -> bool:
    """Let a token open nothing from now on; False if it didn't already."""
    claim = (
        update(Token)
        .where(col(Token.id) == token_id, col(Token.revoked_at).is_(None))
        .values(revoked_at=as_of, revoked_by=by_name)
        .returning(col(Token.source))
        .execution_options(synchronize_session=False)
    )
    found = session.execute(claim).first()
    if found is None:
        return False
    record(session, "token.revoked", "token", token_id, by=by, as_of=as_of, source=found.source)
    return True


def recognise(session: Session, digest: str) -> Bearer | None:
    """Who comes in by the token of this digest, unless it was revoked."""
    query = select(_token).where(_token.c.digest == digest, _token.c.revoked_at.is_(None))
    row = session.execute(query).first()
    if row is None:
        return None
    codes = select(_branch.c.code).where(_branch.c.id.in_(row.branch_ids))
    branches = [code for (code,) in session.execute(codes)] if row.branch_ids else []
    return Bearer(row.id, row.source, frozenset(row.scopes), frozenset(branches))


def standing(session: Session, ids: Collection[int]) -> set[int]:
    """Those of the tokens *ids* that are not revoked."""
    query = "SELECT id FROM token WHERE id {among} AND revoked_at IS NULL"
    return {number for (number,) in plain_rows(session, query, ids)}


def used(engine: Engine, token_id: int, as_of: datetime) -> None:
    """Note that a token has just been used, in a transaction of its own and at most once a minute."""
    before = or_(col(Token.used_at).is_(None), col(Token.used_at) < as_of - USED_EVERY)
    with transaction(engine) as session:
        note = update(Token).where(col(Token.id) == token_id, before).values(used_at=as_of)
        session.execute(note.execution_options(synchronize_session=False))


def listed(session: Session) -> list[Token]:
    """Every token, the good ones first, the newest first."""
    every = session.exec(rows_of(Token)).all()
    return sorted(every, key=lambda one: (one.revoked_at is not None, -(one.id or 0)))
