"""Letters that gather what happened: one per branch and reader, at a distance from the last one.

Five hundred breaches in an hour are one letter, not five hundred. What has been gathered is marked in
the same transaction that writes the letters, and the letters then stay until they are confirmed: nothing
is called told before it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Table, func, update
from sqlmodel import Session, col, select

from promises.database import insert_new, open_session, transaction
from promises.language import current, gettext, ngettext, spoken
from promises.outbox.actions import NAMED_IN_MAIL, write
from promises.outbox.kinds import KINDS
from promises.outbox.tables import Digest, Notice
from promises.people.tables import Branch, Company, Membership, Person
from promises.web.filters import show_date, show_deadline, show_money, show_number

COMPANY = 0
"""Stands for the whole company where a branch is named."""

_digest: Table = Digest.__table__  # type: ignore[attr-defined]


def write_digests(engine: Engine, *, base_url: str, gap: timedelta, as_of: datetime) -> int:
    """Write what hasn't been told by mail yet to those who are to hear of it; the number of letters.

    A branch whose last letter is younger than *gap* waits, except for what is told at once. Several
    writers at the same time never gather one thing twice.
    """
    letters = 0
    for branch_id, kind in _waiting(engine):
        with transaction(engine) as session:
            if KINDS[kind].at_once or _claim(session, branch_id, gap, as_of):
                letters += _write(session, branch_id, KINDS[kind].at_once, base_url, as_of)
    return letters


def _waiting(engine: Engine) -> list[tuple[int, str]]:
    """Branches with something to tell, once for what is told at once and once for the rest."""
    with open_session(engine, writes=False) as session:
        place = func.coalesce(col(Notice.branch_id), COMPANY)
        found = session.exec(
            select(place, Notice.kind).where(col(Notice.mailed_at).is_(None)).distinct()
        ).all()
    every: dict[tuple[int, bool], str] = {}
    for branch_id, kind in sorted(found):
        every.setdefault((branch_id, KINDS[kind].at_once), kind)
    return [(branch_id, kind) for (branch_id, _), kind in every.items()]


def _claim(session: Session, branch_id: int, gap: timedelta, as_of: datetime) -> bool:
    if insert_new(session, _digest, {"branch_id": branch_id, "sent_at": as_of}):
        return True
    claim = (
        update(Digest)
        .where(col(Digest.branch_id) == branch_id, col(Digest.sent_at) <= as_of - gap)
        .values(sent_at=as_of)
    )
    return cast("CursorResult[Any]", session.execute(claim)).rowcount == 1


def _write(session: Session, branch_id: int, at_once: bool, base_url: str, as_of: datetime) -> int:
    kinds = [name for name, kind in KINDS.items() if kind.at_once == at_once]
    own = col(Notice.branch_id).is_(None) if branch_id == COMPANY else col(Notice.branch_id) == branch_id
    gather = (
        update(Notice)
        .where(own, col(Notice.mailed_at).is_(None), col(Notice.kind).in_(kinds))
        .values(mailed_at=as_of)
        .returning(Notice)
        .execution_options(synchronize_session=False)
    )
    notices = sorted(session.scalars(gather), key=lambda one: one.id or 0)
    branch = session.get(Branch, branch_id) if branch_id != COMPANY else None
    company = session.get(Company, 1)
    zone = branch.zone if branch else company.zone if company else "Europe/Helsinki"
    where = branch.name if branch else company.name if company else "Promises"
    by_role = defaultdict(list)
    for notice in notices:
        kind = KINDS[notice.kind]
        for one in (kind.role, *kind.also):
            by_role[one.value].append(notice)
    letters = 0
    for role, theirs in by_role.items():
        for person in _readers(session, role, branch_id):
            with spoken(person.language):
                told = _told(theirs, zone)
                subject = f"{where}: " + ", ".join(line for line, _ in told)
                body = gettext(
                    "mail.digest.body",
                    name=person.name,
                    where=where,
                    what="\n\n".join("\n".join([line, *named]) for line, named in told),
                    link=f"{base_url}/compensation" if branch else base_url,
                )
            write(session, person.email, subject[:200], body, as_of=as_of)
            letters += 1
    return letters


def _readers(session: Session, role: str, branch_id: int) -> Sequence[Person]:
    query = select(Person).where(Person.role == role, col(Person.left_at).is_(None))
    if branch_id != COMPANY:
        query = query.join(Membership).where(Membership.branch_id == branch_id)
    return session.exec(query.order_by(col(Person.id))).all()


def _told(notices: Sequence[Notice], zone: str) -> list[tuple[str, list[str]]]:
    """By kind: how many, and the first few by name, in the reader's language."""
    found = []
    for kind in KINDS:
        own = [notice for notice in notices if notice.kind == kind]
        if not own:
            continue
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for notice in own:
            if notice.total is not None:
                sums[notice.currency] += notice.total
        count = sum(notice.count for notice in own)
        total = ", ".join(show_money(amount, currency) for currency, amount in sums.items())
        line = _counted(kind, count) + (f" ({total})" if total else "")
        named = [_named(kind, one, zone) for notice in own for one in notice.facts][:NAMED_IN_MAIL]
        named = [one for one in named if one]
        if named and count > len(named):
            named.append(f"  · {gettext('mail.digest.others')}")
        found.append((line, named))
    return found


def _counted(kind: str, count: int) -> str:
    match kind:
        case "case.broken":
            return ngettext("%(num)s promise was broken", "%(num)s promises were broken", count)
        case "compensation.owed":
            return ngettext("%(num)s new compensation to pay", "%(num)s new compensations to pay", count)
        case "compensation.due_soon":
            return ngettext("%(num)s compensation is soon late", "%(num)s compensations are soon late", count)
        case "compensation.late":
            return ngettext("%(num)s compensation is late", "%(num)s compensations are late", count)
        case "batch.waiting":
            return ngettext(
                "%(num)s payment batch waits for approval", "%(num)s payment batches wait for approval", count
            )
        case "problem.emerged":
            return ngettext("%(num)s problem emerges", "%(num)s problems emerge", count)
        case "problem.growing":
            return ngettext("%(num)s problem grows", "%(num)s problems grow", count)
        case "problem.fading":
            return ngettext("%(num)s problem fades", "%(num)s problems fade", count)
        case _:
            return gettext(f"notice.{kind}")


def _named(kind: str, fact: dict[str, Any], zone: str) -> str:
    """One line of what happened: when, which promise, which case, how much."""
    at = fact.get("pay_by" if kind in {"compensation.due_soon", "compensation.late"} else "at")
    name = fact.get("name") or {}
    parts = [
        show_deadline(datetime.fromisoformat(at), zone) if at else "",
        name.get(current(), ""),
        fact.get("reference", ""),
        show_money(Decimal(fact["amount"]), fact["currency"]) if fact.get("amount") else "",
        _since(fact) if "texts" in fact else "",
    ]
    return "  · " + ", ".join(part for part in parts if part) if any(parts) else ""


def _since(fact: dict[str, Any]) -> str:
    """How much was said of a problem since it turned, and how much was to be expected."""
    return ngettext(
        "since %(day)s %(num)s piece of feedback, about %(expected)s was to be expected",
        "since %(day)s %(num)s pieces of feedback, about %(expected)s were to be expected",
        fact["texts"],
        day=show_date(date.fromisoformat(fact["since"])),
        expected=show_number(fact["expected"], 1),
    )
