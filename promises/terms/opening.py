"""Changing when branches are open: a week from a date on, or single dates; never of today or before.

What has happened stays counted by the hours it happened in. Cases that are still open are judged anew, as
their time may now run out at another moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from blinker import Signal
from pydantic_core import PydanticCustomError
from sqlalchemy import delete
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch, SpecialDay
from promises.refusal import Refusal
from promises.terms.calendar import branch_hours
from promises.terms.hours import Interval, OpeningHours, read_intervals, read_week
from promises.terms.quantities import DAY_MINUTES
from promises.terms.tables import HoursChange

changed = Signal("a branch's hours of dates to come are others: send(session, branch=Branch, as_of=datetime)")


def hours_of(session: Session, branch: Branch) -> OpeningHours | None:
    """The hours of *branch* as the register has them, or None where it has none."""
    return branch_hours(session, [branch.code]).get(branch.code)


def set_week(
    session: Session, branch: Branch, *, week: Mapping[str, str], valid_from: date, by: int, as_of: datetime
) -> HoursChange:
    """From *valid_from* on the branch is open at the hours of *week*; see :class:`HoursChange`.

    :raises Refusal: ``hours.not_to_come``, ``hours.week`` for hours that can't be read.
    """
    _to_come(branch, valid_from, as_of)
    try:
        read_week(week)
    except PydanticCustomError:
        raise Refusal("hours.week") from None
    change = HoursChange(
        branch_id=branch.id or 0, valid_from=valid_from, week=dict(week), made_at=as_of, made_by=by
    )
    session.add(change)
    session.flush()
    told = {"branch": branch.code, "from": str(valid_from), **{f"week_{day}": at for day, at in week.items()}}
    record(session, "hours.changed", "branch", branch.code, by=by, as_of=as_of, **told)
    changed.send(session, branch=branch, as_of=as_of)
    return change


def set_day(
    session: Session, branch: Branch, *, day: date, hours: str, note: str, by: int, as_of: datetime
) -> None:
    """On *day* the branch is open at *hours* (``"10:00-14:00"``), or not at all (``"closed"``).

    :raises Refusal: ``hours.not_to_come``; ``hours.past_midnight`` for hours that end on the next day.
    """
    _to_come(branch, day, as_of)
    intervals: tuple[Interval, ...] = read_intervals(hours)
    if any(closes > DAY_MINUTES for _, closes in intervals):
        raise Refusal("hours.past_midnight")
    own = delete(SpecialDay).where(col(SpecialDay.branch_id) == branch.id, col(SpecialDay.day) == day)
    session.execute(own)
    for opens, closes in intervals or ((None, None),):
        session.add(
            SpecialDay(branch_id=branch.id or 0, day=day, opens=opens, closes=closes, note=note.strip())
        )
    session.flush()
    record(session, "hours.day_set", "branch", branch.code, by=by, as_of=as_of, day=str(day), hours=hours)
    changed.send(session, branch=branch, as_of=as_of)


def special_days(session: Session, branch: Branch, since: date) -> dict[date, list[SpecialDay]]:
    """Dates from *since* on whose hours differ."""
    rows = session.exec(
        select(SpecialDay)
        .where(SpecialDay.branch_id == branch.id, col(SpecialDay.day) >= since)
        .order_by(col(SpecialDay.day), col(SpecialDay.opens))
    )
    found: dict[date, list[SpecialDay]] = {}
    for row in rows:
        found.setdefault(row.day, []).append(row)
    return found


def today(branch: Branch, as_of: datetime) -> date:
    """The date in the branch's zone."""
    return as_of.astimezone(ZoneInfo(branch.zone)).date()


def _to_come(branch: Branch, day: date, as_of: datetime) -> None:
    """What is today or was before has been promised and judged by already."""
    if day <= today(branch, as_of):
        raise Refusal("hours.not_to_come", found=str(day))
