"""The pages of rounds, decisions and launches, to the second of the company's clock."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.decisions import counting, queries
from promises.decisions.tables import Decision, Launch, Round
from promises.outbox.tables import Letter
from promises.proposals import actions as proposals
from promises.terms.tables import CustomerPromise, Terms
from tests.conftest import NOON
from tests.decisions.given import CLOSES, LONG_REASON, cast_vote, closed_round, decide, opened
from tests.proposals.given import TEXT, proposal

WEEK = int((CLOSES - NOON).total_seconds())


@pytest.fixture
def held(engine, cast):
    """An open round over two proposals: its id and its candidates' ids."""
    with transaction(engine) as session:
        both = [proposal(session, cast.teller, title=title) for title in ("Eka", "Toka")]
        made = opened(session, cast.director, both)
        return made.id, counting.candidate_ids(session, made.id)


@pytest.fixture
def chosen(engine, cast):
    """A chosen proposal that reads 15 minutes and 10 euros: the decision's id."""
    with transaction(engine) as session:
        _, [candidate] = closed_round(session, cast, 5)
        return decide(session, candidate, "chosen", cast.director).id


def sheet(held, *marks):
    """A ballot's fields, one mark for each candidate on every criterion."""
    _, candidates = held
    return {
        f"mark_{candidate}_{criterion}": str(mark)
        for candidate, mark in zip(candidates, marks, strict=True)
        for criterion in ("solves_problem", "can_keep", "worth_cost")
    }


def found(engine, table):
    with transaction(engine) as session:
        return session.exec(select(table)).all()


def round_form(version, **changed):
    return {
        "title": "Kesän kierros",
        "versions": str(version),
        "opens_on": "2026-06-09",
        "opens_time": "12:00",
        "closes_on": "2026-06-16",
        "closes_time": "16:00",
        "quorum": "2",
        "criteria": ["solves_problem", "can_keep"],
        **changed,
    }


@pytest.fixture
def draft(engine, cast):
    """The version id of a draft."""
    with transaction(engine) as session:
        return proposals.current(session, proposal(session, cast.teller)).id


def test_a_director_opens_a_round_in_local_time(browser, engine, cast, noon, draft):
    page = browser(cast.director).post("/rounds/new", data=round_form(draft), follow_redirects=True)
    assert page.status_code == 200
    [made] = found(engine, Round)
    assert made.closes_at.isoformat() == "2026-06-16T13:00:00+00:00"  # 16.00 in Helsinki's summer
    assert made.criteria == ["solves_problem", "can_keep"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"closes_on": "2026-06-09", "closes_time": "12:00"}, "vasta avauduttuaan"),
        ({"opens_on": "2026-06-01", "closes_on": "2026-06-08"}, "on jo mennyt"),
        ({"quorum": "3"}, "Äänioikeutettuja on vain 2"),
        ({"closes_on": "2027-03-28", "closes_time": "03:30"}, "Tätä kellonaikaa ei ole"),
        ({"versions": []}, "Äänestettävät ehdotukset"),
    ],
)
def test_a_round_that_cannot_be_held_is_refused_on_the_form(
    browser, engine, cast, noon, draft, changed, told
):
    page = browser(cast.director).post("/rounds/new", data=round_form(draft, **changed))
    assert page.status_code == 422
    assert told in page.text
    assert 'value="Kesän kierros"' in page.text
    assert found(engine, Round) == []


def test_a_round_starts_with_the_proposal_one_came_from(browser, engine, cast, noon, draft):
    page = browser(cast.director).get("/rounds/new?proposal=1").text
    assert re.search(rf'name="versions" value="{draft}"\s+checked', page)


@pytest.mark.parametrize("who", ["manager", "teller", "auditor"])
def test_only_management_opens_rounds(browser, cast, who):
    assert browser(getattr(cast, who)).get("/rounds/new").status_code == 403


def test_a_manager_votes_and_changes_the_vote(browser, engine, cast, noon, held):
    client = browser(cast.manager)
    page = client.post(f"/rounds/{held[0]}/vote", data=sheet(held, 5, 1), follow_redirects=True)
    assert "Äänestit" in page.text
    assert client.get(f"/rounds/{held[0]}/vote").text.count(" checked") == 6
    client.post(f"/rounds/{held[0]}/vote", data=sheet(held, 2, 3))
    noon.shift(WEEK)
    page = client.get(f"/rounds/{held[0]}").text
    assert page.index("Toka") < page.index("Eka")


def test_a_half_filled_ballot_keeps_its_marks_and_is_not_taken(browser, engine, cast, noon, held):
    half = {name: mark for name, mark in sheet(held, 5, 4).items() if str(held[1][0]) in name}
    page = browser(cast.manager).post(f"/rounds/{held[0]}/vote", data=half)
    assert page.status_code == 422
    assert page.text.count(" checked") == 3
    with transaction(engine) as session:
        assert queries.ballots_cast(session, held[0]) == 0


@pytest.mark.parametrize(("seconds", "taken"), [(WEEK - 1, True), (WEEK, False)])
def test_a_ballot_is_taken_until_the_second_before_the_close(
    browser, engine, cast, noon, held, seconds, taken
):
    client = browser(cast.manager)
    noon.shift(seconds)
    answer = client.post(f"/rounds/{held[0]}/vote", data=sheet(held, 5, 1))
    assert answer.status_code == (302 if taken else 409)
    with transaction(engine) as session:
        assert queries.ballots_cast(session, held[0]) == taken


def test_before_the_close_the_page_tells_how_many_but_neither_who_nor_how(browser, engine, cast, noon, held):
    browser(cast.manager).post(f"/rounds/{held[0]}/vote", data=sheet(held, 5, 1))
    page = browser(cast.administrator).get(f"/rounds/{held[0]}").text
    main = page.partition("<main")[2]
    assert "Matti Manager" not in main
    assert "Sija 1" not in main
    assert re.search(r'figure-value">\s*1<', main)


@pytest.mark.parametrize("who", ["teller", "auditor", "administrator", "analyst"])
def test_only_those_of_the_electorate_vote(browser, cast, held, who):
    assert (
        browser(getattr(cast, who)).post(f"/rounds/{held[0]}/vote", data=sheet(held, 5, 1)).status_code == 403
    )


def test_after_the_close_every_step_of_the_count_is_shown_and_a_tie_is_named(
    browser, engine, cast, noon, held
):
    with transaction(engine) as session:
        made = session.get_one(Round, held[0])
        cast_vote(session, made, cast.manager, 5, 4)
        cast_vote(session, made, cast.director, 4, 5)
    noon.shift(WEEK)
    page = browser(cast.teller).get(f"/rounds/{held[0]}").text
    assert "Jaettu sija 1: tasan ehdotuksen Toka kanssa" in page
    assert "(4,50 + 4,50 + 4,50) / 3 = 4,50" in page
    assert "Päätä" not in page.partition("<main")[2].replace("Päätös", "")


def test_a_missed_quorum_is_said_aloud(browser, engine, cast, noon):
    with transaction(engine) as session:
        made, _ = closed_round(session, cast, 5, quorum=2)
        number = made.id
    noon.shift(WEEK)
    assert "Annettiin vain 1 ääni, vaikka tarvittiin 2." in browser(cast.teller).get(f"/rounds/{number}").text


def test_a_director_decides_and_the_author_is_mailed(browser, engine, cast, noon, held):
    noon.shift(WEEK)
    client = browser(cast.director)
    where = f"/rounds/{held[0]}/decide/{held[1][0]}"
    assert "Ääniä annettiin vähemmän kuin tarvittiin." in client.get(where).text
    short = client.post(where, data={"outcome": "chosen", "reason": "Hyvä"})
    assert short.status_code == 422
    assert "vähintään 40 merkillä" in short.text
    answer = client.post(where, data={"outcome": "chosen", "reason": LONG_REASON})
    assert answer.location == f"/rounds/{held[0]}#candidate-{held[1][0]}"
    [letter] = found(engine, Letter)
    assert "http://127.0.0.1:8000/proposals/" in letter.body
    page = client.get(f"/rounds/{held[0]}").text
    assert LONG_REASON in page
    assert "Aseta ehdot" in page


def test_a_decision_before_the_close_is_refused(browser, engine, cast, noon, held):
    noon.shift(WEEK - 1)
    where = f"/rounds/{held[0]}/decide/{held[1][0]}"
    answer = browser(cast.director).post(where, data={"outcome": "chosen", "reason": LONG_REASON})
    assert answer.status_code == 409
    assert found(engine, Decision) == []


def test_the_second_director_reads_the_first_ones_decision(browser, engine, cast, noon, held):
    noon.shift(WEEK)
    client = browser(cast.director)
    where = f"/rounds/{held[0]}/decide/{held[1][0]}"
    client.post(where, data={"outcome": "rejected", "reason": LONG_REASON})
    again = client.post(where, data={"outcome": "chosen", "reason": LONG_REASON})
    assert "Tästä on päätetty." in again.text
    assert "Dora Director" in again.text.partition("<main")[2]
    assert [made.outcome for made in found(engine, Decision)] == ["rejected"]


def test_a_candidate_of_another_round_is_not_decided_here(browser, engine, cast, noon, held):
    noon.shift(WEEK)
    assert browser(cast.director).get(f"/rounds/{held[0] + 1}/decide/{held[1][0]}").status_code == 404


def launching(client, decision):
    """The launch form as the page gives it, with the English words that management adds."""
    page = client.get(f"/decisions/{decision}/launch").text
    fields = {
        name: value
        for name in ("limit", "amount", "starts", "currency", "target", "pay_within", "number")
        for value in re.findall(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    }
    return fields | {
        "name_fi": "Palvelu vartissa",
        "name_en": "Served in a quarter",
        "told_fi": TEXT,
        "told_en": "Served within 15 minutes or 10 euros",
        "touchpoint": "branch",
        "begins": "arrived",
        "ends": "served",
        "unit": "min",
        "clock": "elapsed",
        "ways": "counter",
    }


def test_the_terms_are_filled_in_from_the_proposals_own_numbers(browser, engine, cast, noon, chosen):
    noon.shift(WEEK)
    fields = launching(browser(cast.director), chosen)
    assert (fields["limit"], fields["amount"], fields["starts"]) == ("15", "10,00", "2026-06-17")


def test_a_chosen_proposal_becomes_a_promise_after_its_terms_were_shown(browser, engine, cast, noon, chosen):
    noon.shift(WEEK)
    client = browser(cast.director)
    fields = launching(client, chosen)
    shown = client.post(f"/decisions/{chosen}/launch", data=fields)
    assert found(engine, Launch) == []
    checked = re.search(r'name="checked"[^>]*value="([0-9a-f]+)"', shown.text)[1]
    made = client.post(f"/decisions/{chosen}/launch", data={**fields, "checked": checked})
    assert made.location == "/promises/ehdotus-1"
    [terms], [launch] = found(engine, Terms), found(engine, Launch)
    assert (terms.promise_id, launch.decision_id) == (launch.promise_id, chosen)
    assert terms.document["measure"]["limit"] == "15 min"
    again = client.post(f"/decisions/{chosen}/launch", data={**fields, "checked": checked})
    assert again.location == "/promises/ehdotus-1"
    assert len(found(engine, CustomerPromise)) == 1


def test_the_chain_leads_both_ways_between_proposal_and_promise(browser, app, engine, cast, noon, chosen):
    noon.shift(WEEK)
    client = browser(cast.director)
    fields = launching(client, chosen)
    shown = client.post(f"/decisions/{chosen}/launch", data=fields)
    checked = re.search(r'name="checked"[^>]*value="([0-9a-f]+)"', shown.text)[1]
    client.post(f"/decisions/{chosen}/launch", data={**fields, "checked": checked})
    with transaction(engine) as session:
        where = queries.by_decision(session, chosen)
    proposal_page = client.get(f"/proposals/{where.proposal_id}").text
    assert 'href="/promises/ehdotus-1"' in proposal_page
    assert f'href="/rounds/{where.round.id}#candidate-{where.id}"' in proposal_page
    promise_page = client.get("/promises/ehdotus-1").text
    assert f'href="/proposals/{where.proposal_id}"' in promise_page
    assert f'href="/rounds/{where.round.id}#candidate-{where.id}"' in promise_page


def test_what_was_rejected_cannot_be_launched(browser, engine, cast, noon):
    with transaction(engine) as session:
        _, [candidate] = closed_round(session, cast, 5)
        number = decide(session, candidate, "rejected", cast.director).id
    noon.shift(WEEK)
    assert browser(cast.director).get(f"/decisions/{number}/launch").status_code == 409
    assert browser(cast.manager).get(f"/decisions/{number}/launch").status_code == 403


def test_rounds_are_listed_with_their_state(browser, engine, cast, noon, held):
    client = browser(cast.teller)
    assert "Auki" in client.get("/rounds").text
    noon.shift(WEEK + timedelta(hours=1).total_seconds())
    assert "Odottaa päätöstä" in client.get("/rounds").text


def ready_document(client, address):
    """The document that the page has in its text area, and the number of the version to be set."""
    page = client.get(address).text
    text = unescape(re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", page, re.DOTALL)[1])
    return json.loads(text), re.search(r'name="number"[^>]*value="(\d+)"', page)[1]


def test_a_chosen_proposal_is_led_to_ready_terms_and_back(browser, engine, cast, noon, chosen):
    noon.shift(WEEK)
    client = browser(cast.director)
    assert f"/promises/templates?decision={chosen}" in client.get(f"/decisions/{chosen}/launch").text
    listed = client.get(f"/promises/templates?decision={chosen}").text
    assert f"/promises/templates/gb-power-cut?decision={chosen}" in listed
    one = unescape(client.get(f"/promises/templates/gb-power-cut?decision={chosen}").text)
    assert f"/promises/new?template=gb-power-cut&decision={chosen}" in one
    led = client.get(f"/promises/new?template=gb-power-cut&decision={chosen}")
    assert led.location == f"/decisions/{chosen}/launch/whole?template=gb-power-cut"


def test_a_promise_begun_from_ready_terms_keeps_the_chain(browser, engine, cast, noon, chosen):
    noon.shift(WEEK)
    client = browser(cast.director)
    address = f"/decisions/{chosen}/launch/whole?template=bank-15-minutes"
    document, number = ready_document(client, address)
    assert (document["promise"], document["starts"]) == ("ehdotus-1", "2026-06-17")
    assert (document["name"]["fi"], document["told"]["fi"]) == ("Ehdotus 1", TEXT)
    assert document["hours"]
    form = {"document": json.dumps(document), "number": number}
    shown = client.post(address, data=form)
    assert "Asiakas, joka odottaa" in shown.text
    assert found(engine, Launch) == []
    form |= {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', shown.text)[1] for name in ("checked", "once")
    }
    made = client.post(address, data=form)
    assert made.location == "/promises/ehdotus-1"
    [terms], [launch] = found(engine, Terms), found(engine, Launch)
    assert (terms.promise_id, launch.decision_id) == (launch.promise_id, chosen)
    assert client.post(address, data=form).location == "/promises/ehdotus-1"
    with transaction(engine) as session:
        where = queries.by_decision(session, chosen)
    promise_page = client.get("/promises/ehdotus-1").text
    assert f'href="/proposals/{where.proposal_id}"' in promise_page
    assert f'href="/rounds/{where.round.id}#candidate-{where.id}"' in promise_page


def test_only_ready_terms_that_there_are_can_be_launched(browser, engine, cast, noon, chosen):
    noon.shift(WEEK)
    assert browser(cast.director).get(f"/decisions/{chosen}/launch/whole?template=no").status_code == 404
    assert browser(cast.manager).get(f"/decisions/{chosen}/launch/whole").status_code == 403


def test_words_that_the_terms_do_not_bear_out_are_told_before_they_are_set(
    browser, engine, cast, noon, chosen
):
    noon.shift(WEEK)
    client = browser(cast.director)
    fields = launching(client, chosen)
    right = client.post(f"/decisions/{chosen}/launch", data=fields).text
    assert "Asiakkaille kerrotaan muuta" not in right
    shown = client.post(f"/decisions/{chosen}/launch", data={**fields, "amount": "15", "limit": "20"}).text
    assert "Asiakkaille kerrotaan muuta kuin ehdoissa sanotaan" in shown
    assert "10 euros”, mutta ehdoissa ei ole sellaista summaa" in shown
    assert "15 minutes”, mutta ehdoissa ei ole sellaista aikaa" in shown
    assert "Aseta ehdot silti" in shown
    assert found(engine, Launch) == []
