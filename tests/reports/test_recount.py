"""Every figure of a report equals a recount from the cases, one by one, in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from promises.people.tables import Branch
from promises.reports import branch_report, money, network, public, queries
from promises.reports.periods import Month, Week
from promises.reports.queries import Scope
from promises.service.tables import Verdict
from promises.service.waits import wait_edges
from promises.terms.queries import promises
from tests.conftest import Cast
from tests.reports.conftest import History

OUTCOMES = [
    ("kept", "in_time"),
    ("kept", "in_time"),
    ("kept", "in_time"),
    ("broken", "late"),
    ("broken", "left_after_limit"),
    ("broken", "still_open"),
    ("excluded", "left_before_limit"),
    ("excluded", "start_twice"),
    ("excluded", "severe-weather"),
    ("pending", "clock_running"),
]
# Each: a zone and a moment within a week of one of its clock changes (or of none).
PLACES = [
    ("Europe/Helsinki", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Helsinki", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 3, 8, 5, 30, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, 22, tzinfo=UTC)),
]


def at_random(history: History, branch: int, promise: int, around: datetime, seed: int) -> None:
    """Cases over five weeks around a moment, thickest at the edges of days and quarters."""
    drawn = random.Random(seed)
    for _ in range(250):
        at = around + timedelta(days=drawn.randint(-17, 17))
        at += timedelta(minutes=15 * drawn.randint(-8, 8)) + drawn.choice(
            [timedelta(0), timedelta(microseconds=-1), timedelta(seconds=drawn.randint(-5000, 5000))]
        )
        status, reason = drawn.choice(OUTCOMES)
        history.case(
            branch, promise, at, status, reason=reason, minutes=drawn.choice([0, 4.5, 15, 15.1, 44, 45, 70]),
            ended=reason != "still_open",
        )  # fmt: skip
    history.session.commit()


def settle(session: Session, branch_id: int, zone: str) -> Branch:
    branch = session.get_one(Branch, branch_id)
    branch.zone = zone
    session.add(branch)
    session.commit()
    return branch


@pytest.mark.parametrize(("zone", "around"), PLACES)
def test_weeks_and_hours_equal_a_recount_in_the_branchs_own_time(
    history: History, cast: Cast, zone: str, around: datetime
) -> None:
    branch = settle(history.session, cast.centre, zone)
    promise = history.promise()
    other = history.promise("called-back")
    at_random(history, cast.centre, promise, around, seed=1)
    at_random(history, cast.harbour, promise, around, seed=2)
    at_random(history, cast.centre, other, around, seed=3)
    where, as_of = ZoneInfo(zone), around + timedelta(days=3)
    dated = next(d for d in promises(history.session) if d.promise_id == promise)
    report = branch_report.build(history.session, branch, dated, Week.at(as_of, where), 3, as_of)

    verdicts = history.session.exec(
        select(Verdict).where(Verdict.branch_id == cast.centre, Verdict.promise_id == promise)
    ).all()
    by_week: Counter[tuple[str, str]] = Counter()
    by_hour: Counter[tuple[int, int, str]] = Counter()
    shown = {line.week.code for line in report.weeks}
    for verdict in verdicts:
        local = verdict.started_at.astimezone(where)
        year, number, weekday = local.isocalendar()
        if f"{year:04}-W{number:02}" in shown:
            by_week[f"{year:04}-W{number:02}", verdict.status] += 1
            by_hour[weekday - 1, local.hour, verdict.status] += 1
    for line in report.weeks:
        for status in ("kept", "broken", "pending", "excluded"):
            assert getattr(line.figures, status) == by_week[line.week.code, status]
        assert line.unfinished == (line == report.weeks[-1])
    assert sum(by_week.values()) == report.all.cases > 100
    for (day, hour), figures in report.hours.items():
        assert figures.broken == by_hour[day, hour, "broken"]
        assert figures.kept == by_hour[day, hour, "kept"]
    assert sum(figures.cases for figures in report.hours.values()) == report.all.cases

    reasons = Counter(v.reason for v in verdicts if _in(v, report.scope))
    assert report.all.gave_up_after == reasons["left_after_limit"]
    assert report.all.gave_up_before == reasons["left_before_limit"]
    assert report.all.cant_judge == reasons["start_twice"]
    assert dict(report.broken) == {
        reason: reasons[reason] for reason in ("late", "left_after_limit", "still_open") if reasons[reason]
    }
    counted = network.compare(history.session, [branch], 4, as_of + timedelta(weeks=1))
    (mine,) = (lines for lines in counted if lines.dated.promise_id == promise)
    assert mine.lines[0].weeks[-3:] == tuple(line.figures for line in report.weeks)


def _in(verdict: Verdict, scope: Scope) -> bool:
    return scope.start <= verdict.started_at < scope.end


def test_the_broken_cases_behind_a_figure_are_just_as_many_and_each_of_them_broken(
    history: History, cast: Cast
) -> None:
    promise = history.promise()
    around = datetime(2026, 5, 13, 9, tzinfo=UTC)
    at_random(history, cast.centre, promise, around, seed=7)
    scope = Scope(cast.centre, promise, around - timedelta(days=9), around + timedelta(days=2))
    figures = [b for b in queries.buckets(history.session, scope) if b.status == "broken"]
    found = list(queries.every_broken_case(history.session, scope))
    assert len(found) == sum(bucket.n for bucket in figures)
    paged = [
        case
        for page in (1, 2, 3)
        for case in queries.broken_cases(history.session, scope, page=page, size=20)
    ]
    assert paged == found[:60]
    assert found == sorted(found, key=lambda case: case.started_at, reverse=True)
    gone = list(queries.every_broken_case(history.session, scope, reason="left_after_limit"))
    assert [case for case in found if case.reason == "left_after_limit"] == gone


def test_waits_are_counted_to_the_edge_that_the_terms_keep(history: History, cast: Cast) -> None:
    promise = history.promise()
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    for minutes in (0, 5, 15, 15.01, 45, 46):
        history.case(cast.centre, promise, start, "kept", minutes=minutes)
    history.case(cast.centre, promise, start, "broken", minutes=60, ended=False)
    history.case(cast.centre, promise, start, "pending", minutes=60)
    scope = Scope(cast.centre, promise, start, start + timedelta(hours=1))
    edges = (0, 900, 1800, 2700)
    assert queries.waits(history.session, scope, edges, to_the_edge=True) == [3, 1, 1, 1]
    assert queries.waits(history.session, scope, edges, to_the_edge=False) == [2, 2, 0, 2]


@pytest.mark.parametrize("limit", [1, 45, 900, 1200, 3600, 86_400, 7 * 86_400, 777])
def test_the_limit_is_one_of_the_edges_of_a_chart_of_waits(limit: int) -> None:
    edges = wait_edges(limit)
    assert {0, limit, 3 * limit} <= set(edges)
    assert len(edges) <= 46


def test_what_was_reversed_is_neither_owed_nor_handed_out(history: History, cast: Cast) -> None:
    promise = history.promise()
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    history.case(cast.centre, promise, start, "broken", owed="10.00", paid_by=cast.teller)
    history.case(cast.centre, promise, start, "broken", owed="10.00")
    mistaken = history.case(cast.centre, promise, start, "broken", owed="25.00")
    history.case(cast.harbour, promise, start, "broken", owed="99.00")
    scope = Scope(cast.centre, promise, start, start + timedelta(hours=1))
    assert money.to_hand_out(history.session, [cast.centre]) == 2
    history.entry(cast.centre, mistaken, "reversed", Decimal("25.00"), start, reverses=mistaken)
    (found,) = money.owing(history.session, scope)
    assert (found.owed, found.paid, found.left) == (Decimal("20.00"), Decimal("10.00"), Decimal("10.00"))
    assert money.balance(history.session, [cast.centre]) == [found]
    assert money.balance(history.session, [cast.centre], promise, scope.start, scope.end) == [found]
    assert money.balance(history.session, [cast.centre], promise, scope.end) == []
    assert money.to_hand_out(history.session, [cast.centre]) == 1


def test_the_target_of_a_week_is_that_of_the_terms_in_force_as_it_ends(history: History, cast: Cast) -> None:
    history.promise(begins=datetime(2026, 1, 1, tzinfo=UTC), target="0.90")
    history.promise(begins=datetime(2026, 5, 20, tzinfo=UTC), target="0.97", starts="2026-05-20")
    (dated,) = promises(history.session)
    branch = history.session.get_one(Branch, cast.centre)
    as_of = datetime(2026, 6, 3, 9, tzinfo=UTC)
    report = branch_report.build(history.session, branch, dated, Week(date(2026, 6, 1)), 4, as_of)
    assert [line.target for line in report.weeks] == [0.90, 0.97, 0.97, 0.97]


def test_the_public_page_counts_the_last_full_month_and_shows_branches_with_enough_cases(
    history: History, cast: Cast
) -> None:
    promise = history.promise()
    history.many(cast.centre, promise, datetime(2026, 5, 4, 8, tzinfo=UTC), kept=30, broken=10)
    history.many(cast.harbour, promise, datetime(2026, 5, 4, 8, tzinfo=UTC), kept=5, broken=0)
    # 20.59 UTC is still April in Helsinki, 21.00 is May; so it is with June.
    for moment in (datetime(2026, 4, 30, 20, 59, tzinfo=UTC), datetime(2026, 5, 31, 21, 0, tzinfo=UTC)):
        history.case(cast.centre, promise, moment, "broken")
    history.case(cast.centre, promise, datetime(2026, 4, 30, 21, 0, tzinfo=UTC), "kept")
    page = public.build(history.session, datetime(2026, 6, 9, 9, tzinfo=UTC))
    (told,) = page.promises
    assert page.month == Month(date(2026, 5, 1))
    assert (told.all.kept, told.all.broken) == (36, 10)
    assert [(name, figures.judged) for name, figures in told.branches] == [("Keskusta", 41)]
