"""What the company tells everybody: its promises, and how they were kept last month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from promises.people.tables import Branch, Company
from promises.reports import queries
from promises.reports.branch_report import in_order
from promises.reports.compliance import Figures
from promises.reports.money import Owing, balance
from promises.reports.periods import Month
from promises.terms.queries import Version, promises


@dataclass(frozen=True)
class PublicPromise:
    """A promise in force.

    :param since: when its first terms came into force.
    :param branches: figures by branch name, only of branches with enough cases; empty if all lack them.
    :param money: what became owed and what was paid last month, by currency.
    """

    code: str
    version: Version
    since: datetime
    all: Figures
    branches: list[tuple[str, Figures]]
    money: list[Owing]


@dataclass(frozen=True)
class PublicPage:
    month: Month
    promises: list[PublicPromise]


def build(session: Session, as_of: datetime) -> PublicPage:
    """The promises in force at *as_of* and the last full month's figures, each branch in its own time."""
    company = session.get(Company, 1)
    zone = ZoneInfo(company.zone if company else "Europe/Helsinki")
    month = Month.last_full(as_of, zone)
    branches = session.exec(select(Branch).order_by(col(Branch.name))).all()
    ids = [branch.id or 0 for branch in branches]
    counted = _counted(session, branches, month)
    told = []
    for dated in in_order(promises(session)):
        version = dated.at(as_of)
        if version is None:
            continue
        own = {b.name: counted.get((dated.promise_id, b.id or 0), Figures()) for b in branches}
        told.append(
            PublicPromise(
                code=dated.code,
                version=version,
                since=dated.versions[0].starts_at,
                all=sum(own.values(), Figures()),
                branches=[(name, figures) for name, figures in own.items() if not figures.few],
                money=balance(session, ids, dated.promise_id, month.starts(zone), month.ends(zone)),
            )
        )
    return PublicPage(month, told)


def _counted(session: Session, branches: Sequence[Branch], month: Month) -> dict[tuple[int, int], Figures]:
    every = [dated.promise_id for dated in promises(session)]
    by_zone: defaultdict[str, list[int]] = defaultdict(list)
    for branch in branches:
        by_zone[branch.zone].append(branch.id or 0)
    found = {}
    for name, ids in by_zone.items():
        edges = [month.starts(ZoneInfo(name)), month.ends(ZoneInfo(name))]
        for (branch_id, promise_id, _), figures in queries.by_period(session, ids, every, edges).items():
            found[promise_id, branch_id] = figures
    return found
