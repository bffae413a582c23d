"""Which days are working days, and how many people a day brings."""

from __future__ import annotations

from datetime import date, timedelta

from promises.seeding.shape import Days
from promises.terms.hours import holiday_dates

DAY = timedelta(days=1)


def is_working(day: date, holidays: str) -> bool:
    """Whether *day* is a weekday from Monday to Friday and no holiday of the calendar *holidays*."""
    return day.weekday() < 5 and day not in holiday_dates(holidays, day.year)


def on_or_before(day: date, holidays: str) -> date:
    """*day*, or the last working day before it."""
    while not is_working(day, holidays):
        day -= DAY
    return day


def working_days_after(day: date, count: int, holidays: str) -> date:
    """The working day that is *count* of them after *day*, which itself isn't counted; 0 is *day*."""
    while count:
        day += DAY
        count -= is_working(day, holidays)
    return day


def day_factor(day: date, days: Days, holidays: str) -> float:
    """How many times an ordinary day's customers come on the working day *day*."""
    factor = days.weekdays[day.weekday()]
    following = working_days_after(day, 1, holidays)
    if any((day + n * DAY).day in days.pension_days for n in range((following - day).days)):
        factor *= days.pension_factor
    if day.month != following.month or _place_in_month(day, holidays) <= days.month_turn_days:
        factor *= days.month_turn_factor
    before = day - DAY
    if before.weekday() < 5 and not is_working(before, holidays):
        factor *= days.after_holiday_factor
    return factor


def _place_in_month(day: date, holidays: str) -> int:
    return sum(is_working(day.replace(day=number), holidays) for number in range(1, day.day + 1))
