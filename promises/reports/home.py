"""What needs a person today, by role: each matter with the page where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from promises.followup import queries as followup
from promises.people.roles import Role, may
from promises.people.tables import Branch, Company
from promises.reports import money, waiting
from promises.reports.compliance import Figures
from promises.reports.network import compare
from promises.reports.periods import Week, day_starts
from promises.terms.queries import Dated


@dataclass(frozen=True)
class Matter:
    """Something to do. *code* is of the ``home.*`` family; *where* (a branch's name) and *what* are names.

    :param endpoint: the page where it is done, with its *args*.
    :param urgent: a customer is waiting for it now.
    """

    code: str
    n: int
    endpoint: str
    args: dict[str, Any] = field(default_factory=dict)
    where: str = ""
    what: str = ""
    until: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Kept:
    """The kept share of one promise in the last full week: of a branch, or of all (``branch`` is None)."""

    dated: Dated
    branch: Branch | None
    figures: Figures
    target: float
    week: Week


@dataclass(frozen=True)
class Fact:
    """A figure that is good to know. One of *n*, *share*, *amount*, *at* is set."""

    code: str
    endpoint: str
    args: dict[str, Any] = field(default_factory=dict)
    n: int | None = None
    share: float | None = None
    amount: Decimal | None = None
    currency: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Today:
    matters: list[Matter]
    kept: list[Kept]
    facts: list[Fact]


def today(session: Session, person_id: int, role: str, branches: Sequence[str], as_of: datetime) -> Today:
    """The home page of a person of *role* who belongs to *branches* (codes)."""
    own = list(session.exec(select(Branch).where(col(Branch.code).in_(branches)).order_by(col(Branch.name))))
    found: list[Matter] = []
    for branch in own:
        found += _at_branch(session, branch, role, as_of)
    if may(role, "followup.act"):
        waits, late = followup.waiting_for(session, person_id)
        found.append(Matter("followup_late", late, "followup.listing", {"view": "mine"}, urgent=True))
        found.append(Matter("followup", waits - late, "followup.listing", {"view": "mine"}))
    if may(role, "rounds.vote"):
        found += [
            Matter("vote", 1, "decisions.vote", {"round_id": r.id}, what=r.title, until=r.closes_at)
            for r in waiting.rounds_to_vote(session, person_id, as_of)
        ]
    if may(role, "rounds.decide"):
        found += [
            Matter("decide", 1, "decisions.one", {"round_id": r.id}, what=r.title)
            for r in waiting.rounds_to_decide(session, as_of)
        ]
    if may(role, "terms.set"):
        found += [
            Matter("launch", 1, "decisions.launch", {"decision_id": number}, what=title)
            for number, title in waiting.without_terms(session)
        ]
    if may(role, "proposals.support"):
        found.append(Matter("support", waiting.proposals_to_support(session, person_id), "proposals.listing"))
    if may(role, "problems.curate"):
        found.append(Matter("new_problems", waiting.new_problems(session), "feedback.board"))
    if may(role, "people.manage"):
        found.append(Matter("not_come_in", waiting.not_come_in(session), "people.listing"))
        found.append(Matter("stuck_letters", waiting.stuck_letters(session), "people.listing"))
    return Today(
        matters=[matter for matter in found if matter.n],
        kept=_kept(session, own, role, as_of),
        facts=_facts(session, own, role, as_of),
    )


def _at_branch(session: Session, branch: Branch, role: str, as_of: datetime) -> list[Matter]:
    found = []
    here: dict[str, Any] = {"branch": branch.code}
    if may(role, "desk.serve"):
        late = waiting.running_out(session, branch, as_of)
        found.append(Matter("running_out", late, "queue.desk", here, branch.name, urgent=True))
        found.append(Matter("queue", waiting.queue(session, branch, as_of), "queue.desk", here, branch.name))
    if may(role, "compensation.pay"):
        owed = money.to_hand_out(session, [branch.id or 0])
        due = {**here, "paid": "no"}
        found.append(Matter("hand_out", owed, "compensation.listing", due, branch.name))
    if role == Role.BRANCH_MANAGER:
        zone = ZoneInfo(branch.zone)
        this_day = as_of.astimezone(zone).date()
        start, end = day_starts(this_day - timedelta(days=1), zone), day_starts(this_day, zone)
        broken = waiting.broken_between(session, [branch.id or 0], start, end)
        found.append(Matter("broken_yesterday", broken, "reports.branch", here, branch.name))
    return found


def _kept(session: Session, own: Sequence[Branch], role: str, as_of: datetime) -> list[Kept]:
    """Own branches one by one; for those without a branch, the whole company."""
    branches = own or list(session.exec(select(Branch)))
    if not may(role, "reports.branch") or not branches:
        return []
    found = []
    for compared in compare(session, branches, 1, as_of):
        dated, target = compared.dated, compared.target
        if dated.at(as_of) is None:
            continue
        if not own:
            found.append(Kept(dated, None, compared.all, target, _last_week(branches[0], as_of)))
        for line in compared.lines if own else ():
            if line.now.cases:
                found.append(Kept(dated, line.branch, line.now, target, _last_week(line.branch, as_of)))
    return found


def _last_week(branch: Branch, as_of: datetime) -> Week:
    return Week.at(as_of, ZoneInfo(branch.zone)).plus(-1)


def _facts(session: Session, own: Sequence[Branch], role: str, as_of: datetime) -> list[Fact]:
    found: list[Fact] = []
    if role == Role.ANALYST:
        intake = waiting.last_intake(session)
        if intake is not None:
            args = {"intake_id": intake.id}
            found.append(Fact("last_intake", "feedback.intake", args, at=intake.made_at))
        every, unplaced = waiting.feedback_and_unplaced(session)
        if every:
            found.append(Fact("unplaced", "feedback.listing", share=unplaced / every))
    if role in {Role.BRANCH_MANAGER, Role.MANAGEMENT, Role.AUDITOR}:
        branches = own or session.exec(select(Branch)).all()
        for sums in money.balance(session, [branch.id or 0 for branch in branches]):
            for code, amount in (("owed", sums.owed), ("paid", sums.paid), ("left", sums.left)):
                found.append(Fact(code, "compensation.listing", amount=amount, currency=sums.currency))
    if may(role, "journal.read"):
        company = session.get(Company, 1)
        zone = ZoneInfo(company.zone if company else "Europe/Helsinki")
        start = day_starts(as_of.astimezone(zone).date(), zone)
        found.append(Fact("acts_today", "people.journal", n=waiting.acts_since(session, start)))
    return found
