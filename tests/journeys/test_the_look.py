"""The styleguide in a real Chromium: every component, as people meet it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from promises.web import look
from tests.conftest import Cast, SignIn
from tests.journeys.conftest import PATIENCE_MS

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
FOCUSED = "document.activeElement.textContent.trim()"


@pytest.fixture
def open_look(chromium: Browser, app: Flask, browser: SignIn, cast: Cast) -> Iterator[Open]:
    """``open_look(width=390, theme="dark", script=True)``: the styleguide as the branch manager sees it."""
    if look.pages.name not in app.blueprints:
        app.register_blueprint(look.pages)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = browser(cast.manager).get_cookie(name)
    assert cookie is not None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    windows = []

    def opened(width: int = 1280, theme: str = "light", script: bool = True) -> Page:
        window = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=script,
        )
        windows.append(window)
        window.add_cookies([{"name": name, "value": cookie.value, "url": address}])
        page = window.new_page()
        page.set_default_timeout(PATIENCE_MS)
        answer = page.goto("/look")
        assert answer is not None
        assert answer.status == 200
        return page

    yield opened
    for window in windows:
        window.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(open_look: Open, width: int, theme: str) -> None:
    page = open_look(width, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_whatever_is_pressed_or_typed_into_is_44_pixels_high(open_look: Open) -> None:
    page = open_look(390)
    low = page.evaluate(
        """() => [...document.querySelectorAll("button, a.button, input, select, summary, .tabs a")]
          .map((part) => part.closest(".choice, .scale label") || part)
          .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < 43.5)
          .map((part) => part.outerHTML.slice(0, 120))"""
    )
    assert low == []


def test_a_table_sorts_by_what_its_cells_mean_and_says_so(open_look: Open) -> None:
    table = open_look().locator("#cases")
    first = table.locator("tbody th").first
    table.get_by_role("button", name="Odotti").click()
    assert first.inner_text() == "C 007"  # two minutes, though "17 min" comes first by letters
    assert table.get_by_role("columnheader", name="Odotti").get_attribute("aria-sort") == "ascending"
    table.get_by_role("button", name="Odotti").click()
    assert first.inner_text() == "A 211"
    assert table.locator("[aria-sort]").count() == 1
    assert "Odotti" in table.get_by_role("status").last.inner_text()


def test_a_table_filters_by_all_the_words_and_counts_what_is_left(open_look: Open) -> None:
    table = open_look().locator("#cases")
    table.get_by_role("searchbox").fill("hämeen rikottu")
    assert table.locator("tbody tr:visible th").all_inner_texts() == ["A 213", "A 211"]
    assert table.locator("output").inner_text() == "2 / 6"
    table.get_by_role("searchbox").fill("ei tällaista")
    assert table.get_by_text("Mikään ei vastaa hakua.").is_visible()


def test_on_a_phone_each_row_is_a_card_that_is_still_a_row_to_those_who_listen(open_look: Open) -> None:
    table = open_look(390).locator("#cases")
    cell = table.get_by_role("row").nth(2).get_by_role("cell").nth(2)
    assert cell.get_attribute("data-label") == "Odotti"
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Odotti"'


def test_errors_take_the_focus_and_lead_to_their_fields(open_look: Open) -> None:
    page = open_look()
    summary = page.get_by_role("alert")
    assert summary.evaluate("summary => summary === document.activeElement")
    summary.get_by_role("link").first.click()
    field = page.locator(":focus")
    assert field.get_attribute("id") == "wrong-name"
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "wrong-name-errors"
    assert page.locator("#wrong-words").input_value() == "Hymyile aina"


def test_a_question_is_asked_before_and_escape_leaves_all_as_it_was(open_look: Open) -> None:
    page = open_look()
    page.get_by_role("button", name="Peru hyvitys").click()
    dialog = page.get_by_role("dialog", name="Perutaanko lipun A 213 hyvitys, 10 euroa?")
    assert dialog.is_visible()
    assert page.evaluate(FOCUSED) == "Jätä ennalleen"
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert page.evaluate(FOCUSED) == "Peru hyvitys"


def test_the_menu_of_a_phone_opens_and_gives_the_focus_back(open_look: Open) -> None:
    page = open_look(390)
    way = page.get_by_role("navigation", name="Päävalikko")
    assert way.is_hidden()
    page.get_by_role("button", name="Valikko", exact=True).click()
    assert way.is_visible()
    page.keyboard.press("Escape")
    assert way.is_hidden()
    assert page.evaluate(FOCUSED) == "Valikko"


def test_a_second_press_sends_nothing(open_look: Open) -> None:
    page = open_look()
    sent = []
    # The answer never comes, as on a slow line; a second press must wait with the first.
    page.route("**/look", lambda _route: None)
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/look") else None)
    with page.expect_request("**/look"):
        busy = page.get_by_role("button", name="Kutsu seuraava").evaluate(
            """async (button) => {
              button.click();
              await new Promise((later) => setTimeout(later, 200));
              button.click();
              await new Promise((later) => setTimeout(later, 200));
              return button.getAttribute("aria-busy");
            }"""
        )
    assert busy == "true"
    assert sent == ["POST"]


def test_without_script_the_page_is_whole(open_look: Open) -> None:
    page = open_look(390, script=False)
    assert page.locator("#cases tbody tr").count() == 6
    page.get_by_role("button", name="Valikko", exact=True).click()
    assert page.get_by_role("navigation", name="Päävalikko").is_visible()


def test_a_file_that_is_dropped_is_chosen(open_look: Open) -> None:
    page = open_look()
    carried = page.evaluate_handle(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["score\\n3\\n"], "palaute.csv", { type: "text/csv" }));
          return carried;
        }"""
    )
    page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": carried})
    assert page.get_by_label("Tiedosto").evaluate("input => input.files[0].name") == "palaute.csv"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_is_drawn_for_the_colours_of_the_page(open_look: Open, theme: str) -> None:
    chart = open_look(theme=theme).get_by_role("figure").filter(has_text="Vinoneliö")
    source = chart.get_by_role("img").get_attribute("src") or ""
    assert source.split("?")[0] == f"/static/look/chart-{theme}.svg"
    chart.get_by_text("Näytä taulukkona").click()
    assert chart.get_by_role("row", name="42").is_visible()
