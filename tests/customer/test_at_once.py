"""Two tellers, ten kiosks, a hundred customers' pages at once: nothing is lost or doubled.

Real gunicorn workers and the real watch, each a process of its own, on the database of the test. What came of
it is counted by plain SQL and compared with what the browsers were told.
"""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from sqlalchemy import Engine, text

from promises import clock
from promises.customer.links import known_link
from promises.database import open_session, transaction
from promises.queue.devices import add_device
from tests.conftest import PASSWORD, Cast
from tests.promised import branch_of, promise

ROOT = Path(__file__).parents[2]
KIOSKS, TICKETS_EACH, TELLERS = 10, 10, ("tiina", "kaisa")
CUSTOMERS = KIOSKS * TICKETS_EACH
LIMIT_S = 3
MOST_WAITING = 12
PATIENCE_S = 600
SECRET = "k" * 40
DESK = "/branches/centre/desk"


@pytest.fixture
def address(database_url: str, cast: Cast, tmp_path: Path) -> Iterator[str]:
    """The product served by two workers and watched, until the test is over."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "BASE_URL": here,
        "MAIL_DIR": str(tmp_path / "mail"),
        "PYTHONPATH": str(ROOT),
    }
    gunicorn = [
        "gunicorn",
        "--preload",
        "--workers",
        "2",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
    ]
    commands = [[*gunicorn, "app:create_app()"], ["promises", "watch"]]
    with (tmp_path / "said.txt").open("wb") as said:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=environment, stderr=said, stdout=said
            )
            for command in commands
        ]
        try:
            _wait(lambda: _answers(here), "the server doesn't answer")
            yield here
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(PATIENCE_S)


def _answers(here: str) -> bool:
    try:
        return Browser(here).get("/sign-in").status == 200
    except (URLError, TimeoutError):
        return False


def _wait(until: Callable[[], bool], otherwise: str) -> None:
    last = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < last, otherwise
        time.sleep(0.1)


@dataclass(frozen=True)
class Answer:
    status: int
    path: str
    mark: str
    text: str


@dataclass
class Browser:
    """A browser that reads its forms and keeps count of what it was answered."""

    here: str
    answers: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Accept-Language", "fi")]

    def get(self, path: str, mark: str = "") -> Answer:
        headers = {"If-None-Match": mark} if mark else {}
        return self._ask(Request(self.here + path, headers=headers))  # noqa: S310 - our own server

    def press(self, path: str, page: str, **data: str) -> Answer:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
        assert token is not None
        fields = {"csrf_token": token[1], **({"once": once[1]} if once else {}), **data}
        return self._ask(Request(self.here + path, urlencode(fields).encode()))  # noqa: S310

    def _ask(self, request: Request) -> Answer:
        try:
            answer = self.opener.open(request, timeout=PATIENCE_S)
        except HTTPError as refused:
            answer = refused
        with answer:
            text = answer.read().decode()
            self.answers[answer.status] += 1
            mark = answer.headers.get("ETag", "")
            return Answer(answer.status, answer.url.removeprefix(self.here), mark, html.unescape(text))


def touch(kiosk: Browser) -> tuple[int, int]:
    """A customer touches the kiosk twice, as customers do; the number and the case of the one ticket."""
    page = kiosk.get("/kiosk").text
    first = kiosk.press("/kiosk/tickets", page, touchpoint="branch")
    second = kiosk.press("/kiosk/tickets", page, touchpoint="branch")
    assert first.path == second.path
    number = re.search(r'ticket-number">(\d+)<', first.text)
    assert number is not None
    return int(number[1]), int(first.path.rpartition("/")[2])


def serve_all(browser: Browser, name: str, done: Event, everybody: Callable[[], int]) -> list[int]:
    """A teller calls, serves and finishes until nobody is left; the numbers served, as the page told them."""
    page = browser.get("/sign-in").text
    browser.press("/sign-in", page, email=f"{name}@koepankki.example", password=PASSWORD)
    served: list[int] = []
    page = browser.get(DESK).text
    while not done.is_set() and everybody() < CUSTOMERS:
        page = browser.press(f"{DESK}/next", page).text
        hand = re.search(rf"{DESK}/(\d+)/serve", page)
        if hand is None:
            time.sleep(0.1)
            continue
        number = re.search(r'ticket-number">(\d+)<', page)
        assert number is not None
        page = browser.press(f"{DESK}/{hand[1]}/serve", page).text
        page = browser.press(f"{DESK}/{hand[1]}/finish", page).text
        served.append(int(number[1]))
    return served


def look(phone: Browser, path: str, done: Event) -> str:
    """A customer keeps the own page open, asking as live.js does; the page as it stood at the end."""
    page, mark = "", ""
    while True:
        last = done.is_set()
        answer = phone.get(path, mark)
        if answer.status == 200:
            page, mark = answer.text, answer.mark
        if last:
            return page
        pause = re.search(r'data-live="(\d+)"', page)
        assert pause is not None
        done.wait(int(pause[1]))


def rows(engine: Engine, query: str) -> list[Any]:
    with engine.execution_options(writes=False).connect() as connection:
        return list(connection.execute(text(query)))


def test_two_tellers_ten_kiosks_and_a_hundred_customers_at_once(
    engine: Engine, cast: Cast, address: str
) -> None:
    with transaction(engine) as session:
        promise(session, measure={"from": "arrived", "to": "served", "limit": f"{LIMIT_S} s"})
        secrets = [
            add_device(session, branch_of(session), kind="kiosk", name=str(n), by=None, as_of=clock.now())[1]
            for n in range(KIOSKS)
        ]
    began = time.monotonic()
    done = Event()
    kiosks = [Browser(address) for _ in secrets]
    tellers = [Browser(address) for _ in TELLERS]
    phones: list[Browser] = []
    given: list[int] = []
    pages: list[Any] = []
    served: dict[str, list[int]] = {}

    def in_state(state: str) -> int:
        return int(rows(engine, f"SELECT count(*) FROM ticket WHERE state = '{state}'")[0][0])

    with ThreadPoolExecutor(KIOSKS + len(TELLERS) + CUSTOMERS) as crowd:

        def stand(kiosk: Browser, secret: str) -> None:
            kiosk.get(f"/device/{secret}")
            for _ in range(TICKETS_EACH):
                while in_state("waiting") >= MOST_WAITING and not done.wait(0.2):
                    pass  # the hall is full
                number, case_id = touch(kiosk)
                given.append(number)
                # What the QR code on the kiosk's screen says.
                with open_session(engine, writes=False) as session:
                    link = known_link(session, cast.centre, case_id, secret=SECRET)
                assert link is not None
                phones.append(Browser(address))
                pages.append((number, crowd.submit(look, phones[-1], link.path, done)))

        standing = [crowd.submit(stand, *one) for one in zip(kiosks, secrets, strict=True)]
        serving = {
            name: crowd.submit(serve_all, teller, name, done, lambda: in_state("over"))
            for name, teller in zip(TELLERS, tellers, strict=True)
        }
        try:
            for one in as_completed([*standing, *serving.values()], PATIENCE_S):
                one.result()
            served = {name: one.result() for name, one in serving.items()}
            pending = "SELECT count(*) FROM verdict WHERE status = 'pending'"
            _wait(lambda: rows(engine, pending)[0][0] == 0, "the watch left verdicts open")
        finally:
            done.set()
        seen = {number: page.result(PATIENCE_S) for number, page in pages}

    # Every touch gave one number, no two the same, and every number was served by one teller.
    assert sorted(given) == list(range(1, CUSTOMERS + 1))
    assert sorted(number for numbers in served.values() for number in numbers) == list(
        range(1, CUSTOMERS + 1)
    )
    assert all(served.values())

    # The database holds exactly that.
    assert rows(engine, "SELECT count(*), min(number), max(number), count(DISTINCT number) FROM ticket") == [
        (CUSTOMERS, 1, CUSTOMERS, CUSTOMERS)
    ]
    happened = "SELECT name, count(*), count(DISTINCT case_id) FROM milestone GROUP BY name ORDER BY name"
    assert rows(engine, happened) == [
        (name, CUSTOMERS, CUSTOMERS) for name in ("arrived", "called", "ended", "served")
    ]
    assert rows(engine, "SELECT count(*), count(DISTINCT link_hash), count(DISTINCT code_hash) "
                "FROM customer_link") == [(CUSTOMERS,) * 3]  # fmt: skip
    by_teller = (
        "SELECT name, count(*) FROM ticket JOIN person ON person.id = called_by GROUP BY name ORDER BY name"
    )
    assert rows(engine, by_teller) == [
        ("Kaisa Kollega", len(served["kaisa"])),
        ("Tiina Teller", len(served["tiina"])),
    ]

    # Each waited as long as the milestones say, and each who waited longer is owed once.
    verdicts = dict(
        rows(
            engine,
            "SELECT number, status FROM ticket JOIN verdict USING (branch_id, case_id) ORDER BY number",
        )
    )
    assert len(verdicts) == CUSTOMERS
    waits = _waits(engine)
    assert {number: "broken" if wait > LIMIT_S else "kept" for number, wait in waits.items()} == verdicts
    broken = [number for number, status in verdicts.items() if status == "broken"]
    owed = (
        "SELECT number FROM compensation c JOIN ticket USING (branch_id, case_id) LEFT JOIN entry r "
        "ON r.branch_id = c.branch_id AND r.reverses = c.id "
        "WHERE r.id IS NULL AND c.amount = 1000 ORDER BY number"
    )
    assert [number for (number,) in rows(engine, owed)] == sorted(broken)
    # Served in time, but told a moment after the watch had looked: owed, and taken back, once.
    entries = dict(rows(engine, "SELECT kind, count(*) FROM entry GROUP BY kind"))
    assert entries.get("owed", 0) - entries.get("reversed", 0) == len(broken)
    assert set(entries) <= {"owed", "reversed"}

    # Each customer's page told that customer's own story.
    for number, page in seen.items():
        assert f"Numerosi on {number} " in page
        assert ("Saat meiltä" in page) == (verdicts[number] == "broken"), number
    answers = sum((one.answers for one in (*kiosks, *tellers, *phones)), Counter[int]())
    assert set(answers) <= {200, 304}, answers
    took = time.monotonic() - began
    print(
        f"{took:.1f} s, {sum(answers.values())} answers {dict(answers)}, {len(broken)} of {CUSTOMERS} broken"
    )


def _waits(engine: Engine) -> dict[int, float]:
    """Seconds from arrival to being served, by number, from the milestones alone."""
    found: dict[int, dict[str, Any]] = {}
    query = "SELECT number, name, at FROM ticket JOIN milestone USING (branch_id, case_id)"
    for number, name, at in rows(engine, query):
        found.setdefault(number, {})[name] = datetime.fromisoformat(at) if isinstance(at, str) else at
    return {number: (one["served"] - one["arrived"]).total_seconds() for number, one in found.items()}
