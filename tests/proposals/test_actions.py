"""Proposing, revising, supporting and commenting."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from promises.database import open_session
from promises.feedback.tables import Problem
from promises.journal.tables import Event
from promises.outbox.tables import Letter
from promises.people.tables import Person
from promises.proposals import actions, problems, queries
from promises.proposals.tables import Version
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.proposals.given import STEPS, TEXT, problem, proposal

LATER = NOON + timedelta(hours=1)


def revise(session, proposal_id, by, *, based_on=1, words="Palvelemme sinut 10 minuutissa"):
    return actions.revise(
        session, proposal_id, based_on=based_on, title="Palvelu", text=words, steps=STEPS, by=by, as_of=LATER
    )


def refused(code, act, *args, **named):
    with pytest.raises(Refusal) as refusal:
        act(*args, **named)
    assert refusal.value.code == code
    return refusal.value


def verbs(session):
    return [
        event.verb for event in session.exec(select(Event).order_by(Event.id)) if "people" not in event.verb
    ]


def test_a_proposal_answers_its_problem_with_a_first_text(session, cast):
    about = problem(session)
    made = queries.whole(session, proposal(session, cast.teller, about=about))
    assert [found.id for found in made.problems] == [about]
    assert (made.current.number, made.current.text, made.current.steps) == (1, TEXT, STEPS)
    assert made.state == "open"
    assert verbs(session) == ["proposals.proposed"]


@pytest.mark.parametrize("state", ["dismissed", "gone"])
def test_a_problem_that_does_not_stand_cannot_be_answered(session, cast, state):
    about = problem(session)
    if state == "dismissed":
        session.get_one(Problem, about).state = "dismissed"
        session.flush()
    else:
        about += 1
    refused("proposals.problem_gone", proposal, session, cast.teller, about=about)


def test_a_proposal_needs_a_problem_and_a_step(session, cast):
    whole = {"title": "Palvelu", "text": TEXT, "by": cast.teller, "as_of": NOON}
    refused("proposals.needs_problem", actions.propose, session, problems=[], steps=STEPS, **whole)
    empty = [{"step": "", "who": "kassa"}]
    about = problem(session)
    refused("proposals.needs_steps", actions.propose, session, problems=[about], steps=empty, **whole)


def test_support_stays_with_the_text_that_it_was_given_to(session, cast):
    made = proposal(session, cast.teller)
    actions.endorse(session, made, number=1, by=cast.colleague, as_of=NOON)
    actions.endorse(session, made, number=1, by=cast.outsider, as_of=NOON)
    revise(session, made, cast.teller)
    found = queries.whole(session, made)
    assert found.supporters == ()
    assert [(one.person_id, number) for one, number in found.earlier_supporters] == [
        (cast.colleague, 1),
        (cast.outsider, 1),
    ]
    actions.endorse(session, made, number=2, by=cast.colleague, as_of=LATER)
    found = queries.whole(session, made)
    assert [one.person_id for one in found.supporters] == [cast.colleague]
    assert [one.person_id for one, _ in found.earlier_supporters] == [cast.outsider]


def test_supporting_twice_counts_once_and_can_be_taken_back(session, cast):
    made = proposal(session, cast.teller)
    for _ in range(2):
        actions.endorse(session, made, number=1, by=cast.colleague, as_of=NOON)
    assert queries.lines(session)[0].endorsements == 1
    for _ in range(2):
        actions.withdraw(session, made, number=1, by=cast.colleague, as_of=NOON)
    assert queries.lines(session)[0].endorsements == 0
    assert verbs(session) == ["proposals.proposed", "proposals.endorsed", "proposals.withdrew"]


def test_an_author_cannot_support_the_own_text(session, cast):
    made = proposal(session, cast.teller)
    refused("proposals.own", actions.endorse, session, made, number=1, by=cast.teller, as_of=NOON)


def test_a_text_that_has_changed_since_it_was_read_is_not_supported(session, cast):
    made = proposal(session, cast.teller)
    revise(session, made, cast.teller)
    refused("proposals.text_changed", actions.endorse, session, made, number=1, by=cast.colleague, as_of=NOON)


def test_only_the_author_revises(session, cast):
    made = proposal(session, cast.teller)
    refused("proposals.not_author", revise, session, made, cast.colleague)


def test_a_revision_that_changes_nothing_is_refused(session, cast):
    made = proposal(session, cast.teller)
    same = {"title": "Palvelu vartissa", "text": TEXT, "steps": STEPS}
    refused(
        "proposals.unchanged", actions.revise, session, made, based_on=1, by=cast.teller, as_of=LATER, **same
    )


def test_the_second_of_two_tabs_learns_that_a_newer_text_exists(engine, cast):
    with open_session(engine) as first:
        made = proposal(first, cast.teller)
        first.commit()
        revise(first, made, cast.teller, words="Ensimmäisen välilehden teksti")
        first.commit()
    with open_session(engine) as second:
        refusal = refused("proposals.newer_version", revise, second, made, cast.teller, words="Toisen teksti")
        assert refusal.facts == {"number": 2, "read": 1}
        second.rollback()
        texts = second.exec(select(Version.text).order_by(Version.number)).all()
    assert texts == [TEXT, "Ensimmäisen välilehden teksti"]


@pytest.mark.parametrize("change", ["UPDATE version SET text = 'muu'", "DELETE FROM version"])
def test_the_database_refuses_to_change_a_text_version(session, cast, change):
    proposal(session, cast.teller)
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))


def test_the_author_hears_of_a_comment_in_the_own_language(session, cast):
    made = proposal(session, cast.teller)
    session.get_one(Person, cast.teller).language = "en"
    actions.comment(
        session, made, text="Entä lounastunti?", by=cast.colleague, as_of=LATER, link="https://x/proposals/1"
    )
    letter = session.exec(select(Letter)).one()
    assert letter.to == "tiina@koepankki.example"
    assert "Palvelu vartissa" in letter.subject
    assert "Entä lounastunti?" in letter.body
    assert "https://x/proposals/1" in letter.body
    assert letter.body.startswith("Hello")


def test_nobody_is_mailed_about_the_own_comment_or_about_history(session, cast):
    made = proposal(session, cast.teller)
    actions.comment(session, made, text="Lisäys", by=cast.teller, as_of=LATER, link="https://x")
    actions.comment(session, made, text="Vanha", by=cast.colleague, as_of=LATER)
    assert session.exec(select(Letter)).all() == []
    assert [said.text for said in queries.whole(session, made).comments] == ["Lisäys", "Vanha"]


def test_a_proposal_follows_its_problem_into_the_one_it_was_merged_into(session, cast):
    old, middle, new = (problem(session, label) for label in ("Jono", "Jonot", "Odottaminen"))
    made = proposal(session, cast.teller, about=old)
    for one, into in ((old, middle), (middle, new)):
        merged = session.get_one(Problem, one)
        merged.state, merged.merged_into_id = "merged", into
    session.flush()
    assert [found.id for found in queries.whole(session, made).problems] == [new]
    assert problems.answers_to(session, new) == [made]
    assert problems.answers_to(session, old) == [made]


def test_the_evidence_names_the_clearest_quotes_and_is_silent_about_too_few_scores(session, cast):
    about = problem(session, quotes=tuple(f"Odotin {n} tuntia" for n in range(9)))
    found = problems.evidence(session, about, most=2)
    assert [quote.words for quote in found.quotes] == ["Odotin 0 tuntia", "Odotin 1 tuntia"]
    assert (found.mentions, found.scored, found.score) == (9, 9, None)


def test_the_evidence_gives_the_mean_score_from_ten_answers_on(session, cast):
    about = problem(session, quotes=tuple(f"Odotin {n} tuntia" for n in range(10)))
    found = problems.evidence(session, about)
    assert (found.scored, found.score, found.within) == (10, 2.0, 0.0)


def test_problems_to_choose_from_come_with_the_most_spoken_of_first(session, cast):
    few = problem(session, "Vähän", quotes=("a",))
    many = problem(session, "Paljon", quotes=("b", "c"))
    none = problem(session, "Ei yhtään", quotes=())
    proposal(session, cast.teller, about=few)
    found = [(c.problem.id, c.mentions, c.proposals, c.quote) for c in problems.choices(session)]
    assert found == [(many, 2, 0, "b"), (few, 1, 1, "a"), (none, 0, 0, "")]


def test_a_list_takes_as_many_queries_for_ten_proposals_as_for_one(session, cast, counted_queries):
    proposal(session, cast.teller)
    with counted_queries() as one:
        queries.lines(session)
    for n in range(9):
        proposal(session, cast.teller, title=f"Ehdotus {n}")
    with counted_queries() as ten:
        assert len(queries.lines(session)) == 10
    assert ten.n == one.n
