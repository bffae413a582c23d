"""The list of cases and one case: who sees which, and why a verdict is what it is."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.queue import desk
from promises.service import judging
from promises.service.bulk import take_cases
from promises.service.tables import Case
from tests.conftest import NOON
from tests.promised import branch_of, promise

MINUTE = timedelta(minutes=1)


@pytest.fixture
def cases(engine, cast, noon):
    """One kept and one broken at the centre, one at the harbour, one of a month ago."""
    noon.shift(3600)
    with transaction(engine) as session:
        promise(session)
        promise(session, "called-back", touchpoint="phone")

        def case(name, start, minutes, branch="centre"):
            milestones = (("arrived", start), ("served", start + timedelta(seconds=minutes * 60)))
            return judging.Case(name, branch, milestones, {"touchpoint": "branch"})

        month = NOON - timedelta(days=30)
        take_cases(
            session,
            [
                case("kept-1", NOON, 15),
                case("broken-1", NOON, 17.2),
                case("harbour-1", NOON, 3, "harbour"),
                case("old-1", month, 3),
            ],
            source="file",
            by=None,
            as_of=NOON + 60 * MINUTE,
        )
        desk.give_ticket(session, branch_of(session), kind="loan", by=None, as_of=NOON + 50 * MINUTE)


def listed(client, **filters):
    page = client.get("/cases", query_string=filters)
    assert page.status_code == 200
    names = ("kept-1", "broken-1", "harbour-1", "old-1")
    return [name for name in names if f">{name}</a>" in page.text]


def test_the_last_week_is_shown_unless_other_days_are_asked_for(cases, browser, cast):
    client = browser(cast.director)
    assert listed(client) == ["kept-1", "broken-1", "harbour-1"]
    assert listed(client, since="2026-05-01", until="2026-05-31") == ["old-1"]


def test_a_case_that_no_promise_is_about_stands_in_the_list_without_a_verdict(cases, engine, browser, cast):
    with transaction(engine) as session:
        unpromised = judging.Case("mail-1", "centre", (("arrived", NOON),), {"touchpoint": "mail"})
        take_cases(session, [unpromised], source="file", by=None, as_of=NOON + 60 * MINUTE)
    page = browser(cast.teller).get("/cases")
    assert page.status_code == 200
    assert "mail-1" in page.text
    assert "Ei lupausta tästä" in page.text


def test_staff_see_the_cases_of_their_own_branch(cases, browser, cast):
    assert listed(browser(cast.teller)) == ["kept-1", "broken-1"]
    assert listed(browser(cast.teller), branch="harbour") == ["kept-1", "broken-1"]
    assert listed(browser(cast.outsider)) == ["harbour-1"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"verdict": "broken"}, ["broken-1"]),
        ({"promise": "served-in-15", "branch": "harbour"}, ["harbour-1"]),
        ({"promise": "called-back"}, []),
        ({"q": "old"}, ["old-1"]),
        ({"q": "100%"}, []),
        ({"since": "2026-06-09", "until": "2026-06-09"}, ["kept-1", "broken-1", "harbour-1"]),
        ({"since": "2026-06-10"}, []),
    ],
)
def test_cases_are_narrowed_down_by_what_is_asked(cases, browser, cast, filters, expected):
    assert listed(browser(cast.director), **filters) == expected


@pytest.mark.parametrize(
    "filters",
    [
        {"since": "yesterday"},
        {"verdict": "maybe"},
        {"page": "x"},
        {"page": "-3"},
        {"page": "999"},
        {"page": "9" * 30},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(cases, browser, cast, filters):
    assert browser(cast.director).get("/cases", query_string=filters).status_code == 200


def address(session, reference):
    case = session.exec(select(Case).where(Case.reference == reference)).one()
    return f"/branches/{'centre' if case.branch_id == 1 else 'harbour'}/cases/{case.id}"


def test_a_case_says_why_it_is_broken_and_where_its_money_is(session, cases, browser, cast):
    page = browser(cast.teller).get(address(session, "broken-1")).text
    assert "17\N{NO-BREAK SPACE}min 12\N{NO-BREAK SPACE}s" in page
    assert "15 minuuttia" in page
    assert "/branches/centre/compensation/" in page
    assert "/promises/served-in-15" in page
    assert "12.17.12" in page


def test_a_ticket_is_found_by_its_number(session, cases, browser, cast):
    page = browser(cast.teller).get("/cases", query_string={"q": "1"}).text
    assert ">1</a>" in page
    page = browser(cast.teller).get(address(session, "2026-06-09-1")).text
    assert "Vuoronumero 1" in page
    assert "Lainat" in page


def test_a_case_is_shown_to_those_of_its_branch(session, cases, browser, cast):
    there = address(session, "harbour-1")
    assert browser(cast.outsider).get(there).status_code == 200
    assert browser(cast.teller).get(there).status_code == 403
    assert browser(cast.teller).get(there.replace("harbour", "centre")).status_code == 404
    assert browser(cast.teller).get(f"/branches/centre/cases/{2**70}").status_code == 404
