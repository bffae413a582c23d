"""When what is owed must be paid."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from promises.terms.document import TermsDocument
from promises.terms.hours import microseconds, moment, read_days
from promises.terms.quantities import DAY_MINUTES
from promises.terms.timeline import NEVER, days


def pay_by(terms: TermsDocument, owed_at: datetime) -> datetime | None:
    """The last moment at which what came to be owed at *owed_at* is paid in time; None without such a limit.

    Days are counted in the terms' zone, the day of the breach not included, the last day wholly.
    """
    within = terms.remedy.pay_within
    if within is None:
        return None
    if not within.in_days:
        return owed_at + timedelta(microseconds=within.microseconds)
    working = within.unit == "working days"
    weekdays = read_days(terms.working_days.weekdays) if working else tuple(range(7))
    holidays = terms.working_days.holidays if working else ""
    ahead = 1
    while True:
        dates = days(terms.zone, weekdays, holidays, DAY_MINUTES, owed_at.year - 1, owed_at.year + ahead)
        begun = dates.date_of(np.array([microseconds(owed_at)]))
        position = dates.through[begun] + within.count if within.count else dates.through[begun - 1] + 1
        end = int(dates.end_of(dates.last(position))[0])
        if end != NEVER:
            return moment(end)
        ahead *= 4
