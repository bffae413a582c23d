"""When somebody who waits becomes urgent: at the share of the limit that the terms set."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, microseconds, moment
from promises.terms.timeline import Clock, ElapsedTime, open_time, years


def warn_at(
    terms: TermsDocument, started_at: datetime, due_at: datetime, hours: OpeningHours | None = None
) -> datetime | None:
    """The moment at which only ``1 - warn_at`` of the limit is left before *due_at*, on the terms' clock.

    Counted back from the due time, so that pauses that moved it move this too. Of a limit in days it is
    that share of the real time from *started_at*. None for what isn't limited in time.

    :param hours: the branch's opening hours, for terms that count those.
    """
    measure = terms.measure
    if not isinstance(measure, TimeMeasure):
        return None
    if measure.limit.in_days or (measure.clock_name == "opening_hours" and hours is None):
        return started_at + (due_at - started_at) * float(measure.warn_at)
    due = np.array([microseconds(due_at)])
    clock: Clock = ElapsedTime()
    if measure.clock_name == "opening_hours" and hours is not None:
        first, last = years(np.array([microseconds(started_at), microseconds(due_at)]))
        clock = open_time(hours, first, last)
    left = round(measure.limit.microseconds * (1 - measure.warn_at))
    return max(moment(int(clock.reach(clock.used(due) - left)[0])), started_at)
