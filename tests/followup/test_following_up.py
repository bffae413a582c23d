"""A bad answer opens a follow-up: owned, watched, told when late, carried to its end, asked about again."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.feedback.tables import Problem
from promises.followup import actions, messages, queries
from promises.followup.tables import Asked, Closing, FollowUp, Step
from promises.outbox.tables import Letter, Notice
from promises.people.tables import Person
from promises.refusal import Refusal
from promises.surveys import asking
from promises.surveys.tables import Contact, Invitation
from tests.conftest import NOON
from tests.feedback.heard import bring, look, texts
from tests.surveys.asked import SECRET, answer, door, invite, survey, walk_in

DAY = timedelta(days=1)


def rule(session, cast, **told):
    facts = {"highest_score": None, "problem_id": None, "words": "", "wish": False, **told}
    facts = {"hours": 2, "owner_id": None, "reask_days": 30, **facts}
    return actions.make_rule(session, name="Huonot", by=cast.analyst, as_of=NOON - DAY, **facts)


def only(session):
    return session.exec(select(FollowUp)).one()


def steps(session):
    return [step.kind for step in session.exec(select(Step).order_by(Step.at, Step.id))]


def opened(session, cast, **contact):
    rule(session, cast, highest_score=6)
    contact = contact or {"contact": "040 123 4567", "tell": True}
    walk_in(session, door(session, survey(session, cast), cast.centre), 2, "Jonotin tunnin", **contact)
    return only(session)


def test_a_bad_answer_is_owned_by_the_branchs_manager_at_once(session, cast):
    follow_up = opened(session, cast)
    assert follow_up.owner_id == cast.manager
    assert follow_up.due_at == NOON + timedelta(hours=2)
    assert follow_up.watch_at == follow_up.due_at


def test_a_good_answer_opens_nothing(session, cast):
    rule(session, cast, highest_score=6)
    walk_in(session, door(session, survey(session, cast), cast.centre), 7)
    assert session.exec(select(FollowUp)).all() == []


def test_nobody_is_asked_to_get_back_to_somebody_who_cannot_be_reached(session, cast):
    rule(session, cast, highest_score=6)
    walk_in(session, door(session, survey(session, cast), cast.centre), 0, "Surkeaa")
    bring(session, ("Jono", 1, "2026-06-09", "centre"), ("Jono taas", 1, "2026-06-09", "centre", "K-17"))
    actions.consider(session, as_of=NOON)
    assert only(session).feedback_id == texts(session)["Jono taas"].id


def test_a_customers_wish_is_enough_whatever_the_score(session, cast):
    rule(session, cast, wish=True)
    way = door(session, survey(session, cast), cast.centre)
    walk_in(session, way, 10, contact="040 123 4567", wish=True)
    walk_in(session, way, 10, contact="040 123 4567", tell=True)
    assert len(session.exec(select(FollowUp)).all()) == 1


def test_the_first_rule_that_fits_opens_the_one_follow_up(session, cast):
    first, _ = rule(session, cast, highest_score=3), rule(session, cast, highest_score=6)
    walk_in(session, door(session, survey(session, cast)), 2, contact="040 123 4567", wish=True)
    assert only(session).rule_id == first.id
    assert actions.consider(session, as_of=NOON) == []


def test_a_changed_answer_keeps_its_one_follow_up(session, cast):
    rule(session, cast, highest_score=6)
    made = survey(session, cast)
    invite(session, made, "aino@example.fi")
    invitation = session.exec(select(Invitation)).one()
    answer(session, invitation, 2)
    answer(session, invitation, 1)
    only(session)


def test_feedback_of_a_file_is_looked_at_once_its_problem_is_known(session, cast):
    bring(session, ("Sovellus kaatuu", 4, "2026-06-09", "centre", "K-17"))
    look(session, {"app": ["Sovellus kaatuu"]})
    rule(session, cast, problem_id=session.exec(select(Problem.id)).one(), owner_id=cast.colleague)
    (number,) = actions.consider(session, as_of=NOON)
    follow_up = session.get(FollowUp, number)
    assert follow_up.feedback_id == texts(session)["Sovellus kaatuu"].id
    assert follow_up.owner_id == cast.colleague
    assert follow_up.opened_at == NOON
    assert actions.consider(session, as_of=NOON) == []


def test_what_was_said_before_the_rule_or_long_ago_opens_nothing(session, cast):
    bring(session, ("Jono", 1, "2026-05-01", "", "K-1"), ("Toinen jono", 1, "2026-06-07", "", "K-2"))
    rule(session, cast, highest_score=6)
    assert actions.consider(session, as_of=NOON) == []


def test_an_ended_rule_opens_nothing(session, cast):
    actions.end_rule(session, rule(session, cast, highest_score=6), by=cast.analyst, as_of=NOON)
    walk_in(session, door(session, survey(session, cast)), 0, contact="040 123 4567", wish=True)
    assert session.exec(select(FollowUp)).all() == []


def test_a_late_one_is_told_once_and_dated_when_it_fell_due(session, cast):
    follow_up = opened(session, cast)
    assert actions.notice_late(session, as_of=follow_up.due_at - timedelta(microseconds=1)) == 0
    assert actions.notice_late(session, as_of=NOON + 5 * DAY) == 1
    assert actions.notice_late(session, as_of=NOON + 6 * DAY) == 0
    late = session.exec(select(Step).where(Step.kind == "late")).one()
    assert late.at == follow_up.due_at
    notice = session.exec(select(Notice)).one()
    assert (notice.kind, notice.branch_id) == ("followup.late", cast.centre)


@pytest.mark.parametrize("kind", ["called", "message"])
def test_whoever_has_been_reached_is_not_late(session, cast, kind):
    follow_up = opened(session, cast)
    actions.add_step(session, follow_up, kind, "", by=cast.manager, as_of=NOON)
    assert actions.notice_late(session, as_of=NOON + 5 * DAY) == 0


def test_a_try_without_an_answer_reaches_nobody(session, cast):
    follow_up = opened(session, cast)
    actions.note(session, follow_up, "not_reached", "", by=cast.manager, as_of=NOON)
    assert actions.notice_late(session, as_of=NOON + 5 * DAY) == 1


def test_notes_are_masked(session, cast):
    follow_up = opened(session, cast)
    actions.note(
        session, follow_up, "note", "Soitin Matti Virtaselle 040 123 4567", by=cast.manager, as_of=NOON
    )
    kept = session.exec(select(Step.words).where(Step.kind == "note")).one()
    assert "040" not in kept
    assert "Virta" not in kept


def test_closing_twice_is_closing_once_and_ends_the_history(session, cast):
    follow_up = opened(session, cast)
    assert actions.close(session, follow_up, "solved", "", by=cast.manager, as_of=NOON)
    assert not actions.close(session, follow_up, "no_need", "", by=cast.manager, as_of=NOON)
    assert session.exec(select(Closing.outcome)).one() == "solved"
    assert steps(session) == ["opened", "closed"]
    with pytest.raises(Refusal, match=r"followup\.closed"):
        actions.note(session, follow_up, "called", "", by=cast.manager, as_of=NOON)
    assert actions.notice_late(session, as_of=NOON + 5 * DAY) == 0


def test_it_can_be_given_to_somebody_who_is_still_there(session, cast):
    follow_up = opened(session, cast)
    teller = session.get_one(Person, cast.teller)
    actions.give(session, follow_up, teller, by=cast.manager, as_of=NOON)
    assert follow_up.owner_id == cast.teller
    teller.left_at = NOON
    with pytest.raises(Refusal, match=r"followup\.left"):
        actions.give(session, follow_up, teller, by=cast.manager, as_of=NOON)


def test_a_message_goes_only_to_an_address_that_was_given_for_it(session, cast):
    follow_up = opened(session, cast)
    with pytest.raises(Refusal, match=r"followup\.no_address"):
        messages.send(session, follow_up, "Hei", "Anteeksi", by=cast.manager, as_of=NOON)
    assert session.exec(select(Letter)).all() == []


def test_a_message_leaves_through_the_outbox_and_stands_in_the_history(session, cast):
    follow_up = opened(session, cast, contact="aino@example.fi", wish=True)
    messages.send(session, follow_up, "Hei", "Anteeksi jono", by=cast.manager, as_of=NOON)
    letter = session.exec(select(Letter)).one()
    assert (letter.to, letter.subject) == ("aino@example.fi", "Hei")
    assert steps(session) == ["opened", "message"]
    assert follow_up.watch_at is None


@pytest.mark.parametrize(("language", "words"), [("fi", "pahoillani"), ("sv", "ledsen"), ("en", "sorry")])
def test_ready_messages_speak_the_customers_language(session, cast, language, words):
    _, body = messages.ready(session, "sorry", language, name="Matti")
    assert words in body
    assert "Matti" in body


def test_the_customer_is_asked_again_when_the_rule_says_so_but_not_before_the_rest_is_over(session, cast):
    rule(session, cast, highest_score=6, reask_days=30)
    made = survey(session, cast, rest_days=90)
    invite(session, made, "aino@example.fi", customer="K-17")
    answer(session, session.exec(select(Invitation)).one(), 2)
    follow_up = only(session)
    assert messages.ask_again(session, follow_up, secret=SECRET, by=cast.manager, as_of=NOON) is None
    actions.close(session, follow_up, "solved", "", by=cast.manager, as_of=NOON)
    invitation = messages.ask_again(session, follow_up, secret=SECRET, by=cast.manager, as_of=NOON)
    assert invitation.due_at == NOON + 90 * DAY
    assert invitation.customer == "K-17"
    assert messages.ask_again(session, follow_up, secret=SECRET, by=cast.manager, as_of=NOON) is None


def test_whoever_wants_no_surveys_is_not_asked_again(session, cast):
    follow_up = opened(session, cast, contact="aino@example.fi", wish=True)
    asking.stop(session, asking.mark_of(SECRET, "aino@example.fi"), as_of=NOON)
    actions.close(session, follow_up, "solved", "", by=cast.manager, as_of=NOON)
    assert messages.ask_again(session, follow_up, secret=SECRET, by=cast.manager, as_of=NOON) is None
    assert session.exec(select(Asked)).all() == []


def test_the_share_that_turned_stands_beside_those_whom_nobody_called(session, cast):
    rule(session, cast, highest_score=6, reask_days=1)
    made = survey(session, cast, rest_days=0)
    for number, value in enumerate((10, 9, 5)):
        invite(session, made, f"a{number}@example.fi", customer=f"K-{number}")
        invitation = session.exec(select(Invitation).order_by(Invitation.id.desc())).first()
        answer(session, invitation, 2)
        follow_up = session.exec(select(FollowUp).order_by(FollowUp.id.desc())).first()
        actions.close(session, follow_up, "solved", "", by=cast.manager, as_of=NOON)
        again = messages.ask_again(session, follow_up, secret=SECRET, by=cast.manager, as_of=NOON)
        answer(session, again, value, as_of=NOON + 40 * DAY)
    before = "2026-05-01", "2026-05-20"
    for number, pair in enumerate(((3, 9), (4, 6))):
        bring(
            session, *(("", score, day, "", f"U-{number}") for score, day in zip(pair, before, strict=True))
        )
    found = queries.effect(session, NOON - 365 * DAY)
    assert (found.followed.n, found.followed.turned) == (3, 2)
    assert (found.untouched.n, found.untouched.turned) == (2, 1)
    assert found.followed.interval.low < 2 / 3 < found.followed.interval.high
    assert not found.followed.enough
    # The five opened a follow-up of its own, which still waits.
    assert (found.opened, found.in_time, found.late) == (4, 3, 0)


def test_customers_whose_words_named_a_problem_can_be_told_once_each_in_their_language(session, cast):
    way = door(session, survey(session, cast))
    walk_in(session, way, 2, "Jonotin tunnin", contact="aino@example.fi", tell=True)
    walk_in(session, way, 2, "Kön var lång", contact="eero@example.fi", tell=True, language="sv")
    walk_in(session, way, 2, "Jono ei liiku", contact="liisa@example.fi", wish=True)
    walk_in(session, way, 2, "Taas jono", contact="040 123 4567", tell=True)
    look(session, {"queue": ["Jonotin tunnin", "Kön var lång", "Jono ei liiku", "Taas jono"]})
    problem = session.exec(select(Problem.id)).one()
    letters = {
        one: messages.ready(session, "told", one, problem="Jono", link="x") for one in ("fi", "sv", "en")
    }
    for expected in (2, 0):
        contacts = messages.tellable(session, problem)
        assert messages.tell(session, problem, contacts, letters, by=cast.analyst, as_of=NOON) == expected
    written = {letter.to: letter.body for letter in session.exec(select(Letter))}
    assert set(written) == {"aino@example.fi", "eero@example.fi"}
    assert "förändring" in written["eero@example.fi"]
    assert len(session.exec(select(Contact)).all()) == 4
