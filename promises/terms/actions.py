"""Setting terms: a version is inserted with its date, and none is ever edited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.terms.document import TermsDocument
from promises.terms.hours import instant, moment
from promises.terms.live import check_live
from promises.terms.queries import find, latest, read_once
from promises.terms.reading import read_terms, write_terms
from promises.terms.tables import CustomerPromise, Terms


def set_terms(
    session: Session,
    *,
    document: dict[str, Any] | str,
    by: int | None,
    as_of: datetime,
    code: str | None = None,
    starts_at: datetime | None = None,
    number: int | None = None,
) -> Terms:
    """Insert a version of the terms of a promise; its first version makes the promise.

    :param document: the terms format. It names the promise; *code*, where given, must be the same.
    :param starts_at: when the version comes into force, for history that is loaded; in live use it is
        left out, and then it is the beginning of the document's first date, or *as_of* if that date
        is today: what is set at noon doesn't reach back to customers of the morning.
    :param number: the number that this version is meant to get, so that a form filled in beside
        another's change is refused instead of undoing it.
    :raises Refusal: ``terms.other_promise``, ``terms.unknown_branch``, ``terms.starts_in_past``,
        ``terms.starts_before_latest``, ``terms.changed_meanwhile``, what
        :func:`promises.terms.reading.read_terms` says of the document, or
        :func:`promises.terms.live.check_live` of terms for live cases.
    """
    terms = read_terms(document)
    if code is not None and code != terms.promise:
        raise Refusal("terms.other_promise", found=terms.promise, expected=code)
    _check_branches(session, terms)
    begins = starts_at.astimezone(UTC) if starts_at else _live_start(terms, as_of)
    promise = find(session, terms.promise)
    before = latest(session, promise.id) if promise and promise.id else None
    next_number = before.number + 1 if before else 1
    if number is not None and number != next_number:
        raise Refusal("terms.changed_meanwhile", number=next_number - 1)
    check_live(terms, read_once(before.document) if before else None)
    if before is not None and begins <= before.starts_at:
        raise Refusal("terms.starts_before_latest", number=before.number, starts=str(before.starts_at.date()))
    return _insert(session, promise, terms, begins, next_number, by, as_of)


def _live_start(terms: TermsDocument, as_of: datetime) -> datetime:
    zone = ZoneInfo(terms.zone)
    if terms.starts < as_of.astimezone(zone).date():
        raise Refusal("terms.starts_in_past", found=str(terms.starts))
    return max(moment(instant(terms.starts, 0, zone)), as_of)


def _check_branches(session: Session, terms: TermsDocument) -> None:
    if terms.branches is None:
        return
    known = set(session.exec(select(Branch.code).where(col(Branch.code).in_(terms.branches))).all())
    for code in terms.branches:
        if code not in known:
            raise Refusal("terms.unknown_branch", found=code)


def _insert(
    session: Session,
    promise: CustomerPromise | None,
    terms: TermsDocument,
    begins: datetime,
    number: int,
    by: int | None,
    as_of: datetime,
) -> Terms:
    try:
        with session.begin_nested():
            if promise is None:
                promise = CustomerPromise(code=terms.promise, made_at=as_of)
                session.add(promise)
                session.flush()
            version = Terms(
                promise_id=promise.id or 0,
                number=number,
                starts_at=begins,
                touchpoint=terms.touchpoint or "",
                document=write_terms(terms),
                made_at=as_of,
                made_by=by,
            )
            session.add(version)
            session.flush()
    except IntegrityError:
        # Somebody else's version took the number between our look and our insert.
        raise Refusal("terms.changed_meanwhile", number=number) from None
    record(
        session, "terms.set", "promise", terms.promise, by=by, as_of=as_of, number=number, starts=str(begins)
    )
    return version
