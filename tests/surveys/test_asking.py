"""Customers are asked: by mail once, reminded once if they haven't answered, and never against their will."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.outbox.tables import Letter
from promises.outbox.transport import compose
from promises.refusal import Refusal
from promises.settings import Settings
from promises.surveys import asking, letters, queries
from promises.surveys.guests import Guest, read_guests
from promises.surveys.tables import Contact, Invitation
from tests.conftest import NOON
from tests.surveys.asked import SECRET, answer, door, invite, survey, walk_in

SETTINGS = Settings(database_url="sqlite://", secret_key=SECRET, base_url="https://bank.example")
DAY = timedelta(days=1)


def send(session, at):
    return letters.write_due(session, SETTINGS, as_of=at)


def sent(session):
    return session.exec(select(Letter).order_by(Letter.id)).all()


def test_a_guest_gets_one_letter_with_a_link_of_their_own_and_a_way_out(session, cast):
    made = survey(session, cast)
    invite(session, made, "aino@example.fi")
    assert send(session, NOON) == 1
    assert send(session, NOON) == 0
    (letter,) = sent(session)
    assert letter.to == "aino@example.fi"
    assert "https://bank.example/i/" in letter.body
    head = compose(letter, "promises@bank.example")
    assert head["List-Unsubscribe"] == f"<{letter.stop_url}>"
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.stop_url.endswith("/stop")


@pytest.mark.parametrize(
    ("language", "words"), [("fi", "Miten onnistuimme"), ("sv", "Hur lyckades"), ("en", "How did we")]
)
def test_a_letter_speaks_the_guests_language(session, cast, language, words):
    made = survey(session, cast)
    invite(session, made, "aino@example.fi", language=language)
    send(session, NOON)
    assert words in sent(session)[0].subject
    assert made.questions[language] in sent(session)[0].body


def test_only_those_who_have_not_answered_are_reminded_and_once(session, cast):
    made = survey(session, cast, reminder_days=7)
    invite(session, made, "aino@example.fi", "eero@example.fi")
    send(session, NOON)
    first, _ = session.exec(select(Invitation).order_by(Invitation.id)).all()
    answer(session, first, 9, as_of=NOON + DAY)
    assert send(session, NOON + 7 * DAY - timedelta(seconds=1)) == 0
    assert send(session, NOON + 7 * DAY) == 1
    assert send(session, NOON + 30 * DAY) == 0
    assert [letter.to for letter in sent(session)] == [
        "aino@example.fi",
        "eero@example.fi",
        "eero@example.fi",
    ]


def test_a_survey_without_reminder_sends_none(session, cast):
    made = survey(session, cast, reminder_days=None)
    invite(session, made, "aino@example.fi")
    send(session, NOON)
    assert send(session, NOON + 60 * DAY) == 0


def test_between_two_surveys_to_one_customer_lies_the_time_of_rest(session, cast):
    first, other = survey(session, cast, rest_days=90), survey(session, cast, rest_days=90)
    invite(session, first, "Aino@example.fi")
    send(session, NOON)
    early = invite(session, other, "aino@EXAMPLE.fi ", as_of=NOON + 90 * DAY - timedelta(seconds=1))
    assert (early.invited, early.resting) == (0, 1)
    assert invite(session, other, "aino@example.fi", as_of=NOON + 90 * DAY).invited == 1


def test_who_wants_no_surveys_gets_none_not_even_the_reminder(session, cast):
    made = survey(session, cast, rest_days=0)
    invite(session, made, "aino@example.fi")
    send(session, NOON)
    invitation = session.exec(select(Invitation)).one()
    asking.stop(session, invitation.mark, as_of=NOON)
    asking.stop(session, invitation.mark, as_of=NOON + DAY)
    assert send(session, NOON + 7 * DAY) == 0
    session.refresh(invitation)
    assert invitation.address is None
    told = invite(session, survey(session, cast, rest_days=0), "aino@example.fi", as_of=NOON + 400 * DAY)
    assert (told.invited, told.stopped) == (0, 1)


def test_the_same_address_twice_in_one_list_is_asked_once(session, cast):
    told = invite(session, survey(session, cast), "aino@example.fi", "AINO@example.fi")
    assert (told.invited, told.twice) == (1, 1)


def test_a_closed_survey_asks_nobody_and_forgets_addresses(session, cast):
    made = survey(session, cast)
    invite(session, made, "aino@example.fi")
    asking.close(session, made, by=cast.analyst, as_of=NOON)
    assert send(session, NOON) == 0
    assert session.exec(select(Invitation.address)).one() is None
    with pytest.raises(Refusal, match=r"surveys\.closed"):
        invite(session, made, "eero@example.fi")
    with pytest.raises(Refusal, match=r"surveys\.closed"):
        door(session, made)


def test_addresses_and_contacts_are_erased_when_their_time_is_over(session, cast):
    made = survey(session, cast)
    invite(session, made, "aino@example.fi")
    send(session, NOON)
    walk_in(session, door(session, made), 2, "Jono", contact="eero@example.fi", wish=True)
    walk_in(session, door(session, made), 2, "Jono", contact="liisa@example.fi", tell=True)
    letters.sweep(session, NOON + 37 * DAY - timedelta(seconds=1))
    assert session.exec(select(Invitation.address)).one() == "aino@example.fi"
    letters.sweep(session, NOON + 37 * DAY)
    session.expire_all()
    assert session.exec(select(Invitation.address)).one() is None
    letters.sweep(session, NOON + 90 * DAY)
    assert session.exec(select(Contact.words)).all() == ["liisa@example.fi"]
    letters.sweep(session, NOON + 365 * DAY)
    assert session.exec(select(Contact.words)).all() == []


def test_the_answered_share_is_told_by_branch_and_channel(session, cast):
    made = survey(session, cast)
    for name in ("aino", "eero", "liisa"):
        invite(session, made, f"{name}@example.fi", branch="centre")
    send(session, NOON)
    answer(session, session.exec(select(Invitation)).first(), 9)
    walk_in(session, door(session, made, cast.harbour), 7)
    by = {(way.branch.code, way.channel): way.rate for way in queries.ways(session, made)}
    assert (by["centre", "mail"].invited, by["centre", "mail"].answered) == (3, 1)
    assert (by["harbour", "qr"].invited, by["harbour", "qr"].answered) == (None, 1)
    assert by["harbour", "qr"].share is None
    assert by["centre", "mail"].interval.low < 1 / 3 < by["centre", "mail"].interval.high


def test_guests_are_read_as_people_paste_them():
    pasted = "aino@example.fi\n\neero@example.fi;K-17;harbour;sv\nliisa@example.fi\tK-18"
    assert read_guests(pasted, branch="centre") == [
        Guest("aino@example.fi", branch="centre"),
        Guest("eero@example.fi", language="sv", customer="K-17", branch="harbour"),
        Guest("liisa@example.fi", customer="K-18", branch="centre"),
    ]


@pytest.mark.parametrize("line", ["aino", "aino@example", "a b@example.fi", "@example.fi", "a@b.c@d.fi"])
def test_a_line_without_an_address_is_named(line):
    with pytest.raises(Refusal) as refused:
        read_guests(f"aino@example.fi\n{line}")
    assert refused.value.code == "surveys.no_address"
    assert refused.value.facts["row"] == 2


def test_nobody_is_invited_of_a_list_that_names_an_unknown_branch(session, cast):
    made = survey(session, cast)
    with pytest.raises(Refusal, match=r"surveys\.unknown_branch"):
        invite(session, made, "aino@example.fi", branch="nowhere")
    assert session.exec(select(Invitation)).all() == []
