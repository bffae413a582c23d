"""Every page × every role × every branch answers as the one permission table says."""

from __future__ import annotations

import pytest

from promises.people.roles import MAY, Role, may
from promises.web.guard import OPEN, TOKEN, verb_of

PLACEHOLDERS = {
    "code": "served-15",
    "purpose": "reset",
    "token": "nothing",
    "act": "call",
    "reference": "A1",
}
PEOPLE = {
    Role.STAFF: "teller",
    Role.BRANCH_MANAGER: "manager",
    Role.MANAGEMENT: "director",
    Role.ANALYST: "analyst",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}


def addresses(app, branch):
    """(method, address, verb, whether the address names a branch) for every page."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        values = {
            name: branch if name == "branch" else PLACEHOLDERS.get(name, 999_999) for name in rule.arguments
        }
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            address = adapter.build(rule.endpoint, values, method=method)
            yield method, address, verb_of(app, rule.endpoint), "branch" in rule.arguments


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("branch", ["centre", "harbour"])
def test_a_page_opens_to_exactly_those_whom_the_table_lets_in(app, browser, cast, role, branch):
    client = browser(getattr(cast, PEOPLE[role]))
    own = ["centre"] if role in {Role.STAFF, Role.BRANCH_MANAGER} else []
    seen = 0
    for method, address, verb, of_branch in addresses(app, branch):
        if address == "/sign-out" or verb == OPEN:
            continue
        if verb == TOKEN:
            # A program's address: whoever is signed in, it opens to a token only.
            assert client.open(address, method=method).status_code == 401, f"{role} {method} {address}"
            continue
        allowed = may(role, verb, own_branches=own, branch=branch if of_branch else None)
        status = client.open(address, method=method).status_code
        assert (status != 403) == allowed, f"{role} {method} {address} ({verb}): {status}"
        assert status < 500, f"{role} {method} {address}: {status}"
        seen += 1
    assert seen > 30


def test_without_signing_in_every_other_page_leads_to_the_door(app, client, cast):
    for method, address, verb, _ in addresses(app, "centre"):
        answer = client.open(address, method=method)
        if verb == OPEN:
            assert answer.status_code < 500, address
        elif verb == TOKEN:
            assert answer.status_code == 401, f"{method} {address}"
        else:
            assert answer.status_code == 302, f"{method} {address}"
            assert answer.location.startswith("/sign-in"), address


def test_a_press_after_signing_out_is_told_and_leads_back_to_its_page(client, cast):
    there = "http://localhost/branches/centre/desk"
    answer = client.post("/branches/centre/desk/next", headers={"Referer": f"{there}?day=1"})
    assert answer.location == "/sign-in?next=/branches/centre/desk"
    assert "painallus ei tehnyt mitään" in client.get(answer.location).text


def test_a_press_from_elsewhere_leads_nowhere_but_the_door(client, cast):
    answer = client.post("/branches/centre/desk/next", headers={"Referer": "http://elsewhere.example/desk"})
    assert answer.location == "/sign-in"


def test_an_address_with_a_number_beyond_all_tables_names_nothing(browser, cast):
    assert browser(cast.teller).get(f"/proposals/{2**63 - 1}").status_code == 404
    assert browser(cast.teller).get(f"/proposals/{2**63}").status_code == 404


@pytest.mark.parametrize(
    "address", ["/feedback?page={}", "/feedback?intake={}", "/proposals/new?problem={}", "/proposals?page={}"]
)
def test_a_number_beyond_all_tables_is_as_good_as_none(browser, cast, address):
    assert browser(cast.teller).get(address.format("9" * 25)).status_code == 200


def test_a_page_that_is_refused_still_carries_the_companys_name(browser, cast):
    answer = browser(cast.teller).get("/people")
    assert answer.status_code == 403
    assert "Koepankki" in answer.text


def test_every_verb_of_the_table_is_used_by_a_page(app):
    used = {verb_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert set(MAY) - used == set()


def test_every_role_has_a_person_in_this_walk():
    assert set(PEOPLE) == set(Role)
