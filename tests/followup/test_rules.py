"""Which answers need a person, and by when: in the opening hours of the branch."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promises.followup.rules import Condition, Words, due_at, needs_person
from promises.terms.hours import OpeningHours

HELSINKI = ZoneInfo("Europe/Helsinki")
# Weekdays from 10 to 16.30, as in the cast's branches.
HOURS = OpeningHours.of("Europe/Helsinki", [(day, 600, 990) for day in range(5)])


def at(day, hour, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=HELSINKI)


@pytest.mark.parametrize(("score", "needs"), [(6, True), (7, False), (0, True), (None, False)])
def test_a_score_up_to_the_highest_needs_a_person(score, needs):
    assert needs_person(Condition(highest_score=6), Words("Jono", score)) is needs


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("Teen valituksen", True),
        ("VALITAN tästä", True),
        ("I will complain", True),
        ("Mukava vieraanvaraisuus", False),
        ("", False),
    ],
)
def test_words_are_known_by_their_beginnings_and_only_there(text, needs):
    assert needs_person(Condition(words="valit, complain"), Words(text, None)) is needs


def test_words_of_a_rule_are_words_and_no_pattern():
    assert not needs_person(Condition(words="a.c"), Words("abc", None))
    assert needs_person(Condition(words="a.c"), Words("a.c", None))


def test_all_that_is_set_must_hold():
    rule = Condition(highest_score=6, problem_id=4, wish=True)
    assert needs_person(rule, Words("", 3, {4, 5}, wish=True))
    assert not needs_person(rule, Words("", 3, {5}, wish=True))
    assert not needs_person(rule, Words("", 3, {4}, wish=False))
    assert not needs_person(rule, Words("", 8, {4}, wish=True))


def test_a_rule_without_conditions_asks_for_nobody():
    assert not needs_person(Condition(), Words("Jono", 0, {1}, wish=True))


@pytest.mark.parametrize(
    ("opened", "hours", "due"),
    [
        (at(9, 12), 2, at(9, 14)),
        (at(9, 15, 30), 2, at(10, 11)),  # an hour today, an hour tomorrow
        (at(9, 8), 2, at(9, 12)),  # before opening
        (at(12, 20), 2, at(15, 12)),  # Friday evening: Monday
        (at(9, 14, 30), 2, at(9, 16, 30)),  # to the minute of closing
        (at(9, 10), 13, at(10, 16, 30)),  # two whole days
    ],
)
def test_only_open_hours_count(opened, hours, due):
    assert due_at(opened.astimezone(UTC), hours, HOURS) == due


def test_hours_that_nobody_knows_are_the_clocks():
    assert due_at(at(12, 20), 8, None) == at(13, 4)


def test_a_place_that_never_opens_is_due_by_the_clock():
    never = OpeningHours("Europe/Helsinki", ((),) * 7)
    assert due_at(at(9, 12), 8, never) == at(9, 20)


@settings(deadline=None, max_examples=40)
@given(minutes=st.integers(0, 60 * 24 * 14), hours=st.integers(1, 30))
def test_between_opening_and_deadline_lie_exactly_the_hours(minutes, hours):
    opened = at(1, 0) + timedelta(minutes=minutes)
    due = due_at(opened.astimezone(UTC), hours, HOURS)
    count, now = 0, opened
    while now < due:
        local = now.astimezone(HELSINKI)
        count += local.weekday() < 5 and 600 <= local.hour * 60 + local.minute < 990
        now += timedelta(minutes=1)
    assert count == hours * 60
