"""The hall: kiosks that give tickets, walls that show them, links that open and end them."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from promises.customer.tables import CustomerLink
from promises.database import transaction
from promises.journal.tables import Event
from promises.queue import desk
from promises.queue.devices import add_device, end_device
from promises.queue.lines import set_lines
from promises.queue.tables import Device
from promises.refusal import Refusal
from promises.service.tables import Case, Ticket
from tests.conftest import NOON
from tests.promised import at_once, branch_of, promise

MINUTE = timedelta(minutes=1)


@pytest.fixture
def links(engine, cast, noon):
    """Secrets of the centre branch's screens, by kind."""
    with transaction(engine) as session:
        promise(session)
        return {
            kind: add_device(session, branch_of(session), kind=kind, name=kind, by=cast.manager, as_of=NOON)[
                1
            ]
            for kind in ("kiosk", "wall", "board")
        }


@pytest.fixture
def screen(app, links):
    """``screen("kiosk")``: a browser that has come in by that link."""

    def open_one(kind):
        client = app.test_client()
        assert client.get(f"/device/{links[kind]}").status_code == 302
        return client

    return open_one


def take(kiosk, once="a touch", line="branch", **more):
    return kiosk.post("/kiosk/tickets", data={"touchpoint": line, "once": once, **more})


def numbers(session):
    found = sorted(session.exec(select(Ticket.number)).all())
    session.commit()
    return found


def test_a_touch_gives_a_ticket_with_number_code_and_picture(session, screen):
    kiosk = screen("kiosk")
    there = take(kiosk).location
    page = kiosk.get(there).text
    assert re.search(r'ticket-number">1<', page)
    assert re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", page)
    assert "data:image/svg+xml" in page
    assert numbers(session) == [1]


def test_a_double_touch_gives_one_ticket(session, screen):
    kiosk = screen("kiosk")
    assert take(kiosk).location == take(kiosk).location
    assert numbers(session) == [1]
    assert take(kiosk, "another touch").location != take(kiosk).location
    assert numbers(session) == [1, 2]


def test_ten_kiosks_touched_at_once_give_ten_numbers(engine, session, screen):
    kiosks = [screen("kiosk") for _ in range(10)]
    acts = [
        (lambda kiosk=kiosk, n=n: take(kiosk, f"touch {n}").status_code) for n, kiosk in enumerate(kiosks)
    ]
    assert at_once(*acts) == [302] * 10
    assert numbers(session) == list(range(1, 11))
    assert len(session.exec(select(Case)).all()) == len(session.exec(select(CustomerLink)).all()) == 10


def test_a_kiosk_offers_the_lines_of_its_hall_and_no_other(engine, session, cast, screen):
    kiosk = screen("kiosk")
    assert kiosk.get("/kiosk").text.count('name="touchpoint"') == 1
    with transaction(engine) as own:
        set_lines(own, branch_of(own), ["branch", "loan"], by=cast.manager, as_of=NOON)
    assert "Laina-asiat" in kiosk.get("/kiosk").text
    take(kiosk, line="loan")
    assert take(kiosk, "other", line="card").status_code == 422
    assert [ticket.touchpoint for ticket in session.exec(select(Ticket))] == ["loan"]


def test_a_customer_chooses_the_language_and_the_next_one_finds_finnish(screen):
    kiosk = screen("kiosk")
    assert "Welcome" in kiosk.get("/kiosk?language=en").text
    there = take(kiosk, language="en").location
    assert "Your number" in kiosk.get(there).text
    assert "Tervetuloa" in kiosk.get("/kiosk").text


def test_a_ticket_is_shown_to_its_customer_and_to_nobody_after(screen, noon):
    kiosk = screen("kiosk")
    there = take(kiosk).location
    noon.shift(121)
    assert kiosk.get(there).location == "/kiosk"


def test_a_kiosk_of_another_branch_does_not_show_it(engine, cast, app, screen):
    there = take(screen("kiosk")).location
    with transaction(engine) as own:
        harbour = branch_of(own, "harbour")
        secret = add_device(own, harbour, kind="kiosk", name="other", by=None, as_of=NOON)[1]
    other = app.test_client()
    other.get(f"/device/{secret}")
    assert other.get(there).location == "/kiosk"


@pytest.mark.parametrize("address", ["/kiosk", "/wall", "/board", "/device/guessed"])
def test_a_browser_that_is_no_device_of_ours_gets_nothing(session, client, cast, address):
    assert client.get(address).status_code == 403
    assert take(client).status_code == 403
    assert numbers(session) == []


def test_a_wall_is_no_kiosk(screen):
    assert screen("wall").get("/kiosk").status_code == 403


def test_an_ended_link_stops_the_screen_at_once(engine, session, cast, links, screen):
    kiosk = screen("kiosk")
    with transaction(engine) as own:
        device = own.exec(select(Device).where(Device.kind == "kiosk")).one()
        end_device(own, branch_of(own), device.id, by=cast.manager, as_of=NOON)
        end_device(own, branch_of(own), device.id, by=cast.manager, as_of=NOON)
    assert take(kiosk).status_code == kiosk.get(f"/device/{links['kiosk']}").status_code == 403
    assert len(session.exec(select(Event).where(Event.verb == "device.ended")).all()) == 1


def test_a_device_of_another_branch_is_not_ended_here(session, cast, links):
    device = session.exec(select(Device)).first()
    with pytest.raises(Refusal, match=r"device\.unknown"):
        end_device(session, branch_of(session, "harbour"), device.id, by=None, as_of=NOON)


def test_of_a_secret_only_its_hash_is_kept(session, links):
    for device in session.exec(select(Device)):
        assert links[device.kind] not in str(device.model_dump())


def test_the_wall_shows_numbers_and_desks_and_nobodys_name(engine, cast, screen):
    wall = screen("wall")
    with transaction(engine) as own:
        for minutes in (0, 1, 2):
            desk.give_ticket(own, branch_of(own), by=None, as_of=NOON + minutes * MINUTE / 60)
        desk.call_next(own, branch_of(own), desk="3", by=cast.teller, as_of=NOON + MINUTE / 10)
        desk.call_next(own, branch_of(own), desk="7", by=cast.colleague, as_of=NOON + MINUTE / 6)
    page = wall.get("/wall").text
    assert re.findall(r'ticket-number">(\d+)<', page) == ["2", "1"]
    assert page.index("Tiski 7") < page.index("Tiski 3")
    assert "1 odottaa" in page
    assert "Tiina" not in page


def test_a_number_called_again_comes_first_and_is_new_for_a_moment(engine, cast, screen, noon):
    wall = screen("wall")
    with transaction(engine) as own:
        first = desk.give_ticket(own, branch_of(own), by=None, as_of=NOON)
        desk.give_ticket(own, branch_of(own), by=None, as_of=NOON)
        desk.call_next(own, branch_of(own), by=cast.teller, as_of=NOON)
        desk.call_next(own, branch_of(own), by=cast.colleague, as_of=NOON + MINUTE)
        desk.call_again(own, branch_of(own), first.case_id, by=cast.teller, as_of=NOON + 2 * MINUTE)
    noon.shift(125)
    page = wall.get("/wall").text
    assert re.findall(r'ticket-number">(\d+)<', page) == ["1", "2"]
    assert page.count("is-new") == 1
    noon.shift(15)
    assert "is-new" not in wall.get("/wall").text


def test_a_page_that_has_not_changed_answers_in_no_words(engine, cast, screen):
    for kind in ("wall", "board", "kiosk"):
        client = screen(kind)
        first = client.get(f"/{kind}")
        again = client.get(f"/{kind}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        with transaction(engine) as own:
            desk.give_ticket(own, branch_of(own), by=None, as_of=NOON)
        changed = client.get(f"/{kind}", headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200


def test_the_board_shows_who_waits_with_state_in_words(engine, cast, screen, browser, noon):
    with transaction(engine) as own:
        for minutes in (0, 10):
            desk.give_ticket(own, branch_of(own), by=None, as_of=NOON + minutes * MINUTE)
        desk.give_ticket(own, branch_of(own, "harbour"), by=None, as_of=NOON)
        called = desk.give_ticket(own, branch_of(own), by=None, as_of=NOON + 10 * MINUTE)
        desk.call(own, branch_of(own), called.case_id, desk="2", by=cast.teller, as_of=NOON + 11 * MINUTE)
    noon.shift(13 * 60)
    staff = browser(cast.manager).get("/branches/centre/board").text
    assert 'data-state="soon"' in staff
    assert 'data-state="fine"' in staff
    assert "Tiina Teller" in staff
    hall = screen("board").get("/board").text
    assert hall.count("data-due") == 3
    assert "Tiina" not in hall
    noon.shift(3 * 60)
    assert 'data-state="over"' in browser(cast.manager).get("/branches/centre/board").text


def test_the_share_at_which_it_warns_is_that_of_the_terms(engine, cast, browser, noon):
    with transaction(engine) as own:
        measure = {"from": "arrived", "to": "served", "limit": "15 min", "warn_at": "0.2"}
        promise(own, measure=measure)
        desk.give_ticket(own, branch_of(own), by=None, as_of=NOON)
    noon.shift(3 * 60 - 1)
    assert 'data-state="fine"' in browser(cast.manager).get("/branches/centre/board").text
    noon.shift(1)
    assert 'data-state="soon"' in browser(cast.manager).get("/branches/centre/board").text


def test_the_manager_links_a_screen_and_sees_its_link_once(session, cast, browser, app):
    manager = browser(cast.manager)
    answer = manager.post(
        "/branches/centre/hall/devices", data={"kind": "kiosk", "name": "Ovi", "once": "the press"}
    )
    link = re.search(r'href="(http[^"]*/device/[^"]+)"', answer.text)[1]
    assert link.split("/device/")[1] not in manager.get("/branches/centre/hall").text
    again = manager.post(
        "/branches/centre/hall/devices", data={"kind": "kiosk", "name": "Ovi", "once": "the press"}
    )
    assert again.location == "/branches/centre/hall"
    device = session.exec(select(Device)).one()
    session.commit()
    kiosk = app.test_client()
    assert kiosk.get("/device/" + link.split("/device/")[1]).location == "/kiosk"
    assert "Ovi" in manager.get("/branches/centre/hall").text
    manager.post(f"/branches/centre/hall/devices/{device.id}/end", data={"once": "end"})
    assert kiosk.get("/kiosk").status_code == 403


def test_only_the_branchs_own_manager_has_its_screens_in_hand(cast, browser):
    for person in (cast.teller, cast.director, cast.administrator, cast.auditor):
        assert browser(person).get("/branches/centre/hall").status_code == 403
    assert browser(cast.manager).get("/branches/harbour/hall").status_code == 403
    manager = browser(cast.manager)
    manager.post("/branches/centre/hall/lines", data={"lines": ["branch", "card"]})
    assert manager.get("/branches/centre/hall").text.count("checked") == 3
