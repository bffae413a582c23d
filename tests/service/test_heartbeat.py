"""Somebody is told when nobody watches, once, and again when it happens again."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import open_session, transaction
from promises.outbox.digests import write_digests
from promises.outbox.tables import Letter, Notice
from promises.service.heartbeat import SILENT, Pulse, Silence, standing, tell_if_silent
from promises.service.watch_tables import Standstill, Watcher
from tests.conftest import NOON
from tests.promised import at_once, promise, visit

SECOND = timedelta(seconds=1)


def beats(engine, *moments, stuck=0):
    pulse = Pulse(NOON)
    for moment in moments:
        pulse.beat(engine, moment, stuck)
    return pulse


def told(engine):
    with open_session(engine, writes=False) as session:
        return list(session.exec(select(Notice.kind).order_by(Notice.id)))


def test_a_watcher_says_that_it_is_there_seldom_enough_to_cost_nothing(engine):
    beats(engine, NOON, NOON + SECOND, NOON + 2 * SECOND)
    with open_session(engine, writes=False) as session:
        (row,) = session.exec(select(Watcher)).all()
        assert row.ticked_at == NOON + 2 * SECOND
        assert standing(session, NOON + SILENT).silent_since(NOON + SILENT) is None


def test_a_watcher_that_is_silent_is_told_of_once_to_the_administrators(engine, cast):
    """zammad issue 1631: the worker was stuck, mail was hours late, and nobody was told."""
    beats(engine, NOON)
    late = NOON + SILENT + SECOND
    assert tell_if_silent(engine, NOON + SILENT) == Silence()
    assert at_once(*[lambda: tell_if_silent(engine, late)] * 4) == [Silence(NOON, told=True)] * 4
    tell_if_silent(engine, late + timedelta(hours=5))
    assert told(engine) == ["watch.behind"]
    write_digests(engine, base_url="https://promises.example", gap=timedelta(0), as_of=late)
    with open_session(engine, writes=False) as session:
        (letter,) = session.exec(select(Letter)).all()
        assert letter.to == "aada@koepankki.example"
        assert "valvonta on pysähtynyt" in letter.subject


def test_another_standstill_is_told_of_again(engine, cast):
    """zammad issue 4348: a genuine second reminder was never sent."""
    beats(engine, NOON)
    tell_if_silent(engine, NOON + timedelta(minutes=5))
    beats(engine, NOON + timedelta(minutes=6))
    tell_if_silent(engine, NOON + timedelta(minutes=9))
    assert told(engine) == ["watch.behind"] * 2
    with open_session(engine, writes=False) as session:
        rows = session.exec(select(Standstill).order_by(Standstill.id)).all()
        assert [(one.since, one.over_at) for one in rows] == [
            (NOON, NOON + timedelta(minutes=6)),
            (NOON + timedelta(minutes=6), None),
        ]


def test_a_second_watcher_takes_over_without_a_word(engine, cast):
    beats(engine, NOON)
    beats(engine, NOON + timedelta(seconds=50))
    assert tell_if_silent(engine, NOON + timedelta(seconds=100)) == Silence()
    assert told(engine) == []


def test_where_nobody_ever_watched_something_overdue_shows_it(engine, cast):
    with transaction(engine) as session:
        promise(session)
        visit(session, "A 1", ("arrived", NOON), as_of=NOON)
    due = NOON + timedelta(minutes=15)
    assert tell_if_silent(engine, due + SILENT) == Silence()
    assert tell_if_silent(engine, due + SILENT + SECOND) == Silence(due)
    assert told(engine) == []


def test_verdicts_that_cannot_be_judged_are_told_of(engine, cast):
    """zammad issue 3523: one regression stopped every escalation silently."""
    pulse = beats(engine, NOON)
    for seconds, stuck in ((1, 2), (4, 2), (9, 0), (12, 1)):
        pulse.beat(engine, NOON + seconds * SECOND, stuck)
    assert told(engine) == ["watch.stuck", "watch.stuck"]
    with open_session(engine, writes=False) as session:
        assert standing(session, NOON + 12 * SECOND).stuck == 1


def test_a_clock_that_is_behind_ends_a_standstill_all_the_same(engine, cast):
    beats(engine, NOON)
    tell_if_silent(engine, NOON + timedelta(minutes=5))
    beats(engine, NOON + timedelta(minutes=4))
    with open_session(engine, writes=False) as session:
        (row,) = session.exec(select(Standstill)).all()
        assert row.over_at == row.told_at


@pytest.mark.parametrize("days", [2, 30])
def test_watchers_of_the_past_are_forgotten(engine, days):
    beats(engine, NOON)
    beats(engine, NOON + timedelta(days=days))
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Watcher)).all()) == 1
