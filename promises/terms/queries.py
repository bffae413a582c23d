"""Reading terms: which version is in force when, and what the pages about promises show."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import Table, Text, bindparam, cast
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from promises.people.tables import Person
from promises.plain import Remembered, plain_rows
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

# The same as it stands: what promises are remembered by, as long as nobody sets terms.
_COLUMNS = "t.id, t.promise_id, t.number, t.starts_at, t.made_at, t.made_by, CAST(t.document AS TEXT)"
_PLAIN_SOME = f"SELECT {_COLUMNS} FROM terms AS t WHERE t.id {{among}} ORDER BY t.id"  # noqa: S608
_PLAIN = (
    f"SELECT {_COLUMNS}, p.code FROM terms AS t JOIN promise AS p ON p.id = t.promise_id "  # noqa: S608
    "ORDER BY t.promise_id, t.number"
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


_every: Remembered[list[Dated]] = Remembered(64)
_some: Remembered[dict[int, Version]] = Remembered()


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
    if promise_id is not None:
        session.flush()
        return _dated(session.execute(_ALL.where(_terms.c.promise_id == promise_id)))
    rows = plain_rows(session, _PLAIN)
    return list(_every.get(rows, lambda: _dated(session.execute(_ALL))))


def _dated(rows: Iterable[Sequence[Any]]) -> list[Dated]:
    found: defaultdict[tuple[int, str], list[Version]] = defaultdict(list)
    for *stored, code in rows:
        version = _version(*stored)
        found[version.promise_id, code].append(version)
    return [Dated(number, code, tuple(versions)) for (number, code), versions in found.items()]


def of_terms(session: Session, terms_ids: set[int]) -> dict[int, Version]:
    """Versions by the id of their terms."""
    if not terms_ids:
        return {}
    ids = sorted(terms_ids)
    rows = plain_rows(session, _PLAIN_SOME, ids)
    found = _some.get(rows, lambda: {row.id: _version(*row) for row in session.execute(_SOME, {"ids": ids})})
    return dict(found)


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
