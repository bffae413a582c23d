"""What the auditor's page tells of the chains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_
from sqlmodel import Session, col, select

from promises.journal.chain import JOURNAL
from promises.journal.tables import Head, Link, Verification
from promises.people.tables import Branch

SHOWN = 20


@dataclass(frozen=True)
class ChainLine:
    """One chain: of the journal, where ``branch`` is none, or of a branch's ledger."""

    branch: str | None
    links: int
    digest: str
    at: datetime


def chains(session: Session) -> list[ChainLine]:
    """Every chain with its last link, the journal's first, then by branch."""
    last = and_(col(Link.chain) == Head.chain, col(Link.number) == Head.number)
    query = select(Head, Link.at, Branch.name).join(Link, last)
    query = query.outerjoin(Branch, col(Branch.id) == Head.chain)
    found = [
        ChainLine(None if head.chain == JOURNAL else name or str(head.chain), head.number, head.digest, at)
        for head, at, name in session.exec(query)
    ]
    return sorted(found, key=lambda line: (line.branch is not None, line.branch or ""))


def verifications(session: Session) -> list[Verification]:
    """The last runs of ``promises verify``, the newest first."""
    query = select(Verification).order_by(col(Verification.id).desc())
    return list(session.exec(query.limit(SHOWN)))
