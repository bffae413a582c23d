"""Weeks and months begin at local midnight, in every zone and across every clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.reports.counting import QUARTER
from promises.reports.periods import Month, Week, day_starts, weeks_to

HELSINKI = ZoneInfo("Europe/Helsinki")
ZONES = ["Europe/Helsinki", "Asia/Kolkata", "Asia/Kathmandu", "America/Santiago", "Asia/Beirut", "UTC"]


def test_a_week_begins_on_monday_at_local_midnight() -> None:
    week = Week.at(datetime(2026, 6, 7, 21, 0, tzinfo=UTC), HELSINKI)
    assert week == Week(date(2026, 6, 8))
    assert week.starts(HELSINKI) == datetime(2026, 6, 7, 21, 0, tzinfo=UTC)
    assert Week.at(datetime(2026, 6, 7, 20, 59, 59, tzinfo=UTC), HELSINKI) == week.plus(-1)


def test_the_week_of_a_clock_change_is_an_hour_shorter_or_longer() -> None:
    spring, autumn = Week(date(2026, 3, 23)), Week(date(2026, 10, 19))
    assert spring.ends(HELSINKI) - spring.starts(HELSINKI) == timedelta(hours=167)
    assert autumn.ends(HELSINKI) - autumn.starts(HELSINKI) == timedelta(hours=169)


def test_the_turn_of_the_year_keeps_iso_weeks_whole() -> None:
    week = Week.of(date(2027, 1, 1))
    assert (week.code, week.number, week.sunday) == ("2026-W53", 53, date(2027, 1, 3))
    assert Week.read("2026-W53") == week
    assert week.plus(1).code == "2027-W01"


@pytest.mark.parametrize(
    "code", [None, "", "2026-W54", "0001-W01", "2026-W00", "2026W10", "next week", "0000-W01"]
)
def test_what_is_no_week_is_read_as_none(code: str | None) -> None:
    assert Week.read(code) is None


def test_the_last_full_month_is_the_one_before_in_local_time() -> None:
    # In Helsinki it is already June.
    assert Month.last_full(datetime(2026, 5, 31, 21, 0, tzinfo=UTC), HELSINKI).first == date(2026, 5, 1)
    assert Month.last_full(datetime(2026, 5, 31, 20, 59, tzinfo=UTC), HELSINKI).first == date(2026, 4, 1)
    assert Month.last_full(datetime(2026, 1, 5, tzinfo=UTC), HELSINKI).first == date(2025, 12, 1)


@given(st.integers(0, 40 * 365 * 86_400), st.sampled_from(ZONES))
def test_every_moment_lies_in_just_the_week_that_says_so(second: int, zone: str) -> None:
    moment, where = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=second), ZoneInfo(zone)
    week = Week.at(moment, where)
    assert week.starts(where) <= moment < week.ends(where)
    assert week.ends(where) == week.plus(1).starts(where)
    assert weeks_to(week, 3)[-1] == week


def test_a_day_without_a_midnight_begins_at_the_change() -> None:
    # Beirut 2026-03-29: the clock goes from 24.00 to 01.00.
    assert day_starts(date(2026, 3, 29), ZoneInfo("Asia/Beirut")) == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_every_zone_of_the_world_changes_on_a_quarter_of_an_hour() -> None:
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for year in range(2015, 2031):
            for month in (1, 7):
                offset = datetime(year, month, 1, tzinfo=zone).utcoffset()
                assert offset is not None
                assert offset.total_seconds() % QUARTER == 0, name
