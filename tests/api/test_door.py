"""Who is let in: by token only, within its scopes and branches, as fast as the limit allows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import select

from promises.api import tokens
from promises.api.tables import Token
from promises.database import open_session, transaction
from promises.people.tables import Person
from promises.web import guard
from promises.web.guard import needs_token
from tests.api.conftest import event
from tests.conftest import NOON

READS = [
    ("/promises", "promises.read"),
    ("/branches/centre/cases/A1", "cases.read"),
    ("/branches/centre/verdicts", "verdicts.read"),
    ("/branches/centre/compensations", "compensation.read"),
]


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}]
)
def test_without_a_token_nothing_opens(program, header):
    for address, _ in READS:
        answer = program.read(address, headers=header)
        assert (answer.status_code, answer.json["code"]) == (401, "tokens.missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert program.tell(event(), headers=header).status_code == 401


def test_an_unknown_token_opens_nothing(program):
    wrong = {"Authorization": "Bearer prm_nothing"}
    assert program.read("/promises", headers=wrong).json["code"] == "tokens.unknown"
    assert program.tell(event(), headers=wrong).status_code == 401


def test_a_token_opens_only_what_its_scopes_say(program, token):
    for address, scope in READS:
        others = [one for one in tokens.SCOPES if one != scope]
        answer = program.read(address, headers=token(*others))
        assert (answer.status_code, answer.json["code"]) == (403, "tokens.no_scope"), address
        assert program.read(address, headers=token(scope)).status_code in {200, 404}
    assert program.tell(event(), headers=token("cases.read")).status_code == 403


def test_a_token_reaches_only_its_branches(program, token, cast):
    own = token(branches=[cast.harbour])
    for address, _ in READS[1:]:
        answer = program.read(address, headers=own)
        assert (answer.status_code, answer.json["code"]) == (403, "tokens.not_your_branch")
    answer = program.tell(event(), event(branch="harbour"), headers=own)
    assert [row.get("code", "") for row in answer.json["rows"]] == ["tokens.not_your_branch", ""]


def test_a_revoked_token_is_let_in_no_more_from_the_next_request_on(program, token, engine):
    own = token()
    assert program.tell(event(), headers=own).status_code == 200
    with transaction(engine) as session:
        number = session.exec(select(Token.id).order_by(Token.id.desc())).first()
        assert tokens.revoke(session, number, by=None, by_name="command", as_of=NOON)
        assert not tokens.revoke(session, number, by=None, by_name="command", as_of=NOON)
    answer = program.tell(event(case="A2"), headers=own)
    assert (answer.status_code, answer.json["code"]) == (401, "tokens.unknown")
    assert program.read("/promises", headers=own).status_code == 401
    assert program.read("/branches/centre/cases/A2").status_code == 404


def test_who_is_signed_in_opens_nothing_without_a_token(browser, cast, program):
    client = browser(cast.administrator)
    assert client.get("/api/v1/promises").status_code == 401
    assert client.post("/api/v1/events", json={"events": [event()]}).status_code == 401


def test_a_token_works_where_forms_are_protected_against_forgery(app, program):
    app.config["WTF_CSRF_ENABLED"] = True
    assert program.tell(event()).status_code == 200


def test_only_a_digest_of_a_token_is_kept(program, engine, token):
    secret = token()["Authorization"].removeprefix("Bearer ")
    with open_session(engine, writes=False) as session:
        kept = session.exec(select(Token).order_by(Token.id.desc())).first()
    assert kept.digest == tokens.digest_of(secret)
    assert secret not in repr(kept.model_dump())
    assert secret.startswith(kept.start)
    assert len(secret) >= 43


def test_it_is_noted_when_a_token_was_last_used(program, engine):
    program.read("/promises")
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Token.used_at)).one() == NOON


def test_too_many_requests_are_told_when_to_come_again(app, program, settings, token):
    app.config["SETTINGS"] = replace(settings, api_per_minute=3)
    own = token()
    assert [program.read("/promises", headers=own).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = program.read("/promises", headers=own)
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.json["code"] == "tokens.too_fast"
    assert program.read("/promises", headers=token()).status_code == 200, "another token has its own pace"


def test_an_unknown_address_and_a_wrong_method_are_told_as_problems(client, program):
    for method, address, status in (
        ("get", "/nothing", 404),
        ("get", "/events", 405),
        ("delete", "/promises", 405),
    ):
        answer = client.open(f"/api/v1{address}", method=method, headers=program.headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_an_unknown_branch_is_not_there(program):
    assert program.read("/branches/nowhere/verdicts").status_code == 404


def test_an_address_for_tokens_is_not_served_where_nobody_asks_for_them():
    app = Flask("without a door")

    @app.get("/things")
    @needs_token("things.read")
    def things() -> str:
        return ""

    with pytest.raises(RuntimeError, match="things"):
        guard.check_all_marked(app)


def test_the_administrator_makes_a_token_sees_it_once_and_revokes_it(browser, cast, engine):
    client = browser(cast.administrator)
    form = {"source": "vuoro", "scopes": ["events.write"], "branches": [str(cast.centre)], "once": "press-1"}
    page = client.post("/tokens", data=form)
    with open_session(engine, writes=False) as session:
        kept = session.exec(select(Token)).one()
    start = page.text.index(kept.start)
    secret = page.text[start : start + 47]
    assert tokens.digest_of(secret) == kept.digest
    assert secret not in client.get("/tokens").text
    again = client.post("/tokens", data=form)
    assert again.status_code == 302
    client.post(f"/tokens/{kept.id}/revoke")
    with open_session(engine, writes=False) as session:
        revoked = session.exec(select(Token)).one()
        name = session.get_one(Person, cast.administrator).name
    assert revoked.revoked_by == name
    answer = client.get("/api/v1/promises", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_token_needs_a_source_and_something_it_may(browser, cast):
    page = browser(cast.administrator).post("/tokens", data={"source": " ", "scopes": []})
    assert page.status_code == 422
