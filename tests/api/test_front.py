"""The short way in for events answers as the long one does, and hands on all that isn't in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier
from time import monotonic

import pytest
from flask import request_started
from prometheus_client import REGISTRY
from sqlmodel import select

from promises.api import taking, tokens
from promises.api.tables import Token
from promises.database import transaction
from promises.web import watching
from tests.api.conftest import event
from tests.conftest import NOON

LONG_S = 300


@contextmanager
def long_way(app):
    """The paths of the requests that the application itself is asked."""
    asked = []

    def note(_app, **_more):
        asked.append(True)

    request_started.connect(note, app)
    try:
        yield asked
    finally:
        request_started.disconnect(note, app)


@pytest.fixture
def known(program):
    """A program that has come in once, so that the next batch may go the short way."""
    assert program.tell(event(case="first")).status_code == 200
    return program


def test_who_came_in_before_goes_the_short_way(app, known):
    with long_way(app) as asked:
        assert known.tell(event()).json["taken"] == 1
    assert asked == []


def test_both_ways_answer_the_same(app, program):
    with long_way(app) as asked:
        long = program.tell(event(case="A1"), event(branch="nowhere"))
        short = program.tell(event(case="A2"), event(branch="nowhere"))
        assert len(asked) == 1
    assert dict(long.headers) == dict(short.headers)
    assert (long.status_code, long.json) == (short.status_code, short.json)


def test_refusals_are_told_in_the_language_that_is_asked_for(app, known):
    with long_way(app) as asked:
        answer = known.tell(
            event(branch="nowhere"), headers={**known.headers, "Accept-Language": "en, fi;q=0.5"}
        )
        assert answer.json["rows"][0]["detail"] == "There is no branch “nowhere”."
    assert asked == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b'{"events": []}', "application/json", 422),
        (b"a=1", "text/plain", 415),
        (b" " * (9 * 1024 * 1024), "application/json", 413),
    ],
)
def test_what_is_not_in_order_is_refused_by_the_application(app, client, known, body, kind, status):
    with long_way(app) as asked:
        answer = client.post("/api/v1/events", data=body, headers=known.headers, content_type=kind)
    assert (answer.status_code, len(asked)) == (status, 1)
    assert answer.mimetype == "application/problem+json"


def test_a_token_without_the_scope_goes_the_long_way_and_is_refused(app, known, token):
    other = token("cases.read")
    known.read("/branches/centre/cases/first", headers=other)
    assert known.tell(event(), headers=other).status_code == 403


def test_a_token_that_was_revoked_meanwhile_takes_nothing_in(app, known, engine):
    with transaction(engine) as session:
        for number in session.exec(select(Token.id)).all():
            tokens.revoke(session, number, by=None, by_name="command", as_of=NOON)
    answer = known.tell(event())
    assert (answer.status_code, answer.json["code"]) == (401, "tokens.unknown")


def test_both_ways_count_towards_one_pace(app, program, settings, token):
    app.config["SETTINGS"] = replace(settings, api_per_minute=3)
    own = token()
    told = [program.tell(event(case=f"A{n}"), headers=own).status_code for n in range(5)]
    assert told == [200, 200, 200, 429, 429]


def test_a_fault_is_met_by_the_application_which_says_so(app, known, monkeypatch):
    def faulty(*_told, **_named):
        raise ZeroDivisionError

    monkeypatch.setattr(taking, "take_events", faulty)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = known.tell(event())
    assert (answer.status_code, answer.json["code"]) == (500, "http.500")


def test_now_and_then_one_goes_the_long_way_to_look_whether_somebody_watches(app, known, noon):
    noon.shift(watching.LOOK.total_seconds() + 1)
    with long_way(app) as asked:
        known.tell(event())
        known.tell(event(case="A2"))
    assert len(asked) == 1


def test_requests_on_the_short_way_are_counted(known):
    labels = {"route": "/api/v1/events", "method": "POST", "status": "200"}
    before = REGISTRY.get_sample_value("promises_requests_total", labels) or 0
    known.tell(event())
    assert REGISTRY.get_sample_value("promises_requests_total", labels) == before + 1


def test_many_who_come_at_once_for_the_first_time_are_all_answered(app, program, monkeypatch):
    """More than there are connections: nobody holds one while waiting for those who need another."""
    every = 40
    together = Barrier(every)

    def first(number):
        together.wait()
        return program.tell(event(case=f"C{number}")).status_code

    # Whoever finds no connection is refused after so long, and then there is one for somebody else.
    monkeypatch.setattr(app.extensions["engine"].pool, "_timeout", LONG_S)
    began = monotonic()
    with ThreadPoolExecutor(every) as threads:
        assert list(threads.map(first, range(every))) == [200] * every
    assert monotonic() - began < LONG_S
