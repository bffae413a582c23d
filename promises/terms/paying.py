"""When what is owed must be paid, and what is added when it isn't."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from promises.money import to_cents
from promises.refusal import Refusal
from promises.terms.columns import Times
from promises.terms.document import TermsDocument
from promises.terms.hours import instant, microseconds, moment, read_days
from promises.terms.quantities import DAY_MINUTES, Span
from promises.terms.timeline import FARTHEST_YEARS, NEVER, days, years

_YEAR_DAYS = 365


def ends_after(terms: TermsDocument, zone: ZoneInfo, at: Times, span: Span) -> Times:
    """The moment at which *span* from each moment runs out.

    Days and months are counted in *zone*, the date of the beginning not included, the last date wholly.
    A month ends on the same day of the month, or on its last day if there is none.
    """
    if span.unit == "months":
        return np.array([_after_months(int(one), span.count, zone) for one in at], np.int64)
    if not span.in_days:
        return at + span.microseconds
    if not len(at):
        return at
    working = span.unit == "working days"
    weekdays = read_days(terms.working_days.weekdays) if working else tuple(range(7))
    holidays = terms.working_days.holidays if working else ""
    first, last = years(at)
    ahead = 1
    while True:
        dates = days(zone.key, weekdays, holidays, DAY_MINUTES, first, last + ahead)
        begun = dates.date_of(at)
        position = dates.through[begun] + span.count if span.count else dates.through[begun - 1] + 1
        end = dates.end_of(dates.last(position))
        if ahead >= FARTHEST_YEARS or not (end == NEVER).any():
            return end
        ahead = min(ahead * 4, FARTHEST_YEARS)


def _after_months(at: int, months: int, zone: ZoneInfo) -> int:
    day = moment(at).astimezone(zone).date()
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return instant(last, DAY_MINUTES, zone)


def pay_by(terms: TermsDocument, owed_at: datetime) -> datetime | None:
    """The last moment at which what came to be owed at *owed_at* is paid in time; None without such a limit.

    *owed_at* is the breach, or the terms' ``pay_from`` milestone where they name one.
    """
    limit = to_be_paid_by(terms, np.array([microseconds(owed_at)]))
    return None if limit is None else moment(int(limit[0]))


def to_be_paid_by(terms: TermsDocument, owed_at: Times) -> Times | None:
    """The same for many moments."""
    within = terms.remedy.pay_within
    return None if within is None else ends_after(terms, ZoneInfo(terms.zone), owed_at, within)


def late_addition(terms: TermsDocument, amount: Decimal, owed_at: datetime, paid_at: datetime) -> Decimal:
    """What is added to *amount* when it is paid (or still isn't) at *paid_at*; zero in time.

    Interest runs for each date after the last date of payment up to and with the date of payment: the
    sum over the rates of amount x rate x days / 365, rounded once to cents (Finnish Interest Act,
    sections 4 and 4 a; actual days over 365).
    """
    limit = pay_by(terms, owed_at)
    return Decimal("0.00") if limit is None else addition_after(terms, amount, limit, paid_at)


def addition_after(terms: TermsDocument, amount: Decimal, limit: datetime, paid_at: datetime) -> Decimal:
    """The same where the last moment of payment in time is known: *limit*."""
    late = terms.remedy.late
    if late is None or paid_at <= limit:
        return Decimal("0.00")
    zone = ZoneInfo(terms.zone)
    last_day = (limit - timedelta(microseconds=1)).astimezone(zone).date()
    paid_day = paid_at.astimezone(zone).date()
    interest = Decimal(0)
    for place, rate in enumerate(late.interest):
        following = late.interest[place + 1].from_ if place + 1 < len(late.interest) else date.max
        first = max(last_day + timedelta(days=1), rate.from_)
        through = min(paid_day, following - timedelta(days=1))
        interest += amount * rate.percent * max((through - first).days + 1, 0)
    return (late.pays or Decimal("0.00")) + to_cents(interest / (100 * _YEAR_DAYS))


def check_award(terms: TermsDocument, amount: Decimal, people: int, reason: str) -> None:
    """Whether an award by hand may be made by so many *people* who agree on it.

    :raises Refusal: if the terms have no such awards, the amount is not positive or too large, there is
        no reason, or a second person must agree.
    """
    rule = terms.remedy.by_hand
    if rule is None:
        raise Refusal("award.not_foreseen", promise=terms.promise)
    if not 0 < amount <= rule.at_most:
        raise Refusal("award.amount", found=amount, at_most=rule.at_most)
    if not reason.strip():
        raise Refusal("award.no_reason")
    if amount > rule.second_person_above and people < 2:
        raise Refusal("award.second_person", above=rule.second_person_above)
