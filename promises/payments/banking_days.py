"""On which days euros move between banks."""

from __future__ import annotations

from datetime import date, timedelta

from promises.terms.hours import holiday_dates

SATURDAY = 5


def is_banking_day(day: date) -> bool:
    """Whether TARGET, the banks' settlement system, is open: not on weekends and the ECB's six holidays."""
    return day.weekday() < SATURDAY and day not in holiday_dates("ECB", day.year)


def next_banking_day(day: date) -> date:
    """The first banking day after *day*: another person has the rest of the day to approve the file."""
    following = day + timedelta(days=1)
    while not is_banking_day(following):
        following += timedelta(days=1)
    return following
