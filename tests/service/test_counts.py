"""Counts by the hour say at every commit what a count of all verdicts says."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import func, select

from promises.database import open_session, transaction
from promises.service import judging
from promises.service.actions import open_case, tell
from promises.service.bulk import take_cases
from promises.service.counts_table import hourly_count
from promises.service.recount import fill, rebuild, recount
from promises.service.recount_command import recount_command
from promises.service.tables import Case, hourly_wait
from promises.service.watch import tick
from promises.terms.actions import set_terms
from promises.terms.tables import Terms
from tests.conftest import NOON
from tests.promised import at_once, branch_of, document, promise

MINUTE = timedelta(minutes=1)


def kept_counts(session):
    """What the counts say, by status and reason, over all hours."""
    found = {}
    for row in session.execute(select(hourly_count)):
        found[row.status, row.reason] = found.get((row.status, row.reason), 0) + row.n
    return {key: n for key, n in found.items() if n}


def visit(session, reference, *milestones, as_of, branch="centre"):
    return open_case(
        session,
        branch=branch_of(session, branch),
        touchpoint="branch",
        source="test",
        reference=reference,
        milestones=milestones,
        by=None,
        as_of=as_of,
    )


@pytest.fixture
def promised(engine, cast):
    with transaction(engine) as session:
        promise(session)


def test_a_verdict_counts_in_the_hour_in_which_its_case_began(engine, promised):
    for place, at in enumerate((NOON - timedelta(microseconds=1), NOON)):
        with transaction(engine) as session:
            visit(session, str(place), ("arrived", at), ("served", at + MINUTE), as_of=NOON + 5 * MINUTE)
    with open_session(engine, writes=False) as session:
        hours = session.execute(select(hourly_count.c.hour).order_by(hourly_count.c.hour)).scalars().all()
        assert hours == [NOON.timestamp() // 3600 - 1, NOON.timestamp() // 3600]
        assert recount(session) == []


@pytest.mark.parametrize(("seconds", "place"), [(0, 0), (60, 0), (60.000001, 1), (2700, 44), (2701, 45)])
def test_a_wait_exactly_to_an_edge_counts_before_it(engine, promised, seconds, place):
    """Fifteen minutes are told in bins of one, up to three times fifteen."""
    end = NOON + timedelta(seconds=seconds)
    with transaction(engine) as session:
        visit(session, "1", ("arrived", NOON), ("served", end), as_of=NOON + timedelta(hours=2))
    with open_session(engine, writes=False) as session:
        row = session.execute(select(hourly_wait)).one()
        assert (row.n, row.elapsed_us) == (1, round(seconds * 1_000_000))
        assert [number for number in range(46) if row[6 + number]] == [place]
        assert recount(session) == []


def test_the_watch_moves_what_it_breaks_from_pending_to_broken(engine, promised):
    with transaction(engine) as session:
        visit(session, "1", ("arrived", NOON), as_of=NOON)
        visit(session, "2", ("arrived", NOON + MINUTE), as_of=NOON + MINUTE)
    tick(engine, NOON + timedelta(minutes=15, seconds=1))
    with open_session(engine, writes=False) as session:
        assert kept_counts(session) == {("broken", "still_open"): 1, ("pending", ""): 1}
        assert recount(session) == []


def test_what_a_savepoint_takes_back_is_not_counted(engine, promised):
    with transaction(engine) as session:
        visit(session, "1", ("arrived", NOON), ("served", NOON + MINUTE), as_of=NOON + 2 * MINUTE)
        savepoint = session.begin_nested()
        visit(session, "2", ("arrived", NOON), ("served", NOON + MINUTE), as_of=NOON + 2 * MINUTE)
        savepoint.rollback()
        with session.begin_nested():
            visit(session, "3", ("arrived", NOON), as_of=NOON + 2 * MINUTE)
    with open_session(engine, writes=False) as session:
        assert kept_counts(session) == {("kept", "in_time"): 1, ("pending", ""): 1}
        assert recount(session) == []


def test_what_is_rolled_back_is_not_counted_with_what_comes_after(engine, promised):
    with open_session(engine) as session:
        visit(session, "1", ("arrived", NOON), as_of=NOON)
        session.rollback()
        visit(session, "2", ("arrived", NOON), as_of=NOON)
        session.commit()
    with open_session(engine, writes=False) as session:
        assert kept_counts(session) == {("pending", ""): 1}


def test_a_recount_finds_what_is_wrong_and_a_rebuild_mends_it(engine, promised):
    with transaction(engine) as session:
        visit(session, "1", ("arrived", NOON), ("served", NOON + MINUTE), as_of=NOON + 2 * MINUTE)
    with transaction(engine) as session:
        session.execute(text("UPDATE hourly_count SET n = 7"))
        session.execute(text("DELETE FROM hourly_wait"))
    with transaction(engine) as session:
        count, wait = recount(session)
        assert (count.kept, count.counted, count.key["status"]) == ((7,), (1,), "kept")
        assert (wait.table, wait.kept[:2], wait.counted[:2]) == ("hourly_wait", (0, 0), (1, 60_000_000))
        assert rebuild(session) == 2
    with transaction(engine) as session:
        assert recount(session) == []
        assert rebuild(session) == 0


def test_an_older_installation_is_counted_once(engine, promised):
    with transaction(engine) as session:
        assert not fill(session)
        visit(session, "1", ("arrived", NOON), as_of=NOON)
    with transaction(engine) as session:
        session.execute(text("DELETE FROM hourly_count"))
        assert fill(session)
    with transaction(engine) as session:
        assert kept_counts(session) == {("pending", ""): 1}
        assert not fill(session)


def test_the_command_puts_wrong_counts_right(engine, promised):
    with transaction(engine) as session:
        visit(session, "1", ("arrived", NOON), as_of=NOON)
    with transaction(engine) as session:
        session.execute(text("UPDATE hourly_count SET n = 3"))
    told = CliRunner().invoke(recount_command, obj=engine)
    assert told.exit_code == 0, told.output
    assert "1" in told.output
    with open_session(engine, writes=False) as session:
        assert recount(session) == []


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["bulk", "live", "watch", "terms", "undone"]),
        st.integers(0, 12),
        st.sampled_from(["arrived", "served", "left", "no_show"]),
        st.integers(0, 150),
        st.sampled_from(["centre", "harbour"]),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(HAPPENINGS)
def test_counts_equal_a_recount_after_any_sequence_of_events(engine, promised, happenings):
    as_of = NOON + timedelta(hours=3)
    with open_session(engine, writes=False) as session:
        round_number = len(session.exec(select(Case.id)).all())
    for kind, number, name, minute, branch in happenings:
        at, reference = NOON + minute * MINUTE, f"{round_number}-{number}"
        if kind == "watch":
            tick(engine, at)
            continue
        with open_session(engine) as session:
            if kind == "terms":
                limit = {"from": "arrived", "to": "served", "limit": f"{5 + minute} min"}
                before = session.exec(select(func.max(Terms.starts_at))).one()
                newer = document(measure=limit, starts=str(NOON.date()))
                set_terms(session, document=newer, starts_at=max(before, NOON) + MINUTE, by=None, as_of=NOON)
            elif kind == "bulk":
                told = {"touchpoint": "branch"}
                case = judging.Case(reference, branch, (("arrived", NOON), (name, at)), told)
                take_cases(session, [case], source="test", by=None, as_of=as_of)
            elif kind in ("live", "undone"):
                case = visit(session, reference, ("arrived", NOON), as_of=as_of, branch=branch)
                tell(session, case, branch_of(session, branch), [(name, at)], by=None, as_of=as_of)
            if kind == "undone":
                session.rollback()
            else:
                session.commit()
    with open_session(engine, writes=False) as session:
        assert recount(session) == []


def test_several_writers_of_one_hour_lose_no_count_and_wait_for_each_other_without_a_circle(engine, promised):
    """Each tells cases of both branches, in opposite orders."""

    def write(number):
        with transaction(engine) as session:
            branches = ["centre", "harbour"] if number % 2 else ["harbour", "centre"]
            for branch in branches:
                for case in range(5):
                    reference = f"{number}-{case}"
                    visit(session, reference, ("arrived", NOON + MINUTE), as_of=NOON + MINUTE, branch=branch)

    found = at_once(*[lambda n=n: write(n) for n in range(6)])
    assert [one for one in found if one is not None] == []
    with open_session(engine, writes=False) as session:
        assert kept_counts(session) == {("pending", ""): 60}
        assert recount(session) == []
