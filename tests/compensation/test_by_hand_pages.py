"""The pages of exclusions and awards: proposed from the case, decided by another person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation.award_tables import Award
from promises.compensation.tables import Compensation
from promises.database import open_session
from promises.service.excluded_tables import Exclusion
from tests.compensation.owing import set_promise, told
from tests.conftest import NOON
from tests.promised import verdict_of, visit

HOUR = timedelta(hours=1)
WORDS = {"reason": "Asiakas oli ulkona.", "evidence": "Kertoi itse."}
BY_HAND = {"pays": [{"amount": "10.00"}], "by_hand": {"at_most": "50.00", "second_person_above": "20.00"}}


@pytest.fixture
def case(session, cast, noon):
    set_promise(session, remedy=BY_HAND)
    case = visit(session, "a-1", ("arrived", NOON - HOUR), ("served", NOON), as_of=NOON)
    session.commit()
    return case


def there(case, tail=""):
    return f"/branches/centre/cases/{case.id}{tail}"


def press(client, address, promise_id=None, **fields):
    """Fill in the page's form and send it, following where it leads."""
    return client.post(address, data={"promise": promise_id or 1, **WORDS, **fields}, follow_redirects=True)


def status(engine, case):
    with open_session(engine, writes=False) as session:
        return verdict_of(session, case).status


def test_the_case_leads_to_what_may_be_done_with_it(browser, cast, case):
    teller = browser(cast.teller).get(there(case)).text
    assert there(case, "/exclude") in teller
    assert there(case, "/award") not in teller
    assert there(case, "/award") in browser(cast.manager).get(there(case)).text
    assert there(case, "/exclude") not in browser(cast.director).get(there(case)).text


def test_a_teller_proposes_and_the_manager_approves(engine, browser, cast, case):
    answer = press(browser(cast.teller), there(case, "/exclude"))
    assert "Odottaa toista henkilöä" in told(answer.text) or "Asiakkaalta jäisi saamatta" in told(answer.text)
    assert status(engine, case) == "broken"
    manager = browser(cast.manager)
    listing = manager.get("/by-hand").text
    assert "a-1" in listing
    with open_session(engine, writes=False) as session:
        number = session.exec(select(Exclusion.id)).one()
    address = f"/branches/centre/exclusions/{number}"
    answer = manager.post(f"{address}/decide", data={"outcome": "approved"}, follow_redirects=True)
    assert "Hyväksyit esityksen" in answer.text
    assert status(engine, case) == "excluded"
    page = told(manager.get(there(case)).text)
    assert "perustellusti" in page
    assert "Hyväksytty" in page


def test_the_maker_sees_that_somebody_else_must_approve(engine, browser, cast, case):
    manager = browser(cast.manager)
    press(manager, there(case, "/exclude"))
    with open_session(engine, writes=False) as session:
        number = session.exec(select(Exclusion.id)).one()
    address = f"/branches/centre/exclusions/{number}"
    assert "jonkun toisen on hyväksyttävä" in manager.get(address).text
    answer = manager.post(f"{address}/decide", data={"outcome": "approved"})
    assert answer.status_code == 422
    assert "omaa esitystään ei voi hyväksyä itse" in answer.text
    assert status(engine, case) == "broken"


def test_a_refusal_without_a_reason_stays_on_its_page(engine, browser, cast, case):
    press(browser(cast.teller), there(case, "/exclude"))
    with open_session(engine, writes=False) as session:
        number = session.exec(select(Exclusion.id)).one()
    answer = browser(cast.manager).post(
        f"/branches/centre/exclusions/{number}/decide", data={"outcome": "refused"}
    )
    assert answer.status_code == 422
    assert "Kerro syy" in answer.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": " "}, "Miksi"),
        ({"evidence": "", "reference": ""}, "Kerro näyttö"),
        ({"promise": "999"}, "Promise"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_proposed(engine, browser, cast, case, wrong, words):
    data = {"promise": 1, **WORDS, **wrong}
    answer = browser(cast.teller).post(there(case, "/exclude"), data=data)
    assert answer.status_code == 422
    assert words in answer.text or "lupaus" in answer.text.lower()
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Exclusion)).all() == []


def test_a_second_press_leads_to_the_same_proposal(engine, browser, cast, case):
    teller = browser(cast.teller)
    data = {"promise": 1, **WORDS, "once": "one-press"}
    first, second = (teller.post(there(case, "/exclude"), data=data) for _ in range(2))
    assert first.location == second.location
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Exclusion)).all()) == 1


def test_a_manager_awards_a_small_amount_at_once_and_a_large_one_waits(engine, browser, cast, case):
    manager = browser(cast.manager)
    answer = press(manager, there(case, "/award"), amount="20,00")
    assert "Hyvitys on myönnetty" in answer.text
    answer = press(manager, there(case, "/award"), amount="15,00")
    assert "odottaa toisen henkilön hyväksyntää" in answer.text
    with open_session(engine, writes=False) as session:
        small, large = session.exec(select(Award).order_by(Award.amount.desc())).all()
        assert (small.alone, large.alone) == (True, False)
        assert session.get(Compensation, (small.branch_id, small.id)).amount == Decimal("20.00")
        assert session.get(Compensation, (large.branch_id, large.id)) is None
    answer = browser(cast.director).post(
        f"/branches/centre/awards/{large.id}/decide", data={"outcome": "approved"}, follow_redirects=True
    )
    assert "Hyväksyit esityksen" in answer.text
    page = manager.get(f"/branches/centre/compensation/{large.id}")
    assert page.status_code == 200
    assert "15,00" in page.text


def test_an_award_above_what_is_left_is_told_at_the_amount(browser, cast, case):
    answer = press(browser(cast.manager), there(case, "/award"), amount="50,01")
    assert answer.status_code == 422
    assert "50" in told(answer.text)


def test_another_branch_knows_nothing_of_it(engine, browser, cast, case):
    press(browser(cast.teller), there(case, "/exclude"))
    with open_session(engine, writes=False) as session:
        number = session.exec(select(Exclusion.id)).one()
    assert browser(cast.outsider).get(f"/branches/harbour/exclusions/{number}").status_code == 404
    assert browser(cast.outsider).get(f"/branches/centre/exclusions/{number}").status_code == 403


def test_where_one_person_is_enough_the_case_is_left_out_at_once(app, engine, browser, cast, case, settings):
    app.config["SETTINGS"] = replace(settings, exclude_alone_up_to=Decimal("10.00"))
    answer = press(browser(cast.teller), there(case, "/exclude"))
    assert "Asiointi on nyt lupauksen ulkopuolella" in answer.text
    assert status(engine, case) == "excluded"
