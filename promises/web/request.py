"""What a page may ask of the request it serves: the database, the reader, the moment, the branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import g, request
from sqlmodel import Session

from promises.people.roles import may
from promises.people.tables import Branch

LARGEST = 2**63 - 1
"""The largest number that a table can hold; an address with a larger one names nothing."""
LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class Visitor:
    """The signed-in person, as far as pages need to know."""

    id: int
    name: str
    role: str
    language: str
    theme: str
    branches: tuple[str, ...]

    def may(self, verb: str, branch: str | None = None) -> bool:
        """Whether this person may do *verb* (at *branch*, a branch code)."""
        return may(self.role, verb, own_branches=self.branches, branch=branch)


def db() -> Session:
    """The session of this request; the edge commits it."""
    return cast("Session", g.session)


def as_of() -> datetime:
    """The moment of this request, UTC."""
    return cast("datetime", g.as_of)


def me() -> Visitor:
    """The signed-in person. Only pages that need a verb may ask."""
    return cast("Visitor", g.visitor)


def visitor() -> Visitor | None:
    """The signed-in person, or nobody."""
    return cast("Visitor | None", g.get("visitor"))


def branch() -> Branch:
    """The branch named in the address, already checked against the reader's permission."""
    return cast("Branch", g.branch)


def asked_number(name: str) -> int | None:
    """The whole number *name* of the address's query; None if there is none that a table can hold."""
    found = request.args.get(name, type=int)
    return found if found is not None and abs(found) <= LARGEST else None


def asked_page() -> int:
    """Which page of a long list is asked for, from 1."""
    return min(max(asked_number("page") or 1, 1), LAST_PAGE)
