"""The watch: what is overdue is broken once, at its due time, however many watchers there are."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from promises.compensation.tables import Compensation, Entry
from promises.database import transaction
from promises.service.actions import add_milestone
from promises.service.tables import Case, Verdict
from promises.service.watch import overdue_since, tick
from tests.conftest import NOON
from tests.promised import at_once, branch_of, promise, verdict_of, visit

MINUTES_15 = timedelta(minutes=15)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def waiting(engine, cast):
    """Forty customers, one a second from NOON, whom nobody has served."""
    with transaction(engine) as session:
        promise(session)
        for number in range(40):
            at = NOON + timedelta(seconds=number)
            visit(session, f"customer {number}", ("arrived", at), as_of=at)


def statuses(engine):
    with transaction(engine) as session:
        return Counter(session.exec(select(Verdict.status)).all())


def test_a_case_due_exactly_now_still_has_its_moment(engine, waiting):
    assert tick(engine, NOON + MINUTES_15).broken == 0
    assert tick(engine, NOON + MINUTES_15 + MICROSECOND).broken == 1


def test_a_breach_is_dated_when_it_happened_after_an_outage_of_days(engine, waiting):
    """APScheduler issues 146 and 292 dropped a run that was two seconds late; nothing is dropped here."""
    found = tick(engine, NOON + timedelta(days=3))
    assert found.broken == 40
    assert found.lag == timedelta(days=3) - MINUTES_15
    with transaction(engine) as session:
        compensations = session.exec(select(Compensation).order_by(Compensation.dated_at)).all()
        assert [one.dated_at for one in compensations] == [
            NOON + MINUTES_15 + timedelta(seconds=number) for number in range(40)
        ]
        assert {one.made_at for one in compensations} == {NOON + timedelta(days=3)}
        assert {one.dated_at for one in session.exec(select(Verdict))} == {
            one.dated_at for one in compensations
        }


def test_the_watch_works_through_more_than_it_takes_at_once(engine, waiting):
    assert tick(engine, NOON + timedelta(hours=1), most=7).broken == 40
    assert statuses(engine) == {"broken": 40}


def test_a_second_tick_changes_nothing(engine, waiting):
    tick(engine, NOON + timedelta(hours=1))
    assert tick(engine, NOON + timedelta(hours=2)).broken == 0
    with transaction(engine) as session:
        assert session.exec(select(func.sum(Entry.amount))).one() == Decimal(400)


def test_four_watchers_at_once_break_everything_exactly_once(engine, waiting):
    """APScheduler issue 766: every job ran twice under several web workers."""
    later = NOON + timedelta(hours=1)
    found = at_once(*[lambda: tick(engine, later, most=3).broken] * 4)
    assert sum(found) == 40
    with transaction(engine) as session:
        assert session.exec(select(func.count()).select_from(Compensation)).one() == 40
        assert session.exec(select(func.count()).select_from(Entry)).one() == 40


WATCHER = """
import sys
from datetime import datetime
import promises.compensation.actions
from promises.database import open_database
from promises.service.watch import tick
print(tick(open_database(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), most=2).broken)
"""


def test_watchers_in_processes_of_their_own_break_everything_exactly_once(engine, waiting, database_url):
    later = (NOON + timedelta(hours=1)).isoformat()
    command = [sys.executable, "-W", "error", "-c", WATCHER, database_url, later]
    root = Path(__file__).parents[2]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) for _ in range(3)]
    counts = [int(process.communicate(timeout=600)[0]) for process in running]
    assert sum(counts) == 40
    with transaction(engine) as session:
        assert session.exec(select(func.count()).select_from(Entry)).one() == 40


def test_served_at_the_last_moment_while_the_watch_looks_is_judged_by_when_it_happened(engine, waiting):
    served_at = NOON + timedelta(minutes=14)
    later = NOON + timedelta(minutes=15, seconds=20)

    def serve(number):
        with transaction(engine) as session:
            case = session.exec(select(Case).where(Case.reference == f"customer {number}")).one()
            add_milestone(session, case, branch_of(session), "served", served_at, by=None, as_of=later)

    found = at_once(lambda: tick(engine, later, most=2), *[lambda n=n: serve(n) for n in range(7)])
    assert not [one for one in found if isinstance(one, Exception)]
    with transaction(engine) as session:
        for number in range(7):
            case = session.exec(select(Case).where(Case.reference == f"customer {number}")).one()
            assert verdict_of(session, case).status == "kept"
        owed = session.exec(select(func.count()).select_from(Entry).where(Entry.kind == "owed")).one()
        reversed_ = session.exec(
            select(func.count()).select_from(Entry).where(Entry.kind == "reversed")
        ).one()
        assert owed - reversed_ == statuses(engine)["broken"] if engine.dialect.name != "sqlite" else True


def test_how_far_the_watch_is_behind_is_known(engine, session, waiting):
    """zammad issue 1631: the worker was stuck, and nobody was told."""
    assert overdue_since(session, NOON + MINUTES_15) is None
    assert overdue_since(session, NOON + timedelta(hours=1)) == NOON + MINUTES_15


def test_one_verdict_that_cannot_be_judged_does_not_stop_those_behind_it(engine, session, waiting):
    """zammad issue 3523: one regression stopped every escalation, silently."""
    branch, case = session.exec(select(Verdict.branch_id, Verdict.case_id).limit(1)).one()
    session.execute(
        text("UPDATE \"case\" SET attributes = '[1]' WHERE branch_id = :branch AND id = :case"),
        {"branch": branch, "case": case},
    )
    session.commit()
    found = tick(engine, NOON + timedelta(hours=2))
    assert found.stuck == 1
    assert found.broken == session.exec(select(func.count()).where(Verdict.status == "broken")).one()
    assert found.broken > 1
    assert overdue_since(session, NOON + timedelta(hours=2)) is not None
