"""What the tests of the compensation pages share: customers who are owed something, and reading a page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

from flask import Flask, g
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import open_session
from promises.people.actions import branch_codes
from promises.people.tables import Person
from promises.service.actions import open_case
from promises.terms.tables import Terms
from promises.web.onward import Onward, onward
from promises.web.request import Visitor
from tests.conftest import NOON
from tests.promised import branch_of, promise

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=2)


def told(page: str) -> str:
    """The words of a page's main part, as one line."""
    main = page.partition("<main")[2].partition("</main>")[0] or page
    main = re.sub(r"<svg.*?</svg>|<form.*?</form>", " ", main, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def references(page: str) -> list[str]:
    """The cases that the listing shows, in its order."""
    return re.findall(r'<th scope="row"><a class="[^"]*" href="[^"]*/compensation/\d+">([^<]*)</a>', page)


def late_visit(
    session: Session,
    reference: str,
    *,
    arrived: datetime = NOON,
    minutes: float = 20,
    branch: str = "centre",
    customer: str = "",
    touchpoint: str = "branch",
) -> Compensation:
    """A customer who was served too late, and what that one is owed."""
    case = open_case(
        session,
        branch=branch_of(session, branch),
        touchpoint=touchpoint,
        source="test",
        reference=reference,
        milestones=[("arrived", arrived), ("served", arrived + minutes * MINUTE)],
        customer=customer,
        by=None,
        as_of=arrived + minutes * MINUTE,
    )
    query = select(Compensation).where(
        Compensation.branch_id == case.branch_id, Compensation.case_id == case.id
    )
    return session.exec(query).one()


def set_promise(session: Session, code: str = "served-in-15", **parts: object) -> Terms:
    """Served in 15 minutes or ten euros, paid within a week."""
    remedy = {"pays": [{"amount": "10.00"}], "pay_within": "7 calendar days"}
    return promise(session, code, **{"remedy": remedy, **parts})


def address(owed: Compensation, branch: str = "centre", tail: str = "") -> str:
    return f"/branches/{branch}/compensation/{owed.id}{tail}"


def kinds(session: Session, owed: Compensation) -> list[str]:
    """What the ledger holds about one compensation, read afresh."""
    session.rollback()
    query = select(Entry.kind).where(Entry.branch_id == owed.branch_id, Entry.compensation_id == owed.id)
    return list(session.exec(query.order_by(col(Entry.made_at))))


def payouts(session: Session) -> list[Payout]:
    session.rollback()
    return list(session.exec(select(Payout)))


def pay(client: FlaskClient, owed: Compensation, **fields: str) -> TestResponse:
    """Press the button of a page just opened, and follow where it leads."""
    return client.post(address(owed, tail="/pay"), data=fields, follow_redirects=True)


def leads_on(app: Flask, person_id: int, kind: str, *key: int) -> list[Onward]:
    """The compensation that a page about the thing leads this person on to."""
    with (
        app.test_request_context("/"),
        open_session(app.extensions["engine"], writes=False) as session,
    ):
        person = session.get_one(Person, person_id)
        g.session, g.as_of = session, NOON
        g.visitor = Visitor(
            person_id, person.name, person.role, "fi", "auto", branch_codes(session, person_id)
        )
        found = [step for step in onward(kind, *key) if step.kind == "compensation"]
        g.pop("session")
    return found
