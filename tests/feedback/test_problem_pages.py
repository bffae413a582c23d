"""The board, a problem, the feedback behind it, and what an analyst does there."""

import pytest
from sqlmodel import select

from promises.database import open_session
from promises.feedback.tables import Feedback, Mention, Problem
from tests.feedback.heard import bring, look

QUEUE = ["Jonotin konttorilla melkein tunnin", "Jono ulottui ovelle asti eikä liikkunut"]
APP = ["Sovellus kaatuu joka ikinen kerta", "Appi jumittaa heti kirjautumisen jälkeen"]
PRAISE = "Kiitos <b>Sannalle</b> hyvästä palvelusta"


@pytest.fixture(autouse=True)
def heard(noon, engine, cast):
    with open_session(engine) as session:
        rows = [(text, 2, "8.6.2026", "centre", f"c{n}") for n, text in enumerate(QUEUE)]
        rows += [(text, 4, "7.6.2026", "harbour") for text in APP]
        bring(session, *rows, (PRAISE, 10), ("Parkkipaikka puuttuu", 5))
        look(session, {"jono": QUEUE, "app": APP}, kinds={PRAISE: "praise"})
        session.commit()


@pytest.fixture
def analyst(browser, cast):
    return browser(cast.analyst)


@pytest.fixture
def ids(engine):
    with open_session(engine, writes=False) as session:
        return {problem.code: problem.id for problem in session.exec(select(Problem)).all()}


def state(engine, problem_id):
    with open_session(engine, writes=False) as session:
        return session.get_one(Problem, problem_id)


def press(client, address, once="1", **data):
    return client.post(address, data={"once": once, **data})


@pytest.mark.parametrize("who", ["teller", "manager", "director", "analyst", "auditor"])
def test_everybody_who_works_with_customers_reads_the_board(browser, cast, who):
    shown = browser(getattr(cast, who)).get("/problems").text
    assert "jono suomeksi" in shown
    assert "Jonotin konttorilla melkein tunnin" in shown


def test_an_administrator_has_no_business_with_customers_words(browser, cast):
    assert browser(cast.administrator).get("/problems").status_code == 403
    assert browser(cast.administrator).get("/feedback").status_code == 403


def test_the_labels_are_in_the_readers_language(client, browser, cast, engine):
    reader = browser(cast.analyst)
    reader.post("/language", data={"language": "en", "next": "/problems"})
    assert "jono in English" in reader.get("/problems").text


def test_the_board_is_narrowed_by_branch_and_keeps_that_in_its_links(analyst, ids):
    shown = analyst.get("/problems?branch=harbour").text
    assert "app suomeksi" in shown
    assert "jono suomeksi" not in shown
    assert f"/problems/{ids['app']}?branch=harbour" in shown


def test_a_filter_that_makes_no_sense_is_left_out(analyst):
    shown = analyst.get("/problems?branch=nowhere&period=soon&source=x'--&page=-3").status_code
    assert shown == 200


def test_choices_that_leave_nothing_say_so(analyst):
    assert "Näytä kaikki ongelmat" in analyst.get("/problems?words=avaruus").text
    assert "Näytä kaikki palaute" in analyst.get("/feedback?words=avaruus").text


def test_texts_that_fit_no_problem_can_be_read(analyst):
    shown = analyst.get("/feedback?kind=unplaced").text
    assert "Parkkipaikka puuttuu" in shown
    assert QUEUE[0] not in shown


def test_a_problem_shows_its_quotes_figures_branches_and_the_way_onward(analyst, ids):
    shown = analyst.get(f"/problems/{ids['jono']}").text
    assert all(text in shown for text in QUEUE)
    assert "Keskusta" in shown
    assert f"/proposals/new?problem={ids['jono']}" in shown
    assert "Liian vähän vastauksia" in shown


def test_only_who_may_propose_is_asked_to(browser, cast, ids):
    assert "/proposals/new" not in browser(cast.director).get(f"/problems/{ids['jono']}").text


def test_feedback_leads_to_its_row_its_file_and_its_problem(analyst, engine, ids):
    with open_session(engine, writes=False) as session:
        feedback = session.exec(select(Feedback).where(Feedback.text == QUEUE[0])).one()
    shown = analyst.get(f"/feedback/{feedback.id}").text
    assert f"/feedback/intakes/{feedback.intake_id}" in shown
    assert f"/problems/{ids['jono']}" in shown
    assert "rows.csv" in shown


def test_what_customers_wrote_is_shown_and_not_run(analyst):
    shown = analyst.get("/feedback").text
    assert "Kiitos &lt;b&gt;[nimi]&lt;/b&gt;" in shown


@pytest.mark.parametrize("address", ["/problems/999", "/feedback/999", "/feedback/intakes/999"])
def test_what_is_not_there_is_not_found(analyst, address):
    assert analyst.get(address).status_code == 404


def test_an_analyst_names_a_problem(analyst, engine, ids):
    answer = press(analyst, f"/problems/{ids['jono']}/name", fi=" Jonotus ", en="Queueing")
    assert answer.location == f"/problems/{ids['jono']}"
    assert "Jonotus" in analyst.get("/problems").text
    assert state(engine, ids["jono"]).given_fi == "Jonotus"


def test_a_name_that_is_taken_is_told_and_what_was_typed_stays(analyst, ids):
    answer = press(analyst, f"/problems/{ids['jono']}/name", fi="app suomeksi")
    assert answer.status_code == 422
    assert "on jo nimi" in answer.text
    assert 'value="app suomeksi"' in answer.text


def test_accepting_twice_by_two_forms_tells_that_somebody_was_there_before(analyst, engine, ids):
    assert press(analyst, f"/problems/{ids['jono']}/accept").status_code == 302
    assert press(analyst, f"/problems/{ids['jono']}/accept").status_code == 302
    assert press(analyst, f"/problems/{ids['jono']}/accept", once="2").status_code == 409
    assert state(engine, ids["jono"]).state == "accepted"


def test_a_dismissed_problem_leaves_the_board_with_its_reason_and_comes_back(analyst, ids):
    assert press(analyst, f"/problems/{ids['jono']}/dismiss").status_code == 422
    press(analyst, f"/problems/{ids['jono']}/dismiss", reason="Remontin aikaa", once="2")
    assert "jono suomeksi" not in analyst.get("/problems").text
    assert "Remontin aikaa" in analyst.get("/problems?state=dismissed").text
    assert "/proposals/new" not in analyst.get(f"/problems/{ids['jono']}").text
    press(analyst, f"/problems/{ids['jono']}/restore", once="3")
    assert "jono suomeksi" in analyst.get("/problems").text


def test_a_merged_problem_leads_to_its_heir(analyst, ids):
    answer = press(analyst, f"/problems/{ids['jono']}/merge", problem=ids["app"])
    assert answer.location == f"/problems/{ids['app']}"
    assert analyst.get(f"/problems/{ids['jono']}").location == f"/problems/{ids['app']}"
    assert QUEUE[0] in analyst.get(f"/problems/{ids['app']}").text


def test_no_problem_can_be_merged_into_one_that_is_not_offered(analyst, engine, ids):
    for chosen in (ids["jono"], 999, ""):
        answer = press(analyst, f"/problems/{ids['jono']}/merge", problem=chosen, once=str(chosen))
        assert answer.status_code == 422
    assert state(engine, ids["jono"]).state == "found"


def test_a_quote_is_moved_or_belongs_nowhere(analyst, engine, ids):
    def mention(text):
        with open_session(engine, writes=False) as session:
            return session.exec(select(Mention).join(Feedback).where(Feedback.text == text)).first()

    address = f"/problems/{ids['jono']}/quotes/"
    first = press(analyst, f"{address}{mention(QUEUE[0]).id}", problem=ids["app"])
    gone = press(analyst, f"{address}{mention(QUEUE[1]).id}", problem="none", once="2")
    assert first.location == gone.location == f"/problems/{ids['jono']}"
    assert mention(QUEUE[0]).problem_id == ids["app"]
    assert mention(QUEUE[1]) is None
    shown = analyst.get("/feedback?kind=unplaced").text
    assert QUEUE[1] in shown


def test_a_second_press_of_moving_leads_where_the_first_one_led(analyst, engine, ids):
    with open_session(engine, writes=False) as session:
        quote = session.exec(select(Mention).where(Mention.problem_id == ids["jono"])).first()
    address = f"/problems/{ids['jono']}/quotes/{quote.id}"
    first = press(analyst, address, problem=ids["app"])
    second = press(analyst, address, problem=ids["app"])
    assert first.location == second.location


def test_feedback_is_placed_under_a_problem(analyst, engine, ids):
    with open_session(engine, writes=False) as session:
        feedback = session.exec(select(Feedback).where(Feedback.text == "Parkkipaikka puuttuu")).one()
    press(analyst, f"/feedback/{feedback.id}/problem", problem=ids["jono"])
    assert "Ihmisen sijoittama" in analyst.get(f"/feedback/{feedback.id}").text


@pytest.mark.parametrize("act", ["name", "accept", "dismiss", "restore", "merge"])
def test_a_teller_curates_nothing(browser, cast, ids, act):
    assert press(browser(cast.teller), f"/problems/{ids['jono']}/{act}").status_code == 403
