"""Events told over the interface: strict, row by row, idempotent, kept when answered."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func
from sqlmodel import select

from promises.api import taking
from promises.database import open_session
from promises.service.tables import Case, Milestone, Verdict
from tests.api.conftest import event


def results(answer):
    assert answer.status_code == 200, answer.text
    return [row.get("code", row["result"]) for row in answer.json["rows"]]


def count(engine, table):
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_case_is_told_judged_and_read_back(program):
    assert results(program.tell(event("arrived"), event("served", minute=-10))) == ["taken", "taken"]
    case = program.read("/branches/centre/cases/A1").json
    assert [one["milestone"] for one in case["milestones"]] == ["arrived", "served"]
    (verdict,) = case["verdicts"]
    assert (verdict["status"], verdict["reason"], verdict["elapsed_s"]) == ("broken", "late", 1200.0)
    assert verdict["dated_at"] == "2026-06-09T08:45:00+00:00"
    (owed,) = verdict["compensation"]
    assert (owed["amount"], owed["currency"], owed["state"]) == ("10.00", "EUR", "open")


def test_what_is_told_twice_is_known(program, engine):
    events = [event("arrived"), event("served", minute=-20)]
    program.tell(*events)
    assert results(program.tell(*events)) == ["known", "known"]
    assert count(engine, Milestone) == 2


def test_an_end_may_come_before_its_beginning(program):
    program.tell(event("served", minute=-10))
    program.tell(event("arrived"))
    assert program.read("/branches/centre/cases/A1").json["verdicts"][0]["status"] == "broken"


def test_withdrawn_and_corrected_events_judge_the_case_anew(program):
    program.tell(event("arrived"), event("served", minute=-10))
    assert results(program.tell(event("served", minute=-20, operation="corrected"))) == ["taken"]
    case = program.read("/branches/centre/cases/A1").json
    assert [one["withdrawn"] for one in case["milestones"]] == [False, False, True]
    assert case["verdicts"][0]["status"] == "kept"
    assert case["verdicts"][0]["compensation"][0]["state"] == "reversed"
    assert results(program.tell(event("served", at=..., operation="withdrawn"))) == ["taken"]
    assert program.read("/branches/centre/cases/A1").json["verdicts"][0]["reason"] == "still_open"


def test_of_a_half_bad_batch_the_good_half_is_kept_and_the_bad_one_told(program, engine):
    answer = program.tell(
        event("arrived", "A1"),
        event("arrived", "A2", at="2026-06-09T11:30:00"),
        event("arrived", "A3", branch="nowhere"),
        event("arrived", "A4", at="2026-06-09T12:00:01+03:00"),
        event("arrived", "A5", mileston="x"),
        event("arrived", "A6", at=...),
        event("arrived", "A7"),
    )
    assert results(answer) == [
        "taken", "shape.no_zone", "cases.unknown_branch", "cases.in_future", "shape.unknown_key",
        "shape.missing", "taken",
    ]  # fmt: skip
    assert (answer.json["taken"], answer.json["known"], answer.json["refused"]) == (2, 0, 5)
    assert [row.get("field") for row in answer.json["rows"]] == [
        None,
        "at",
        "branch",
        "at",
        "mileston",
        "at",
        None,
    ]
    assert count(engine, Case) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "2026-06-09T11:30:00"},
        {"at": 1780993800},
        {"at": "1780993800"},
        {"at": "2026-06-09"},
        {"case": ""},
        {"case": 7},
        {"case": "a\u0000b"},
        {"case": "x" * 129},
        {"milestone": "Arrived!"},
        {"attributes": {"price": 10.5}},
        {"attributes": {"price": [1]}},
        {"operation": "deleted"},
        {"extra": 1},
    ],
)
def test_what_is_not_exactly_so_is_refused(program, engine, wrong):
    answer = program.tell(event(**wrong))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["rows"][0]["result"] == "refused"
    assert count(engine, Case) == 0


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_beyond_reason_are_refused_by_row(program, at):
    assert results(program.tell(event(at=at))) == ["shape.not_so"]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"events": []}', '{"events": {}}', '{"events": [], "x": 1}', "null"]
)
def test_what_is_no_batch_is_refused_as_a_whole(client, program, body):
    answer = client.post(
        "/api/v1/events", data=body, headers=program.headers, content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json["code"] == "shape.no_batch"


def test_only_json_is_taken(client, program):
    answer = client.post("/api/v1/events", data="a=1", headers=program.headers)
    assert (answer.status_code, answer.json["code"]) == (415, "http.415")


def test_a_batch_has_a_limit_that_the_answer_names(app, program, settings):
    app.config["SETTINGS"] = replace(settings, api_batch=3)
    assert results(program.tell(*(event(case=f"A{n}") for n in range(3)))) == ["taken"] * 3
    answer = program.tell(*(event(case=f"A{n}") for n in range(4)))
    assert (answer.status_code, answer.json["most"]) == (413, 3)
    mixed = program.tell(event(case=""), *(event(case=f"A{n}") for n in range(4)))
    assert mixed.status_code == 413


def test_an_endless_body_is_cut_off(client, program):
    body = b'{"events": [' + b" " * (9 * 1024 * 1024)
    answer = client.post(
        "/api/v1/events", data=body, headers=program.headers, content_type="application/json"
    )
    assert (answer.status_code, answer.json["code"]) == (413, "http.413")


def test_sentences_are_in_the_language_that_is_asked_for(program):
    wrong = event(branch="nowhere")
    finnish = program.tell(wrong).json["rows"][0]["detail"]
    english = program.tell(wrong, headers={**program.headers, "Accept-Language": "en"}).json["rows"][0][
        "detail"
    ]
    assert "Konttoria" in finnish or "konttoria" in finnish
    assert english == "There is no branch “nowhere”."


def test_two_programs_that_tell_the_same_at_once_double_nothing(app, program, engine):
    batch = [event(case=f"A{n}") for n in range(20)] + [event("served", f"A{n}", -5) for n in range(20)]
    line = Barrier(6)

    def send(_n):
        line.wait()
        answer = app.test_client().post("/api/v1/events", json={"events": batch}, headers=program.headers)
        return answer.status_code, answer.json["taken"]

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(send, range(6)))
    assert {status for status, _ in answers} == {200}
    assert sum(taken for _, taken in answers) == 40
    assert [count(engine, table) for table in (Case, Milestone, Verdict)] == [20, 40, 20]


def test_single_events_at_once_are_each_answered_with_their_own(app, program, engine):
    line = Barrier(12)

    def send(n):
        line.wait()
        wrong = {"branch": "nowhere"} if n % 3 == 0 else {}
        answer = app.test_client().post(
            "/api/v1/events", json={"events": [event(case=f"A{n}", **wrong)]}, headers=program.headers
        )
        return answer.json["rows"][0]["result"]

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(send, range(12)))
    assert answers == ["refused" if n % 3 == 0 else "taken" for n in range(12)]
    assert count(engine, Case) == 8


def test_one_that_fails_does_not_fail_those_beside_it(app, program, engine, monkeypatch):
    """A fault of the program in one batch must not take the others down with it."""
    usual = taking.take_events

    def faulty(session, events, *, as_of):
        if any(one.reference == "BAD" for one in events):
            raise ZeroDivisionError
        return usual(session, events, as_of=as_of)

    monkeypatch.setattr(taking, "take_events", faulty)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    line = Barrier(6)

    def send(n):
        line.wait()
        case = "BAD" if n == 3 else f"A{n}"
        return (
            app.test_client()
            .post("/api/v1/events", json={"events": [event(case=case)]}, headers=program.headers)
            .status_code
        )

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(send, range(6))) == [200, 200, 200, 500, 200, 200]
    assert count(engine, Case) == 5


def test_the_answer_is_json_and_no_cookie_is_set(program):
    answer = program.tell(event())
    assert answer.mimetype == "application/json"
    assert "Set-Cookie" not in answer.headers
    assert json.loads(answer.data)["taken"] == 1


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "{a,b}", "NULL", "ä 'ö' \\\"", " a "])
def test_names_with_odd_characters_are_kept_as_they_are(program, engine, odd):
    assert results(program.tell(event(case=odd, customer=odd, attributes={"why": odd}))) == ["taken"]
    assert results(program.tell(event(case=odd))) == ["known"]
    with open_session(engine, writes=False) as session:
        case = session.exec(select(Case)).one()
    assert (case.reference, case.customer, case.attributes) == (odd, odd, {"why": odd})
