"""The customer's page: what is one's own, nothing of anyone else's, and no way in by guessing."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlmodel import select

from promises.customer import links
from promises.database import transaction
from promises.payments.tables import Choice, Voucher
from promises.people.tables import Attempt
from promises.queue import desk
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import branch_of, promise, visit

MINUTE = timedelta(minutes=1)
IBAN = "FI21 1234 5600 0007 85"
WAYS = {"pays": [{"amount": "10.00"}], "ways": ["counter", "voucher", "bank"]}


@pytest.fixture
def give(engine, cast, app, settings, noon):
    """``give()``: a ticket of the centre branch under a promise, and the path of its customer's page."""
    with transaction(engine) as session:
        promise(session, remedy=WAYS)

    def one(minutes=0):
        with transaction(engine) as session:
            at = NOON + minutes * MINUTE
            ticket = desk.give_ticket(session, branch_of(session), by=None, as_of=at)
            key = ticket.branch_id, ticket.case_id
            return ticket, links.link_for(session, *key, secret=settings.secret_key, as_of=at)

    return one


@pytest.fixture
def act(engine):
    def do(verb, ticket, minutes, **more):
        with transaction(engine) as session:
            verb(session, branch_of(session), ticket.case_id, as_of=NOON + minutes * MINUTE, **more)

    return do


def broken(engine, noon, minutes=16):
    noon.shift(minutes * 60)
    tick(engine, NOON + minutes * MINUTE)


def owed_page(client, link):
    page = client.get(link.path).text
    found = re.search(rf"{link.path}/way/\d+", page)
    return page, found and found[0]


def test_the_page_follows_a_customer_from_waiting_to_the_end(client, cast, give, act, noon):
    give()
    ticket, link = give()
    waiting = client.get(link.path).text
    assert "Numerosi on 2" in waiting
    assert "Edelläsi jonossa" in waiting
    assert "kymppi" in waiting
    assert 'data-state="fine"' in waiting
    act(desk.call, ticket, 1, desk="4", by=cast.teller)
    called = client.get(link.path).text
    assert "Nyt on sinun vuorosi" in called
    assert "Tiski 4" in called
    act(desk.serve, ticket, 2, by=cast.teller)
    assert "Sinua palvellaan" in client.get(link.path).text
    act(desk.finish, ticket, 3, by=cast.teller)
    over = client.get(link.path).text
    assert "Pidimme lupauksemme" in over
    assert "2\N{NO-BREAK SPACE}min" in over
    assert "Tiina" not in waiting + called + over


def test_a_broken_promise_says_what_is_owed_and_asks_how_it_is_wanted(client, engine, give, noon):
    _, link = give()
    broken(engine, noon)
    page, choose = owed_page(client, link)
    assert "Emme pitäneet lupaustamme" in page
    assert "10,00" in page
    assert client.get(choose).text.count('name="way"') == 3


def test_a_transfer_is_chosen_with_an_account_that_is_never_shown_whole(client, session, engine, give, noon):
    _, link = give()
    broken(engine, noon)
    choose = owed_page(client, link)[1]
    asked = {"way": "bank", "account_holder": "Aino Asiakas", "iban": IBAN}
    wrong = client.post(choose, data={**asked, "iban": "FI21 1234 5600 0007 86"})
    assert wrong.status_code == 422
    assert client.post(choose, data={**asked, "account_holder": ""}).status_code == 422
    assert session.exec(select(Choice)).all() == []
    session.commit()
    answer = client.post(choose, data=asked, follow_redirects=True)
    assert "0785" in answer.text
    assert "1234" not in answer.text
    choice = session.exec(select(Choice)).one()
    assert (choice.way, choice.iban, choice.chosen_by) == ("bank", IBAN.replace(" ", ""), None)


def test_a_voucher_is_there_at_once_and_another_way_takes_it_back(client, session, engine, give, noon):
    _, link = give()
    broken(engine, noon)
    choose = owed_page(client, link)[1]
    page = client.post(choose, data={"way": "voucher"}, follow_redirects=True).text
    code = re.search(r"\w{4}-\w{4}-\w{4}-\w{4}", page)[0]
    assert code in client.get(link.path).text
    again = client.post(choose, data={"way": "voucher"}, follow_redirects=True).text
    assert code in again
    assert len(session.exec(select(Voucher)).all()) == 1
    session.commit()
    assert code not in client.post(choose, data={"way": "counter"}, follow_redirects=True).text


def test_a_way_that_the_terms_do_not_have_is_refused(client, session, engine, give, noon):
    _, link = give()
    broken(engine, noon)
    choose = owed_page(client, link)[1]
    assert client.post(choose, data={"way": "credit"}).status_code == 422
    assert session.exec(select(Choice)).all() == []


def test_one_link_opens_nothing_of_another_customers(client, engine, give, noon):
    _, mine = give()
    _, other = give()
    broken(engine, noon)
    theirs = owed_page(client, other)[1].rpartition("/")[2]
    assert client.get(f"{mine.path}/way/{theirs}").status_code == 404
    assert client.post(f"{mine.path}/way/{theirs}", data={"way": "counter"}).status_code == 404


@pytest.mark.parametrize("word", ["K" * 20, "x", "K7QM2VXD94TP", "a'--"])
def test_a_word_that_opens_nothing_is_not_found(client, cast, word):
    answer = client.get(f"/c/{word}")
    assert answer.status_code == 404
    assert answer.headers["X-Robots-Tag"].startswith("noindex")


def test_nobody_finds_keeps_or_passes_on_these_pages(client, give):
    _, link = give()
    for address in (link.path, "/ticket"):
        answer = client.get(address)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert '<meta name="robots" content="noindex">' in answer.text


def test_a_page_that_has_not_changed_answers_in_no_words(client, give, act, cast):
    ticket, link = give()
    first = client.get(link.path)
    mark = {"If-None-Match": first.headers["ETag"]}
    assert client.get(link.path, headers=mark).status_code == 304
    act(desk.call, ticket, 1, by=cast.teller)
    assert client.get(link.path, headers=mark).status_code == 200


def test_a_typed_code_leads_to_the_page(client, give):
    _, link = give()
    answer = client.post("/ticket", data={"code": link.grouped.lower()})
    assert answer.location == link.path


def test_a_wrong_code_says_so_and_nothing_else(client, give):
    give()
    answer = client.post("/ticket", data={"code": "K7QM-2VXD-94TP"})
    assert answer.status_code == 422
    assert "Koodia ei löydy" in answer.text


def test_codes_are_tried_twenty_times_from_one_address_and_then_no_more(client, session, give, noon):
    _, link = give()
    for _ in range(links.TRIES_PER_ADDRESS):
        assert "Koodia ei löydy" in client.post("/ticket", data={"code": "K7QM-2VXD-94TP"}).text
    assert client.post("/ticket", data={"code": link.code}).status_code == 422
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.post("/ticket", data={"code": link.code}, environ_overrides=elsewhere).status_code == 302
    noon.shift(15 * 60 + 1)
    assert client.post("/ticket", data={"code": link.code}).location == link.path


def test_a_right_code_does_not_forgive_the_wrong_ones(client, give):
    _, link = give()
    for turn in range(links.TRIES_PER_ADDRESS):
        client.post("/ticket", data={"code": link.code if turn % 2 else "K7QM-2VXD-94TP"})
    assert client.post("/ticket", data={"code": link.code}).status_code == 422


def test_all_addresses_together_have_a_bound_too(client, session, give):
    _, link = give()
    key = sha256(b"customer-code").hexdigest()
    session.add_all(Attempt(key=key, at=NOON) for _ in range(links.TRIES_OF_ALL - 1))
    session.commit()
    assert client.post("/ticket", data={"code": link.code}).location == link.path
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.post("/ticket", data={"code": link.code}, environ_overrides=elsewhere).status_code == 422
    assert client.get(link.path).status_code == 200


def test_under_https_the_customers_own_form_is_taken_and_a_foreign_one_is_not(app, engine, give, noon):
    _, link = give()
    broken(engine, noon)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    base = "https://localhost"
    page = client.get(link.path, base_url=base).text
    choose = re.search(rf"{link.path}/way/\d+", page)[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(choose, base_url=base).text)[1]
    data = {"way": "counter", "csrf_token": token}
    foreign = {"Referer": "https://elsewhere.example/"}
    assert client.post(choose, data=data, base_url=base, headers=foreign).status_code == 400
    own = {"Referer": base + choose}
    assert client.post(choose, data=data, base_url=base, headers=own).status_code == 302


def test_a_case_of_another_system_gets_a_page_from_staff_on_demand(
    app, engine, client, browser, cast, settings, noon
):
    with transaction(engine) as session:
        promise(session)
        case = visit(session, "F-17", ("arrived", NOON - 20 * MINUTE), ("served", NOON), as_of=NOON)
    there = f"/branches/centre/cases/{case.id}"
    teller = browser(cast.teller)
    assert f"{there}/customer" in teller.get(there).text
    assert "Tee linkki" in teller.get(f"{there}/customer").text
    teller.post(f"{there}/customer", data={"once": "one"})
    page = teller.get(f"{there}/customer").text
    path = re.search(r"/c/[2-9A-Z]{20}", page)[0]
    own = client.get(path).text
    assert "Asiointisi" in own
    assert "Emme pitäneet" in own
    assert "10,00" in own
    teller.post(f"{there}/customer", data={"once": "two", "anew": "yes"})
    assert client.get(path).status_code == 404
    assert re.search(r"/c/[2-9A-Z]{20}", teller.get(f"{there}/customer").text)[0] != path


def test_only_staff_of_the_branch_hand_out_links(engine, browser, cast, noon):
    with transaction(engine) as session:
        case = visit(session, "F-17", ("arrived", NOON), as_of=NOON)
    there = f"/branches/centre/cases/{case.id}/customer"
    for person in (cast.outsider, cast.director, cast.analyst, cast.auditor):
        assert browser(person).get(there).status_code == 403
        assert browser(person).post(there).status_code == 403
    assert browser(cast.outsider).get(there.replace("centre", "harbour")).status_code == 404


def test_the_page_speaks_english_to_those_who_read_it(client, give):
    _, link = give()
    page = client.get(link.path, headers={"Accept-Language": "en"}).text
    assert "Your number is 1" in page
    assert "You are next" in page
