"""The auditor's pages: how far the chains go, the ledger by every side, and what stands out."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from sqlmodel import select

from promises.audit.verify import note, verify
from promises.compensation import actions
from promises.compensation.balances import balances
from promises.compensation.exclusions import propose_exclusion
from promises.compensation.tables import Entry
from promises.database import open_session
from promises.journal.tables import Head
from promises.payments.choosing import choose_way
from promises.service.actions import add_milestone, open_case
from promises.service.tables import Case
from tests.compensation.owing import late_visit, set_promise, told
from tests.conftest import NOON
from tests.promised import branch_of, verdict_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
IBAN = "FI2112345600000785"


@pytest.fixture
def lived(session, cast, noon):
    """Three customers who were served late: one paid, one yesterday, one at the other branch."""
    set_promise(session)
    paid = late_visit(session, "a", arrived=NOON - HOUR, customer="77")
    late_visit(session, "b", arrived=NOON - DAY, customer="78")
    late_visit(session, "=c", arrived=NOON - HOUR, branch="harbour", customer="77")
    actions.pay_at_counter(session, paid.branch_id, paid.id, receiver="", by=cast.teller, as_of=NOON)
    session.commit()
    return paid


def words(answer):
    return told(answer.text).replace("\xa0", " ")


def rows(answer):
    """The cases of the ledger's lines, in their order."""
    return re.findall(r"/compensation/\d+\">([^<]+)</a><br>", answer.text)


def test_the_auditor_sees_the_chains_and_the_last_check(engine, browser, cast, lived):
    client = browser(cast.auditor)
    assert "Mitään ei ole vielä tarkistettu" in client.get("/journal/chain").text
    note(engine, verify(engine, as_of=NOON), as_of=NOON)
    page = client.get("/journal/chain").text
    assert "Viime tarkistuksen löydös" in page
    assert "Kirjanpito: Keskusta" in page
    with open_session(engine, writes=False) as session:
        for head in session.exec(select(Head)):
            assert head.digest[:32] in page
    assert "<button" not in page.partition("<main")[2].partition("</main")[0]


def test_the_ledger_shows_every_line_and_its_balances(browser, cast, lived):
    answer = browser(cast.auditor).get("/ledger")
    assert sorted(rows(answer)) == ["=c", "a", "a", "b"]
    assert "20,00 €" in words(answer)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kind=paid", ["a"]),
        ("branch=harbour", ["=c"]),
        ("customer=77", ["=c", "a", "a"]),
        ("customer=77&branch=centre&kind=owed", ["a"]),
        ("until=2026-06-08", ["b"]),
        ("since=2026-06-09", ["=c", "a", "a"]),
        ("kind=sent", []),
        ("promise=served-in-15&kind=reversed", []),
        ("since=1066-10-14&kind=nonsense", ["=c", "a", "a", "b"]),
    ],
)
def test_the_filter_narrows_the_lines_and_the_file_alike(browser, cast, lived, asked, found):
    client = browser(cast.auditor)
    assert sorted(rows(client.get(f"/ledger?{asked}"))) == found
    file = list(csv.reader(StringIO(client.get(f"/ledger.csv?{asked}").text.removeprefix("\ufeff"))))
    assert sorted(row[4].removeprefix("'") for row in file[1:]) == found


def test_a_text_that_a_spreadsheet_would_run_is_quoted(browser, cast, lived):
    assert ",'=c," in browser(cast.auditor).get("/ledger.csv").text


def test_a_balance_leads_to_the_lines_that_make_it_up(session, browser, cast, lived):
    client = browser(cast.auditor)
    page = client.get("/ledger?by=customer").text
    links = [unescape(link) for link in re.findall(r'href="(/ledger\?[^"]*kind=owed[^"]*)#lines"', page)]
    assert len(links) == 3
    for link, sums in zip(links, balances(session, by_customer=True), strict=True):
        lines = rows(client.get(link))
        assert len(lines) * 10 == sums.owed
        assert f"customer={sums.customer}" in link


def test_balances_by_customer_are_the_sums_of_their_lines(session, cast, lived):
    found = {
        (one.branch_id, one.customer): (one.owed, one.paid) for one in balances(session, by_customer=True)
    }
    assert found == {
        (cast.centre, "77"): (10, 10),
        (cast.centre, "78"): (10, 0),
        (cast.harbour, "77"): (10, 0),
    }
    (one,) = balances(session, customer="77", branches=[cast.centre])
    assert (one.owed, one.open) == (10, 0)
    assert sum(line.amount for line in session.exec(select(Entry)) if line.kind == "owed") == 30


def test_a_branch_manager_sees_the_own_branch_alone(browser, cast, lived):
    client = browser(cast.manager)
    assert sorted(rows(client.get("/ledger"))) == ["a", "a", "b"]
    assert sorted(rows(client.get("/ledger?branch=harbour"))) == ["a", "a", "b"]
    assert "Satama" not in client.get("/ledger.csv").text


def test_nothing_stands_out_where_nothing_does(browser, cast, lived):
    page = browser(cast.director).get("/misuse")
    assert "Mikään ei erotu" in page.text


def on_time(session, reference, customer):
    arrived = NOON - HOUR
    open_case(
        session, branch=branch_of(session), touchpoint="branch", source="test", reference=reference,
        milestones=[("arrived", arrived), ("served", arrived + timedelta(minutes=1))], customer=customer,
        by=None, as_of=NOON,
    )  # fmt: skip


def test_a_customer_who_is_compensated_again_and_again_is_shown_with_the_cases(session, browser, cast, noon):
    set_promise(session)
    for n in range(5):
        late_visit(session, f"again-{n}", arrived=NOON - n * DAY - HOUR, customer="77")
    for n in range(40):
        on_time(session, f"fine-{n}", customer=f"c{n}")
    session.commit()
    answer = browser(cast.manager).get("/misuse")
    assert "Sama asiakas yhä uudelleen" in answer.text
    assert "Hyvitys 5 asioinnissa, asiointeja 5" in words(answer)
    assert all(f">again-{n}</a>" in answer.text for n in range(5))
    assert ">fine-" not in answer.text


def test_an_account_is_shown_masked(session, browser, cast, noon):
    terms = {"pays": [{"amount": "10.00"}], "ways": ["counter", "bank"]}
    set_promise(session, remedy=terms)
    for n in range(3):
        owed = late_visit(session, f"t-{n}", arrived=NOON - HOUR, customer=f"c{n}")
        choose_way(
            session, owed.branch_id, owed.id, "bank", account_holder="Aino Aalto", iban=IBAN,
            secret="k" * 40, by=cast.teller, as_of=NOON,
        )  # fmt: skip
    session.commit()
    page = browser(cast.director).get("/misuse").text
    assert "Sama tili yhä uudelleen" in page
    assert "0785" in page
    assert IBAN not in page
    assert "Aino" not in page


def test_a_teller_who_excludes_most_is_a_question_and_not_a_verdict(session, browser, cast, noon):
    set_promise(session)
    for n in range(7):
        owed = late_visit(session, f"x-{n}", arrived=NOON - HOUR)
        propose_exclusion(
            session, branch_of(session), owed.case_id, owed.promise_id, reason="r", evidence="e",
            by=cast.teller, as_of=NOON,
        )  # fmt: skip
    session.commit()
    page = browser(cast.manager).get("/misuse")
    assert "Tiina Teller" in page.text
    assert "kysymys eikä syytös" in page.text
    assert verdict_of(session, open_of(session, "x-0")).status == "broken"


def open_of(session, reference):
    return session.exec(select(Case).where(Case.reference == reference)).one()


def test_cases_in_one_hand_that_all_broke_are_shown(session, browser, cast, noon):
    set_promise(session)
    for n in range(5):
        arrived = NOON - HOUR
        case = open_case(
            session, branch=branch_of(session), touchpoint="branch", source="test", reference=f"own-{n}",
            milestones=[("arrived", arrived)], by=cast.teller, as_of=arrived,
        )  # fmt: skip
        add_milestone(session, case, branch_of(session), "served", NOON, by=cast.teller, as_of=NOON)
    session.commit()
    page = browser(cast.director).get("/misuse")
    assert "Yhden käsissä alusta loppuun" in page.text
    assert "Rikki 5 niistä 5 asioinnista" in words(page)
