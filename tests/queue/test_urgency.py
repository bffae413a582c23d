"""When a wait becomes urgent: at the share of the limit that the terms set, on their own clock."""

from datetime import timedelta
from decimal import Decimal

import pytest

from promises.queue.urgency import warn_at
from promises.terms.hours import OpeningHours
from promises.terms.reading import TermsRefused, read_terms
from tests.conftest import NOON
from tests.promised import document

MINUTE = timedelta(minutes=1)
# Tuesdays from 10 to 16.30 in Helsinki, so NOON is two hours after opening.
HOURS = OpeningHours.of("Europe/Helsinki", [(day, 600, 990) for day in range(5)])


def terms(**measure):
    return read_terms(document(measure={"from": "arrived", "to": "served", "limit": "15 min", **measure}))


def test_it_is_four_fifths_of_the_limit_unless_the_terms_say_otherwise():
    due = NOON + 15 * MINUTE
    assert terms().measure.warn_at == Decimal("0.8")
    assert warn_at(terms(), NOON, due) == NOON + 12 * MINUTE
    assert warn_at(terms(warn_at="0.5"), NOON, due) == NOON + 7.5 * MINUTE


def test_it_moves_with_a_due_time_that_a_pause_has_moved():
    assert warn_at(terms(), NOON, NOON + 25 * MINUTE) == NOON + 22 * MINUTE


def test_it_is_counted_back_over_the_night_where_opening_hours_count():
    counted = terms(clock="opening_hours", limit="60 min")
    opened = NOON - 120 * MINUTE
    evening = opened - timedelta(days=1) + 330 * MINUTE  # an hour before closing, the day before
    due = opened + 6 * MINUTE
    assert warn_at(counted, evening + 6 * MINUTE, due, HOURS) == opened - timedelta(days=1) + 384 * MINUTE


def test_of_a_limit_in_days_it_is_a_share_of_the_real_time():
    days = terms(limit="10 calendar days")
    assert warn_at(days, NOON, NOON + timedelta(days=10)) == NOON + timedelta(days=8)


def test_what_has_no_limit_is_never_urgent():
    asked = {"from": "arrived", "to": "ended", "must": {"attribute": "right", "is": True}}
    assert warn_at(read_terms(document(measure=asked)), NOON, NOON) is None


@pytest.mark.parametrize("share", ["0", "1", "1.2", "-0.1", "soon"])
def test_a_share_is_between_none_and_all(share):
    with pytest.raises(TermsRefused):
        terms(warn_at=share)
