"""The pages of proposals, as those who work in a branch use them."""

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.feedback.tables import Problem
from promises.outbox.tables import Letter
from promises.proposals import actions, queries
from promises.proposals.tables import Comment, Proposal, Version
from tests.conftest import NOON
from tests.proposals.given import STEPS, TEXT, problem, proposal

FORM = {
    "title": "Palvelu vartissa",
    "text": TEXT,
    "steps-0-step": "Vuoronumero annetaan ovella",
    "steps-0-who": "aulavastaava",
    "steps-1-step": "",
    "steps-2-step": "Toinen kassa avataan",
}


@pytest.fixture
def about(engine, cast):
    """The id of a problem with three quotes."""
    with transaction(engine) as session:
        return problem(session, quotes=("Odotin puoli tuntia", "Jono ei liikkunut", "Lähdin pois"))


@pytest.fixture
def written(engine, cast):
    """The id of a proposal by the teller, supported by the colleague."""
    with transaction(engine) as session:
        made = proposal(session, cast.teller)
        actions.endorse(session, made, number=1, by=cast.colleague, as_of=NOON)
        return made


def found(engine, table):
    with transaction(engine) as session:
        return session.exec(select(table)).all()


def test_writing_starts_from_a_problem(browser, cast, about):
    page = browser(cast.teller).get("/proposals/new").text
    assert f"/proposals/new?problem={about}" in page
    assert "Odotin puoli tuntia" in page


def test_the_customers_words_stand_beside_the_form(browser, cast, about):
    page = browser(cast.teller).get(f"/proposals/new?problem={about}").text
    for words in ("Odotin puoli tuntia", "Jono ei liikkunut", "Lähdin pois"):
        assert words in page
    assert page.count('name="steps-') == 6


def test_a_proposal_is_written_and_shown(browser, engine, cast, about):
    client = browser(cast.teller)
    answer = client.post(f"/proposals/new?problem={about}", data=FORM, follow_redirects=True)
    assert answer.status_code == 200
    assert TEXT in answer.text
    [version] = found(engine, Version)
    assert version.steps == [
        {"step": "Vuoronumero annetaan ovella", "who": "aulavastaava"},
        {"step": "Toinen kassa avataan", "who": ""},
    ]


def test_a_second_press_of_the_same_form_leads_to_the_same_proposal(browser, engine, cast, about):
    client = browser(cast.teller)
    pressed = {**FORM, "once": "11111111-1111-1111-1111-111111111111"}
    first, second = (client.post(f"/proposals/new?problem={about}", data=pressed) for _ in range(2))
    assert first.location == second.location
    assert len(found(engine, Proposal)) == 1


def test_a_further_row_of_steps_keeps_what_was_typed_and_saves_nothing(browser, engine, cast, about):
    page = browser(cast.teller).post(f"/proposals/new?problem={about}", data={**FORM, "more": "1"})
    assert page.status_code == 200
    assert page.text.count('name="steps-') == 8
    assert "Toinen kassa avataan" in page.text
    assert TEXT in page.text
    assert found(engine, Proposal) == []


def test_a_look_at_the_wording_names_what_is_empty(browser, engine, cast, about):
    vague = {**FORM, "text": "Palvelemme sinua nopeasti", "look": "1"}
    page = browser(cast.teller).post(f"/proposals/new?problem={about}", data=vague)
    assert "kuinka nopeasti?" in page.text
    assert found(engine, Proposal) == []


@pytest.mark.parametrize(
    ("missing", "told"),
    [({"title": ""}, "Lyhyt nimi"), ({"steps-0-step": "", "steps-2-step": ""}, "ainakin yksi vaihe")],
)
def test_an_incomplete_proposal_is_refused_and_kept_on_the_page(browser, engine, cast, about, missing, told):
    page = browser(cast.teller).post(f"/proposals/new?problem={about}", data={**FORM, **missing})
    assert page.status_code == 422
    assert told in page.text
    assert TEXT in page.text
    assert found(engine, Proposal) == []


def test_a_problem_that_was_merged_leads_to_the_one_it_is_part_of(browser, engine, cast, about):
    with transaction(engine) as session:
        old = session.get_one(Problem, problem(session, "Vanha"))
        old.state, old.merged_into_id = "merged", about
        old_id = old.id
    answer = browser(cast.teller).get(f"/proposals/new?problem={old_id}")
    assert answer.location == f"/proposals/new?problem={about}"


@pytest.mark.parametrize("who", ["auditor", "director", "administrator"])
def test_those_who_only_read_cannot_propose(browser, cast, about, who):
    assert browser(getattr(cast, who)).post(f"/proposals/new?problem={about}", data=FORM).status_code == 403


def test_a_colleague_supports_and_withdraws(browser, engine, cast, written):
    client = browser(cast.outsider)
    page = client.post(f"/proposals/{written}/endorse", data={"number": 1}, follow_redirects=True)
    assert "2 työkaveria kannattaa" in page.text
    page = client.post(f"/proposals/{written}/withdraw", data={"number": 1}, follow_redirects=True)
    assert "1 työkaveri kannattaa" in page.text


def test_support_of_a_text_that_has_changed_meanwhile_is_told_not_taken(browser, engine, cast, written):
    with transaction(engine) as session:
        actions.revise(
            session, written, based_on=1, title="Uusi", text="Uusi", steps=STEPS, by=cast.teller, as_of=NOON
        )
    page = browser(cast.outsider).post(
        f"/proposals/{written}/endorse", data={"number": 1}, follow_redirects=True
    )
    assert "Teksti on muuttunut" in page.text
    assert "0 työkaveria kannattaa" in page.text
    assert "versio 1" in page.text  # the colleague's support shows as that of the earlier text


def test_the_author_sees_no_button_of_support(browser, cast, written):
    assert f"/proposals/{written}/endorse" not in browser(cast.teller).get(f"/proposals/{written}").text
    assert f"/proposals/{written}/endorse" in browser(cast.outsider).get(f"/proposals/{written}").text


def test_a_comment_is_shown_and_mailed_with_the_address_of_the_page(browser, engine, cast, written):
    page = browser(cast.colleague).post(
        f"/proposals/{written}/comment", data={"text": "<b>Entä lounas?</b>"}, follow_redirects=True
    )
    assert "&lt;b&gt;Entä lounas?&lt;/b&gt;" in page.text
    [letter] = found(engine, Letter)
    assert f"http://127.0.0.1:8000/proposals/{written}" in letter.body


def test_an_empty_comment_is_refused(browser, engine, cast, written):
    assert (
        browser(cast.colleague).post(f"/proposals/{written}/comment", data={"text": " "}).status_code == 422
    )
    assert found(engine, Comment) == []


def test_a_revision_shows_what_changed(browser, cast, written):
    better = {**FORM, "text": TEXT.replace("15", "10"), "based_on": "1"}
    page = browser(cast.teller).post(f"/proposals/{written}/revise", data=better, follow_redirects=True)
    assert "<del>15 </del><ins>10 </ins>" in page.text


def test_the_second_tab_is_refused_keeps_its_text_and_may_then_build_on_the_newer_one(
    browser, engine, cast, written
):
    client = browser(cast.teller)
    first = {**FORM, "text": "Teksti ensimmäisestä välilehdestä", "based_on": "1"}
    second = {**FORM, "text": "Teksti toisesta välilehdestä", "based_on": "1"}
    assert client.post(f"/proposals/{written}/revise", data=first).status_code == 302
    refused = client.post(f"/proposals/{written}/revise", data=second)
    assert refused.status_code == 422
    assert "uudempi versio 2" in refused.text
    assert "Teksti ensimmäisestä välilehdestä" in refused.text
    assert "Teksti toisesta välilehdestä" in refused.text
    assert 'name="based_on" type="hidden" value="2"' in refused.text
    assert len(found(engine, Version)) == 2
    assert client.post(f"/proposals/{written}/revise", data={**second, "based_on": "2"}).status_code == 302
    assert [version.number for version in found(engine, Version)] == [1, 2, 3]


def test_nobody_else_revises(browser, cast, written):
    assert browser(cast.colleague).get(f"/proposals/{written}/revise").status_code == 403


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ("", True),
        ("state=open", True),
        ("state=chosen", False),
        ("q=VARTISSA", True),
        ("q=lasku", False),
        ("whose=mine", False),
        ("whose=supported", True),
    ],
)
def test_the_list_shows_what_was_chosen(browser, cast, written, choice, shown):
    page = browser(cast.colleague).get(f"/proposals?{choice}")
    assert (f'href="/proposals/{written}"' in page.text) is shown


def test_an_empty_list_says_what_to_do_next(browser, cast):
    page = browser(cast.teller).get("/proposals").text
    assert 'href="/proposals/new"' in page


def test_an_administrator_sees_the_proposal_but_no_customers_words(browser, engine, cast, about):
    with transaction(engine) as session:
        made = proposal(session, cast.teller, about=about)
    page = browser(cast.administrator).get(f"/proposals/{made}").text
    assert TEXT in page
    assert "Odotin puoli tuntia" not in page
    assert "Odotin puoli tuntia" in browser(cast.director).get(f"/proposals/{made}").text


def test_an_unknown_proposal_is_not_found(browser, cast):
    assert browser(cast.teller).get("/proposals/999").status_code == 404


def test_a_problem_leads_on_to_its_proposals(app, engine, cast, about):
    with transaction(engine) as session:
        made = proposal(session, cast.teller, about=about)
        assert [line.id for line in queries.lines(session)] == [made]
    with app.test_request_context("/"):
        app.preprocess_request()
        [step] = app.jinja_env.globals["onward"]("problem", about)
    assert (step.kind, step.title, step.url) == ("proposal", "Palvelu vartissa", f"/proposals/{made}")
