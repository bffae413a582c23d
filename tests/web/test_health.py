"""Health, readiness and figures for a monitor, and what the pages show when nobody watches."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from promises.database import open_database, open_session, transaction
from promises.outbox.tables import Letter
from promises.service.heartbeat import Pulse
from promises.service.watch import tick
from promises.web import watching
from tests.conftest import NOON
from tests.promised import promise, visit

ROOT = Path(__file__).parents[2]


def value(exposition, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", exposition, re.MULTILINE)
    assert found, f"{name} is not told"
    return float(found[1])


def test_a_process_that_answers_is_alive_whatever_its_database(app, tmp_path):
    app.extensions["engine"] = open_database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert app.test_client().get("/healthz").get_json() == {"alive": True}


def test_one_without_a_database_is_not_ready(app, client):
    app.extensions["engine"] = open_database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "unreachable")


def test_one_whose_tables_are_of_another_version_is_not_ready(engine, client):
    assert client.get("/readyz").get_json()["ready"] is True
    with transaction(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["schema"]) == (503, "0001")


def test_the_figures_tell_how_far_the_watch_is_behind(engine, cast, client, noon):
    with transaction(engine) as session:
        promise(session)
        for number in range(3):
            visit(session, f"A {number}", ("arrived", NOON), as_of=NOON)
    assert "promises_watch_tick_age_seconds NaN" in client.get("/metrics").text
    Pulse(NOON).beat(engine, NOON + timedelta(minutes=14))
    noon.shift(timedelta(minutes=16))
    told = client.get("/metrics").text
    assert value(told, "promises_overdue_cases") == 3
    assert value(told, "promises_watch_lag_seconds") == 60
    assert value(told, "promises_watch_tick_age_seconds") == 120
    tick(engine, NOON + timedelta(minutes=16))
    told = client.get("/metrics").text
    assert (value(told, "promises_overdue_cases"), value(told, "promises_watch_lag_seconds")) == (0, 0)
    assert value(told, 'promises_outbox_waiting{what="notice"}') == 2


def test_requests_are_counted_by_route_and_not_by_address(client, cast):
    for number in range(3):
        client.get(f"/nowhere/{number}")
        client.get(f"/proposals/{number}")
    told = client.get("/metrics").text
    assert value(told, 'promises_requests_total{method="GET",route="none",status="404"}') >= 3
    assert 'route="/proposals/<int:proposal_id>"' in told
    assert "/nowhere" not in told


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.7", 403),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 403),
    ],
)
def test_without_a_token_only_this_machine_may_ask(client, headers, address, status):
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer good word", 200), ("Bearer bad", 403), ("Basic good word", 403), ("", 403)]
)
def test_with_a_token_only_who_has_it_may_ask(app, client, settings, given, status):
    app.config["SETTINGS"] = replace(settings, metrics_token="good word")
    assert client.get("/metrics", headers={"Authorization": given}).status_code == status


def test_a_watch_that_stands_still_is_told_by_the_web_worker_itself(engine, cast, app, browser, noon):
    """Mail leaves by the watch; when that stands still, whoever notices sends it."""
    Pulse(NOON).beat(engine, NOON)
    browser(cast.manager).get("/home")
    noon.shift(timedelta(minutes=5))
    page = browser(cast.manager).get("/home").text
    assert "Lupauksia ei ole valvottu" in page
    watching.rest(app)
    with open_session(engine, writes=False) as session:
        (letter,) = session.exec(select(Letter)).all()
    assert letter.sent_at is not None
    assert letter.to == "aada@koepankki.example"
    (mail,) = app.config["SETTINGS"].mail_dir.iterdir()
    assert b"aada@koepankki.example" in mail.read_bytes()


def test_those_who_cannot_do_anything_about_it_are_not_worried(engine, cast, browser, noon):
    Pulse(NOON).beat(engine, NOON)
    browser(cast.teller).get("/home")
    noon.shift(timedelta(minutes=5))
    assert "Lupauksia ei ole valvottu" not in browser(cast.teller).get("/home").text
    assert "Lupauksia ei ole valvottu" in browser(cast.administrator).get("/people").text


def test_when_it_watches_again_the_pages_are_quiet(engine, cast, browser, noon):
    Pulse(NOON).beat(engine, NOON)
    browser(cast.manager).get("/home")
    noon.shift(timedelta(minutes=5))
    assert "Lupauksia ei ole valvottu" in browser(cast.manager).get("/home").text
    Pulse(NOON).beat(engine, NOON + timedelta(minutes=5))
    noon.shift(timedelta(seconds=11))
    assert "Lupauksia ei ole valvottu" not in browser(cast.manager).get("/home").text


def test_after_a_pause_of_everything_the_watch_gets_its_minute_to_begin(engine, cast, browser, noon):
    Pulse(NOON).beat(engine, NOON)
    noon.shift(timedelta(hours=12))
    assert "Lupauksia ei ole valvottu" not in browser(cast.manager).get("/home").text
    noon.shift(timedelta(seconds=59))
    assert "Lupauksia ei ole valvottu" not in browser(cast.manager).get("/home").text
    noon.shift(timedelta(seconds=11))
    assert "Lupauksia ei ole valvottu" in browser(cast.manager).get("/home").text


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_two_workers_of_gunicorn_count_their_requests_together(database_url, engine, tmp_path):
    port, log = free_port(), tmp_path / "log"
    output = log.open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "app:create_app()"],
        cwd=ROOT,
        env={"PATH": "/usr/bin", "DATABASE_URL": database_url, "SECRET_KEY": "k" * 40},
        stderr=subprocess.STDOUT,
        stdout=output,
    )

    def ask(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
            return answer.read().decode()

    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                ask("/readyz")
                break
            except OSError:  # not there yet, or a busy machine
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        for _ in range(40):
            ask("/healthz")
        assert (
            value(ask("/metrics"), 'promises_requests_total{method="GET",route="/healthz",status="200"}')
            == 40
        )
    finally:
        server.terminate()
        server.wait(120)
        output.close()
