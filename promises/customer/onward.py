"""The customer's link, for the rooms before this one: made when a kiosk hands a ticket, shown with it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import current_app, url_for
from sqlmodel import Session

from promises.customer.links import known_link, link_for
from promises.language import gettext
from promises.people.tables import Branch
from promises.queue.signals import handed
from promises.service.tables import Ticket
from promises.settings import Settings
from promises.web.onward import Onward, leads_on_from
from promises.web.request import as_of, db, visitor


def settings() -> Settings:
    """The installation's settings."""
    kept: Settings = current_app.config["SETTINGS"]
    return kept


@handed.connect
def make_link(session: Session, ticket: Ticket) -> None:
    """Let the customer whom a kiosk hands a ticket have a page."""
    link_for(session, ticket.branch_id, ticket.case_id, secret=settings().secret_key, as_of=as_of())


@leads_on_from("ticket")
def page_of_ticket(branch_id: int, case_id: int) -> Iterator[Onward]:
    """The page of a ticket's customer: its whole address, the code to type and where to type it."""
    link = known_link(db(), branch_id, case_id, secret=settings().secret_key)
    if link is not None:
        base = settings().base_url
        door = urlsplit(base).netloc + url_for("customer.find")
        yield Onward("customer", link.grouped, base + link.path, door)


@leads_on_from("case")
def page_of_case(branch_id: int, case_id: int) -> Iterator[Onward]:
    """Where staff give a customer the link, for those who may."""
    branch, reader = db().get(Branch, branch_id), visitor()
    if branch is not None and reader is not None and reader.may("customers.link", branch.code):
        url = url_for("customer.hand_out", branch=branch.code, case_id=case_id)
        yield Onward("customer", gettext("onward.customer"), url)
