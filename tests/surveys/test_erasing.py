"""A customer is erased: every word of theirs goes, every figure stays as it was."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, text
from sqlmodel import select

from promises.database import transaction
from promises.feedback.board import problems as board
from promises.feedback.board.seeing import seen
from promises.feedback.erase_command import erase_command
from promises.feedback.erasing import erase
from promises.feedback.finding import actions as finding
from promises.feedback.queries import Wanted, certainty, distribution
from promises.feedback.tables import Feedback, Problem
from promises.followup import actions, messages
from promises.followup.tables import FollowUp
from promises.refusal import Refusal
from promises.surveys import asking, queries
from promises.surveys.tables import Invitation, Stop
from tests.conftest import NOON
from tests.feedback.heard import bring, look
from tests.surveys.asked import SECRET, answer, door, invite, survey, walk_in

WORDS = ("Jonotin tunnin aivan turhaan", "Taas jono, aino@example.fi")


@pytest.fixture
def heard(session, cast):
    """A customer, K-17, who has been heard through a file, a mail and a counter; and another, K-18."""
    bring(
        session,
        (WORDS[0], 2, "2026-06-08", "centre", "K-17"),
        ("Jono ovelle asti", 3, "2026-06-08", "centre", "K-18"),
    )
    bring(session, ("Huono", 99, "2026-06-08", "centre", "K-17"), ("Hyvä", 9, "2026-06-08", "centre", "K-18"))
    actions.make_rule(
        session, name="Huonot", highest_score=6, problem_id=None, words="", wish=False, hours=8,
        owner_id=None, reask_days=None, by=None, as_of=NOON,
    )  # fmt: skip
    made = survey(session, cast)
    invite(session, made, "aino@example.fi", customer="K-17", branch="centre")
    mailed = session.exec(select(Invitation)).one()
    answer(session, mailed, 1, "Taas jono ja taas", contact="aino@example.fi", wish=True)
    follow_up = session.exec(select(FollowUp)).one()
    messages.send(session, follow_up, "Hei", "Pahoittelen jonoa", by=cast.manager, as_of=NOON)
    walk_in(session, door(session, made, cast.centre), 9, "Hyvin meni")
    look(session, {"queue": [WORDS[0], "Jono ovelle asti", "Taas jono ja taas"]})
    session.flush()
    return made


def everything(session):
    """Every cell of every table, as one text."""
    tables = inspect(session.connection()).get_table_names()
    rows = [session.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables]
    return json.dumps([[list(row) for row in table] for table in rows], default=str)


def figures_of(session, problem):
    return seen(session, Wanted(), Problem.id == problem.id).totals[problem.id]


def figures(session, made):
    problem = session.exec(select(Problem)).one()
    return (
        distribution(session, Wanted()),
        certainty(session, Wanted()),
        figures_of(session, problem),
        queries.values(session, made),
        [(way.channel, way.rate) for way in queries.ways(session, made)],
    )


@pytest.mark.parametrize("known_as", ["K-17", "aino@example.fi", " AINO@example.fi "])
def test_every_word_goes_and_every_figure_stays(session, cast, heard, known_as):
    before = figures(session, heard)
    erase(session, known_as, secret=SECRET, by=cast.analyst, as_of=NOON)
    session.expire_all()
    left = everything(session)
    for trace in ("aino@", "AINO@", "K-17", "Jonotin tunnin", "Taas jono", "Pahoittelen"):
        assert trace not in left, trace
    assert "K-18" in left
    assert "Jono ovelle asti" in left
    assert figures(session, heard) == before


def test_looking_for_problems_again_leaves_the_figures_of_the_erased(session, cast, heard):
    erase(session, "K-17", secret=SECRET, by=cast.analyst, as_of=NOON)
    problem = session.exec(select(Problem)).one()
    before = figures_of(session, problem)
    look(session, {"queue": ["Jono ovelle asti"]})
    assert figures_of(session, problem) == before
    assert finding.pending(session) == 0
    assert [voice.quote for voice in board.quotes(session, problem, Wanted(), 1)] == ["Jono ovelle asti"]


def test_the_wish_for_no_surveys_outlives_the_customer(session, cast, heard):
    asking.stop(session, asking.mark_of(SECRET, "aino@example.fi"), as_of=NOON)
    erase(session, "aino@example.fi", secret=SECRET, by=cast.analyst, as_of=NOON)
    assert len(session.exec(select(Stop)).all()) == 1
    assert invite(session, survey(session, cast), "aino@example.fi").stopped == 1


def test_nothing_is_known_of_the_erased_or_of_strangers(session, cast, heard):
    erase(session, "K-17", secret=SECRET, by=cast.analyst, as_of=NOON)
    for known_as in ("K-17", "K-99", "nobody@example.fi", " "):
        with pytest.raises(Refusal, match=r"customers\.unknown"):
            erase(session, known_as, secret=SECRET, by=cast.analyst, as_of=NOON)


def test_the_command_erases_and_tells_what(engine, cast, monkeypatch):
    with transaction(engine) as session:
        bring(session, ("Jonotin", 2, "2026-06-08", "centre", "K-17"))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    told = CliRunner().invoke(erase_command, ["K-17", "--yes"], obj=engine)
    assert told.exit_code == 0, told.output
    assert "1  palautteet" in told.output
    with transaction(engine) as session:
        assert session.exec(select(Feedback.text)).all() == [""]
    assert CliRunner().invoke(erase_command, ["K-17", "--yes"], obj=engine).exit_code == 2
