"""Pages of surveys, the score and follow-ups, as customers and staff meet them."""

import re

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.feedback.tables import Feedback
from promises.followup import actions
from promises.followup.tables import Closing, FollowUp
from promises.language import translations
from promises.outbox.tables import Letter
from promises.surveys import letters
from promises.surveys.tables import Contact, Door, Invitation, Reply, Stop, Survey
from tests.conftest import NOON
from tests.surveys.asked import SECRET, answer, door, invite, survey, walk_in

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def way(engine, cast):
    """Address of a public survey."""
    with transaction(engine) as session:
        return f"/s/{door(session, survey(session, cast), cast.centre).token}"


@pytest.fixture
def mine(engine, cast):
    """Address of a personal survey."""
    with transaction(engine) as session:
        invite(session, survey(session, cast), "aino@example.fi", customer="K-17", branch="centre")
        return f"/i/{letters.token_of(SECRET, session.exec(select(Invitation.id)).one())}"


def all_of(engine, table):
    with transaction(engine) as session:
        return session.exec(select(table)).all()


def test_a_customer_answers_without_signing_in_and_without_a_cookie(client, engine, way):
    page = client.get(way)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page.text)[1]
    sent = client.post(way, data={"value": "3", "text": "Jonotin tunnin", "once": once})
    assert sent.status_code == 302
    assert "Set-Cookie" not in sent.headers
    assert "Kiitos vastauksestasi" in client.get(sent.location).text
    again = client.post(way, data={"value": "9", "once": once})
    assert again.location == sent.location
    (said,) = all_of(engine, Feedback)
    assert (said.score, said.text) == (3, "Jonotin tunnin")


@pytest.mark.parametrize("value", ["", "11", "-1", "x"])
def test_an_answer_off_the_scale_is_asked_again_and_what_was_written_stays(client, engine, way, value):
    page = client.post(way, data={"value": value, "text": "Jonotin tunnin", "once": "a"})
    assert page.status_code == 422
    assert "Jonotin tunnin" in page.text
    assert all_of(engine, Reply) == []


def test_a_wish_without_a_way_to_be_reached_is_told_beside_its_field(client, engine, way):
    page = client.post(way, data={"value": "3", "wish": "y", "once": "a"})
    assert page.status_code == 422
    assert "jotta tavoitamme sinut" in page.text
    assert all_of(engine, Reply) == []
    client.post(way, data={"value": "3", "wish": "y", "contact": "aino@example.fi", "once": "b"})
    assert [one.words for one in all_of(engine, Contact)] == ["aino@example.fi"]


@pytest.mark.parametrize(
    ("language", "words"), [("fi", "Kuinka todenn"), ("sv", "Hur sannolikt"), ("en", "How likely")]
)
def test_the_page_speaks_the_customers_language(client, way, language, words):
    assert words in client.get(way, query_string={"language": language}).text
    assert words in client.get(way, headers={"Accept-Language": language}).text


class Asked:
    """Stands behind the Swedish words and notes what they lack."""

    def __init__(self):
        self.missing = set()

    def gettext(self, message):
        self.missing.add(message)
        return message

    def ngettext(self, one, _many, _n):
        self.missing.add(one)
        return one

    ugettext, ungettext = gettext, ngettext


def test_every_text_of_the_customers_pages_is_there_in_swedish(client, cast, way, mine, monkeypatch):
    lacking = Asked()
    monkeypatch.setattr(translations("sv"), "_fallback", lacking)
    swedish = {"language": "sv"}
    pages = [
        client.get(way, query_string=swedish),
        client.post(way, data={"value": "", "once": "a"}, query_string=swedish),
        client.post(way, data={"value": "1", "wish": "y", "once": "b"}, query_string=swedish),
        client.get(mine, query_string=swedish),
        client.get("/survey/thanks", query_string={**swedish, "invitation": "x"}),
        client.get(f"{mine}/stop", query_string=swedish),
        client.post(f"{mine}/stop", query_string=swedish),
    ]
    assert [page.status_code for page in pages] == [200, 422, 422, 200, 200, 200, 200]
    assert lacking.missing == set()


def test_a_personal_answer_can_be_changed_and_shows_what_was_said(client, engine, mine):
    assert client.post(mine, data={"value": "3", "text": "Jonotin"}).status_code == 302
    assert "Jonotin" in client.get(mine).text
    client.post(mine, data={"value": "9", "text": "Sittenkin hyvä"})
    (said,) = all_of(engine, Feedback)
    assert (said.score, said.text, said.customer) == (9, "Sittenkin hyvä", "K-17")


def test_an_altered_link_leads_nowhere(client, mine):
    assert client.get(f"{mine}x").status_code == 404
    assert client.post(f"{mine}x/stop").status_code == 404


def test_one_press_of_the_mail_program_ends_surveys(client, engine, mine):
    assert client.get(f"{mine}/stop").status_code == 200
    assert all_of(engine, Stop) == []
    told = client.post(f"{mine}/stop", data={"List-Unsubscribe": "One-Click"})
    assert told.status_code == 200
    assert len(all_of(engine, Stop)) == 1
    assert [one.address for one in all_of(engine, Invitation)] == [None]


def test_an_analyst_makes_a_survey_opens_a_door_and_asks_by_mail(browser, engine, cast):
    client = browser(cast.analyst)
    made = client.post(
        "/surveys/new",
        data={"kind": "effort", "name": "Puhelu", "touchpoint": "phone", "rest_days": "90", "once": "a"},
    )
    assert made.status_code == 302
    (found,) = all_of(engine, Survey)
    assert found.questions["sv"].startswith("Koepankki gjorde")
    opened = client.post(
        f"{made.location}/doors",
        data={"door-channel": "qr", "door-branch": str(cast.centre), "door-once": "b"},
    )
    assert opened.status_code == 302
    (way,) = all_of(engine, Door)
    poster = client.get(f"{made.location}/doors/{way.id}")
    assert "<svg" in poster.text
    assert f"/s/{way.token}" in poster.text
    asked = client.post(
        f"{made.location}/invite",
        data={
            "invite-guests": "aino@example.fi;K-17\neero@example.fi",
            "invite-branch": "harbour",
            "invite-once": "c",
        },
        follow_redirects=True,
    )
    assert "2 asiakkaalta kysytään" in asked.text
    assert {one.branch_id for one in all_of(engine, Invitation)} == {cast.harbour}


def test_a_bad_line_of_guests_is_named_and_nobody_is_asked(browser, engine, cast, way):
    page = browser(cast.analyst).post(
        "/surveys/1/invite", data={"invite-guests": "aino@example.fi\naino", "invite-once": "a"}
    )
    assert page.status_code == 422
    assert "Rivillä 2" in page.text
    assert all_of(engine, Invitation) == []


def test_a_closed_survey_tells_so(browser, client, cast, way):
    browser(cast.analyst).post("/surveys/1/close")
    page = client.get(way)
    assert page.status_code == 410
    assert "päättynyt" in page.text


def scored(engine, cast, *, branch, scores):
    with transaction(engine) as session:
        made = survey(session, cast)
        way = door(session, made, branch)
        for number, value in enumerate(scores):
            walk_in(session, way, value, address=f"10.{branch}.{number // 250}.{number % 250}")


def test_few_answers_show_no_score_and_every_figure_opens_its_quotes(browser, engine, cast):
    scored(engine, cast, branch=cast.centre, scores=[10] * 19)
    page = browser(cast.teller).get("/nps").text
    assert "Liian vähän vastauksia" in page
    assert "/feedback?scores=promoters" in page
    assert "/feedback?branch=centre" in page
    assert "10</strong>" in page


def test_branches_are_ranked_only_where_intervals_lie_apart(browser, engine, cast):
    scored(engine, cast, branch=cast.centre, scores=[10] * 30)
    scored(engine, cast, branch=cast.harbour, scores=[0] * 30)
    page = browser(cast.teller).get("/nps").text
    assert "Muita parempi" in page
    assert "Muita heikompi" in page


def test_branches_whose_intervals_overlap_are_not_ranked(browser, engine, cast):
    scored(engine, cast, branch=cast.centre, scores=[10, 8, 5] * 10)
    scored(engine, cast, branch=cast.harbour, scores=[10, 8, 8] * 10)
    page = browser(cast.teller).get("/nps").text
    assert "Muita parempi" not in page
    assert "Ei selvää eroa" in page


def test_an_hour_of_tens_is_a_question_with_its_answers_one_press_away(browser, engine, cast):
    scored(engine, cast, branch=cast.harbour, scores=[7, 8, 3, 9] * 10)
    scored(engine, cast, branch=cast.centre, scores=[10] * 14)
    client = browser(cast.analyst)
    page = client.get("/nps").text
    assert "Pelkkiä kymppejä" in page
    link = re.search(r'href="(/surveys/\d+/answers\?[^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(link).text.count('class="score"') == 14


@pytest.fixture
def waiting(engine, cast):
    """A customer of the centre who waits to be called back."""
    with transaction(engine) as session:
        actions.make_rule(
            session, name="Huonot", highest_score=6, problem_id=None, words="", wish=False, hours=2,
            owner_id=None, reask_days=None, by=cast.analyst, as_of=NOON,
        )  # fmt: skip
        way = door(session, survey(session, cast), cast.centre)
        walk_in(session, way, 2, "Jonotin tunnin", contact="aino@example.fi", wish=True)
        return session.exec(select(FollowUp.id)).one()


def test_a_manager_finds_writes_and_closes_what_waits(browser, engine, cast, waiting):
    client = browser(cast.manager)
    assert "palaat asiaan" in client.get("/home").text
    assert "Jonotin tunnin" in client.get("/followup").text
    page = client.get(f"/followup/{waiting}").text
    assert "aino@example.fi" in page
    client.post(
        f"/followup/{waiting}/letter",
        data={"letter-subject": "Hei", "letter-body": "Anteeksi", "letter-once": "a"},
    )
    assert [one.to for one in all_of(engine, Letter)] == ["aino@example.fi"]
    client.post(f"/followup/{waiting}/close", data={"close-outcome": "solved", "close-once": "b"})
    assert [one.outcome for one in all_of(engine, Closing)] == ["solved"]
    assert "palaat asiaan" not in client.get("/home").text


def test_contact_details_are_seen_only_by_those_who_get_back(browser, cast, waiting):
    assert "aino@example.fi" not in browser(cast.director).get(f"/followup/{waiting}").text
    assert browser(cast.outsider).get(f"/followup/{waiting}").status_code == 403


def test_a_rule_without_conditions_is_refused_by_page(browser, cast):
    page = browser(cast.analyst).post(
        "/followup/rules/new", data={"name": "Kaikki", "hours": "8", "once": "a"}
    )
    assert page.status_code == 422
    assert "ainakin yksi ehto" in page.text


def test_erasing_by_page_needs_the_box_ticked(browser, engine, cast, mine):
    client = browser(cast.analyst)
    data = {"known_as": "K-17", "once": "a"}
    assert client.post("/customers/erase", data=data).status_code == 422
    assert all_of(engine, Invitation)[0].customer == "K-17"
    assert client.post("/customers/erase", data={**data, "sure": "y"}).status_code == 302
    assert all_of(engine, Invitation)[0].customer != "K-17"
    page = client.post("/customers/erase", data={**data, "sure": "y", "once": "b"})
    assert "ei ole mitään" in page.text


def test_praise_by_name_is_for_the_managers_of_the_branch(browser, engine, cast):
    with transaction(engine) as session:
        made = survey(session, cast)
        walk_in(session, door(session, made, cast.centre), 10, "Kiitos Liisa Mäkiselle, loistavaa!")
        walk_in(session, door(session, made, cast.harbour), 10, "Kiitos Matti Virtaselle, loistavaa!")
        invite(session, made, "eero@example.fi")
        answer(session, session.exec(select(Invitation)).one(), 9)
    own = browser(cast.manager).get("/feedback/praise").text
    assert "Liisa Mäkiselle" in own
    assert "Virtaselle" not in own
    assert "Virtaselle" in browser(cast.director).get("/feedback/praise").text
    assert browser(cast.teller).get("/feedback/praise").status_code == 403
