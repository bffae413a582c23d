"""A real server, a real watcher and a real Chromium, all on a clock that the test can move."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import create_app
from promises.scheduler import timetable
from promises.settings import Settings
from promises.web import watching
from tests.conftest import NOON, PASSWORD

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 60_000
"""For how long a page may take: nothing here is about speed, and a machine may have more to do than this."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on this machine: install Debian's package chromium"
        if os.environ.get("PROMISES_NO_SKIP"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """The running product: where it is, and how to let time pass."""

    address: str
    pass_time: Callable[[float], None]


@pytest.fixture
def site(settings: Settings, engine: Engine) -> Iterator[Site]:
    """Serve the product and run its watcher; both see the clock that starts at NOON and runs on."""
    app: Flask = create_app(settings, engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with time_machine.travel(NOON, tick=True) as traveller:
        watcher: Any = timetable(settings, engine, background=True)
        watcher.start()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(f"http://127.0.0.1:{server.port}", traveller.shift)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            watcher.shutdown()
            watching.rest(app)


@pytest.fixture
def enter(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """``enter("tiina")``: a page of an own browser window, signed in with address and password."""
    windows: list[BrowserContext] = []

    def signed_in(name: str, *, width: int = 1280, language: str = "fi-FI") -> Page:
        window = chromium.new_context(
            base_url=site.address, locale=language, viewport={"width": width, "height": 900}
        )
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/sign-in")
        page.get_by_label("Sähköposti").fill(f"{name}@koepankki.example")
        page.get_by_label("Salasana").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Kirjaudu sisään").click()
        page.wait_for_url("**/home")
        return page

    yield signed_in
    for window in windows:
        window.close()
