"""Reading terms: which version is in force when, and what the pages about promises show."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import Table, Text, bindparam, cast
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from promises.people.tables import Person
from promises.terms.document import TermsDocument
from promises.terms.live import RESERVED
from promises.terms.reading import read_terms
from promises.terms.tables import CustomerPromise, Terms

_promise: Table = CustomerPromise.__table__  # type: ignore[attr-defined]
_terms: Table = Terms.__table__  # type: ignore[attr-defined]

# The columns of a version in their order, its document as text: it is read elsewhere, and once.
_stored = select_columns(
    *(_terms.c[name] for name in ("id", "promise_id", "number", "starts_at", "made_at", "made_by")),
    cast(_terms.c.document, Text),
)
_SOME = _stored.where(_terms.c.id.in_(bindparam("ids", expanding=True)))
_ALL = (
    _stored.add_columns(_promise.c.code)
    .join(_promise, _promise.c.id == _terms.c.promise_id)
    .order_by(_terms.c.promise_id, _terms.c.number)
)


@dataclass(frozen=True)
class Version:
    """One version of a promise's terms, read and ready to judge by."""

    terms_id: int
    promise_id: int
    number: int
    starts_at: datetime
    terms: TermsDocument
    made_at: datetime
    made_by: int | None


@dataclass(frozen=True)
class Dated:
    """A promise with all its versions, in the order in which they come into force."""

    promise_id: int
    code: str
    versions: tuple[Version, ...]

    def at(self, moment: datetime) -> Version | None:
        """The version in force at *moment*: the last that had begun, found by bisection."""
        place = bisect_right(self.versions, moment, key=lambda version: version.starts_at)
        return self.versions[place - 1] if place else None

    def shown(self, moment: datetime) -> Version:
        """The version to show at *moment*: the one in force, else the first to come."""
        return self.at(moment) or self.versions[0]


def find(session: Session, code: str) -> CustomerPromise | None:
    """The promise of this code."""
    return session.exec(select(CustomerPromise).where(CustomerPromise.code == code)).first()


def latest(session: Session, promise_id: int) -> Terms | None:
    """The newest version of a promise's terms, in force already or not."""
    query = select(Terms).where(Terms.promise_id == promise_id).order_by(col(Terms.number).desc())
    return session.exec(query).first()


def in_force(session: Session, promise_id: int, moment: datetime) -> Version | None:
    """The version of a promise's terms that is in force at *moment*, if any."""
    for dated in promises(session, promise_id):
        return dated.at(moment)
    return None


def promises(session: Session, promise_id: int | None = None) -> list[Dated]:
    """Every promise with its versions (or one), the oldest first. Each document is read once per process."""
    query = _ALL if promise_id is None else _ALL.where(_terms.c.promise_id == promise_id)
    session.flush()
    return list(_dated(tuple(map(tuple, session.execute(query)))))


@lru_cache(maxsize=64)
def _dated(rows: tuple[tuple[Any, ...], ...]) -> tuple[Dated, ...]:
    """The same rows are the same promises, so as long as nobody sets terms they are put together once."""
    found: defaultdict[tuple[int, str], list[Version]] = defaultdict(list)
    for *stored, code in rows:
        version = _version(*stored)
        found[version.promise_id, code].append(version)
    return tuple(Dated(number, code, tuple(versions)) for (number, code), versions in found.items())


def of_terms(session: Session, terms_ids: set[int]) -> dict[int, Version]:
    """Versions by the id of their terms."""
    if not terms_ids:
        return {}
    session.flush()
    rows = session.execute(_SOME, {"ids": sorted(terms_ids)})
    return {row.id: _version(*row) for row in rows}


def _version(
    number_of_terms: int,
    promise_id: int,
    number: int,
    starts_at: datetime,
    made_at: datetime,
    made_by: int | None,
    document: str,
) -> Version:
    return Version(number_of_terms, promise_id, number, starts_at, _read(document), made_at, made_by)


def read_once(document: dict[str, Any]) -> TermsDocument:
    """The terms of a stored document, which never changes: read once, then remembered."""
    return _read(json.dumps(document))


@lru_cache(maxsize=1024)
def _read(text: str) -> TermsDocument:
    return read_terms(text)


def makers(session: Session, dated: Dated) -> dict[int, str]:
    """Names of those who set the versions, by person id."""
    ids = {version.made_by for version in dated.versions if version.made_by is not None}
    people = session.exec(select(Person).where(col(Person.id).in_(ids))).all() if ids else []
    return {person.id or 0: person.name for person in people}


def free_code(session: Session, name: str) -> str:
    """A code for a promise called *name*, in lower-case letters and digits, that no other has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:50].rstrip("-") or "promise"
    taken = {*session.exec(select(CustomerPromise.code)).all(), *RESERVED}
    return next(code for n in count(1) if (code := stem if n == 1 else f"{stem}-{n}") not in taken)
