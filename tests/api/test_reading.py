"""What programs read: promises in force, and page by page what has become known at a branch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation.tables import Compensation
from promises.database import transaction
from promises.service.tables import Case
from promises.service.watch import tick
from promises.terms.actions import set_terms
from tests.api.conftest import event
from tests.conftest import NOON
from tests.promised import document


def walk(program, address, key, limit=3):
    """Every page of a list from the beginning; and the last cursor."""
    found, after = [], ""
    while True:
        page = program.read(f"{address}?limit={limit}{after}").json
        found += page[key]
        after = f"&after={page['next']}"
        if not page["more"]:
            return found, page["next"]


def test_the_promises_in_force_are_told_with_their_terms(program, engine):
    with transaction(engine) as session:
        later = NOON + timedelta(days=1)
        set_terms(session, document=document("to-come"), starts_at=later, by=None, as_of=NOON)
    (one,) = program.read("/promises").json["promises"]
    assert (one["promise"], one["version"]) == ("served-in-15", 1)
    assert one["terms"]["remedy"]["pays"] == [{"amount": "10.00"}]


def test_verdicts_come_page_by_page_and_again_when_they_change(program, noon):
    program.tell(*(event(case=f"A{n}", minute=-5) for n in range(7)))
    noon.shift(31)
    found, last = walk(program, "/branches/centre/verdicts", "verdicts")
    assert sorted(one["case"] for one in found) == [f"A{n}" for n in range(7)]
    assert {one["status"] for one in found} == {"pending"}
    program.tell(event("served", "A3", -1))
    noon.shift(31)
    again = program.read(f"/branches/centre/verdicts?after={last}").json
    assert [(one["case"], one["status"]) for one in again["verdicts"]] == [("A3", "kept")]
    assert again["verdicts"][0]["id"] in {one["id"] for one in found}
    assert program.read(f"/branches/centre/verdicts?after={again['next']}").json["verdicts"] == []


def test_a_verdict_is_told_only_when_nobody_can_write_behind_the_cursor(program, noon):
    program.tell(event(minute=-5))
    page = program.read("/branches/centre/verdicts").json
    assert (page["verdicts"], page["more"], page["next"]) == ([], False, "0-0")


def test_what_is_owed_paid_and_taken_back_comes_in_the_order_of_its_commits(program, engine, cast, noon):
    program.tell(*(event(case=f"A{n}", minute=-20) for n in range(4)))
    tick(engine, NOON)
    found, last = walk(program, "/branches/centre/compensations", "movements")
    assert [(one["kind"], one["amount"], one["currency"]) for one in found] == [("owed", "10.00", "EUR")] * 4
    with transaction(engine) as session:
        of_first = select(Case.id).where(Case.reference == "A0")
        one = session.exec(select(Compensation).where(Compensation.case_id.in_(of_first))).one()
        compensation.pay_at_counter(session, one.branch_id, one.id, receiver="", by=cast.teller, as_of=NOON)
    program.tell(event("served", "A3", -10))
    after = program.read(f"/branches/centre/compensations?after={last}").json["movements"]
    assert [one["kind"] for one in after] == ["paid", "reversed"]
    assert after[1]["case"] == "A3"


def test_a_case_is_read_only_by_its_source(program, token):
    program.tell(event(case="a/b c"))
    assert program.read("/branches/centre/cases/a/b%20c").json["case"] == "a/b c"
    assert program.read("/branches/centre/cases/a/b%20c", headers=token(source="other")).status_code == 404


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=1.0", "after=x", "after=1", "after=-1--1", "page=2"]
)
def test_a_query_that_is_not_so_is_refused(program, query):
    answer = program.read(f"/branches/centre/verdicts?{query}")
    assert (answer.status_code, answer.json["field"]) == (422, query.partition("=")[0])


@pytest.mark.parametrize("after", [f"{'9' * 19}-{'9' * 19}", f"{2**63 - 1}-{2**63 - 1}", f"{2**62}-0"])
@pytest.mark.parametrize("address", ["verdicts", "compensations"])
def test_a_cursor_beyond_all_tables_is_their_end(program, address, after):
    page = program.read(f"/branches/centre/{address}?after={after}").json
    assert page["more"] is False


def test_numbers_are_texts_so_that_no_program_rounds_them(program, noon):
    program.tell(event(minute=-5))
    noon.shift(31)
    (verdict,) = program.read("/branches/centre/verdicts").json["verdicts"]
    assert verdict["id"].isdecimal()


def test_the_description_is_open_and_names_every_address(client, app):
    told = client.get("/api/v1/openapi.json").json
    assert told["openapi"].startswith("3.1")
    described = {
        (path.replace("{", "<").replace("}", ">"), method)
        for path, own in told["paths"].items()
        for method in own
    }
    served = {
        (rule.rule.replace("<path:", "<"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served
    assert client.get("/api").status_code == 200
