"""The demo's bank, loaded through the same verbs that people use. Loading it twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from promises.people import actions as people
from promises.people.tables import Branch, Company
from promises.seeding.asking import load_asking
from promises.seeding.by_hand import load_by_hand
from promises.seeding.choosing import load_proposals, load_rounds
from promises.seeding.company import found_company, read_company
from promises.seeding.files import SEED, Calendar, rows
from promises.seeding.keeping import load_cases, pay_most
from promises.seeding.listening import load_feedback, name_problems
from promises.seeding.opening import load_opening
from promises.seeding.paying import load_payments
from promises.settings import DEMO_SECRET

FOUNDED_DAYS_AGO = 240


def load(session: Session, *, as_of: datetime, secret: str = DEMO_SECRET) -> bool:
    """Load the seed as seen from *as_of*, inside the caller's transaction; False if a company is there.

    Days of the seed are counted back from *as_of*, so that the demo is always fresh.

    :param secret: the installation's secret key, from which the codes of vouchers follow.
    """
    if session.get(Company, 1) is not None:
        return False
    plan = read_company(SEED / "company.toml")
    calendar = Calendar(as_of, ZoneInfo(plan.zone))
    founded = calendar.at(FOUNDED_DAYS_AGO, "09:00")
    branches = found_company(session, plan, by=None, as_of=founded)
    staff = load_people(session, branches, as_of=founded)
    analyst = staff["iida.lampinen"]
    feedback = load_feedback(session, calendar, by=analyst, as_of=as_of)
    load_asking(session, calendar, branches, staff, as_of=as_of)
    problems = name_problems(session, feedback, by=analyst, as_of=as_of)
    proposals = load_proposals(session, calendar, staff, problems)
    load_rounds(session, calendar, staff, proposals)
    load_opening(session, calendar, branches, staff, as_of=as_of)
    load_cases(session, calendar, as_of=as_of)
    load_by_hand(session, calendar, branches, staff)
    pay_most(session, calendar, as_of=as_of)
    load_payments(session, calendar, staff, secret=secret, as_of=as_of)
    return True


def load_people(session: Session, branches: Mapping[str, Branch], *, as_of: datetime) -> dict[str, int]:
    """The staff of ``people.csv``; ids by the seed's codes."""
    staff: dict[str, int] = {}
    for row in rows("people"):
        person = people.invite(
            session,
            name=row["name"],
            email=row["email"],
            role=row["role"],
            title=row["title"],
            branches=[branches[code].id or 0 for code in row["branches"].split("|") if code],
            language=row["language"],
            by=None,
            as_of=as_of,
        )
        person.demo = row["demo"] == "1"
        session.add(person)
        session.flush()
        staff[row["person"]] = person.id or 0
    return staff
