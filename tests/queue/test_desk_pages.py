"""The desk's pages: what a teller presses, and what a page that is out of date says."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.journal.tables import Event
from promises.queue import desk
from promises.service.tables import Ticket
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import branch_of, milestones_of, promise

DESK = "/branches/centre/desk"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tickets(engine, cast, noon):
    """Two customers of the centre branch, waiting since NOON."""
    with transaction(engine) as session:
        promise(session)
        for kind in ("loan", ""):
            desk.give_ticket(session, branch_of(session), kind=kind, by=None, as_of=NOON)


def ticket(session, number):
    query = select(Ticket).where(Ticket.number == number)
    found = session.exec(query.execution_options(populate_existing=True)).one()
    session.commit()  # so that the pages can write
    return found


def press(client, address, **data):
    return client.post(f"{DESK}/{address}", data=data, follow_redirects=True)


def test_a_ticket_is_given_called_served_and_done(session, tickets, browser, cast, noon):
    client = browser(cast.teller)
    assert "Vuoronumero 3" in press(client, "tickets", kind="card").text
    assert "Numero 1 on kutsuttu." in press(client, "next").text
    first = ticket(session, 1)
    noon.shift(60)
    assert "palvellaan" in press(client, f"{first.case_id}/serve").text
    noon.shift(60)
    assert "valmis" in press(client, f"{first.case_id}/finish").text
    assert milestones_of(session, first) == ["arrived", "called", "served", "ended"]
    verbs = session.exec(select(Event.verb).where(Event.subject_id == str(first.case_id))).all()
    assert verbs == ["ticket.given", "ticket.called", "ticket.served", "ticket.ended"]


def test_the_page_shows_the_time_left_of_each_who_waits(tickets, browser, cast, noon):
    noon.shift(13 * 60)
    page = browser(cast.teller).get(DESK).text
    assert page.count('data-state="soon"') == 2
    assert "2:00" in page
    assert "Lainat" in page


def test_a_ticket_that_ran_out_shows_what_is_owed_and_where_to_pay_it(engine, tickets, browser, cast, noon):
    noon.shift(16 * 60)
    tick(engine, NOON + 16 * MINUTE)
    page = browser(cast.teller).get(DESK).text
    assert page.count("/branches/centre/compensation/") == 2
    assert "10,00" in page


def test_calling_whom_a_colleague_has_called_is_told_on_a_fresh_page(session, tickets, browser, cast, noon):
    first = ticket(session, 1)
    press(browser(cast.colleague), f"{first.case_id}/call")
    stale = press(browser(cast.teller), f"{first.case_id}/call")
    assert stale.status_code == 200
    assert "Joku muu ehti ensin" in stale.text
    assert ticket(session, 1).called_by == cast.colleague


def test_the_same_press_twice_calls_one_ticket(session, tickets, browser, cast, noon):
    client = browser(cast.teller)
    token = "the-same-form-sent-twice"
    first = client.post(f"{DESK}/next", data={"once": token})
    second = client.post(f"{DESK}/next", data={"once": token})
    assert first.location == second.location
    assert [ticket(session, n).state for n in (1, 2)] == ["called", "waiting"]


def test_calling_the_next_while_one_is_in_hand_is_told(session, tickets, browser, cast, noon):
    client = browser(cast.teller)
    press(client, "next")
    assert "Sinulla on jo asiakas" in press(client, "next").text
    assert ticket(session, 2).state == "waiting"


def test_the_desk_that_a_teller_chose_is_where_customers_are_called(session, tickets, browser, cast, noon):
    client = browser(cast.teller)
    press(client, "sit", desk="4")
    press(client, "next")
    assert ticket(session, 1).desk == "4"
    assert "Tiski 4" in browser(cast.colleague).get(DESK).text


def test_the_desk_belongs_to_those_who_serve_at_the_branch(tickets, browser, cast, noon):
    for person in (cast.outsider, cast.director, cast.analyst, cast.auditor):
        assert browser(person).get(DESK).status_code == 403
        assert browser(person).post(f"{DESK}/next").status_code == 403
    assert browser(cast.manager).get(DESK).status_code == 200


def test_a_ticket_of_another_branch_or_of_nowhere_is_told(session, tickets, browser, cast, noon):
    other = ticket(session, 1)
    answer = browser(cast.outsider).post(
        f"/branches/harbour/desk/{other.case_id}/call", follow_redirects=True
    )
    assert "ei ole tässä konttorissa" in answer.text
    assert browser(cast.teller).post(f"{DESK}/{2**70}/call").status_code == 404
    assert ticket(session, 1).state == "waiting"


def test_an_unknown_matter_is_refused_and_the_page_stays(session, tickets, browser, cast, noon):
    answer = browser(cast.teller).post(f"{DESK}/tickets", data={"kind": "gossip"})
    assert answer.status_code == 422
    assert len(session.exec(select(Ticket)).all()) == 2


def test_every_button_of_the_page_has_words_of_its_own(tickets, browser, cast, noon):
    page = browser(cast.teller).get(DESK).text
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", page, re.DOTALL)
    assert all(re.sub("<[^>]+>", "", words).strip() or "aria-label" in words for words in buttons)
