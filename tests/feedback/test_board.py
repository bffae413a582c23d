"""The board's figures equal a plain recount, and it asks no more of the database for more problems."""

import random
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import select

from promises.feedback import board, curation, queries
from promises.feedback.figures import Figures
from promises.feedback.queries import Wanted
from promises.feedback.tables import Feedback, Mention, Problem
from tests.conftest import NOON
from tests.feedback.heard import bring, look, texts

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def told(session, cast):
    """Three hundred pieces of feedback at random, and four problems that overlap."""
    chance = random.Random(4)
    rows = []
    for i in range(300):
        given = NOON - timedelta(days=chance.uniform(0.1, 90))
        score = chance.choice(["", *range(11)])
        branch = chance.choice(["", "centre", "harbour", "centre"])
        customer = chance.choice(["", f"c{chance.randrange(40)}"])
        source = chance.choice(["kysely", "tabletti"])
        rows.append((f"Palaute numero {i} jonosta", score, given.isoformat(), branch, customer, source, "fi"))
    bring(session, *rows)
    said = [row[0] for row in rows]
    look(session, {f"p{n}": chance.sample(said, 20 * n) for n in range(1, 5)})
    session.commit()
    return session


def recount(session, keep):
    """The figures once more, one row after the other."""
    figures = defaultdict(lambda: defaultdict(list))
    pairs = session.exec(select(Mention, Feedback).where(Mention.feedback_id == Feedback.id)).all()
    for mention, feedback in pairs:
        if keep(feedback):
            figures[mention.problem_id]["all"].append(feedback)
    return {problem: _count(found["all"]) for problem, found in figures.items()}


def _count(pieces):
    scores = [piece.score for piece in pieces if piece.score is not None]
    return {
        "texts": len(pieces),
        "customers": len({p.customer or f"nobody {p.id}" for p in pieces}),
        "promoters": sum(score >= 9 for score in scores),
        "passives": sum(score in (7, 8) for score in scores),
        "detractors": sum(score <= 6 for score in scores),
        "branches": Counter(p.branch_id for p in pieces if p.branch_id),
    }


@pytest.mark.parametrize("case", ["everything", "branch", "source", "period", "words"])
def test_every_figure_equals_a_plain_recount(told, cast, case):
    since = NOON - timedelta(days=40)
    wanted, keep = {
        "everything": (Wanted(), lambda _: True),
        "branch": (Wanted(branch_id=cast.harbour), lambda f: f.branch_id == cast.harbour),
        "source": (Wanted(source="tabletti"), lambda f: f.source == "tabletti"),
        "period": (Wanted(since=since), lambda f: f.given_at >= since),
        "words": (Wanted(words="NUMERO 1"), lambda f: "numero 1" in f.text),
    }[case]
    lines = board.board(told, wanted, NOON, ("found", "accepted"), "fi")
    expected = recount(told, keep)
    assert len(lines) == len(expected) > 0
    for line in lines:
        found, plain = line.figures, expected[line.problem.id]
        names = ("texts", "customers", "promoters", "passives", "detractors")
        assert {name: getattr(found, name) for name in names} == {name: plain[name] for name in names}
        assert {b.id: n for b, n in line.branches} == dict(plain["branches"].most_common(2))
        assert keep(line.best.feedback)


def test_those_who_touch_most_customers_stand_first(told):
    customers = [line.figures.customers for line in board.board(told, Wanted(), NOON, ("found",), "fi")]
    assert customers == sorted(customers, reverse=True)


def test_the_trend_compares_the_last_28_days_with_the_28_before_whatever_the_period(told):
    whole = board.board(told, Wanted(), NOON, ("found",), "fi")
    narrow = board.board(told, Wanted(since=NOON - timedelta(days=28)), NOON, ("found",), "fi")
    middle, far = NOON - timedelta(days=28), NOON - timedelta(days=56)
    for line in whole:
        query = select(Feedback).join(Mention).where(Mention.problem_id == line.problem.id)
        given = [feedback.given_at for feedback in told.exec(query)]
        assert line.figures.recent == sum(at >= middle for at in given)
        assert line.figures.before == sum(far <= at < middle for at in given)
    trends = {line.problem.id: (line.figures.recent, line.figures.before) for line in whole}
    for line in narrow:
        assert (line.figures.recent, line.figures.before) == trends[line.problem.id]


@pytest.mark.parametrize(
    ("recent", "before", "trend"), [(9, 1, 1), (1, 9, -1), (8, 2, 0), (0, 0, 0), (4, 0, 0), (5, 0, 1)]
)
def test_a_trend_is_claimed_only_beyond_what_chance_does(recent, before, trend):
    assert Figures(recent=recent, before=before).trend == trend


def test_dismissed_and_merged_problems_are_not_on_the_board_but_can_be_seen(told, cast):
    first, second, *_ = told.exec(select(Problem).order_by(Problem.id)).all()
    curation.dismiss(told, first, "ei", by=cast.analyst, as_of=NOON)
    curation.merge(told, second, told.get_one(Problem, second.id + 1), by=cast.analyst, as_of=NOON)
    shown = {line.problem.id for line in board.board(told, Wanted(), NOON, ("found", "accepted"), "fi")}
    assert not {first.id, second.id} & shown
    assert [line.problem.id for line in board.board(told, Wanted(), NOON, ("dismissed",), "fi")] == [first.id]


def test_weeks_are_those_of_the_companys_zone_and_sum_up(told):
    problem = told.exec(select(Problem).order_by(Problem.id.desc())).first()
    weeks = board.by_week(told, problem, Wanted(), NOON, HELSINKI)
    given = told.exec(select(Feedback.given_at).join(Mention).where(Mention.problem_id == problem.id)).all()
    days = [at.astimezone(HELSINKI).date() for at in given]
    assert len(weeks) == 26
    assert all(monday.weekday() == 0 for monday, _ in weeks)
    assert dict(weeks) == {
        monday: sum(monday <= day < monday + timedelta(days=7) for day in days) for monday, _ in weeks
    }
    assert sum(count for _, count in weeks) == len(given)


def test_quotes_come_surest_first_in_pages(told):
    problem = told.exec(select(Problem).where(Problem.code == "p4")).one()
    pages = [board.quotes(told, problem, Wanted(), page) for page in (1, 2, 3, 4, 5)]
    assert [len(page) for page in pages] == [20, 20, 20, 20, 0]
    strengths = [voice.strength for page in pages for voice in page]
    assert strengths == sorted(strengths, reverse=True)


def test_the_quote_on_the_board_is_in_the_readers_language_where_there_is_one(session, cast):
    said = {"fi": "Jonotin konttorilla melkein tunnin ajan", "en": "I had to queue at the branch for an hour"}
    bring(session, *[(text, 3, "", "", "", "", language) for language, text in said.items()])
    look(session, {"jono": list(said.values())})
    for feedback in texts(session).values():
        feedback.language = next(language for language, text in said.items() if text == feedback.text)
    session.flush()
    for language, text in said.items():
        (line,) = board.board(session, Wanted(), NOON, ("found",), language)
        assert line.best.quote == text


def test_certainty_counts_every_piece_once(told):
    found = queries.certainty(told, Wanted())
    kinds = Counter(told.exec(select(Feedback.kind)).all())
    assert (found.feedback, found.trouble, found.unplaced) == (300, kinds["trouble"], kinds["unplaced"])
    assert found.unplaced_share == kinds["unplaced"] / 300


@pytest.mark.parametrize("words", ["ÄÄNTÄ", "ääntä", "Ääntä", "100%", "a_b", "c\\d"])
def test_words_are_found_however_they_are_capitalised_and_signs_mean_themselves(session, cast, words):
    said = [
        "Pitää ääntä",
        "Ääntä riittää",
        "Maksoi 100% liikaa",
        "a_b oli",
        "axb oli",
        "c\\d oli",
        "100 liikaa",
    ]
    bring(session, *[(text, 3) for text in said])
    found, total = queries.listing(session, Wanted(words=words), 1)
    expected = {text for text in said if words.casefold() in text.casefold()}
    assert {voice.feedback.text for voice in found} == expected
    assert total == len(expected)


@contextmanager
def counted(engine):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_ten_times_the_problems_cost_no_further_question(told, engine):
    def questions():
        told.rollback()
        with counted(engine) as statements:
            board.board(told, Wanted(), NOON, ("found",), "fi")
        return len(statements)

    few = questions()
    said = list(texts(told))
    look(told, {f"q{n}": said[n * 5 : n * 5 + 5] for n in range(50)})
    told.commit()
    assert questions() == few
