"""What broken cases are owed."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np

from promises.service.judging.cases import Cases
from promises.service.judging.pauses import Pauses
from promises.service.judging.periods import periods
from promises.service.judging.sheet import Sheet
from promises.service.judging.verdicts import BROKEN, EXCLUDED
from promises.terms.caps import Paid, share
from promises.terms.columns import MISSING, Flags, Rows, Times
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours
from promises.terms.paying import ends_after
from promises.terms.quantities import Span
from promises.terms.remedy import Breaches, work_out


def owe(
    cases: Cases,
    terms: TermsDocument,
    sheet: Sheet,
    start: Times,
    broken: Times,
    until: Times,
    elapsed: Times,
    pauses: Pauses,
    hours: Mapping[str, OpeningHours],
    now: int,
    paid: Paid,
) -> Times:
    """Cents by case. A broken case whose amount can't be worked out is set aside on the sheet instead."""
    cents = np.zeros(len(cases), np.int64)
    rows = np.flatnonzero(sheet.status == BROKEN)
    remedy = terms.remedy
    if not len(rows) or not remedy.pays:
        return cents
    own, branches = pauses.take(rows), cases.branches.take(rows)

    def passed(per: Span, started: bool) -> Times:
        return periods(terms, broken[rows], until[rows], own, branches, hours, per, started)

    attributes = {name: cases.attribute(name).take(rows) for name in remedy.attributes()}
    breaches = Breaches(start[rows], broken[rows], until[rows], elapsed[rows], attributes, passed)
    worked = work_out(terms, breaches)
    if remedy.claim:
        worked.cents[~_claimed(cases, terms, rows, until[rows], now)] = 0
    cents[rows] = share(terms, breaches, worked, paid)
    for reason, where in worked.faults.items():
        sheet.instead(EXCLUDED, reason, rows[where])
        cents[rows[where]] = 0
    return cents


def _claimed(cases: Cases, terms: TermsDocument, rows: Rows, until: Times, now: int) -> Flags:
    """Which cases have been claimed in time."""
    claim = terms.remedy.claim
    assert claim is not None
    at = cases.happened(claim.milestone).by(now).first[rows]
    last = ends_after(terms, ZoneInfo(terms.zone), until, claim.within)
    in_time: Flags = (at != MISSING) & (at <= last)
    return in_time
