"""The demo's hall, alive whenever the demo starts: an hour's queue, screens, and a customer's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from promises.compensation import queries as compensation
from promises.customer.links import link_for
from promises.people.roles import Role
from promises.people.tables import Branch, Membership, Person
from promises.queue import desk, devices
from promises.queue.lines import set_lines
from promises.service.tables import Ticket

LINES = ("branch", "loan")
SERVED = 12
EVERY_S = 280
SERVICE_S = 240
WAITED_MIN = (13, 12, 8, 6, 3, 1)
"""How long those who wait have waited: two of them are urgent by now."""


@dataclass(frozen=True)
class Hall:
    """Paths on the demo's site: the devices' links by kind, and the page of a customer who is owed."""

    devices: dict[str, str]
    customer: str | None


def open_hall(session: Session, branch: Branch, *, secret: str, as_of: datetime) -> Hall:
    """Fill today's queue of *branch* if nobody has come yet, and link its screens anew.

    The links of an earlier start are ended, as they were told once and only their hashes are kept.

    :param secret: the installation's secret key, from which the customer's link follows.
    """
    nobody = select(Ticket.number).where(
        Ticket.branch_id == branch.id, Ticket.day == desk.today(branch, as_of)
    )
    if session.exec(nobody).first() is None:
        set_lines(session, branch, LINES, by=None, as_of=as_of)
        _fill(session, branch, _tellers(session, branch), as_of)
    for old in devices.devices(session, branch):
        if old.made_by is None:
            devices.end_device(session, branch, old.id or 0, by=None, as_of=as_of)
    links = {}
    for kind in devices.KINDS:
        _, word = devices.add_device(session, branch, kind=kind, name="Demo", by=None, as_of=as_of)
        links[kind] = f"/device/{word}"
    owed = compensation.lines(session, compensation.Asked([branch]))
    customer = None
    if owed:
        case_id = owed[-1].compensation.case_id
        customer = link_for(session, branch.id or 0, case_id, secret=secret, as_of=as_of).path
    return Hall(links, customer)


def _fill(session: Session, branch: Branch, tellers: Sequence[int], as_of: datetime) -> None:
    """An hour of customers who were served one after another, then those who wait, one called, one served."""
    began = as_of - timedelta(seconds=SERVED * EVERY_S + SERVICE_S)
    for turn in range(SERVED):
        at = began + timedelta(seconds=turn * EVERY_S)
        by = tellers[0]
        ticket = desk.give_ticket(session, branch, kind=desk.KINDS[turn % 5], by=None, as_of=at - _minutes(4))
        case_id = ticket.case_id
        desk.call(session, branch, case_id, desk="1", by=by, as_of=at)
        desk.serve(session, branch, case_id, by=by, as_of=at + timedelta(seconds=30))
        desk.finish(session, branch, case_id, by=by, as_of=at + timedelta(seconds=SERVICE_S))
    in_hand = [
        desk.give_ticket(session, branch, by=None, as_of=as_of - _minutes(14)).case_id for _ in tellers[:2]
    ]
    for turn, minutes in enumerate(WAITED_MIN):
        line = LINES[turn == 2]
        desk.give_ticket(session, branch, touchpoint=line, by=None, as_of=as_of - _minutes(minutes))
    for place, (by, case_id) in enumerate(zip(tellers, in_hand, strict=False)):
        desk.call(session, branch, case_id, desk=str(place + 1), by=by, as_of=as_of - _minutes(2 - place))
    if in_hand:
        desk.serve(session, branch, in_hand[0], by=tellers[0], as_of=as_of - _minutes(1))


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _tellers(session: Session, branch: Branch) -> list[int]:
    """Staff of the branch; who is in nobody's way first: the demo's own people serve by themselves."""
    query = (
        select(Person)
        .join(Membership)
        .where(Membership.branch_id == branch.id, Person.role == Role.STAFF, col(Person.left_at).is_(None))
    )
    found = sorted(session.exec(query), key=lambda person: (person.demo, person.id or 0))
    return [person.id or 0 for person in found]
