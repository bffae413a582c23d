"""A customer answers on a phone, a manager gets back to them, and it is closed: in real browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from promises.database import transaction
from promises.followup import actions
from tests.conftest import NOON
from tests.journeys.conftest import PATIENCE_MS
from tests.surveys.asked import door, survey

WORDS = "Odotin tiskille puoli tuntia, ja sitten tiski suljettiin."


@pytest.fixture
def link(engine: Engine, cast) -> str:
    """The code on the centre's counter, and a rule about what is said through it."""
    with transaction(engine) as session:
        actions.make_rule(
            session, name="Pettynyt asiakas", highest_score=6, problem_id=None, words="", wish=False, hours=2,
            owner_id=None, reask_days=30, by=cast.analyst, as_of=NOON,
        )  # fmt: skip
        return f"/s/{door(session, survey(session, cast), cast.centre).token}"


@pytest.fixture
def phone(chromium: Browser, site):
    window = chromium.new_context(
        base_url=site.address, locale="fi-FI", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = window.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    window.close()


@pytest.mark.browser
def test_an_answer_on_a_phone_is_got_back_to_and_closed(phone: Page, enter, link: str):
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Kuinka todennäköisesti")
    phone.get_by_role("button", name="Lähetä").tap()
    expect(phone.get_by_role("alert")).to_contain_text("Valitse numero")
    phone.locator(".scale label", has_text="2").first.tap()
    phone.get_by_label("Miksi?").fill(WORDS)
    phone.get_by_label("Toivon, että otatte minuun yhteyttä").check()
    phone.get_by_label("Sähköpostisi tai puhelinnumerosi").fill("aino@example.fi")
    phone.get_by_role("button", name="Lähetä").tap()
    expect(phone.get_by_role("heading", name="Kiitos vastauksestasi")).to_be_visible()
    assert phone.context.cookies() == []

    desk = enter("matti")
    desk.get_by_role("link", name="Asiakkaat odottavat, että palaat asiaan").click()
    desk.get_by_role("link", name=WORDS).click()
    expect(desk.get_by_text("aino@example.fi")).to_be_visible()
    desk.get_by_role("button", name="Lähetä viesti").click()
    expect(desk.get_by_text("Viesti lähtee asiakkaalle.")).to_be_visible()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Asiakas on tavoitettu")
    desk.get_by_label("Miten päättyi").select_option(label="Asia korjattiin")
    desk.get_by_role("button", name="Päätä yhteydenotto").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Päättynyt: Asia korjattiin")
    expect(desk.get_by_text("Kysytty uudelleen")).to_be_visible()

    desk.get_by_role("link", name="Palaute", exact=True).click()
    expect(desk.get_by_role("link", name=WORDS)).to_be_visible()
    desk.goto("/home")
    expect(desk.get_by_text("palaat asiaan")).to_have_count(0)
