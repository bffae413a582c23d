"""Opening hours to come in the demo: one branch will be open longer, another closes for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from promises.people.tables import Branch
from promises.seeding.files import Calendar
from promises.terms import opening

LONGER = {"mon-thu": "09:00-18:00", "fri": "09:00-16:30"}
WEEKS_AHEAD = 4


def load_opening(
    session: Session,
    calendar: Calendar,
    branches: Mapping[str, Branch],
    staff: Mapping[str, int],
    *,
    as_of: datetime,
) -> None:
    """Hours from a Monday some weeks ahead, and a date that differs, each set by the branch's manager."""
    monday = calendar.today + timedelta(days=7 * WEEKS_AHEAD - calendar.today.weekday())
    opening.set_week(
        session,
        branches["haapaharju"],
        week=LONGER,
        valid_from=monday,
        by=staff["paivi.hakanen"],
        as_of=as_of,
    )
    day = monday - timedelta(days=4)
    opening.set_day(
        session,
        branches["kaislavesi"],
        day=day,
        hours="closed",
        note="",
        by=staff["olli.makiranta"],
        as_of=as_of,
    )
