"""The board's counts say after every change what a plain walk over all feedback says."""

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select

from promises.audit.verify import verify
from promises.database import open_session, transaction
from promises.feedback.board import counts
from promises.feedback.board.tables import FeedbackCount, ProblemCount
from promises.feedback.curation import actions as curation
from promises.feedback.curation import parting
from promises.feedback.erasing import erase
from promises.feedback.finding import actions as finding
from promises.feedback.hearing import Said, hear, hear_anew, open_source
from promises.feedback.mining.results import Joined, Member
from promises.feedback.tables import Feedback, Mention, Problem
from promises.refusal import Refusal
from promises.service.recount_command import recount_command
from tests.conftest import NOON
from tests.feedback.heard import bring, look

HELSINKI = ZoneInfo("Europe/Helsinki")
FIRST_MONDAY = date(1, 1, 1)


def places_of(one):
    """Where a piece stands, told anew: (facet, value, week)."""
    local = one.given_at.astimezone(HELSINKI)
    week = (local.date() - FIRST_MONDAY).days // 7
    found = {("", "", week), ("weekday", str(local.weekday()), 0)}
    if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
        found.add(("hour", str(local.hour), 0))
    if one.branch_id:
        found |= {("branch", str(one.branch_id), week), ("branch", str(one.branch_id), 0)}
    for facet in ("touchpoint", "source", "language"):
        if getattr(one, facet):
            found.add((facet, getattr(one, facet), week))
    return found


def scores_of(pieces):
    scores = [one.score for one in pieces if one.score is not None]
    return [sum(s >= 9 for s in scores), sum(s in (7, 8) for s in scores), sum(s <= 6 for s in scores)]


def by_hand(session):
    """Both tables of counts from the rows, by sets of pieces and of customers."""
    feedback = {one.id: one for one in session.exec(select(Feedback)).all()}
    at, of_kind = defaultdict(list), defaultdict(list)
    for one in feedback.values():
        for place in places_of(one):
            of_kind[(*place, one.kind)].append(one)
    for mention in session.exec(select(Mention)).all():
        for place in places_of(feedback[mention.feedback_id]):
            at[(mention.problem_id, *place)].append(feedback[mention.feedback_id])
    problems = {}
    for (problem, facet, value, week), pieces in at.items():
        later = {
            (one.customer or one.id)
            for (p, f, v, w), others in at.items()
            if (p, f, v) == (problem, facet, value) and w > week and week > 0
            for one in others
        }
        here = {one.customer or one.id for one in pieces} - later
        problems[problem, facet, value, week] = (len(pieces), len(here), *scores_of(pieces))
    return problems, {key: (len(found), *scores_of(found)) for key, found in of_kind.items()}


def kept(session):
    counts.settle(session)
    return tuple(
        {tuple(row[:4]): tuple(row[4:]) for row in session.execute(select(table)) if any(row[4:])}
        for table in (ProblemCount.__table__, FeedbackCount.__table__)
    )


def agree(session):
    session.expire_all()
    assert kept(session) == by_hand(session)
    assert counts.recount(session) == []


def rows_of(*told):
    return [
        (f"Sanottiin {n}", score, given.isoformat(), branch, customer, source, "")
        for n, (score, given, branch, customer, source) in enumerate(told)
    ]


MOMENTS = st.sampled_from(
    [
        # Sunday and Monday at midnight, a file's day without hour, both of the clock's changes, an early day.
        datetime(2026, 6, 7, 20, 59, 59, tzinfo=UTC),
        datetime(2026, 6, 7, 21, 0, tzinfo=UTC),
        datetime(2026, 6, 7, 21, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 1, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
        datetime(2023, 1, 1, 12, tzinfo=UTC),
        NOON,
    ]
)
PIECES = st.lists(
    st.tuples(
        st.sampled_from(["", 0, 6, 7, 8, 9, 10]),
        MOMENTS,
        st.sampled_from(["", "centre", "harbour"]),
        st.sampled_from(["", "anna", "bo"]),
        st.sampled_from(["kysely", "tabletti"]),
    ),
    min_size=3,
    max_size=9,
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "place",
                "deny",
                "move",
                "merge",
                "dismiss",
                "join",
                "look",
                "split",
                "unmerge",
                "erase",
                "anew",
                "take_back",
            ]
        ),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=10,
)


def picked(session, table, number, *where):
    found = session.exec(select(table).where(*where).order_by(table.id)).all()
    return found[number % len(found)] if found else None


def act(session, name, a, b):
    """One change of any kind, as far as there is anything to change."""
    opened = col(Problem.state).in_(("found", "accepted"))
    piece, problem = picked(session, Feedback, a, Feedback.text != ""), picked(session, Problem, b, opened)
    mention, other = picked(session, Mention, a), picked(session, Problem, a, opened)
    if name == "place" and piece and problem:
        curation.place(session, piece, problem, by=None, as_of=NOON)
    elif name == "deny" and mention:
        curation.deny(session, mention, by=None, as_of=NOON)
    elif name == "move" and mention and problem and mention.problem_id != problem.id:
        curation.move(session, mention, problem, by=None, as_of=NOON)
    elif name == "merge" and problem and other and problem.id != other.id:
        curation.merge(session, problem, other, by=None, as_of=NOON)
    elif name == "split" and mention:
        split(session, session.get_one(Problem, mention.problem_id), [mention.id], f"Osa {a} {b}", "")
    elif name == "unmerge" and (merged := picked(session, Problem, a, Problem.state == "merged")):
        parting.unmerge(session, merged, by=None, as_of=NOON)
    elif name == "dismiss" and problem:
        curation.dismiss(session, problem, "ei", by=None, as_of=NOON)
    elif name == "join":
        join(session, f"{a}-{b}", problem)
    elif name == "look":
        said = [one.text for one in session.exec(select(Feedback).where(Feedback.text != "")).all()]
        if said:
            look(session, {f"g{n}": said[n::2] for n in range(2) if said[n::2]})
    elif name == "erase" and piece and piece.customer and not piece.customer.startswith("erased"):
        erase(session, piece.customer, secret="s" * 40, by=None, as_of=NOON)
    elif name == "anew" and piece:
        said = Said(
            "k",
            f"Toisin sanottuna {b}",
            NOON - timedelta(days=b),
            b % 11,
            "harbour",
            ["bo", "", "eve"][a % 3],
        )
        hear_anew(session, piece, said, as_of=NOON)
    elif name == "take_back" and piece and problem:
        with session.begin_nested() as savepoint:
            curation.place(session, piece, problem, by=None, as_of=NOON)
            savepoint.rollback()


def split(session, problem, mentions, fi, en):
    # A problem can't be taken apart into itself and nothing.
    with suppress(Refusal):
        parting.split(session, problem, mentions, fi, en, by=None, as_of=NOON)


def join(session, key, problem):
    """Words that come one by one, and join a standing problem."""
    intake = open_source(session, "ovi", "ovi", by=None, as_of=NOON)
    hear(session, intake, [Said(key, f"Uusi {key}", NOON, 3, "centre", "bo", "kassa", "en")], as_of=NOON)
    agree(session)
    material = finding.gather(session, anew=False)
    members = tuple(
        Member(n, str(problem.id), 0.5, 0, 3, True) for n, _ in enumerate(material.pending) if problem
    )
    told = Joined(members, tuple("sv" for _ in material.pending), tuple("trouble" for _ in material.pending))
    finding.apply(session, material, told, None, by=None, as_of=NOON)


@given(pieces=PIECES, acts=ACTS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_changed_the_counts_equal_a_plain_walk(engine, cast, pieces, acts):
    with open_session(engine) as session:
        bring(session, *rows_of(*pieces))
        agree(session)
        said = [one.text for one in session.exec(select(Feedback)).all()]
        look(session, {"a": said[: len(said) // 2], "b": said[len(said) // 3 :]})
        agree(session)
        for one in acts:
            act(session, *one)
            agree(session)
        session.rollback()
        assert kept(session) == ({}, {})


@pytest.fixture
def told(engine, cast):
    with transaction(engine) as session:
        given = NOON - timedelta(days=3)
        bring(
            session,
            *rows_of(
                (3, NOON, "centre", "anna", "x"), (9, given, "harbour", "anna", "x"), (2, NOON, "", "", "x")
            ),
        )
        said = [one.text for one in session.exec(select(Feedback)).all()]
        look(session, {"a": said, "b": said[:1]})
    return engine


def test_what_is_rolled_back_was_never_counted(told):
    with open_session(told) as session:
        before = kept(session)
        bring(session, *rows_of((1, NOON, "", "", "y")), source="y")
        session.rollback()
        assert kept(session) == before
        agree(session)


def test_a_change_inside_of_a_change_is_refused_for_it_would_count_twice(told):
    with (
        open_session(told) as session,
        counts.changing(session, [1]),
        pytest.raises(RuntimeError, match="twice"),
    ):
        counts.changing(session, [1]).__enter__()


def test_feedback_must_not_become_a_strangers_unannounced(told):
    with (
        open_session(told) as session,
        pytest.raises(ValueError, match="told before"),
        counts.changing(session, [1]),
    ):
        session.execute(text("UPDATE feedback SET customer = 'somebody' WHERE id = 1"))


def test_a_wrong_count_is_told_by_verification_and_put_right_by_the_command(told):
    with transaction(told) as session:
        session.execute(text("UPDATE problem_count SET customers = customers + 5 WHERE facet = '' "))
        session.execute(text("DELETE FROM feedback_count WHERE facet = 'branch'"))
    with open_session(told, writes=False) as session:
        assert {one.table for one in counts.recount(session)} == {"problem_count", "feedback_count"}
    codes = [fault.code for fault in verify(told, as_of=NOON).faults]
    assert codes
    assert set(codes) == {"fault.counts"}
    assert CliRunner().invoke(recount_command, obj=told).exit_code == 0
    with open_session(told, writes=False) as session:
        agree(session)
    assert verify(told, as_of=NOON).faults == []


def test_an_installation_from_before_the_counts_gets_them(told):
    with transaction(told) as session:
        for table in ("problem_count", "feedback_count"):
            session.execute(text(f"DELETE FROM {table}"))
        assert counts.fill(session)
        assert not counts.fill(session)
        agree(session)
