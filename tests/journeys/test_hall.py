"""One customer of a branch's own queue, in real browsers: kiosk, phone, desk, wall, and the money."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from promises import clock
from promises.customer.links import known_link
from promises.database import open_session, transaction
from promises.queue.desk import call_next
from promises.queue.devices import KINDS, add_device
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.test_every_page import RULES
from tests.promised import branch_of, promise

WAYS = {"pays": [{"amount": "10.00"}], "ways": ["counter", "voucher", "bank"]}
SIZES = {"kiosk": (1080, 1920), "wall": (1920, 1080), "board": (1920, 1080)}


@pytest.fixture
def hall(engine, site, cast) -> dict[str, str]:
    """Links of the centre branch's screens, under a promise that pays in three ways."""
    with transaction(engine) as session:
        promise(session, remedy=WAYS)
        branch, now = branch_of(session), clock.now()
        return {
            kind: f"{site.address}/device/"
            + add_device(session, branch, kind=kind, name=kind, by=cast.manager, as_of=now)[1]
            for kind in KINDS
        }


@pytest.fixture
def window(chromium: Browser) -> Iterator:
    opened = []

    def one(width: int, height: int, **more) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="fi-FI", **more)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    yield one
    for context in opened:
        context.close()


def path_of(engine, cast, kiosk: Page) -> str:
    """Where the QR code on the kiosk leads."""
    case_id = int(re.search(r"/kiosk/tickets/(\d+)", kiosk.url)[1])
    with open_session(engine, writes=False) as session:
        return known_link(session, cast.centre, case_id, secret="k" * 40).path


def press(page: Page, key: str) -> None:
    """Press a key of a page that has come whole: before its scripts have, nobody hears of it."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


@pytest.mark.browser
def test_from_the_kiosk_to_the_money(engine, cast, site, hall, window, enter):
    # A customer touches the kiosk and takes the place in the queue along on the phone.
    kiosk = window(*SIZES["kiosk"])
    kiosk.goto(hall["kiosk"])
    assert "/device/" not in kiosk.url
    kiosk.get_by_role("button", name="Ota vuoronumero").click()
    kiosk.wait_for_url("**/kiosk/tickets/*")
    expect(kiosk.locator(".ticket-number")).to_have_text("1")
    path = path_of(engine, cast, kiosk)
    phone = window(390, 844)
    phone.goto(site.address + path)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Numerosi on 1")
    expect(phone.get_by_role("main")).to_contain_text("jäljellä")

    # The kiosk makes room for the next customer by itself.
    kiosk.wait_for_url(f"{site.address}/kiosk")

    # The time runs out; the page says so, and what is owed, without being asked.
    wall = window(*SIZES["wall"])
    wall.goto(hall["wall"])
    expect(wall.get_by_role("main")).to_contain_text("Tervetuloa")
    site.pass_time(16 * 60)
    expect(phone.get_by_role("main")).to_contain_text("Emme pitäneet lupaustamme")
    expect(phone.get_by_role("main")).to_contain_text("10,00")

    # A teller calls with one key, from desk 3; wall and phone show it by themselves.
    teller = enter("tiina")
    teller.goto("/branches/centre/desk")
    teller.get_by_role("button", name="Valitse tiskini").click()
    teller.get_by_label("Tiskini").fill("3")
    teller.get_by_role("button", name="Muista").click()
    expect(teller.get_by_role("button", name="Tiski 3")).to_be_visible()
    press(teller, "F2")
    expect(teller.get_by_role("button", name="Asiakas tuli tiskille")).to_be_visible()
    expect(wall.locator(".called li").first).to_contain_text("Tiski 3")
    expect(wall.locator(".called .ticket-number").first).to_have_text("1")
    expect(phone.get_by_role("main")).to_contain_text("Nyt on sinun vuorosi")
    press(teller, "F4")
    expect(teller.get_by_role("main")).to_contain_text("kutsuttu 2 kertaa")

    # Served too late, and to the end.
    press(teller, "F2")
    expect(teller.get_by_role("main")).to_contain_text("Palveltavana")
    press(teller, "F2")
    expect(teller.get_by_role("main")).to_contain_text("Kukaan ei odota")
    expect(wall.locator(".called li")).to_have_count(0)

    # The customer chooses a transfer; a wrong account number is told and what was typed stays.
    phone.reload()
    phone.get_by_role("link", name="Valitse, miten haluat sen").click()
    expect(phone.get_by_label("Tilinumero (IBAN)")).to_be_hidden()
    phone.get_by_label("Tilisiirtona pankkitililleni").check()
    phone.get_by_label("Tilin omistaja").fill("Aino Asiakas")
    phone.get_by_label("Tilinumero (IBAN)").fill("FI21 1234 5600 0007 86")
    phone.get_by_role("button", name="Näin haluan sen").click()
    expect(phone.get_by_label("Tilin omistaja")).to_have_value("Aino Asiakas")
    phone.get_by_label("Tilinumero (IBAN)").fill("FI21 1234 5600 0007 85")
    phone.get_by_role("button", name="Näin haluan sen").click()
    expect(phone.get_by_role("main")).to_contain_text("0785")
    expect(phone.get_by_role("main")).not_to_contain_text("1234 56")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_of_a_hall_are_whole(engine, cast, site, hall, window, scheme):
    pages = {kind: window(*SIZES[kind], color_scheme=scheme) for kind in KINDS}
    faults = []

    def look(page: Page) -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        faults.extend(f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found)
        beyond = page.evaluate(
            "(({scrollWidth, scrollHeight}) => [scrollWidth - innerWidth, scrollHeight - innerHeight])"
            "(document.documentElement)"
        )
        if max(beyond) > 0:
            faults.append(f"{page.url}: {beyond} px beyond the screen")

    for kind, page in pages.items():
        page.goto(hall[kind])
        look(page)
    kiosk = pages["kiosk"]
    kiosk.get_by_role("button", name="Ota vuoronumero").click()
    kiosk.wait_for_url("**/kiosk/tickets/*")
    look(kiosk)
    kiosk.goto(f"{site.address}/kiosk?language=en")
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Welcome")
    expect(pages["board"].get_by_role("main")).to_contain_text("jäljellä")
    look(pages["board"])
    expect(pages["wall"].get_by_text("1 odottaa")).to_be_visible(timeout=60_000)
    # Read from ten metres: on a screen a metre wide, 100 px are five centimetres.
    with transaction(engine) as session:
        call_next(session, branch_of(session), desk="2", by=cast.teller, as_of=clock.now())
    for words in (".called .ticket-number", ".called-where"):
        text = pages["wall"].locator(words).first
        expect(text).to_be_visible(timeout=60_000)
        assert text.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 100
    assert faults == []


@pytest.mark.browser
def test_a_kiosk_without_a_connection_says_so_and_the_next_touch_gives_one_ticket(engine, site, hall, window):
    kiosk = window(*SIZES["kiosk"])
    kiosk.goto(hall["kiosk"])
    kiosk.context.set_offline(True)
    kiosk.get_by_role("button", name="Ota vuoronumero").click()
    expect(kiosk.get_by_text("Kosketa uudelleen")).to_be_visible()
    kiosk.context.set_offline(False)
    kiosk.get_by_role("button", name="Ota vuoronumero").click()
    kiosk.wait_for_url("**/kiosk/tickets/*")
    expect(kiosk.locator(".ticket-number")).to_have_text("1")


@pytest.mark.browser
def test_the_time_left_is_right_after_a_sleep(engine, cast, site, hall, window):
    """The page's clock jumps as it does when a machine wakes up; no answer of the server is needed."""
    kiosk = window(*SIZES["kiosk"])
    kiosk.goto(hall["kiosk"])
    kiosk.get_by_role("button", name="Ota vuoronumero").click()
    kiosk.wait_for_url("**/kiosk/tickets/*")
    path = path_of(engine, cast, kiosk)
    phone = window(390, 844)
    phone.clock.install()
    phone.goto(site.address + path)
    left = phone.locator("[data-due]").first
    minutes = re.compile(r"\b(\d+):\d\d\b")
    expect(left).to_contain_text(minutes)
    phone.context.set_offline(True)
    before = int(minutes.search(left.inner_text())[1])
    phone.clock.fast_forward("08:00")
    # A minute may have ended between the look and the jump.
    expect(left).to_contain_text(re.compile(rf"\b({before - 8}|{before - 9}):\d\d\b"))
    phone.clock.fast_forward("15:00")
    expect(left).to_have_attribute("data-state", "over")
    expect(phone.get_by_text("Ei yhteyttä")).to_be_visible()
