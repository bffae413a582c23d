"""The administrator lets other systems hear, sees how that goes, and lets them go; nobody else does."""

from sqlmodel import select

from promises.database import open_session, transaction
from promises.outbox.actions import notify
from promises.outbox.signing import secret_of
from promises.outbox.tables import Delivery, Webhook
from tests.conftest import NOON

ADDRESS = "https://partner.example/hooks"


def added(browser, cast, **more):
    form = {"name": "Partner", "address": ADDRESS, "kinds": ["case.broken"], "once": "1", **more}
    return browser(cast.administrator).post("/webhooks", data=form)


def only(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Webhook)).one()


def test_a_system_is_added_and_shown_with_its_secret(engine, browser, cast, settings):
    answer = added(browser, cast, branches=[str(cast.centre)])
    webhook = only(engine)
    assert answer.location == f"/webhooks/{webhook.id}"
    assert webhook.branch_ids == [cast.centre]
    page = browser(cast.administrator).get(answer.location).text
    assert ADDRESS in page
    assert secret_of(settings.secret_key, webhook.salt) in page
    assert "Keskusta" in browser(cast.administrator).get("/webhooks").text


def test_the_same_press_twice_adds_it_once(engine, browser, cast):
    first, second = added(browser, cast), added(browser, cast)
    assert first.location == second.location
    assert only(engine)


def test_an_address_of_our_own_house_is_refused_beside_its_field(engine, browser, cast):
    answer = added(browser, cast, address="https://169.254.169.254/latest")
    assert answer.status_code == 422
    assert "oman verkon osoite" in answer.text
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Webhook)).first() is None


def test_what_was_given_up_is_shown_and_sent_again(engine, browser, cast):
    added(browser, cast)
    with transaction(engine) as session:
        notify(session, "case.broken", {"reference": "A 1"}, cast.centre, NOON)
    with transaction(engine) as session:
        delivery = session.exec(select(Delivery)).one()
        delivery.due_at, delivery.tries, delivery.fault = None, 10, "ConnectionRefusedError: closed"
        session.add(delivery)
    administrator = browser(cast.administrator)
    page = administrator.get(f"/webhooks/{only(engine).id}").text
    assert "ConnectionRefusedError: closed" in page
    assert "Lähetä uudelleen" in page
    administrator.post(f"/webhooks/{only(engine).id}/again")
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Delivery)).one().due_at is not None


def test_a_system_that_was_let_go_is_told_nothing_more(engine, browser, cast):
    added(browser, cast)
    browser(cast.administrator).post(f"/webhooks/{only(engine).id}/end")
    assert only(engine).ended_at is not None
    assert "päättynyt" in browser(cast.administrator).get("/webhooks").text


def test_a_system_that_is_not_there_is_not_found(browser, cast):
    assert browser(cast.administrator).get("/webhooks/77").status_code == 404
