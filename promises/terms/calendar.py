"""The opening hours of branches, from the register to the value that clocks run on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select

from promises.people.tables import Branch, Company, SpecialDay
from promises.people.tables import OpeningHours as Row
from promises.refusal import Refusal
from promises.terms.hours import Interval, OpeningHours, known_holidays


def branch_hours(session: Session, codes: Collection[str] | None = None) -> dict[str, OpeningHours]:
    """Opening hours by branch code, of all branches or of some.

    Public holidays of the company's country are closed unless the register has hours for the date.
    A branch without any hours in the register isn't in the answer: its hours are unknown, not none.
    """
    chosen = select(Branch)
    if codes is not None:
        chosen = chosen.where(col(Branch.code).in_(codes))
    branches = {branch.id or 0: branch for branch in session.exec(chosen)}
    week: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for row in session.exec(select(Row).where(col(Row.branch_id).in_(branches))):
        week[row.branch_id].append((row.weekday, row.opens, row.closes))
    special: defaultdict[int, defaultdict[date, list[Interval]]] = defaultdict(lambda: defaultdict(list))
    for differs in session.exec(select(SpecialDay).where(col(SpecialDay.branch_id).in_(branches))):
        intervals = special[differs.branch_id][differs.day]
        if differs.opens is not None and differs.closes is not None:
            intervals.append((differs.opens, differs.closes))
    holidays = holiday_calendar(session)
    return {
        branch.code: OpeningHours.of(branch.zone, week[number], special[number], holidays)
        for number, branch in branches.items()
        if number in week or number in special
    }


def holiday_calendar(session: Session) -> str:
    """The calendar of the company's country, or none where it isn't known."""
    company = session.get(Company, 1)
    country = company.country if company else ""
    try:
        return known_holidays(country)
    except Refusal:
        return ""
