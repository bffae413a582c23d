"""Dates as people and programs write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.intake.dates import Order, order_of, read_moment

HELSINKI = ZoneInfo("Europe/Helsinki")


def read(value, order=Order.NONE):
    return read_moment(value, order, HELSINKI).astimezone(HELSINKI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    "written",
    ["2026-06-09", "9.6.2026", "09.06.2026", "9. 6. 2026", "9.6.26", "ti 9.6.2026", "2026/06/09",
     "9. kesäkuuta 2026", "9 June 2026", "9th June 2026", "June 9, 2026", "9 Jun 2026",
     "9. juni 2026", "9-Jun-2026"],
)  # fmt: skip
def test_a_day_without_a_time_is_its_first_moment_where_the_company_is(written):
    assert read(written) == "2026-06-09 00:00"


@pytest.mark.parametrize(
    "written",
    ["2026-06-09T14:30", "2026-06-09 14:30:00", "9.6.2026 klo 14.30", "9.6.2026 14:30", "9.6.2026, 14.30",
     "9 June 2026 2:30 pm", "2026-06-09T11:30:00Z", "2026-06-09T13:30:00+02:00", "2026-06-09 14:30:00.000"],
)  # fmt: skip
def test_a_time_is_read_in_its_own_offset_or_else_in_the_companys_zone(written):
    assert read(written) == "2026-06-09 14:30"


def test_half_past_midnight_and_noon_are_told_apart_on_a_clock_of_twelve_hours():
    assert read("9 June 2026 12:30 am") == "2026-06-09 00:30"
    assert read("9 June 2026 12:30 pm") == "2026-06-09 12:30"


@pytest.mark.parametrize(
    "written",
    ["32.6.2026", "9.13.2026", "2026-02-30", "tomorrow", "", "11:34", "9.6.", "12345", "9.6.2026 25.00",
     "9 Foo 2026", "13:00 pm", "9 June 2026 13:00 pm", "٩.٦.٢٠٢٦x"],
)  # fmt: skip
def test_what_is_no_date_is_refused(written):
    with pytest.raises(ValueError, match=r".*"):
        read(written)


def test_one_thirteen_settles_the_order_for_the_whole_column():
    assert order_of(["3/4/2026", "5/6/2026", "13/6/2026"]) is Order.DAY
    assert order_of(["3/4/2026", "5/6/2026", "6/13/2026"]) is Order.MONTH


def test_twelve_settles_nothing():
    assert order_of(["12/12/2026", "1/2/2026"]) is Order.UNCLEAR


def test_dates_with_dots_leave_nothing_to_ask():
    assert order_of(["3.4.2026", "2026-04-03"]) is Order.NONE


def test_an_unclear_date_is_never_guessed():
    with pytest.raises(ValueError, match="3/4/2026"):
        read("3/4/2026", Order.UNCLEAR)
    assert read("3/4/2026", Order.DAY) == "2026-04-03 00:00"
    assert read("3/4/2026", Order.MONTH) == "2026-03-04 00:00"


def test_a_time_that_comes_twice_in_autumn_is_its_first_one():
    assert read_moment("25.10.2026 3.30", Order.NONE, HELSINKI) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2068, 12, 31)), st.sampled_from(["fi", "en_GB", "en_US", "sv"]))
def test_every_long_date_that_babel_writes_is_read_back(day, language):
    written = format_date(day, "long", locale=language)
    assert read(written) == f"{day} 00:00"


@given(st.integers(-2_000_000_000, 6_000_000_000), st.integers(-12 * 60, 14 * 60))
def test_every_iso_moment_with_an_offset_is_that_moment(seconds, minutes):
    moment = datetime.fromtimestamp(seconds, UTC)
    written = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    assert read_moment(written, Order.NONE, HELSINKI) == moment
