"""Rounds, ballots, decisions and launches, to the second."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from promises.database import open_session
from promises.decisions import actions, counting, queries
from promises.decisions.tables import Ballot, Launch, Mark
from promises.journal.tables import Event
from promises.outbox.tables import Letter
from promises.proposals import actions as proposals
from promises.proposals.standing import state
from promises.refusal import Refusal
from promises.terms.tables import Terms
from tests.conftest import NOON
from tests.decisions.given import (
    CLOSES,
    DOCUMENT,
    LONG_REASON,
    OPENS,
    SECOND,
    cast_vote,
    closed_round,
    decide,
    opened,
)
from tests.proposals.given import STEPS, proposal


def refused(code, act, *args, **named):
    with pytest.raises(Refusal) as refusal:
        act(*args, **named)
    assert refusal.value.code == code
    return refusal.value.facts


def revise(session, proposal_id, by, number=1):
    return proposals.revise(
        session,
        proposal_id,
        based_on=number,
        title="Uusi",
        text=f"Teksti {number + 1}",
        steps=STEPS,
        by=by,
        as_of=NOON,
    )


# A round


def test_a_round_holds_the_current_texts_in_the_order_given(session, cast):
    first, second = (proposal(session, cast.teller, title=title) for title in ("Yksi", "Kaksi"))
    made = opened(session, cast.director, [second, first])
    assert [one.title for one in queries.candidates(session, made.id)] == ["Kaksi", "Yksi"]
    assert state(session, first) == "standing"


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"closes": OPENS}, "decisions.closes_before_opening"),
        ({"opens": OPENS - SECOND, "closes": OPENS}, "decisions.closes_in_past"),
        ({"quorum": 3}, "decisions.quorum_too_high"),  # a manager and a director may vote
    ],
)
def test_a_round_that_cannot_be_held_is_refused(session, cast, times, code):
    one = proposal(session, cast.teller)
    refused(code, opened, session, cast.director, [one], **times)


def test_a_round_may_close_a_second_after_it_is_made_and_need_every_voter(session, cast):
    one = proposal(session, cast.teller)
    assert opened(session, cast.director, [one], closes=NOON + SECOND, quorum=2).id


def test_a_round_needs_candidates(session, cast):
    refused("decisions.needs_candidates", opened, session, cast.director, [])


def test_an_older_text_cannot_stand(session, cast):
    one = proposal(session, cast.teller)
    old = proposals.current(session, one).id
    revise(session, one, cast.teller)
    named = {"title": "K", "opens_at": OPENS, "closes_at": CLOSES, "quorum": 1, "by": cast.director}
    refused("decisions.text_changed", actions.open_round, session, versions=[old], as_of=NOON, **named)


def test_a_proposal_stands_in_one_round_at_a_time(session, cast):
    one = proposal(session, cast.teller)
    opened(session, cast.director, [one])
    refused("decisions.not_available", opened, session, cast.director, [one])


@pytest.mark.parametrize("outcome", ["rejected", "chosen"])
def test_what_was_decided_does_not_stand_again(session, cast, outcome):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, outcome, cast.director)
    one = queries.candidate(session, candidate).proposal_id
    assert state(session, one) == outcome
    named = {"as_of": CLOSES, "closes": CLOSES + timedelta(days=1)}
    refused("decisions.not_available", opened, session, cast.director, [one], **named)


def test_what_was_sent_back_stands_again_once_it_has_a_new_text(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, "sent_back", cast.director)
    one = queries.candidate(session, candidate).proposal_id
    assert state(session, one) == "sent_back"
    later = {"as_of": CLOSES, "closes": CLOSES + timedelta(days=1)}
    refused("decisions.not_available", opened, session, cast.director, [one], **later)
    revise(session, one, cast.teller)
    assert state(session, one) == "open"
    opened(session, cast.director, [one], **later)
    assert state(session, one) == "standing"
    assert [was.made is not None for was in queries.candidacies(session, one)] == [True, False]


def test_a_text_is_not_changed_under_those_who_vote_over_it(session, cast):
    one = proposal(session, cast.teller)
    opened(session, cast.director, [one])
    refused("proposals.in_round", revise, session, one, cast.teller)


def test_a_decided_text_is_neither_changed_nor_supported(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, "rejected", cast.director)
    one = queries.candidate(session, candidate).proposal_id
    refused("proposals.decided", revise, session, one, cast.teller)
    refused("proposals.decided", proposals.endorse, session, one, number=1, by=cast.manager, as_of=CLOSES)


# Ballots


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (OPENS - SECOND, "decisions.not_open_yet"),
        (OPENS, None),
        (CLOSES - SECOND, None),
        (CLOSES, "decisions.closed"),
        (CLOSES + SECOND, "decisions.closed"),
    ],
)
def test_a_ballot_counts_from_the_opening_until_just_before_the_close(session, cast, moment, code):
    made = opened(session, cast.director, [proposal(session, cast.teller)])
    if code is None:
        cast_vote(session, made, cast.manager, 4, as_of=moment)
    else:
        refused(code, cast_vote, session, made, cast.manager, 4, as_of=moment)
    assert queries.ballots_cast(session, made.id) == (code is None)


def test_a_vote_can_be_changed_and_only_the_last_one_counts(session, cast):
    made, [candidate] = closed_round(session, cast, 1)
    cast_vote(session, made, cast.manager, 5, as_of=CLOSES - SECOND)
    result = counting.count_of(session, made, as_of=CLOSES)
    assert result.ballots == 1
    assert result.of(candidate).overall == 5
    acts = [event.verb for event in session.exec(select(Event).where(Event.subject == "round"))]
    assert acts == ["decisions.opened_round", "decisions.voted", "decisions.changed_vote"]


def test_the_journal_never_says_how_somebody_voted(session, cast):
    closed_round(session, cast, 5, 1)
    [voted] = session.exec(select(Event).where(Event.verb == "decisions.voted")).all()
    assert voted.facts == {}


def test_a_half_filled_ballot_is_refused(session, cast):
    made, [first, _] = closed_round(session, cast, 5, 4)
    marks = {(first, criterion): 3 for criterion in made.criteria}
    named = {"marks": marks, "by": cast.director, "as_of": NOON}
    refused("decisions.marks_missing", actions.vote, session, made.id, **named)


@pytest.mark.parametrize("mark", [0, 6])
def test_the_database_knows_no_marks_but_one_to_five(session, cast, mark):
    made = opened(session, cast.director, [proposal(session, cast.teller)])
    with pytest.raises(DBAPIError, match="ck_mark_mark"):
        cast_vote(session, made, cast.manager, mark)


def test_two_tabs_of_one_voter_make_one_ballot(engine, cast):
    with open_session(engine) as first:
        made = opened(first, cast.director, [proposal(first, cast.teller)])
        cast_vote(first, made, cast.manager, 2)
        first.commit()
    with open_session(engine) as second:
        cast_vote(second, made, cast.manager, 4)
        second.commit()
        assert len(second.exec(select(Ballot)).all()) == 1
        assert {mark.mark for mark in second.exec(select(Mark))} == {4}


# The count


def test_the_count_is_secret_until_the_very_second_of_the_close(session, cast):
    made, _ = closed_round(session, cast, 5, 3)
    refused("decisions.still_open", counting.count_of, session, made, as_of=CLOSES - SECOND)
    assert counting.count_of(session, made, as_of=CLOSES).ballots == 1


def test_a_tie_of_two_voters_is_named(session, cast):
    made, [first, second] = closed_round(session, cast, 5, 4)
    cast_vote(session, made, cast.director, 4, 5)
    result = counting.count_of(session, made, as_of=CLOSES)
    assert result.of(first).overall == result.of(second).overall == Fraction(9, 2)
    assert result.of(first).tied_with == (second,)
    assert {line.place for line in result.lines} == {1}


# Decisions


def test_nothing_is_decided_before_the_close(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    refused(
        "decisions.still_open", decide, session, candidate, "chosen", cast.director, as_of=CLOSES - SECOND
    )
    assert decide(session, candidate, "chosen", cast.director, reason="Paras").departs == []


def test_a_second_decision_learns_who_decided_and_when(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, "chosen", cast.director)
    facts = refused(
        "decisions.decided_already",
        decide,
        session,
        candidate,
        "rejected",
        cast.director,
        as_of=CLOSES + SECOND,
    )
    assert facts == {"who": "Dora Director", "at": "2026-06-16 12:00"}


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_decision_needs_a_reason(session, cast, reason):
    _, [candidate] = closed_round(session, cast, 5)
    named = {"reason": reason}
    refused("decisions.needs_reason", decide, session, candidate, "chosen", cast.director, **named)


def test_choosing_in_spite_of_a_missed_quorum_needs_a_reason_of_forty_characters(session, cast):
    _, [candidate] = closed_round(session, cast, 5, quorum=2)
    short, enough = "x" * 39, "x" * 40
    refused("decisions.reason_short", decide, session, candidate, "chosen", cast.director, reason=short)
    decision = decide(session, candidate, "chosen", cast.director, reason=enough)
    assert decision.departs == ["quorum_missed"]


def test_choosing_the_second_over_the_first_is_kept_as_a_departure(session, cast):
    _, [first, second] = closed_round(session, cast, 5, 4)
    refused("decisions.reason_short", decide, session, second, "chosen", cast.director, reason="Halvempi")
    assert decide(session, second, "chosen", cast.director).departs == ["passes_over"]
    assert decide(session, first, "sent_back", cast.director).departs == ["turns_down_first"]


@pytest.mark.parametrize("change", ["UPDATE decision SET outcome = 'rejected'", "DELETE FROM decision"])
def test_the_database_refuses_to_change_a_decision(session, cast, change):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, "chosen", cast.director)
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))


def test_the_author_hears_of_the_decision_and_its_reason(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decide(session, candidate, "chosen", cast.director, link="https://x/proposals/1")
    letter = session.exec(select(Letter)).one()
    assert letter.to == "tiina@koepankki.example"
    assert "valittu" in letter.subject
    assert LONG_REASON in letter.body
    assert "https://x/proposals/1" in letter.body


# Launching


def test_what_was_chosen_becomes_a_promise_with_its_first_terms(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decision = decide(session, candidate, "chosen", cast.director)
    version = actions.launch(session, decision.id, DOCUMENT, by=cast.director, as_of=CLOSES)
    assert (version.number, version.document["promise"]) == (1, "palvelu-vartissa")
    came_from = queries.origin(session, version.promise_id)
    assert came_from.made.promise == "palvelu-vartissa"
    assert state(session, came_from.proposal_id) == "live"


@pytest.mark.parametrize("outcome", ["rejected", "sent_back"])
def test_only_what_was_chosen_is_launched(session, cast, outcome):
    _, [candidate] = closed_round(session, cast, 5)
    decision = decide(session, candidate, outcome, cast.director)
    named = {"by": cast.director, "as_of": CLOSES}
    refused("decisions.not_chosen", actions.launch, session, decision.id, DOCUMENT, **named)


def test_a_second_launch_is_refused_and_adds_no_terms(session, cast):
    _, [candidate] = closed_round(session, cast, 5)
    decision = decide(session, candidate, "chosen", cast.director)
    named = {"by": cast.director, "as_of": CLOSES}
    actions.launch(session, decision.id, DOCUMENT, **named)
    again = {**DOCUMENT, "promise": "toinen"}
    refused("decisions.launched_already", actions.launch, session, decision.id, again, **named)
    assert len(session.exec(select(Terms)).all()) == len(session.exec(select(Launch)).all()) == 1


def test_a_launch_never_adds_terms_to_somebody_elses_promise(session, cast):
    _, candidates = closed_round(session, cast, 5, 5)
    decisions = [decide(session, candidate, "chosen", cast.director) for candidate in candidates]
    named = {"by": cast.director, "as_of": CLOSES}
    actions.launch(session, decisions[0].id, DOCUMENT, **named)
    refused("decisions.code_taken", actions.launch, session, decisions[1].id, DOCUMENT, **named)


# Lists


def test_rounds_show_where_they_are_by_the_clock(session, cast):
    _, [candidate] = closed_round(session, cast, 5)

    def phase(moment):
        [line] = queries.rounds(session, as_of=moment)
        return line.phase

    assert phase(OPENS - SECOND) == "coming"
    assert phase(OPENS) == phase(CLOSES - SECOND) == "open"
    assert phase(CLOSES) == "closed"
    decide(session, candidate, "rejected", cast.director)
    assert phase(CLOSES) == "decided"


def test_open_rounds_come_first_then_those_that_wait_for_a_decision(session, cast):
    now = CLOSES + timedelta(days=1)
    closed_round(session, cast, 5)
    for title, opens in (("Avoin", now - SECOND), ("Tuleva", now + SECOND)):
        opened(
            session,
            cast.director,
            [proposal(session, cast.teller, title=title)],
            opens=opens,
            closes=now + timedelta(days=2),
        )
    assert [line.phase for line in queries.rounds(session, as_of=now)] == ["open", "closed", "coming"]
