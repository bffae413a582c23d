"""What every page's frame shows: the way around by role, the company, the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request, session, url_for
from sqlmodel import select

from promises import language
from promises.language import gettext
from promises.people.tables import Branch, Company
from promises.web.request import Visitor, db, visitor


@dataclass(frozen=True)
class Place:
    """One line of the navigation. ``verb`` is what the page behind it needs."""

    verb: str
    endpoint: str
    label: str
    icon: str
    group: str
    per_branch: bool = False


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    icon: str
    group: str
    active: bool


# In the order of the process: listen, propose and choose, keep, look back.
PLACES = (
    Place("home.read", "reports.home", "nav.home", "home", ""),
    Place("feedback.read", "feedback.board", "nav.problems", "knot", "nav.group.listen"),
    Place("feedback.read", "feedback.listing", "nav.feedback", "voice", "nav.group.listen"),
    Place("feedback.read", "surveys.nps", "nav.nps", "trend", "nav.group.listen"),
    Place("surveys.read", "surveys.listing", "nav.surveys", "mail", "nav.group.listen"),
    Place("followup.read", "followup.listing", "nav.followup", "call", "nav.group.listen"),
    Place("proposals.read", "proposals.listing", "nav.proposals", "proposal", "nav.group.choose"),
    Place("rounds.read", "decisions.listing", "nav.rounds", "round", "nav.group.choose"),
    Place("terms.read", "terms.listing", "nav.promises", "promise", "nav.group.keep"),
    Place("desk.serve", "queue.desk", "nav.desk", "desk", "nav.group.keep", per_branch=True),
    Place("board.read", "queue.live", "nav.board", "live", "nav.group.keep", per_branch=True),
    Place("cases.read", "service.listing", "nav.cases", "case", "nav.group.keep"),
    Place("compensation.read", "compensation.listing", "nav.compensation", "coin", "nav.group.keep"),
    Place(
        "vouchers.redeem", "payments.voucher", "nav.vouchers", "voucher", "nav.group.keep", per_branch=True
    ),
    Place("payments.read", "payments.overview", "nav.payments", "transfer", "nav.group.keep"),
    Place("by_hand.decide", "by_hand.listing", "nav.by_hand", "edit", "nav.group.keep"),
    Place("reports.branch", "reports.listing", "nav.reports", "report", "nav.group.look"),
    Place("ledger.read", "audit.ledger", "nav.ledger", "even", "nav.group.look"),
    Place("misuse.read", "audit.misuse", "nav.misuse", "eye", "nav.group.look"),
    Place("people.read", "people.listing", "nav.people", "people", "nav.group.office"),
    Place("tokens.manage", "tokens.listing", "nav.tokens", "key", "nav.group.office"),
    Place("webhooks.manage", "outbox.listing", "nav.webhooks", "external", "nav.group.office"),
    Place("journal.read", "people.journal", "nav.journal", "journal", "nav.group.office"),
)


def links(reader: Visitor) -> list[Link]:
    """The places that *reader* may go to; branch pages point to the reader's first branch."""
    found = []
    for place in PLACES:
        branch = reader.branches[0] if place.per_branch and reader.branches else None
        if (place.per_branch and branch is None) or not reader.may(place.verb, branch):
            continue
        url = url_for(place.endpoint, branch=branch) if branch else url_for(place.endpoint)
        here = request.endpoint or ""
        found.append(
            Link(
                label=gettext(place.label),
                url=url,
                icon=place.icon,
                group=gettext(place.group) if place.group else "",
                active=here == place.endpoint or g.get("place") == place.endpoint,
            )
        )
    return found


def page_context() -> dict[str, Any]:
    """Variables that every template has."""
    reader = visitor()
    company = db().get(Company, 1) if "session" in g and not g.get("broken") else None
    if company is not None:
        g.zone = company.zone
    return {
        "me": reader,
        "language": language.current(),
        "theme": reader.theme if reader else session.get("theme", "auto"),
        "nav": links(reader) if reader else [],
        "company": company.name if company else "Promises",
        "currency": company.currency if company else "EUR",
        "now": g.get("as_of"),
    }


def visible_branches(verb: str) -> list[Branch]:
    """The branches where the reader may do *verb*, by name."""
    reader = visitor()
    every = db().exec(select(Branch).where(Branch.closed_on == None)).all()  # noqa: E711
    allowed = [branch for branch in every if reader is not None and reader.may(verb, branch.code)]
    return sorted(allowed, key=lambda branch: branch.name)
