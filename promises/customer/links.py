"""The link and the code of a case, made on demand, and the doors that they open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, update
from sqlmodel import Session, col, select

from promises.customer import codes
from promises.customer.tables import CustomerLink
from promises.database import insert_new
from promises.journal.actions import record
from promises.people.signing import throttle
from promises.refusal import Refusal
from promises.service.tables import Case

TRIES_PER_ADDRESS = 20
TRIES_OF_ALL = 1000
"""Codes typed within a quarter of an hour, right or wrong: with a million of them alive, all guesses of a
year together open one with a chance of about one in a thousand."""

_link: Table = CustomerLink.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Link:
    """What opens a case to its customer: ``word`` stands in the address, ``code`` is typed."""

    word: str
    code: str

    @property
    def path(self) -> str:
        """The address of the page on this site."""
        return f"/c/{self.word}"

    @property
    def grouped(self) -> str:
        """The code as it is shown."""
        return codes.grouped(self.code)


def link_for(
    session: Session, branch_id: int, case_id: int, *, secret: str, by: int | None = None, as_of: datetime
) -> Link:
    """The link of a case, the same at every call; made at the first.

    :param secret: the installation's secret key. After it has changed the case gets a new link.
    :raises Refusal: ``customer.unknown_case``.
    """
    if session.get(Case, (branch_id, case_id)) is None:
        raise Refusal("customer.unknown_case")
    if (link := known_link(session, branch_id, case_id, secret=secret)) is not None:
        return link
    nonce, link = _new(secret)
    row = _row(branch_id, case_id, nonce, link, secret, by, as_of)
    if insert_new(session, _link, row):
        record(session, "customer.link_made", "case", case_id, by=by, as_of=as_of)
        return link
    # Somebody else made it in this moment, or it is of an older secret key.
    return known_link(session, branch_id, case_id, secret=secret) or new_link(
        session, branch_id, case_id, secret=secret, by=by, as_of=as_of
    )


def new_link(
    session: Session, branch_id: int, case_id: int, *, secret: str, by: int | None, as_of: datetime
) -> Link:
    """Another link for a case that has one; the old link and code open nothing any more.

    :raises Refusal: ``customer.unknown_case``.
    """
    nonce, link = _new(secret)
    row = _row(branch_id, case_id, nonce, link, secret, by, as_of)
    own = (col(CustomerLink.branch_id) == branch_id, col(CustomerLink.case_id) == case_id)
    changed = update(CustomerLink).where(*own).values(**row).returning(col(CustomerLink.case_id))
    if session.execute(changed.execution_options(synchronize_session=False)).first() is None:
        raise Refusal("customer.unknown_case")
    record(session, "customer.link_renewed", "case", case_id, by=by, as_of=as_of)
    return link


def known_link(session: Session, branch_id: int, case_id: int, *, secret: str) -> Link | None:
    """The link that a case has already."""
    row = session.get(CustomerLink, (branch_id, case_id), populate_existing=True)
    if row is None:
        return None
    link = Link(codes.link_word(row.nonce, secret), codes.short_code(row.nonce, secret))
    return link if codes.hashed(link.word) == row.link_hash else None


def by_word(session: Session, word: str) -> CustomerLink | None:
    """The case that a link's word opens."""
    query = select(CustomerLink).where(CustomerLink.link_hash == codes.hashed(word.upper()))
    return session.exec(query).first()


def by_code(
    session: Session, typed: str, address: str, *, secret: str, as_of: datetime
) -> CustomerLink | None:
    """The case that a typed code opens; every try counts, by the address it comes from and over all.

    Counted in the database, so that all workers count together. A right code forgives nothing: else a
    guesser with one ticket of their own could go on for ever.

    :raises Refusal: ``people.too_many_tries``.
    """
    throttle(session, f"customer-code|{address}", TRIES_PER_ADDRESS, as_of)
    throttle(session, "customer-code", TRIES_OF_ALL, as_of)
    code = codes.read_code(typed)
    if code is None:
        return None
    query = select(CustomerLink).where(CustomerLink.code_hash == codes.hashed_code(code, secret))
    return session.exec(query).first()


def _new(secret: str) -> tuple[str, Link]:
    nonce = codes.new_nonce()
    return nonce, Link(codes.link_word(nonce, secret), codes.short_code(nonce, secret))


def _row(
    branch_id: int, case_id: int, nonce: str, link: Link, secret: str, by: int | None, as_of: datetime
) -> dict[str, object]:
    return {
        "branch_id": branch_id,
        "case_id": case_id,
        "nonce": nonce,
        "link_hash": codes.hashed(link.word),
        "code_hash": codes.hashed_code(link.code, secret),
        "made_at": as_of,
        "made_by": by,
    }
