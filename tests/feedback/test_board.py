"""The board's figures equal a plain recount, and it asks no more of the database for more problems."""

import random
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import select

from promises.feedback import queries
from promises.feedback.board import counts
from promises.feedback.board import problems as board
from promises.feedback.board.concentration import Concentration
from promises.feedback.board.facts import beginning, monday_of, week_of, weeks_back
from promises.feedback.board.kept import Kept
from promises.feedback.board.seeing import seen
from promises.feedback.board.walked import Walked
from promises.feedback.curation import actions as curation
from promises.feedback.nps import distribution, impact
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
        source = chance.choice(["kysely", "kysely", "tabletti"])
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
        "scores": scores,
    }


MONDAY = beginning(weeks_back(NOON, 28, HELSINKI), HELSINKI)
LATELY = NOON - timedelta(days=40)
CASES = {
    # Name: the filter, the same in plain words, and whether the kept counts tell it.
    "everything": (lambda _: Wanted(), lambda *_: True, True),
    "branch": (lambda c: Wanted(branch_id=c.harbour), lambda f, c: f.branch_id == c.harbour, True),
    "source": (lambda _: Wanted(source="tabletti"), lambda f, _: f.source == "tabletti", True),
    "language": (lambda _: Wanted(language="fi"), lambda f, _: f.language == "fi", True),
    "weeks": (lambda _: Wanted(since=MONDAY), lambda f, _: f.given_at >= MONDAY, True),
    "weeks at a branch": (
        lambda c: Wanted(since=MONDAY, branch_id=c.centre),
        lambda f, c: f.given_at >= MONDAY and f.branch_id == c.centre,
        True,
    ),
    "period": (lambda _: Wanted(since=LATELY), lambda f, _: f.given_at >= LATELY, False),
    "end": (lambda _: Wanted(until=LATELY), lambda f, _: f.given_at < LATELY, False),
    "words": (lambda _: Wanted(words="NUMERO 1"), lambda f, _: "numero 1" in f.text, False),
    "branch and source": (
        lambda c: Wanted(branch_id=c.centre, source="kysely"),
        lambda f, c: f.branch_id == c.centre and f.source == "kysely",
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_equals_a_plain_recount(told, cast, case):
    wish, plainly, is_kept = CASES[case]
    wanted = wish(cast)

    def keep(feedback):
        return plainly(feedback, cast)

    assert isinstance(seen(told, wanted, Problem.state == "found"), Kept if is_kept else Walked)
    shown = board.board(told, wanted, NOON, ("found", "accepted"), "fi")
    expected = recount(told, keep)
    assert len(shown.lines) == len(expected) == shown.total > 0
    everyone = [f for f in told.exec(select(Feedback)) if keep(f)]
    scores = distribution([f.score for f in everyone if f.score is not None])
    assert shown.certainty == queries.certainty(told, wanted)
    for line in shown.lines:
        found, plain = line.figures, expected[line.problem.id]
        names = ("texts", "customers", "promoters", "passives", "detractors")
        assert {name: getattr(found, name) for name in names} == {name: plain[name] for name in names}
        # Which branches a source's or a language's feedback is from is not kept for the whole board.
        where = {} if case in {"source", "language"} else dict(plain["branches"].most_common(2))
        assert {b.id: n for b, n in line.branches} == where
        assert keep(line.best.feedback)
        told_of = distribution(plain["scores"])
        assert line.doing.impact == pytest.approx(impact(_grouped(scores), _grouped(told_of)))


def _grouped(counts):
    """A distribution as far as the score depends on it."""
    return [sum(counts[:7]), *[0] * 6, sum(counts[7:9]), 0, sum(counts[9:]), 0]


@pytest.mark.parametrize("case", CASES)
def test_weeks_and_places_equal_a_plain_recount(told, cast, case):
    wish, plainly, is_kept = CASES[case]
    found = seen(told, wish(cast), Problem.state == "found")
    pairs = told.exec(select(Mention, Feedback).where(Mention.feedback_id == Feedback.id)).all()
    since = week_of(NOON.date()) - 20
    begin = beginning(since, HELSINKI)
    period = {"weeks", "weeks at a branch"}

    def here(f):
        # Where counts are kept, the weeks of a trend are its own: the chosen period doesn't narrow them.
        there = f.branch_id == cast.centre if case == "weeks at a branch" else True
        return (there if case in period else plainly(f, cast)) and f.given_at >= begin

    heard = Counter(_week(f) for f in told.exec(select(Feedback)) if here(f) and f.kind)
    assert found.heard_weekly(since) == heard
    for problem, weeks in found.weekly(since, found.totals).items():
        assert weeks == Counter(_week(f) for m, f in pairs if m.problem_id == problem and here(f))
    for facet in ("weekday", "hour"):
        placed = found.placed(facet, found.totals)
        assert (placed == {}) == (is_kept and case != "everything")
        for problem, places in placed.items():
            own = [f for m, f in pairs if m.problem_id == problem and plainly(f, cast)]
            for value, (pieces, customers) in places.items():
                those = [f for f in own if _at(f, facet) == value]
                assert (pieces, customers) == (len(those), len({f.customer or f.id for f in those}))
            trouble = Counter(
                _at(f, facet) for f in told.exec(select(Feedback)) if plainly(f, cast) and f.kind == "trouble"
            )
            assert found.trouble(facet) == trouble


def _week(feedback):
    return week_of(feedback.given_at.astimezone(HELSINKI).date())


def _at(feedback, facet):
    local = feedback.given_at.astimezone(HELSINKI)
    return str(local.weekday() if facet == "weekday" else local.hour)


def test_those_who_touch_most_customers_stand_first(told):
    lines = board.board(told, Wanted(), NOON, ("found",), "fi").lines
    customers = [line.figures.customers for line in lines]
    assert customers == sorted(customers, reverse=True)


def test_the_board_is_ordered_by_whatever_the_reader_asks_for(told):
    money = {line.problem.id: {"EUR": Decimal(line.problem.id)} for line in shown(told)}
    ranks = {
        "detractors": lambda line: -line.figures.detractor_interval.low,
        "impact": lambda line: (not line.doing.impact.enough, line.doing.impact.points),
        "trend": lambda line: (line.doing.growth.course == "unknown", -line.doing.growth.change),
        "money": lambda line: -line.problem.id,
    }
    for order, rank in ranks.items():
        lines = shown(told, order=order, costs=money)
        assert len(lines) == 4
        assert [rank(line) for line in lines] == sorted(rank(line) for line in lines)


def shown(session, *, state="found", **how):
    return board.board(session, Wanted(), NOON, (state,), "fi", **how).lines


def test_a_long_board_comes_in_pages_that_hold_every_problem_once(told):
    said = list(texts(told))
    look(told, {f"q{n}": said[n : n + 4] for n in range(60)})
    pages = [board.board(told, Wanted(), NOON, ("found",), "fi", page=n) for n in range(1, 5)]
    ids = [line.problem.id for page in pages for line in page.lines]
    assert len(pages[0].lines) == board.PAGE
    assert len(ids) == len(set(ids)) == pages[0].total == pages[1].total
    assert pages[3].lines == []


def test_a_problem_of_one_branch_is_said_to_be_one(session, cast):
    rows = [(f"Jonossa {n}", 3, NOON.isoformat(), "harbour", f"h{n}") for n in range(20)]
    rows += [(f"Sovellus {n}", 3, NOON.isoformat(), "centre", f"c{n}") for n in range(60)]
    bring(session, *rows)
    groups = {"jono": [row[0] for row in rows[:20]], "sovellus": [row[0] for row in rows[20:]]}
    look(session, groups)
    found = {line.problem.code: line.concentrations for line in shown(session)}
    assert found["jono"] == (Concentration("branch", str(cast.harbour), 20, 20, 0.25),)
    assert found["sovellus"] == ()


def test_dismissed_and_merged_problems_are_not_on_the_board_but_can_be_seen(told, cast):
    first, second, *_ = told.exec(select(Problem).order_by(Problem.id)).all()
    curation.dismiss(told, first, "ei", by=cast.analyst, as_of=NOON)
    curation.merge(told, second, told.get_one(Problem, second.id + 1), by=cast.analyst, as_of=NOON)
    left = {line.problem.id for state in ("found", "accepted") for line in shown(told, state=state)}
    assert not {first.id, second.id} & left
    assert [line.problem.id for line in shown(told, state="dismissed")] == [first.id]


def test_weeks_are_those_of_the_companys_zone_and_sum_up(told):
    problem = told.exec(select(Problem).order_by(Problem.id.desc())).first()
    line = next(line for line in shown(told) if line.problem.id == problem.id)
    given = told.exec(select(Feedback.given_at).join(Mention).where(Mention.problem_id == problem.id)).all()
    days = [at.astimezone(HELSINKI).date() for at in given]
    weeks = [(monday_of(point.week), point.pieces) for point in line.doing.growth.points]
    assert all(monday.weekday() == 0 for monday, _ in weeks)
    assert dict(weeks) == {
        monday: sum(monday <= day < monday + timedelta(days=7) for day in days) for monday, _ in weeks
    }
    assert sum(count for _, count in weeks) == len(given)


def test_quotes_come_surest_first_in_pages(told):
    problem = told.exec(select(Problem).where(Problem.code == "p4")).one()
    pages = [board.quotes(told, problem, Wanted(), page) for page in (1, 2, 3, 4, 5)]
    assert [len(page) for page in pages] == [20, 20, 20, 20, 0]
    strengths = [s for page in pages for s in sorted((voice.strength for voice in page), reverse=True)]
    assert strengths == sorted(strengths, reverse=True)


def test_the_words_of_who_was_content_come_last_on_a_page_of_quotes(session, cast):
    tells = "Jonotin konttorilla melkein tunnin ajan"
    said = {"Jono liikkui, kaikki sujui niin kuin pitikin": 9, "jono": 2, tells: 3}
    bring(session, *[(text, score, "", "", "", "", "fi") for text, score in said.items()])
    look(session, {"jono": list(said)})
    problem = session.exec(select(Problem)).one()
    assert [voice.feedback.score for voice in board.quotes(session, problem, Wanted(), 1)] == [3, 2, 9]


def test_the_quote_on_the_board_is_in_the_readers_language_where_there_is_one(session, cast):
    said = {"fi": "Jonotin konttorilla melkein tunnin ajan", "en": "I had to queue at the branch for an hour"}
    bring(session, *[(text, 3, "", "", "", "", language) for language, text in said.items()])
    look(session, {"jono": list(said.values())})
    pieces = texts(session).values()
    with counts.changing(session, [feedback.id for feedback in pieces]):
        for feedback in pieces:
            feedback.language = next(language for language, text in said.items() if text == feedback.text)
    for language, text in said.items():
        (line,) = board.board(session, Wanted(), NOON, ("found",), language).lines
        assert line.best.quote == text


def test_the_quote_on_the_board_is_of_somebody_who_was_not_content_where_there_is_one(session, cast):
    content, troubled = (
        "Kaikki sujui hienosti, jonoa ei ollut yhtään",
        "Jonotin konttorilla melkein tunnin ajan",
    )
    bring(session, (content, 8, "", "", "", "", "fi"), (troubled, 6, "", "", "", "", "fi"))
    look(session, {"jono": [content, troubled]})
    (line,) = board.board(session, Wanted(), NOON, ("found",), "fi").lines
    assert line.best.quote == troubled


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
