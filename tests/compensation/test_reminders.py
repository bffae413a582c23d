"""Managers are reminded of compensation that is to be paid: ahead, when it is late, and while it stays so."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from promises.compensation.actions import pay_at_counter
from promises.compensation.reminder_tables import Reminder
from promises.compensation.reminders import remind
from promises.compensation.tables import Compensation
from promises.database import open_session, transaction
from promises.outbox.tables import Letter, Notice
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import at_once, promise, visit

# Broken at 12.15 on the ninth, payable for fourteen days: to the end of the twenty-third in Helsinki.
PAY_BY = datetime(2026, 6, 23, 21, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def owed(engine, cast):
    """Two customers to whom ten euros are owed for fourteen days."""
    with transaction(engine) as session:
        promise(session, remedy={"pays": [{"amount": "10.00"}], "pay_within": "14 calendar days"})
        for number in range(2):
            visit(session, f"A {number}", ("arrived", NOON), as_of=NOON)
    tick(engine, NOON + timedelta(hours=1))
    with open_session(engine, writes=False) as session:
        found = session.exec(select(Compensation)).all()
        assert {one.pay_by for one in found} == {PAY_BY}
        return found


def kinds(engine):
    with open_session(engine, writes=False) as session:
        query = select(Notice.kind, Notice.count).where(
            Notice.kind.in_(["compensation.due_soon", "compensation.late"])
        )
        return session.exec(query.order_by(Notice.id)).all()


def test_a_warning_comes_a_day_ahead_and_once(engine, owed):
    """glpi pull request 22678: the warning is to come ahead of the deadline, not at it."""
    assert remind(engine, as_of=PAY_BY - DAY) == 0
    assert remind(engine, as_of=PAY_BY - DAY + SECOND) == 2
    assert remind(engine, as_of=PAY_BY) == 0
    assert kinds(engine) == [("compensation.due_soon", 2)]


def test_the_last_moment_is_not_late(engine, owed):
    remind(engine, as_of=PAY_BY)
    assert kinds(engine) == [("compensation.due_soon", 2)]
    remind(engine, as_of=PAY_BY + SECOND)
    assert kinds(engine)[1:] == [("compensation.late", 2)]


def test_a_genuine_second_reminder_is_sent_while_it_stays_late(engine, owed):
    """zammad issue 4348: it never was."""
    for days in (0, 3, 7, 10, 14):
        remind(engine, as_of=PAY_BY + days * DAY + SECOND)
    assert kinds(engine) == [("compensation.late", 2)] * 3


def test_what_was_paid_is_nobodys_to_be_reminded_of(engine, cast, owed):
    with transaction(engine) as session:
        one = owed[0]
        pay_at_counter(session, one.branch_id, one.id, receiver="", by=cast.teller, as_of=NOON + DAY)
    assert remind(engine, as_of=PAY_BY + DAY) == 1


def test_it_is_not_called_told_before_it_is(engine, owed):
    """healthchecks issue 212: an alert was marked as sent before it was sent."""
    rename(engine, "ALTER TABLE notice RENAME TO out_of_order")
    with pytest.raises(DBAPIError):
        remind(engine, as_of=PAY_BY + DAY)
    rename(engine, "ALTER TABLE out_of_order RENAME TO notice")
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Reminder)).all() == []
    assert remind(engine, as_of=PAY_BY + DAY) == 2


def rename(engine, statement):
    with transaction(engine) as session:
        session.execute(text(statement))


def test_four_watchers_at_once_remind_once(engine, owed):
    found = at_once(*[lambda: remind(engine, as_of=PAY_BY + DAY)] * 4)
    assert sum(found) == 2
    assert sum(count for _, count in kinds(engine)) == 2


def test_after_an_outage_of_weeks_the_reminder_of_this_week_is_sent(engine, owed):
    assert remind(engine, as_of=PAY_BY + 15 * DAY) == 2
    with open_session(engine, writes=False) as session:
        assert {(one.kind, one.number) for one in session.exec(select(Reminder))} == {("late", 3)}
        assert session.exec(select(Letter)).all() == []  # letters are gathered later
