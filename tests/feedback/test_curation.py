"""People curate problems, and each act leaves a line in the journal."""

import pytest
from sqlmodel import select

from promises.feedback.curation import actions as curation
from promises.feedback.tables import Denial, Mention, Problem
from promises.journal.tables import Event
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.feedback.heard import bring, look, texts

QUEUE = ["Jono oli pitkä", "Jonotin tunnin"]
APP = ["Sovellus kaatuu", "Appi jumittaa"]


@pytest.fixture
def problems(session, cast):
    bring(session, *[(text, 3) for text in [*QUEUE, *APP]])
    look(session, {"jono": QUEUE, "app": [*APP, QUEUE[0]]})
    return {p.code: p for p in session.exec(select(Problem)).all()}


def said_of(session, problem):
    query = select(Mention.feedback_id).where(Mention.problem_id == problem.id)
    of = {feedback.id: text for text, feedback in texts(session).items()}
    return {of[one] for one in session.exec(query)}


def quote(session, text, problem):
    feedback = texts(session)[text]
    return session.exec(
        select(Mention).where(Mention.feedback_id == feedback.id, Mention.problem_id == problem.id)
    ).one()


def journal(session):
    return [event.verb for event in session.exec(select(Event).order_by(Event.id)).all()]


def test_a_name_in_one_language_leaves_the_found_label_in_the_other(session, cast, problems):
    curation.name(session, problems["jono"], "Jonotus", "", by=cast.analyst, as_of=NOON)
    assert problems["jono"].label("fi") == "Jonotus"
    assert problems["jono"].label("en") == "jono in English"
    assert journal(session)[-1] == "problems.named"


@pytest.mark.parametrize("wanted", ["Ääntä", "ÄÄNTÄ", "app suomeksi"])
def test_no_two_problems_on_the_board_bear_one_name(session, cast, problems, wanted):
    if wanted != "app suomeksi":
        curation.name(session, problems["app"], "Ääntä", "", by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match="name_taken"):
        curation.name(session, problems["jono"], wanted, "", by=cast.analyst, as_of=NOON)


def test_the_name_of_a_dismissed_problem_is_free(session, cast, problems):
    curation.dismiss(session, problems["app"], "ei meidän", by=cast.analyst, as_of=NOON)
    curation.name(session, problems["jono"], "app suomeksi", "", by=cast.analyst, as_of=NOON)


def test_a_problem_is_accepted_once(session, cast, problems):
    curation.accept(session, problems["jono"], by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        curation.accept(session, problems["jono"], by=cast.analyst, as_of=NOON)
    assert journal(session).count("problems.accepted") == 1


def test_dismissing_needs_a_reason_and_can_be_undone(session, cast, problems):
    with pytest.raises(Refusal, match="reason_missing"):
        curation.dismiss(session, problems["jono"], "  ", by=cast.analyst, as_of=NOON)
    curation.dismiss(session, problems["jono"], "Remontti", by=cast.analyst, as_of=NOON)
    assert (problems["jono"].state, problems["jono"].reason) == ("dismissed", "Remontti")
    curation.restore(session, problems["jono"], by=cast.analyst, as_of=NOON)
    assert (problems["jono"].state, problems["jono"].reason) == ("accepted", "")
    assert journal(session)[-2:] == ["problems.dismissed", "problems.restored"]


def test_a_problem_that_is_on_the_board_needs_no_restoring(session, cast, problems):
    with pytest.raises(Refusal, match="changed_meanwhile"):
        curation.restore(session, problems["jono"], by=cast.analyst, as_of=NOON)


def test_a_merged_problem_hands_over_its_quotes_once_each(session, cast, problems):
    curation.merge(session, problems["jono"], problems["app"], by=cast.analyst, as_of=NOON)
    assert said_of(session, problems["app"]) == {*QUEUE, *APP}
    assert said_of(session, problems["jono"]) == set()
    session.refresh(problems["jono"])
    assert (problems["jono"].state, problems["jono"].merged_into_id) == ("merged", problems["app"].id)


def test_what_was_denied_does_not_come_in_by_merging(session, cast, problems):
    curation.deny(session, quote(session, QUEUE[0], problems["app"]), by=cast.analyst, as_of=NOON)
    curation.merge(session, problems["jono"], problems["app"], by=cast.analyst, as_of=NOON)
    assert said_of(session, problems["app"]) == {QUEUE[1], *APP}


def test_a_chain_of_merges_has_one_end(session, cast, problems):
    bring(session, ("Lainaa ei tule", 1))
    look(session, {"jono": QUEUE, "app": [*APP, QUEUE[0]], "laina": ["Lainaa ei tule"]})
    loan = session.exec(select(Problem).where(Problem.code == "laina")).one()
    curation.merge(session, problems["jono"], problems["app"], by=cast.analyst, as_of=NOON)
    curation.merge(session, session.get_one(Problem, problems["app"].id), loan, by=cast.analyst, as_of=NOON)
    session.expire_all()
    assert {problems["jono"].merged_into_id, problems["app"].merged_into_id} == {loan.id}


def test_a_problem_is_not_merged_into_itself_nor_into_one_that_has_left_the_board(session, cast, problems):
    with pytest.raises(Refusal, match="merge_itself"):
        curation.merge(session, problems["jono"], problems["jono"], by=cast.analyst, as_of=NOON)
    curation.dismiss(session, problems["app"], "ei", by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match="merge_closed"):
        curation.merge(session, problems["jono"], problems["app"], by=cast.analyst, as_of=NOON)


def test_moving_a_quote_denies_the_one_and_places_in_the_other(session, cast, problems):
    moved = curation.move(
        session, quote(session, QUEUE[1], problems["jono"]), problems["app"], by=cast.analyst, as_of=NOON
    )
    assert (moved.placed_by, moved.quote) == (cast.analyst, QUEUE[1])
    assert said_of(session, problems["jono"]) == {QUEUE[0]}
    denial = session.exec(select(Denial)).one()
    assert (denial.problem_id, denial.made_by) == (problems["jono"].id, cast.analyst)
    assert texts(session)[QUEUE[1]].kind == "trouble"


def test_placing_what_was_denied_takes_the_denial_back(session, cast, problems):
    curation.deny(session, quote(session, QUEUE[1], problems["jono"]), by=cast.analyst, as_of=NOON)
    assert texts(session)[QUEUE[1]].kind == "unplaced"
    curation.place(session, texts(session)[QUEUE[1]], problems["jono"], by=cast.analyst, as_of=NOON)
    assert session.exec(select(Denial)).all() == []
    assert texts(session)[QUEUE[1]].kind == "trouble"


def test_nothing_is_placed_under_a_problem_that_has_left_the_board(session, cast, problems):
    curation.dismiss(session, problems["app"], "ei", by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match="merge_closed"):
        curation.place(session, texts(session)[QUEUE[1]], problems["app"], by=cast.analyst, as_of=NOON)
