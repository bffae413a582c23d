"""Quotes are gone through on a page, merges taken apart, and a sample labelled by two."""

import pytest
from sqlmodel import select

from promises.database import open_session
from promises.feedback.curation.tables import Rating, Steadiness, Turn
from promises.feedback.tables import Feedback, Mention, Problem
from tests.conftest import NOON
from tests.feedback.heard import bring, look

QUEUE = ["Jonotin konttorilla melkein tunnin", "Jono ulottui ovelle asti eikä liikkunut"]
PHONE = ["Puhelimessa ei vastata", "Puhelimessa odotin tunnin", "Puhelimessa katkesi linja"]
APP = ["Sovellus kaatuu joka ikinen kerta", "Appi jumittaa heti kirjautumisen jälkeen"]
SAID = [*QUEUE, *(f"Tiskin jono {n}" for n in "abcdef"), *PHONE]


@pytest.fixture(autouse=True)
def heard(noon, engine, cast):
    with open_session(engine) as session:
        bring(session, *[(text, 2, "8.6.2026", "centre") for text in [*SAID, *APP]])
        look(session, {"jono": SAID, "app": APP})
        session.commit()


@pytest.fixture
def analyst(browser, cast):
    return browser(cast.analyst)


@pytest.fixture
def ids(engine):
    with open_session(engine, writes=False) as session:
        return {problem.code: problem.id for problem in session.exec(select(Problem)).all()}


def mentions(engine, said):
    with open_session(engine, writes=False) as session:
        query = select(Mention.id).join(Feedback).where(Feedback.text.in_(said))
        return [str(one) for one in session.exec(query.order_by(Mention.id)).all()]


def held(engine):
    with open_session(engine, writes=False) as session:
        rows = session.exec(select(Problem.id, Feedback.text).join(Mention, Mention.problem_id == Problem.id)
                            .join(Feedback, Feedback.id == Mention.feedback_id)).all()  # fmt: skip
    found = {}
    for problem, text in rows:
        found.setdefault(problem, set()).add(text)
    return found


def press(client, address, once="1", **data):
    return client.post(address, data={"once": once, **data})


def test_a_group_that_suggests_itself_is_split_off_in_three_presses(analyst, engine, ids):
    assert f"/problems/{ids['jono']}/sort" in analyst.get(f"/problems/{ids['jono']}").text
    page = analyst.get(f"/problems/{ids['jono']}/sort").text
    assert "like=puhelimessa" in page
    group = analyst.get(f"/problems/{ids['jono']}/sort?like=puhelimessa").text
    assert group.count(" checked") == 3
    marked = mentions(engine, PHONE)
    answer = press(
        analyst, f"/problems/{ids['jono']}/sort", marked=marked, act="split", fi="Puhelin", en="Phone"
    )
    new = int(answer.location.rsplit("/", 1)[1])
    assert held(engine)[new] == set(PHONE)
    assert "Puhelin" in analyst.get("/problems").text


def test_what_is_wrong_with_a_split_is_said_beside_it(analyst, engine, ids):
    address = f"/problems/{ids['jono']}/sort"
    nothing = press(analyst, address, act="split", fi="Puhelin")
    assert (nothing.status_code, "Merkitse ensin lainaukset." in nothing.text) == (422, True)
    nameless = press(analyst, address, marked=mentions(engine, PHONE), act="split")
    assert (nameless.status_code, "Anna uudelle ongelmalle nimi." in nameless.text) == (422, True)
    nowhere = press(analyst, address, marked=mentions(engine, PHONE), act="move")
    assert (nowhere.status_code, "Valitse ongelma." in nowhere.text) == (422, True)
    assert press(analyst, address, marked=["x"], act="explode").status_code == 422


def test_several_quotes_are_moved_confirmed_or_taken_out_at_once(analyst, engine, ids):
    address, app = f"/problems/{ids['jono']}/sort", ids["app"]
    press(analyst, address, marked=mentions(engine, PHONE[:2]), act="move", problem=str(app))
    assert held(engine)[app] == {*APP, *PHONE[:2]}
    press(analyst, address, "2", marked=mentions(engine, PHONE[2:]), act="move", problem="none")
    assert PHONE[2] not in held(engine)[ids["jono"]]
    press(analyst, address, "3", marked=mentions(engine, QUEUE), act="fits")
    with open_session(engine, writes=False) as session:
        placed = session.exec(select(Mention.problem_id).where(Mention.placed_by.is_not(None))).all()
    assert sorted(placed) == sorted([app, app, ids["jono"], ids["jono"]])
    # Pressing once more, as an impatient hand does, does nothing more.
    press(analyst, address, "3", marked=mentions(engine, QUEUE), act="fits")


def test_a_merge_is_taken_apart_on_the_page_of_the_problem_that_took_it_in(analyst, engine, ids):
    press(analyst, f"/problems/{ids['jono']}/merge", problem=str(ids["app"]))
    page = analyst.get(f"/problems/{ids['app']}").text
    assert f"/problems/{ids['jono']}/part" in page
    press(analyst, f"/problems/{ids['jono']}/part", "2")
    assert held(engine) == {ids["jono"]: set(SAID), ids["app"]: set(APP)}


def test_a_merged_problem_is_gone_through_where_it_went(analyst, ids):
    press(analyst, f"/problems/{ids['jono']}/merge", problem=str(ids["app"]))
    assert analyst.get(f"/problems/{ids['jono']}/sort").location.endswith(f"/problems/{ids['app']}/sort")


def test_what_was_announced_stands_on_the_board_and_leads_to_its_quotes(analyst, engine, ids):
    with open_session(engine) as session:
        facts = {
            "problem_id": ids["app"],
            "kind": "emerged",
            "since": NOON.date(),
            "texts": 7,
            "expected": 0.1,
        }
        session.add(Turn(**facts, made_at=NOON))
        session.commit()
    board = analyst.get("/problems").text
    assert "Uusi: 7 palautetta 9.6.2026 alkaen, aiemmin tuskin lainkaan." in board
    assert f"/problems/{ids['app']}?since=2026-06-09" in board
    assert "Uusi: 7 palautetta" in analyst.get(f"/problems/{ids['app']}").text
    assert "Uusi: 7 palautetta" not in analyst.get("/problems?state=dismissed").text


def test_how_sure_a_problem_is_stands_on_its_page_and_doubt_on_the_board(analyst, engine, ids):
    assert "Siitä on sanottu niin vähän" in analyst.get(f"/problems/{ids['app']}").text
    with open_session(engine) as session:
        session.add(Steadiness(problem_id=ids["app"], share=0.92, looks=2, made_at=NOON))
        session.add(Steadiness(problem_id=ids["jono"], share=0.41, looks=2, made_at=NOON))
        session.commit()
    assert "92" in analyst.get(f"/problems/{ids['app']}").text
    board = analyst.get("/problems").text
    assert board.count("Ei ole varmaa, mikä palaute siihen kuuluu") == 1


def test_two_people_label_a_sample_and_see_how_far_they_agree(browser, cast, engine, ids):
    analyst, teller = browser(cast.analyst), browser(cast.teller)
    address = press(analyst, "/problems/agreement").location
    texts = len(SAID) + len(APP)
    for n, client in enumerate((analyst, teller)):
        for number in range(texts):
            page = client.get(address).text
            text = page.split('name="text" value="')[1].split('"')[0]
            with open_session(engine, writes=False) as session:
                words = session.get_one(Feedback, int(text)).text
            own = ids["app"] if words in APP else ids["jono"]
            press(client, address, f"{n}-{number}", text=text, answer="none" if number == 0 else str(own))
    shown = teller.get(address).text
    assert "Näin yksimielisiä ollaan" in shown
    assert "1,00" in shown
    assert "Verrattuna siihen, mitä tuote löytää" in shown
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Rating)).all()) == 2 * texts
    listed = analyst.get("/problems/agreement").text
    assert f"{texts} / {texts}" in listed


def test_nobody_sees_the_others_answers_before_their_own(browser, cast, engine, ids):
    analyst = browser(cast.analyst)
    address = press(analyst, "/problems/agreement").location
    text = analyst.get(address).text.split('name="text" value="')[1].split('"')[0]
    press(analyst, address, "a", text=text, answer="none")
    page = browser(cast.teller).get(address).text
    assert f'name="text" value="{text}"' in page
    assert "Näin yksimielisiä" not in page


@pytest.mark.parametrize("data", [{"text": "1", "answer": "x"}, {"text": "999999", "answer": "none"}])
def test_an_answer_that_makes_no_sense_is_refused(browser, cast, data):
    analyst = browser(cast.analyst)
    address = press(analyst, "/problems/agreement").location
    assert press(analyst, address, "a", **data).status_code == 422
