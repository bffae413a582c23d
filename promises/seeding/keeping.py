"""Half a year of cases of the seed, judged as they come in, and most compensation handed out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from promises.compensation.actions import pay_at_counter
from promises.compensation.tables import Compensation
from promises.people.tables import Branch, Membership, Person
from promises.seeding.files import SEED, Calendar
from promises.seeding.shape import load_shape
from promises.seeding.simulation import SimulatedCase, known_by, simulate
from promises.service import judging
from promises.service.bulk import take_cases
from promises.service.excluded_tables import Exclusion
from promises.terms.calendar import branch_hours, holiday_calendar

SOURCE = "queue"
# Somebody who left without asking does not come back for it at once, and some never do.
PAID_AT_ONCE, PAID_LATER = 0.8, 0.985
LATER_DAYS = 12


def load_cases(session: Session, calendar: Calendar, *, as_of: datetime) -> None:
    """Every case up to this morning, as the queue systems would have told it.

    Nobody is left waiting from the night before: today's queue is the reader's own.
    """
    simulated = simulate(
        load_shape(SEED / "shape.toml"), branch_hours(session), calendar.today, holiday_calendar(session)
    )
    cases = [_case(one) for one in known_by(simulated, calendar.at(0, "00:00"))]
    taken = take_cases(session, cases, source=SOURCE, by=None, as_of=as_of)
    if taken.set_aside:
        raise LookupError(f"the seed has cases that can't be taken: {taken.set_aside[:3]}")


def _case(one: SimulatedCase) -> judging.Case:
    return judging.Case(
        one.reference,
        one.branch,
        tuple(one.milestones.items()),
        {**one.attributes, "touchpoint": one.touchpoint, "customer": one.customer},
    )


def pay_most(session: Session, calendar: Calendar, *, as_of: datetime) -> None:
    """Hand out most of what is owed, each by somebody of the branch, at once or some days later.

    What broke today, what nobody came for, and what somebody wanted to leave out, stays open.
    """
    tellers = _tellers(session)
    left_out = select(Exclusion.id).where(
        Exclusion.branch_id == Compensation.branch_id, Exclusion.case_id == Compensation.case_id
    )
    query = select(Compensation).where(~left_out.exists())
    owed = session.exec(query.order_by(col(Compensation.dated_at), col(Compensation.id))).all()
    for compensation in owed:
        if compensation.branch_id not in tellers:
            continue
        chance = random.Random(f"paid {compensation.branch_id} {compensation.dated_at.isoformat()}")  # noqa: S311
        drawn = chance.random()
        if drawn >= PAID_LATER:
            continue
        soon = timedelta(minutes=chance.uniform(1, 12))
        late = timedelta(days=chance.randint(1, LATER_DAYS), minutes=chance.uniform(0, 120))
        paid_at = compensation.dated_at + (soon if drawn < PAID_AT_ONCE else late)
        if paid_at < min(as_of, calendar.at(0, "00:00")):
            pay_at_counter(
                session,
                compensation.branch_id,
                compensation.id,
                receiver="",
                by=chance.choice(tellers[compensation.branch_id]),
                as_of=paid_at,
            )


def _tellers(session: Session) -> Mapping[int, list[int]]:
    """Ids of the staff of each branch."""
    tellers: dict[int, list[int]] = {}
    query = select(Branch.id, Person.id).join(Membership, col(Membership.branch_id) == Branch.id)
    query = query.join(Person, col(Person.id) == Membership.person_id).where(Person.role == "staff")
    for branch_id, person_id in session.exec(query.order_by(col(Person.id))):
        tellers.setdefault(branch_id or 0, []).append(person_id or 0)
    return tellers
