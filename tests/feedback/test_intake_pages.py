"""An analyst brings in a file by page."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from sqlmodel import select

from promises import language
from promises.database import open_session
from promises.feedback.finding.actions import mine_pending
from promises.feedback.tables import Feedback, Finding, Intake, Problem
from promises.files.tables import StagedFile
from promises.people.tables import Person
from tests.conftest import NOON

GOOD = (
    "Pvm;Konttori;NPS;Palaute\n8.6.2026;Keskusta;3;Jonotin melkein tunnin\n8.6.2026;satama;10;Hyvää työtä\n"
)
MIXED = GOOD + "32.6.2026;Keskusta;3;Huono päivä\n8.6.2026;Rovaniemi;11;=cmd|huono\n"
COLUMNS = {"date": "0", "branch": "1", "score": "2", "text": "3", "source": "kysely", "header": "y"}


@pytest.fixture(autouse=True)
def at_noon(noon):
    return noon


@pytest.fixture
def analyst(browser, cast):
    return browser(cast.analyst)


def upload(client, content, name="palaute.csv", once="1"):
    data = content.encode() if isinstance(content, str) else content
    return client.post("/feedback/import", data={"file": (io.BytesIO(data), name), "once": once})


def staged(client, content, **rest):
    answer = upload(client, content, **rest)
    assert answer.status_code == 302, answer.text
    return answer.location


def take(client, address, once="2", **changed):
    return client.post(address, data={**COLUMNS, "take": "1", "once": once, **changed})


def all_of(engine, table):
    with open_session(engine, writes=False) as session:
        return session.exec(select(table)).all()


def test_a_file_is_looked_at_confirmed_and_taken(analyst, engine, cast):
    address = staged(analyst, GOOD)
    shown = analyst.get(address).text
    assert "Jonotin melkein tunnin" in shown
    assert re.search(r'<option selected value="3">Palaute</option>', shown)
    assert all_of(engine, Feedback) == []
    answer = take(analyst, address)
    assert answer.status_code == 302
    result = analyst.get(answer.location).text
    assert "Otettu" in result
    assert sorted(f.text for f in all_of(engine, Feedback)) == ["Hyvää työtä", "Jonotin melkein tunnin"]
    assert all_of(engine, StagedFile) == []
    (intake,) = all_of(engine, Intake)
    assert (intake.made_by, intake.source, intake.filename) == (cast.analyst, "kysely", "palaute.csv")


def test_the_watch_looks_for_problems_when_the_file_has_come_in(analyst, engine):
    result = take(analyst, staged(analyst, GOOD)).location
    assert "Etsitään ongelmia" in analyst.get(result).text
    assert "Etsitään ongelmia" in analyst.get("/problems").text
    mine_pending(engine, as_of=NOON)
    assert "Etsitään ongelmia" not in analyst.get(result).text
    assert {f.text: f.kind for f in all_of(engine, Feedback)}["Hyvää työtä"] == "praise"


def test_rows_that_are_set_aside_are_told_before_and_after(analyst, engine):
    address = staged(analyst, MIXED)
    shown = analyst.get(address).text
    assert "32.6.2026" in shown
    assert "Rovaniemi" in shown
    result = analyst.get(take(analyst, address).location).text
    assert "tuntematon konttori" in result
    assert len(all_of(engine, Feedback)) == 2


def test_the_rows_set_aside_come_as_a_file_that_can_be_put_right_and_brought_in(analyst, engine):
    intake = take(analyst, staged(analyst, MIXED)).location
    answer = analyst.get(f"{intake}/set-aside.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert lines[0] == "rivi;syy;Pvm;Konttori;NPS;Palaute"
    assert lines[2].endswith("8.6.2026;Rovaniemi;11;'=cmd|huono")
    right = answer.text.replace("32.6.2026", "7.6.2026").replace("Rovaniemi", "Satama").replace(";11;", ";1;")
    address = staged(analyst, right, once="4")
    assert re.search(r'<option selected value="5">Palaute</option>', analyst.get(address).text)
    take(analyst, address, once="3", date="2", branch="3", score="4", text="5")
    assert len(all_of(engine, Feedback)) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "Tiedosto on tyhjä."),
        ("Palaute;NPS\n", "ei yhtään riviä"),
        (b"%PDF-1.4", "muotoa PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "vanhan Excelin"),
        (b"PK\x03\x04", "ehjä Excel"),
        (bytes(range(256)) * 9, "tunnetussa merkistössä"),
        ('Palaute;NPS\n"auki;3\n', "ei pääty koskaan"),
    ],
)
def test_a_file_that_cant_be_read_is_refused_in_words_and_kept_nowhere(analyst, engine, content, told):
    answer = upload(analyst, content)
    assert answer.status_code == 422
    assert told in answer.text
    assert all_of(engine, StagedFile) == []


def test_no_file_at_all_is_asked_for(analyst):
    answer = analyst.post("/feedback/import", data={"once": "1"})
    assert answer.status_code == 422
    assert "Valitse ensin tiedosto." in answer.text


def test_a_file_larger_than_the_house_allows_is_refused(app, analyst):
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    assert upload(analyst, "Palaute\n" + "Jono\n" * 1_000).status_code == 413


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text": ""}, "Valitse sarake, jossa asiakkaan sanat ovat."),
        ({"source": " "}, "Anna lähteelle nimi."),
        ({"score": "3", "text": "0"}, "Yhtään riviä ei voitu ottaa"),
        ({"day": "2026-06-10"}, "tulevaisuudessa"),
        ({"encoding": "utf-16"}, "merkistöä"),
    ],
)
def test_what_is_wrong_with_the_choices_is_told_and_nothing_taken(analyst, engine, changed, told):
    address = staged(analyst, GOOD)
    answer = take(analyst, address, **changed)
    assert answer.status_code == 422
    assert told in answer.text
    assert all_of(engine, Feedback) == []
    assert take(analyst, address, once="3").status_code == 302


def test_dates_that_do_not_tell_their_order_are_asked_about(analyst, engine):
    address = staged(analyst, GOOD.replace("8.6.2026", "4/6/2026"))
    assert "Kerro, kumpi on ensin." in analyst.get(address).text
    assert take(analyst, address).status_code == 422
    assert take(analyst, address, once="3", order="month").status_code == 302
    assert {f.given_at.month for f in all_of(engine, Feedback)} == {4}


def test_looking_again_takes_nothing(analyst, engine):
    address = staged(analyst, GOOD)
    answer = analyst.post(address, data={**COLUMNS, "look": "1", "once": "2", "score": ""})
    assert answer.status_code == 200
    assert all_of(engine, Feedback) == []


def test_the_same_file_again_says_so_and_adds_nothing(analyst, engine):
    first = take(analyst, staged(analyst, GOOD))
    again = take(analyst, staged(analyst, GOOD, once="3"), once="4")
    assert again.location == first.location
    assert "tuotu jo aiemmin" in analyst.get(again.location).text
    assert len(all_of(engine, Feedback)) == 2


def test_the_same_header_again_needs_no_choices(analyst):
    take(analyst, staged(analyst, GOOD), score="", source="Oma kysely")
    shown = analyst.get(staged(analyst, GOOD + "9.6.2026;;9;Uusi\n", once="3")).text
    assert "tuotu ennenkin" in shown
    assert 'value="Oma kysely"' in shown
    assert not re.search(r'<option selected value="2">NPS</option>', shown)


def test_a_second_press_leads_where_the_first_one_led(analyst, engine):
    address = staged(analyst, GOOD)
    first, second = take(analyst, address), take(analyst, address)
    assert second.location == first.location
    assert len(all_of(engine, Intake)) == 1


def test_a_second_press_of_the_upload_stages_one_file(analyst, engine):
    assert staged(analyst, GOOD) == staged(analyst, GOOD)
    assert len(all_of(engine, StagedFile)) == 1


def test_another_analyst_does_not_see_a_file_that_waits(analyst, engine, browser, cast):
    address = staged(analyst, GOOD)
    with open_session(engine) as session:
        other = Person(name="Toinen", email="t@x.fi", role="analyst", invited_at=NOON, password_hash="x")
        session.add(other)
        session.commit()
    answer = browser(other.id).get(address)
    assert answer.location == "/feedback/import"


def test_a_file_that_waited_for_more_than_a_day_must_be_chosen_again(analyst, noon):
    address = staged(analyst, GOOD)
    noon.shift(timedelta(days=1, seconds=1))
    staged(analyst, GOOD, once="9")
    assert analyst.get(address).location == "/feedback/import"


def test_a_workbook_with_a_formula_and_two_sheets(analyst, engine):
    book = openpyxl.Workbook()
    book.active.title = "Kysely"
    for row in (
        ["Pvm", "Konttori", "NPS", "Palaute"],
        [None, None, 4, "Jonotin"],
        [None, None, "=1+2", "Kaava"],
    ):
        book.active.append(row)
    book.create_sheet("Muu").append(["x"])
    out = io.BytesIO()
    book.save(out)
    address = staged(analyst, out.getvalue(), name="palaute.xlsx")
    shown = analyst.get(address).text
    assert "lukematta: Muu" in shown
    assert "kaava, jonka tulosta" in shown
    take(analyst, address, sheet="Kysely")
    assert [f.text for f in all_of(engine, Feedback)] == ["Jonotin"]


@pytest.mark.parametrize("who", ["teller", "manager", "director", "auditor", "administrator"])
def test_only_an_analyst_brings_in_feedback(browser, cast, who):
    assert upload(browser(getattr(cast, who)), GOOD).status_code == 403


def test_every_fault_and_every_kind_has_words_in_both_languages(app):
    reasons = [
        "text",
        "text_long",
        "letters",
        "formula",
        "cell_error",
        "score",
        "score_range",
        "date",
        "date_far",
        "branch",
    ]
    for spoken in language.LANGUAGES:
        with language.spoken(spoken):
            assert all(language.gettext(f"fault.{reason}") != f"fault.{reason}" for reason in reasons)


def test_a_look_that_fails_leaves_the_feedback_in_place(analyst, engine):
    with open_session(engine) as session:
        finding = Finding(made_at=NOON, texts=100, space=b"broken")
        session.add(finding)
        session.flush()
        broken = {"centroid": b"broken", "finding_id": finding.id}
        session.add(Problem(code="x", found_fi="x", found_en="x", made_at=NOON, **broken))
        session.commit()
    assert take(analyst, staged(analyst, GOOD)).status_code == 302
    with pytest.raises(ValueError, match="pickled"):
        mine_pending(engine, as_of=NOON)
    assert {f.kind for f in all_of(engine, Feedback)} == {""}
