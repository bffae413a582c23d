"""Customers answer: once, masked before anything is stored, and what they say is feedback like any other."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from promises.feedback import keeping
from promises.feedback.tables import Feedback, Intake, Mention, NameSaid, Original
from promises.refusal import Refusal
from promises.surveys import answering, asking
from promises.surveys.tables import Contact, Invitation, Reply
from tests.conftest import NOON
from tests.feedback.heard import look
from tests.surveys.asked import answer, door, invite, survey, walk_in

DAY = timedelta(days=1)


def words(session):
    return session.exec(select(Feedback).order_by(Feedback.id)).all()


def test_an_answer_is_feedback_of_its_branch_touchpoint_source_and_language(session, cast):
    made = survey(session, cast)
    walk_in(session, door(session, made, cast.centre), 3, "Jonotin tunnin", language="fi")
    (said,) = words(session)
    assert (said.text, said.score, said.branch_id, said.touchpoint, said.source, said.language) == (
        "Jonotin tunnin", 3, cast.centre, "branch", "survey", "fi",
    )  # fmt: skip
    assert said.given_at == NOON
    assert session.get_one(Intake, made.intake_id).taken == 1


def test_personal_data_are_masked_before_anything_is_stored(session, cast):
    way = door(session, survey(session, cast))
    walk_in(session, way, 2, "Soittakaa 040 123 4567, t. Matti Virtanen")
    assert "040" not in words(session)[0].text
    assert "Virtanen" not in words(session)[0].text
    assert session.exec(select(NameSaid)).all() == []


def test_a_name_in_praise_is_kept_apart(session, cast):
    walk_in(session, door(session, survey(session, cast)), 10, "Kiitos Liisa Mäkiselle, loistavaa palvelua!")
    assert "Mäkis" not in words(session)[0].text
    assert session.exec(select(NameSaid.words)).all() == ["Liisa Mäkiselle"]


def test_the_same_press_again_is_the_same_answer(session, cast):
    way = door(session, survey(session, cast))
    first = walk_in(session, way, 9, key="press")
    assert walk_in(session, way, 1, key="press").id == first.id
    assert len(words(session)) == 1


def test_two_customers_may_say_the_very_same(session, cast):
    way = door(session, survey(session, cast))
    walk_in(session, way, 10)
    walk_in(session, way, 10)
    assert len(words(session)) == 2


def test_an_answer_off_the_scale_is_refused(session, cast):
    way = door(session, survey(session, cast, kind="satisfaction"))
    for value in (0, 6):
        with pytest.raises(Refusal, match=r"surveys\.off_scale"):
            walk_in(session, way, value)
    walk_in(session, way, 1)
    walk_in(session, way, 5)


def test_satisfaction_is_no_score_of_recommendation(session, cast):
    walk_in(session, door(session, survey(session, cast, kind="satisfaction")), 2, "Hidasta")
    walk_in(session, door(session, survey(session, cast, kind="effort")), 7)
    assert [one.score for one in words(session)] == [None, None]
    assert [one.kind for one in words(session)] == ["", "nothing"]
    assert session.exec(select(Reply.value).order_by(Reply.id)).all() == [2, 7]


def test_a_door_is_throttled_by_place_and_opens_again_after_a_while(session, cast):
    way = door(session, survey(session, cast))
    for _ in range(answering.MOST_FROM_ONE_PLACE):
        walk_in(session, way, 9)
    with pytest.raises(Refusal, match=r"people\.too_many_tries"):
        walk_in(session, way, 9)
    walk_in(session, way, 9, address="192.0.2.2")
    walk_in(session, way, 9, as_of=NOON + timedelta(minutes=16))


def test_a_shut_door_lets_nobody_in(session, cast):
    way = door(session, survey(session, cast))
    asking.shut_door(session, way, by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match=r"surveys\.closed"):
        walk_in(session, way, 9)


def test_an_invitation_is_answered_once_and_may_be_thought_over_for_a_week(session, cast):
    made = survey(session, cast)
    invite(session, made, "aino@example.fi", customer="K-17")
    invitation = session.exec(select(Invitation)).one()
    first = answer(session, invitation, 2, "Jonotin tunnin")
    look(session, {"queue": ["Jonotin tunnin"]})
    again = answer(session, invitation, 8, "Sittenkin ihan hyvä", as_of=NOON + 7 * DAY - timedelta(seconds=1))
    assert again.id == first.id
    (said,) = words(session)
    assert (said.text, said.score, said.customer, said.kind) == ("Sittenkin ihan hyvä", 8, "K-17", "")
    assert session.exec(select(Mention)).all() == []
    with pytest.raises(Refusal, match=r"surveys\.answered_already"):
        answer(session, invitation, 0, as_of=NOON + 7 * DAY)


def test_a_way_to_be_reached_is_kept_only_for_a_wish(session, cast):
    way = door(session, survey(session, cast))
    walk_in(session, way, 2, contact="aino@example.fi")
    assert session.exec(select(Contact)).all() == []
    walk_in(session, way, 2, contact="aino@example.fi", wish=True)
    assert session.exec(select(Contact.words)).all() == ["aino@example.fi"]
    with pytest.raises(Refusal, match=r"surveys\.no_contact"):
        walk_in(session, way, 2, contact=" ", tell=True)


def test_what_was_written_is_kept_only_sealed_and_until_its_day(session, cast):
    way = door(session, survey(session, cast))
    originals = keeping.Originals((Fernet.generate_key().decode(),), 30)
    given = answering.Given(2, "Soittakaa 040 123 4567")
    answering.answer_door(
        session, way, given, key="a", address="", language="fi", as_of=NOON, originals=originals
    )
    kept = session.exec(select(Original)).one()
    assert b"040" not in kept.sealed
    read = keeping.read_original(session, kept.feedback_id, originals, by=cast.analyst, as_of=NOON + 29 * DAY)
    assert read == "Soittakaa 040 123 4567"
    others = keeping.Originals((Fernet.generate_key().decode(),), 30)
    with pytest.raises(Refusal, match=r"feedback\.original_sealed"):
        keeping.read_original(session, kept.feedback_id, others, by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match=r"feedback\.no_original"):
        keeping.read_original(session, kept.feedback_id, originals, by=cast.analyst, as_of=NOON + 30 * DAY)
    keeping.sweep(session, NOON + 30 * DAY)
    assert session.exec(select(Original)).all() == []
