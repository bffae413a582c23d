"""Signing in and out, invitations and new passwords."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import open_session
from promises.outbox.tables import Letter
from promises.people import actions, signing
from promises.people.tables import Person
from promises.refusal import Refusal
from tests.conftest import NOON, PASSWORD

SECRET = "k" * 40


def sign_in(client, email="tiina@koepankki.example", password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_right_password_opens_the_door(client, cast, noon):
    answer = sign_in(client)
    assert answer.status_code == 302
    assert answer.location == "/home"
    assert client.get("/people").status_code == 403  # signed in, and a teller


def test_the_address_may_be_written_in_capitals(client, cast, noon):
    assert sign_in(client, email=" Tiina@Koepankki.Example ").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"), [("tiina@koepankki.example", "wrong"), ("nobody@koepankki.example", PASSWORD)]
)
def test_a_wrong_address_and_a_wrong_password_get_the_same_answer(client, cast, noon, email, password):
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    assert "Sähköposti ja salasana eivät täsmää." in answer.text
    assert email in answer.text  # what was typed stays
    assert PASSWORD not in answer.text


def test_after_ten_wrong_tries_the_door_stays_shut_for_a_quarter(client, cast, noon):
    for _ in range(10):
        assert sign_in(client, password="wrong").status_code == 422
    assert "Liian monta yritystä" in sign_in(client).text
    noon.shift(15 * 60 + 1)
    assert sign_in(client).status_code == 302


def test_after_signing_in_one_comes_to_the_page_that_was_wanted(client, cast, noon):
    wanted = client.get("/journal?verb=x")
    assert wanted.status_code == 302
    assert "next=" in wanted.location
    assert sign_in(client, next="/journal?verb=x").location == "/journal?verb=x"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
def test_the_way_back_never_leads_to_another_site(client, cast, noon, elsewhere):
    assert sign_in(client, next=elsewhere).location == "/home"


def test_signing_out_shuts_the_door(browser, cast):
    client = browser(cast.administrator)
    assert client.get("/people").status_code == 200
    client.post("/sign-out")
    assert client.get("/people").status_code == 302


def test_an_invited_person_chooses_a_password_by_the_mailed_link(browser, client, engine, cast, noon):
    browser(cast.administrator).post(
        "/people/invite",
        data={
            "name": "Uusi Ulla",
            "email": "ulla@koepankki.example",
            "role": "staff",
            "branches": [cast.centre],
            "language": "en",
            "once": "1",
        },
    )
    with open_session(engine, writes=False) as session:
        letter = session.exec(select(Letter)).one()
    assert letter.subject == "Welcome to customer promises"  # in the invited person's language
    path = re.search(r"http://[^/]+(/link/invitation/\S+)", letter.body).group(1)
    assert client.get(path).status_code == 200
    chosen = {"password": "a new long password", "again": "a new long password"}
    assert client.post(path, data=chosen).location == "/home"
    assert client.get(path).status_code == 410  # a link works once
    assert sign_in(client, "ulla@koepankki.example", "a new long password").status_code == 302


def test_a_second_press_of_invite_invites_once(browser, engine, cast, noon):
    client = browser(cast.administrator)
    form = {
        "name": "Uusi Ulla",
        "email": "ulla@koepankki.example",
        "role": "analyst",
        "language": "fi",
        "once": "same",
    }
    assert client.post("/people/invite", data=form).location == "/people"
    assert client.post("/people/invite", data=form).location == "/people"
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Letter)).all()) == 1


def test_a_form_that_was_refused_keeps_what_was_typed(browser, cast, noon):
    answer = browser(cast.administrator).post(
        "/people/invite",
        data={
            "name": "Toinen Tiina",
            "email": "tiina@koepankki.example",
            "role": "analyst",
            "language": "fi",
            "once": "1",
        },
    )
    assert answer.status_code == 422
    assert "Toinen Tiina" in answer.text
    assert "on jo tili" in answer.text


def test_a_link_for_a_new_password_dies_with_the_password(session, cast):
    person = session.get_one(Person, cast.teller)
    token = signing.link_token(SECRET, "reset", person)
    assert signing.read_link(session, SECRET, "reset", token).id == cast.teller
    actions.choose_password(session, person, "another long password", as_of=NOON)
    with pytest.raises(Refusal, match="link_dead"):
        signing.read_link(session, SECRET, "reset", token)


def test_a_link_is_good_for_its_purpose_only(session, cast):
    token = signing.link_token(SECRET, "reset", session.get_one(Person, cast.teller))
    with pytest.raises(Refusal, match="link_dead"):
        signing.read_link(session, SECRET, "invitation", token)
    with pytest.raises(Refusal, match="link_dead"):
        signing.read_link(session, "another secret", "reset", token)


def test_a_link_for_a_new_password_is_good_for_two_hours(session, cast, noon):
    token = signing.link_token(SECRET, "reset", session.get_one(Person, cast.teller))
    noon.shift(2 * 3600)
    assert signing.read_link(session, SECRET, "reset", token)
    noon.shift(1)
    with pytest.raises(Refusal, match="link_dead"):
        signing.read_link(session, SECRET, "reset", token)


def test_forgetting_answers_the_same_for_known_and_unknown_addresses(client, engine, cast, noon):
    answers = [
        client.post("/forgot", data={"email": email}, follow_redirects=True).text
        for email in ("tiina@koepankki.example", "nobody@koepankki.example")
    ]
    assert all("Jos osoite on meillä" in answer for answer in answers)
    with open_session(engine, writes=False) as session:
        assert [letter.to for letter in session.exec(select(Letter)).all()] == ["tiina@koepankki.example"]


def test_a_new_password_signs_every_other_browser_out(browser, engine, cast):
    client = browser(cast.administrator)
    with open_session(engine) as session:
        person = session.get_one(Person, cast.administrator)
        actions.choose_password(session, person, "another long password", as_of=NOON)
        session.commit()
    assert client.get("/people").status_code == 302


def test_a_person_who_has_left_is_out_at_once(browser, cast, client, noon):
    teller = browser(cast.teller)
    browser(cast.administrator).post(f"/people/{cast.teller}/leave")
    assert teller.get("/proposals").status_code == 302
    assert sign_in(client).status_code == 422


def test_the_last_administrator_can_neither_leave_nor_change_role(session, cast):
    last = session.get_one(Person, cast.administrator)
    with pytest.raises(Refusal, match="last_administrator"):
        actions.leave(session, last, by=cast.administrator, as_of=NOON)
    with pytest.raises(Refusal, match="last_administrator"):
        actions.change(
            session, last, name="x", title="", role="analyst", branches=[], by=cast.administrator, as_of=NOON
        )


def test_a_password_has_at_least_ten_characters():
    with pytest.raises(Refusal, match="password_short"):
        signing.hash_password("nine char")
    assert signing.password_fits("ten chars!", signing.hash_password("ten chars!"))


def test_the_one_click_door_exists_in_the_demo_only(client, cast):
    assert client.post(f"/demo/{cast.director}").status_code == 404


def test_the_throttle_forgets_after_its_window(session):
    for _ in range(3):
        signing.throttle(session, "door", 3, NOON)
    with pytest.raises(Refusal, match="too_many_tries"):
        signing.throttle(session, "door", 3, NOON + signing.WINDOW)
    signing.throttle(session, "door", 3, NOON + signing.WINDOW + timedelta(microseconds=1))
