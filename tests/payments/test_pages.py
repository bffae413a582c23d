"""The pages of payments: made by one, approved by another, answered by the bank, shown without accounts."""

import io
import re
from dataclasses import replace

import pytest
from sqlmodel import select

from promises.compensation.tables import Payout
from promises.journal.tables import Event
from promises.payments import batches, vouchers
from promises.payments.tables import Batch, Choice, Voucher
from tests.compensation.owing import told
from tests.payments.given import IBAN, PAYER, SECRET, answer, choose, owed_for, owing
from tests.promised import promise


@pytest.fixture
def waiting(session, cast):
    """Three transfers that wait, at two branches."""
    owed = owing(session, "a", "b")
    owed.append(owed_for(session, "c", branch="harbour"))
    for one in owed:
        choose(session, one, "bank")
    session.commit()
    return owed


@pytest.fixture
def payer(app):
    """The company has an account."""
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, payer_iban=PAYER.iban, payer_bic=PAYER.bic)


def press(client, address, **fields):
    return client.post(address, data=fields, follow_redirects=True)


def make(client):
    return press(client, "/payments/batches", way="bank", currency="EUR")


def test_the_page_shows_what_waits_by_way(browser, cast, waiting, payer):
    words = told(browser(cast.director).get("/payments").text)
    assert "Odottaa lähettämistä, tilisiirtona 30,00 € 3 maksua" in words
    words = told(browser(cast.manager).get("/payments").text)
    assert "Odottaa lähettämistä, tilisiirtona 20,00 € 2 maksua" in words


def test_made_by_one_approved_by_another_downloaded_and_answered(
    browser, session, cast, waiting, payer, noon
):
    maker, approver = browser(cast.manager), browser(cast.director)
    page = make(maker)
    assert page.status_code == 200
    assert "Tee maksuerä" not in told(page.text)
    there = page.request.path
    assert "approve" not in page.text
    assert press(maker, f"{there}/approve").status_code == 403
    assert "Maksuerä on hyväksytty" in press(approver, f"{there}/approve").text
    file = press(maker, f"{there}/file")
    batch = session.exec(select(Batch)).one()
    session.commit()
    assert file.data == batch.document
    assert file.headers["Content-Disposition"] == f'attachment; filename="{batch.filename}"'
    brought = maker.post(
        "/payments/answers",
        data={"file": (io.BytesIO(answer(batch, group="ACSC")), "answer.xml")},
        follow_redirects=True,
    )
    assert "2 maksettu, 0 hylätty, 0 yhä matkalla" in told(brought.text)
    again = maker.post(
        "/payments/answers",
        data={"file": (io.BytesIO(answer(batch, group="ACSC")), "answer.xml")},
        follow_redirects=True,
    )
    assert "mikään ei muuttunut" in told(again.text)
    session.rollback()
    assert len(session.exec(select(Payout)).all()) == 2


def test_a_director_who_made_a_batch_can_not_approve_it(browser, session, cast, waiting, payer, noon):
    director = browser(cast.director)
    there = make(director).request.path
    refused = press(director, f"{there}/approve")
    assert refused.status_code == 409
    assert "toisen pitää hyväksyä se" in told(refused.text)


def test_no_page_shows_an_account_only_its_end(browser, session, cast, waiting, payer, noon):
    maker = browser(cast.manager)
    there = make(maker).request.path
    owed = waiting[0]
    pages = [
        "/payments",
        there,
        f"/branches/centre/compensation/{owed.id}",
        f"/branches/centre/compensation/{owed.id}/way",
    ]
    for page in pages:
        text = re.sub(r"\s", "", maker.get(page).text)
        assert IBAN not in text, page
    assert "•••• 8730" in maker.get(there).text


def test_a_batch_is_the_business_of_those_whose_branches_are_in_it(
    browser, session, cast, waiting, payer, noon
):
    there = make(browser(cast.director)).request.path
    assert browser(cast.manager).get(there).status_code == 404
    assert browser(cast.manager).post(f"{there}/refuse", data={"reason": "no"}).status_code == 404
    assert browser(cast.auditor).get(there).status_code == 200
    assert browser(cast.teller).get(there).status_code == 403


def test_a_refused_batch_says_why_and_its_payments_wait(browser, session, cast, waiting, payer, noon):
    maker = browser(cast.manager)
    there = make(maker).request.path
    assert press(browser(cast.director), f"{there}/refuse", reason="").status_code == 422
    words = told(press(browser(cast.director), f"{there}/refuse", reason="Väärä päivä").text)
    assert "Väärä päivä" in words
    assert "Odottaa lähettämistä, tilisiirtona 20,00 €" in told(maker.get("/payments").text)


def test_by_hand_one_comes_back_and_the_rest_arrive(browser, session, cast, waiting, payer, noon):
    maker = browser(cast.manager)
    there = make(maker).request.path
    press(browser(cast.director), f"{there}/approve")
    batch = session.exec(select(Batch)).one()
    name = batches.lines_of(session, batch)[0][0].name
    session.rollback()
    assert press(maker, f"{there}/reject", payment=name, reason="").status_code == 422
    words = told(press(maker, f"{there}/reject", payment=name, reason="Tili suljettu").text)
    assert "Tili suljettu" in words
    assert "1 maksua merkittiin" in press(maker, f"{there}/confirm").text
    assert "siitä 10,00 € palasi" in told(maker.get(there).text)


def test_a_wrong_file_is_told_beside_its_field(browser, cast, waiting, payer):
    client = browser(cast.manager)
    page = client.post("/payments/answers", data={"file": (io.BytesIO(b"no xml"), "x.xml")})
    assert page.status_code == 422
    assert "ei ole luettavaa XML" in page.text


def test_without_an_account_the_page_says_what_is_missing(browser, cast, waiting):
    assert "PAYER_IBAN" in browser(cast.manager).get("/payments").text
    assert make(browser(cast.manager)).status_code == 409


def test_a_teller_enters_what_the_customer_says(browser, session, cast, noon):
    (owed,) = owing(session, "a")
    session.commit()
    client, there = browser(cast.teller), f"/branches/centre/compensation/{owed.id}"
    wrong = client.post(
        f"{there}/way", data={"way": "bank", "account_holder": "M", "iban": "FI4950009420028731"}
    )
    assert wrong.status_code == 422
    assert "ei ole oikea IBAN" in wrong.text
    done = press(client, f"{there}/way", way="bank", account_holder="Maija Möttönen", iban=IBAN)
    assert "seuraavassa maksuerässä" in done.text
    assert "Tilisiirto •••• 8730" in told(done.text)
    session.rollback()
    assert session.exec(select(Choice.chosen_by)).one() == cast.teller


def test_a_voucher_is_made_printed_looked_at_and_redeemed(browser, session, cast, app, noon):
    app.config["SECRET_KEY"] = SECRET
    (owed,) = owing(session, "a")
    session.commit()
    client, there = browser(cast.teller), f"/branches/centre/compensation/{owed.id}"
    assert "Hyvityskoodi on tehty" in press(client, f"{there}/way", way="voucher").text
    paper = client.post(f"{there}/voucher.pdf")
    assert (paper.mimetype, paper.data[:4]) == ("application/pdf", b"%PDF")
    code = vouchers.code_of(session.exec(select(Voucher)).one(), SECRET)
    session.rollback()
    elsewhere = browser(cast.outsider)
    assert elsewhere.post("/branches/harbour/vouchers", data={"code": "wrong"}).status_code == 422
    looked = elsewhere.post("/branches/harbour/vouchers", data={"code": code.lower()})
    assert "Koodin arvo 10,00 €" in told(looked.text)
    assert "asiakas sai 10,00" in press(elsewhere, "/branches/harbour/vouchers/redeem", code=code).text
    used = elsewhere.post("/branches/harbour/vouchers", data={"code": code})
    assert "Koodi käytettiin" in told(used.text)
    assert press(client, "/branches/centre/vouchers/redeem", code=code).status_code == 422
    session.rollback()
    assert session.exec(select(Event.person_id).where(Event.verb == "voucher.printed")).one() == cast.teller


def test_a_receipt_is_a_pdf_in_the_readers_language(browser, session, cast, noon):
    (owed,) = owing(session, "a")
    session.commit()
    client, there = browser(cast.teller), f"/branches/centre/compensation/{owed.id}"
    assert client.get(f"{there}/receipt.pdf").status_code == 404
    press(client, f"{there}/pay", receiver="Möttönen 😀")
    receipt = client.get(f"{there}/receipt.pdf")
    assert receipt.data.startswith(b"%PDF-1.7")
    assert b"/Lang(fi)" in receipt.data


def test_terms_that_pay_only_by_bank_leave_no_button_to_pay_at_the_counter(browser, session, cast, noon):
    promise(session, remedy={"pays": [{"amount": "10.00"}], "ways": ["bank"]})
    owed = owed_for(session, "a")
    session.commit()
    client, there = browser(cast.teller), f"/branches/centre/compensation/{owed.id}"
    page = client.get(there).text
    assert "Maksa tiskillä" not in page
    assert "Maksa muulla tavalla" in page
    assert "ei makseta tiskillä" in press(client, f"{there}/pay").text


def test_a_compensation_tells_where_its_money_is(browser, session, cast, waiting, payer, noon):
    client = browser(cast.manager)
    make(client)
    words = told(client.get(f"/branches/centre/compensation/{waiting[0].id}").text)
    assert "Matkalla asiakkaalle" in words
    assert "Maksuerässä, joka odottaa hyväksyntää" in words
    assert "Matkalla 2" in told(client.get("/compensation").text)


def test_the_file_was_made_before_and_is_the_same_after(browser, session, cast, waiting, payer, noon):
    there = make(browser(cast.manager)).request.path
    before = bytes(session.exec(select(Batch.document)).one())
    session.rollback()
    press(browser(cast.director), f"{there}/approve")
    noon.shift(3600)
    assert press(browser(cast.manager), f"{there}/file").data == before
