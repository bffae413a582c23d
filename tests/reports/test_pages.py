"""The pages: who sees which, what they say first, where their figures lead, and what leaves as a file."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from xml.etree import ElementTree as XML

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlmodel import select

from promises.database import open_session
from promises.people.actions import branch_codes
from promises.people.tables import Branch, Person
from promises.service.tables import Ticket, Verdict
from promises.web.onward import onward
from promises.web.request import Visitor
from tests.conftest import NOON, Cast, SignIn
from tests.reports.conftest import History

# Monday of the last full week before NOON, 10.00 in Helsinki.
LAST_MONDAY = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
REPORT = "/branches/centre/report"
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("noon")


def seen(client: FlaskClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.text[:500]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.text)))


@pytest.fixture
def last_week(history: History, cast: Cast) -> int:
    """The centre: 90 of 100 kept last week, of the broken 4 gave up; the harbour: 5 of 5."""
    promise = history.promise()
    history.many(cast.centre, promise, LAST_MONDAY, kept=90, broken=0)
    for n in range(10):
        history.case(
            cast.centre, promise, LAST_MONDAY + timedelta(hours=2, minutes=n), "broken", minutes=25,
            reason="left_after_limit" if n < 4 else "late", reference=f"K-{n}", owed="10.00",
            paid_by=cast.teller if n < 3 else None,
        )  # fmt: skip
    history.many(cast.harbour, promise, LAST_MONDAY, kept=5, broken=0)
    history.session.commit()
    return promise


def test_the_report_answers_first_how_the_last_full_week_was_kept(
    last_week: int, browser: SignIn, cast: Cast
) -> None:
    words = seen(browser(cast.manager), REPORT)
    assert "Lupaus piti viikolla 23 (1.–7.6.2026) 90,0 % n = 100 · 82,6–94,5 %" in words
    assert "Tavoitteesta jäätiin selvästi." in words
    assert "maksettu 30,00 € / 100,00 €" in words


def test_every_broken_case_is_listed_and_leads_to_the_case_and_its_compensation(
    last_week: int, browser: SignIn, cast: Cast
) -> None:
    page = browser(cast.manager).get(REPORT).text
    for n in range(10):
        assert f">K-{n}</a>" in page
    assert len(set(re.findall(r'href="/branches/centre/cases/\d+"', page))) == 10
    assert len(set(re.findall(r'href="/branches/centre/compensation/\d+"', page))) == 10


def test_a_reason_or_a_week_narrows_the_list_behind_the_figure(
    last_week: int, history: History, browser: SignIn, cast: Cast
) -> None:
    history.case(cast.centre, last_week, LAST_MONDAY - timedelta(days=7), "broken", reference="EARLIER")
    history.session.commit()
    manager = browser(cast.manager)
    gave_up = manager.get(f"{REPORT}?reason=left_after_limit").text
    assert [n for n in range(10) if f">K-{n}<" in gave_up] == [0, 1, 2, 3]
    before = manager.get(f"{REPORT}?week=2026-W22").text
    assert ">EARLIER<" in before
    assert ">K-0<" not in before
    assert "viikolla 23" in seen(manager, f"{REPORT}?week=2026-W22")


def test_a_week_with_few_cases_says_so(history: History, browser: SignIn, cast: Cast) -> None:
    history.many(cast.centre, history.promise(), LAST_MONDAY, kept=9, broken=1)
    history.session.commit()
    words = seen(browser(cast.manager), REPORT)
    assert "90,0 % n = 10 · 59,6–98,2 % · liian vähän päätelmiin" in words
    assert "Asiointeja on liian vähän päätelmiin." in words


def test_the_running_week_is_told_apart_from_full_ones(
    last_week: int, history: History, browser: SignIn, cast: Cast
) -> None:
    history.case(cast.centre, last_week, NOON - timedelta(hours=1), "broken", reference="TODAY")
    history.session.commit()
    words = seen(browser(cast.manager), REPORT)
    assert "Tämä viikko tähän asti 0,0 % n = 1" in words
    assert "8.–14.6.2026 · kesken" in words


def test_earlier_weeks_and_other_promises_are_a_press_away(
    last_week: int, history: History, browser: SignIn, cast: Cast
) -> None:
    history.promise("called-back", name={"fi": "Soitto takaisin", "en": "Called back"})
    history.session.commit()
    manager = browser(cast.manager)
    assert (
        f"{REPORT}?promise=served&amp;weeks=4&amp;until=2026-W20"
        in manager.get(f"{REPORT}?promise=served&weeks=4").text
    )
    assert "Näillä viikoilla ei ole asiointeja" in seen(manager, f"{REPORT}?promise=called-back")
    assert manager.get(f"{REPORT}?promise=unheard-of").status_code == 404


def test_a_branch_without_promises_says_where_to_begin(browser: SignIn, cast: Cast) -> None:
    assert "Täällä ei ole vielä asiakaslupausta" in seen(browser(cast.manager), REPORT)


@pytest.mark.parametrize("page", ["", "/chart.svg?kind=weeks", "/broken.csv"])
def test_a_branchs_report_opens_to_its_own_staff_and_to_those_who_see_all(
    last_week: int, browser: SignIn, cast: Cast, page: str
) -> None:
    for who in (cast.teller, cast.manager, cast.director, cast.analyst, cast.auditor):
        assert browser(who).get(REPORT + page).status_code == 200
    for who in (cast.outsider, cast.administrator):
        assert browser(who).get(REPORT + page).status_code == 403


def test_hours_are_drawn_only_where_some_hour_has_cases_enough(
    history: History, browser: SignIn, cast: Cast
) -> None:
    history.many(cast.centre, history.promise(), LAST_MONDAY, kept=9, broken=1)
    history.session.commit()
    manager = browser(cast.manager)
    assert "kind=hours" not in manager.get(REPORT).text
    assert manager.get(f"{REPORT}/chart.svg?kind=hours").status_code == 404
    assert manager.get(f"{REPORT}/chart.svg?kind=weeks").status_code == 200


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["weeks", "waits", "hours"])
def test_a_chart_is_a_picture_that_says_in_words_what_it_shows(
    last_week: int, browser: SignIn, cast: Cast, kind: str, theme: str, size: str
) -> None:
    manager = browser(cast.manager)
    address = f"{REPORT}/chart.svg?kind={kind}&theme={theme}&size={size}"
    response = manager.get(address)
    assert response.mimetype == "image/svg+xml"
    assert "style-src 'unsafe-inline'" in response.headers["Content-Security-Policy"]
    picture = XML.fromstring(response.data)  # noqa: S314  our own bytes
    assert picture.get("role") == "img"
    title, told = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert title.text
    assert told.text
    assert unescape(told.text) in unescape(manager.get(REPORT).text)
    assert manager.get(address).data == response.data
    assert manager.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_a_chart_speaks_the_readers_language(
    last_week: int, browser: SignIn, cast: Cast, history: History
) -> None:
    address = f"{REPORT}/chart.svg?kind=weeks"
    assert "Tavoite 95\N{NO-BREAK SPACE}%" in browser(cast.manager).get(address).text
    person = history.session.get_one(Person, cast.manager)
    person.language = "en"
    history.session.add(person)
    history.session.commit()
    assert "Target 95%" in browser(cast.manager).get(address).text


def test_no_chart_is_drawn_of_nothing_or_of_an_unknown_kind(
    history: History, browser: SignIn, cast: Cast
) -> None:
    history.promise()
    history.session.commit()
    manager = browser(cast.manager)
    for asked in ("kind=weeks", "kind=hours", "kind=pie", "kind=weeks&theme=pink"):
        assert manager.get(f"{REPORT}/chart.svg?{asked}").status_code == 404


def test_the_file_of_broken_cases_holds_what_the_page_shows_and_runs_no_formula(
    last_week: int, history: History, browser: SignIn, cast: Cast
) -> None:
    history.case(
        cast.centre, last_week, LAST_MONDAY, "broken", reference='=HYPERLINK("http://x")', minutes=61.5
    )
    history.session.commit()
    response = browser(cast.manager).get(f"{REPORT}/broken.csv?weeks=4&reason=late&week=2026-W23")
    assert response.mimetype == "text/csv"
    assert "rikotut-centre-served-2026-W23.csv" in response.headers["Content-Disposition"]
    text = response.data.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text), delimiter=";"))
    assert [row["asiointi"] for row in rows] == [
        *(f"K-{n}" for n in range(9, 3, -1)),
        '\'=HYPERLINK("http://x")',
    ]
    assert rows[0] == {
        "asiointi": "K-9",
        "tuli": "2026-06-01 12:09:00",
        "kesti (s)": "1500",
        "syy": "myöhässä",
        "syyn koodi": "late",
        "hyvitys": "10,00",
        "valuutta": "EUR",
        "maksettu": "ei",
    }
    assert rows[-1]["hyvitys"] == ""


def test_the_listing_sets_branches_beside_each_other_in_the_order_of_their_names(
    last_week: int, browser: SignIn, cast: Cast
) -> None:
    words = seen(browser(cast.director), "/reports")
    assert words.index("Keskusta 90,0 %") < words.index("Satama 100,0 % n = 5")
    assert "Kaikki konttorit yhdessä 90,5 %" in words
    # Five cases are never enough to be better than others.
    assert "pitää paremmin" not in words
    assert "pitää huonommin" not in words


def test_a_branch_stands_out_only_when_its_cases_say_so(
    last_week: int, history: History, browser: SignIn, cast: Cast
) -> None:
    history.many(cast.harbour, last_week, LAST_MONDAY + timedelta(days=1), kept=400, broken=2)
    history.session.commit()
    words = seen(browser(cast.director), "/reports")
    assert words.count("pitää paremmin kuin muut") == 1
    assert words.count("pitää huonommin kuin muut") == 1


def test_a_teller_sees_the_own_branch_only_and_a_manager_links_to_the_own_only(
    last_week: int, browser: SignIn, cast: Cast
) -> None:
    teller = seen(browser(cast.teller), "/reports")
    assert "Keskusta" in teller
    assert "Satama" not in teller
    manager = browser(cast.manager).get("/reports").text
    assert "/branches/centre/report?promise=served" in manager
    assert "Satama" in manager
    assert "/branches/harbour/report" not in manager


def test_everybody_may_read_the_promises_and_nothing_personal_is_kept_on_the_way(
    history: History, client: FlaskClient, cast: Cast
) -> None:
    promise = history.promise()
    history.many(cast.centre, promise, datetime(2026, 5, 4, 8, tzinfo=UTC), kept=30, broken=10)
    history.session.commit()
    response = client.get("/", headers={"Accept-Language": "en-GB"})
    assert "Kept in May 2026" in response.text
    assert "75.0%" in response.text
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in response.headers["Vary"].split(",")}
    assert "Set-Cookie" not in response.headers
    assert "csrf" not in response.text
    assert "toukokuussa 2026" in client.get("/?language=fi", headers={"Accept-Language": "en"}).text


def test_the_promises_are_not_kept_on_the_way_for_one_who_is_signed_in(
    history: History, browser: SignIn, cast: Cast
) -> None:
    history.promise()
    history.session.commit()
    assert browser(cast.teller).get("/").headers["Cache-Control"] == "no-store"


def test_a_promise_that_begins_tomorrow_is_not_yet_told(
    history: History, client: FlaskClient, cast: Cast
) -> None:
    history.promise(begins=NOON + timedelta(days=1), starts="2026-06-10")
    history.session.commit()
    assert "Yhtään lupausta ei ole vielä voimassa" in client.get("/", headers={"Accept-Language": "fi"}).text


def test_home_tells_a_teller_of_the_queue_and_whose_time_runs_out(
    history: History, browser: SignIn, cast: Cast
) -> None:
    promise = history.promise()
    for number, minutes in enumerate((1, 9, 10, 11), start=1):
        at = NOON - timedelta(minutes=minutes)
        case = history.case(cast.centre, promise, at, "pending", reference=f"T-{number}")
        history.session.add(
            Ticket(branch_id=cast.centre, case_id=case, day=NOON.date(), number=number, given_at=at)
        )
    history.case(cast.centre, promise, NOON - timedelta(days=3), "broken", owed="10.00")
    history.session.commit()
    words = seen(browser(cast.teller), "/home")
    assert "2 Asiakkaita, joiden aika on loppumassa Keskusta" in words
    assert "4 Asiakkaita jonossa juuri nyt Keskusta" in words
    assert "1 Hyvityksiä annettavana asiakkaille Keskusta" in words
    assert "Hyvityksiä" not in seen(browser(cast.outsider), "/home").split("Raportit")[-1]


def test_home_says_that_nothing_waits_and_where_to_go(browser: SignIn, cast: Cast, history: History) -> None:
    for who in (cast.teller, cast.manager, cast.director, cast.analyst, cast.auditor, cast.administrator):
        page = browser(who).get("/home").text
        assert "Mikään ei odota sinua" in page
        assert page.count('class="button"') >= 1
    assert history.session.exec(select(Branch)).all()


def test_home_tells_a_manager_what_broke_yesterday_in_the_branchs_own_time(
    history: History, browser: SignIn, cast: Cast
) -> None:
    promise = history.promise()
    midnight = datetime(2026, 6, 8, 21, 0, tzinfo=UTC)  # Tuesday 9 June begins in Helsinki
    history.case(cast.centre, promise, midnight - timedelta(microseconds=1), "broken")
    history.case(cast.centre, promise, midnight - timedelta(hours=24), "broken")
    history.case(cast.centre, promise, midnight - timedelta(hours=24, microseconds=1), "broken")
    history.case(cast.centre, promise, midnight, "broken")
    history.session.commit()
    assert "2 Eilen rikottuja" in seen(browser(cast.manager), "/home")


def test_the_comparison_leaves_as_a_file_for_those_who_see_all(
    last_week: int, browser: SignIn, cast: Cast
) -> None:
    response = browser(cast.director).get("/reports/network.csv?weeks=4")
    rows = list(csv.DictReader(StringIO(response.data.decode("utf-8-sig")), delimiter=";"))
    assert [(row["konttori"], row["pidetty"], row["rikottu"]) for row in rows] == [
        ("Keskusta", "90", "10"),
        ("Satama", "5", "0"),
    ]
    assert (rows[0]["pidetty osuus"], rows[0]["tavoite"], rows[0]["osuus sitä ennen"]) == (
        "0,9000",
        "0,9500",
        "",
    )
    assert browser(cast.teller).get("/reports/network.csv").status_code == 403


def test_the_chain_leads_on_from_promise_case_and_compensation_to_the_report(
    last_week: int, history: History, app: Flask, cast: Cast
) -> None:
    broken = history.session.exec(
        select(Verdict.id, Verdict.case_id).where(
            Verdict.branch_id == cast.centre, Verdict.status == "broken"
        )
    ).first()
    assert broken is not None
    week = "/branches/centre/report?promise=served&until=2026-W23&week=2026-W23"
    assert _onward(app, cast.manager, "case", cast.centre, broken[1]) == [week]
    assert _onward(app, cast.manager, "compensation", cast.centre, broken[0]) == [week]
    assert _onward(app, cast.outsider, "case", cast.centre, broken[1]) == []
    assert _onward(app, cast.manager, "promise", last_week) == ["/branches/centre/report?promise=served"]
    assert _onward(app, cast.director, "promise", last_week) == [
        "/branches/centre/report?promise=served",
        "/branches/harbour/report?promise=served",
    ]
    assert _onward(app, cast.director, "branch", cast.harbour) == ["/branches/harbour/report?promise=served"]


def _onward(app: Flask, person_id: int, kind: str, *key: int) -> list[str]:
    """Addresses of the reports that a page about the thing would lead on to."""
    engine = app.extensions["engine"]
    with app.test_request_context("/"), open_session(engine, writes=False) as session:
        person = session.get_one(Person, person_id)
        codes = branch_codes(session, person_id)
        g.session, g.as_of = session, NOON
        g.visitor = Visitor(person_id, person.name, person.role, "fi", "auto", codes)
        found = [step.url for step in onward(kind, *key) if step.kind == "report"]
        g.pop("session")
    return found
