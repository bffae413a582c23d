"""One compensation: why it is owed, paying it at the counter once, and the receipt."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from promises.compensation import ledger
from promises.compensation.receipts import write_number
from promises.compensation.tables import Compensation
from promises.journal.tables import Event
from promises.queue.desk import call_next, give_ticket, serve
from promises.service.actions import add_milestone
from promises.service.watch import tick
from tests.compensation.owing import (
    LATER,
    MINUTE,
    address,
    kinds,
    late_visit,
    leads_on,
    pay,
    payouts,
    set_promise,
    told,
)
from tests.conftest import NOON
from tests.promised import at_once, branch_of, visit

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def owed(session, cast):
    """Ten euros owed by the centre branch to a customer who waited 17 min 12 s, committed."""
    set_promise(session)
    made = late_visit(session, "K-17", arrived=NOON - timedelta(hours=1), minutes=17.2, customer="c-4")
    session.commit()
    return made


def test_a_teller_sees_the_amount_the_state_and_why_it_is_owed(browser, cast, owed):
    page = browser(cast.teller).get(address(owed)).text
    words = told(page)
    assert "Asioinnin K-17 hyvitys Keskusta · 9.6.2026 klo 11.15 · c-4" in words
    assert "Odottaa maksua 10,00 €" in words
    assert "Maksettava viimeistään 16.6.2026" in words
    assert "17 min 12 s" in words
    assert "15 minuuttia" in words
    assert "Palvelu vartissa tai kymppi" in words
    assert "Versio 1" in words
    assert write_number(owed.id) in words
    assert "Hyvitys syntyi 10,00 € Hyvityskulut Velka asiakkaille" in words


def test_the_chain_leads_to_the_case_the_promise_and_the_report(browser, cast, owed):
    page = browser(cast.teller).get(address(owed)).text
    assert f'href="/branches/centre/cases/{owed.case_id}"' in page
    assert 'href="/promises/served-in-15"' in page
    assert 'href="/branches/centre/report?promise=served-in-15"' in page


def test_a_desk_ticket_is_called_by_its_number(session, browser, cast, noon):
    set_promise(session)
    ticket = give_ticket(session, branch_of(session), by=None, as_of=NOON - 30 * MINUTE)
    call_next(session, branch_of(session), desk="1", by=cast.teller, as_of=NOON - 5 * MINUTE)
    serve(session, branch_of(session), ticket.case_id, by=cast.teller, as_of=NOON - 4 * MINUTE)
    session.commit()
    client = browser(cast.teller)
    assert f"Vuoronumero {ticket.number} " in told(client.get("/compensation").text)
    (step,) = leads_on(client.application, cast.teller, "case", ticket.branch_id, ticket.case_id)
    assert f"Vuoronumeron {ticket.number} hyvitys" in told(client.get(step.url).text)


def test_paying_enters_it_and_shows_it_as_paid_with_a_receipt(session, browser, cast, owed):
    client = browser(cast.teller)
    words = told(pay(client, owed, receiver=" M. Mattila ").text)
    assert "Hyvitys 10,00 € on maksettu." in words
    assert "Tiskillä 9.6.2026 klo 12.00, maksajana Tiina Teller" in words
    assert "Vastaanottaja M. Mattila" in words
    assert "Maksettiin tiskillä 10,00 € Velka asiakkaille Konttorin kassa 9.6.2026 klo 12.00 Tiina" in words
    assert "Maksa tiskillä" not in words
    assert address(owed, tail="/receipt") in client.get(address(owed)).text
    assert kinds(session, owed) == ["owed", "paid"]
    event = session.exec(select(Event).where(Event.verb == "compensation.paid")).one()
    assert (event.person_id, event.subject_id, event.at) == (cast.teller, str(owed.id), NOON)


def test_a_second_press_of_the_same_button_pays_once_and_leads_to_the_same_page(session, browser, cast, owed):
    client = browser(cast.teller)
    answers = [client.post(address(owed, tail="/pay"), data={"once": "the-same-press"}) for _ in range(2)]
    assert [answer.location for answer in answers] == [address(owed)] * 2
    assert kinds(session, owed) == ["owed", "paid"]
    assert "ei maksettu mitään" not in client.get(address(owed)).text


def test_a_colleague_who_is_late_is_told_who_paid_and_when(session, browser, cast, owed, noon):
    pay(browser(cast.teller), owed)
    noon.shift(240)
    words = told(pay(browser(cast.colleague), owed).text)
    assert "Tiina Teller maksoi tämän jo 9.6.2026 klo 12.00. Nyt ei maksettu mitään" in words
    assert [payout.made_by for payout in payouts(session)] == [cast.teller]


def test_two_tellers_who_press_at_once_pay_once_and_one_is_told(session, browser, cast, owed):
    tellers = [browser(cast.teller), browser(cast.colleague)]
    answers = at_once(*(lambda client=client: client.post(address(owed, tail="/pay")) for client in tellers))
    assert [answer.status_code for answer in answers] == [302, 302]
    (payout,) = payouts(session)
    assert kinds(session, owed) == ["owed", "paid"]
    first = {cast.teller: "Tiina Teller", cast.colleague: "Kaisa Kollega"}[payout.made_by]
    pages = [told(client.get(address(owed)).text) for client in tellers]
    won, lost = pages if payout.made_by == cast.teller else reversed(pages)
    assert "Hyvitys 10,00 € on maksettu." in won
    assert f"{first} maksoi tämän jo 9.6.2026 klo 12.00" in lost


def test_what_was_reversed_is_shown_so_and_not_paid(session, browser, cast, owed):
    (entry,) = ledger.entries(session, owed)
    ledger.reverse(session, entry, by=cast.auditor, as_of=LATER)
    session.commit()
    client = browser(cast.teller)
    words = told(client.get(address(owed)).text)
    assert "Peruttu: ei makseta 10,00 €" in words
    assert "Maksa tiskillä" not in words
    assert "Hyvitys on peruttu, joten sitä ei makseta." in told(pay(client, owed).text)
    assert payouts(session) == []
    assert kinds(session, owed) == ["owed", "reversed"]


@pytest.fixture
def mistaken(engine, session, cast):
    """Owed because nobody had told yet that the customer was served after three minutes: (owed, tell)."""
    set_promise(session)
    begun = NOON - timedelta(hours=1)
    case = visit(session, "K-3", ("arrived", begun), as_of=begun)
    session.commit()
    tick(engine, begun + 16 * MINUTE)
    made = session.exec(select(Compensation)).one()
    session.commit()

    def tell():
        served = begun + 3 * MINUTE
        add_milestone(session, case, branch_of(session), "served", served, by=None, as_of=NOON)
        session.commit()

    return made, tell


def test_what_is_owed_by_mistake_is_reversed_and_says_why(session, browser, cast, mistaken):
    owed, tell = mistaken
    tell()
    words = told(browser(cast.teller).get(address(owed)).text)
    assert "Peruttu: ei makseta" in words
    assert "lupaus olikin pidetty, joten maksettavaa ei ole" in words
    assert kinds(session, owed) == ["owed", "reversed"]


def test_what_was_paid_by_mistake_stays_with_the_customer_and_says_so(session, browser, cast, mistaken):
    owed, tell = mistaken
    client = browser(cast.teller)
    pay(client, owed)
    tell()
    words = told(client.get(address(owed)).text)
    assert "Tiskillä 9.6.2026 klo 12.00, maksajana Tiina Teller" in words
    assert "Maksettu hyvitys jää asiakkaalle." in words
    assert kinds(session, owed) == ["owed", "paid"]


@pytest.mark.parametrize("who", ["director", "auditor"])
def test_those_who_may_only_read_have_no_button_and_may_not_pay(session, browser, cast, owed, who):
    client = browser(getattr(cast, who))
    page = client.get(address(owed))
    assert page.status_code == 200
    assert "Maksa tiskillä" not in page.text
    assert pay(client, owed).status_code == 403
    assert payouts(session) == []


@pytest.mark.parametrize("tail", ["", "/receipt"])
@pytest.mark.parametrize("who", ["outsider", "analyst", "administrator"])
def test_other_branches_and_other_work_stay_outside(browser, cast, owed, who, tail):
    assert browser(getattr(cast, who)).get(address(owed, tail=tail)).status_code == 403


def test_an_outsider_may_not_pay(session, browser, cast, owed):
    assert pay(browser(cast.outsider), owed).status_code == 403
    assert payouts(session) == []


def test_what_another_branch_owes_is_not_found_under_this_ones_address(browser, cast, owed):
    client = browser(cast.outsider)
    assert client.get(address(owed, "harbour")).status_code == 404
    assert client.post(address(owed, "harbour", "/pay")).status_code == 404


@pytest.mark.parametrize("number", [1, 2**63, 10**30])
def test_an_unknown_number_is_not_found(browser, cast, owed, number):
    client = browser(cast.teller)
    assert client.get(f"/branches/centre/compensation/{number}").status_code == 404
    assert client.get(f"/branches/centre/compensation/{number}/receipt").status_code == 404
    assert client.post(f"/branches/centre/compensation/{number}/pay").status_code == 404


def test_a_receiver_that_is_too_long_is_sent_back_with_what_was_typed(session, browser, cast, owed):
    answer = browser(cast.teller).post(address(owed, tail="/pay"), data={"receiver": "M" * 121})
    assert answer.status_code == 422
    assert "M" * 121 in answer.text
    assert "data-opened" in answer.text
    assert payouts(session) == []


def test_signs_that_can_not_be_printed_are_left_out_of_the_receiver(session, browser, cast, owed):
    pay(browser(cast.teller), owed, receiver="M.\x00 M.\x07")
    assert [payout.receiver for payout in payouts(session)] == ["M. M."]


def test_there_is_a_receipt_only_of_what_was_paid(browser, cast, owed, noon):
    client = browser(cast.teller)
    assert client.get(address(owed, tail="/receipt")).status_code == 404
    noon.shift(60)
    pay(client, owed, receiver="M. M.")
    words = told(client.get(address(owed, tail="/receipt")).text)
    assert "Hyvityksen kuitti Koepankki, Keskusta" in words
    assert "Asiakkaalle maksettu 10,00 €" in words
    assert "Mitä lupasimme Palvelu vartissa tai kymppi" in words
    assert "17 min 12 s" in words
    assert "Asiointi K-17, 9.6.2026 klo 11.00" in words
    assert "Maksettu 9.6.2026 klo 12.01 Maksaja Tiina Teller Vastaanottaja M. M." in words
    assert f"Numero {write_number(owed.id)}" in words


def test_the_next_to_pay_is_the_one_that_broke_after_and_then_the_oldest(session, browser, cast):
    set_promise(session)
    first, second, third = (
        late_visit(session, name, arrived=NOON - hours * timedelta(hours=1))
        for name, hours in (("a", 5), ("b", 4), ("c", 3))
    )
    late_visit(session, "elsewhere", branch="harbour", arrived=NOON - timedelta(hours=2))
    session.commit()
    client = browser(cast.teller)

    def following(owed):
        page = client.get(address(owed)).text
        found = re.search(
            r'<a class="button plain" href="([^"]+)">(?:<svg.*?</svg>)?Seuraava maksettava', page
        )
        return found and found[1]

    assert [following(one) for one in (first, second, third)] == [
        address(second), address(third), address(first)
    ]  # fmt: skip
    pay(client, second)
    assert following(first) == address(third)
    pay(client, third)
    assert following(first) is None


def test_english_is_spoken_to_those_who_read_it(browser, cast, owed):
    client = browser(cast.teller)
    client.post("/language", data={"language": "en", "next": "/compensation"})
    words = told(client.get(address(owed)).text)
    assert "Waiting for payment €10.00" in words
    assert "17 min 12 s" in words
