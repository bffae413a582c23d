"""Files of cases by page and by command: understood, checked, taken once, bad rows told."""

import csv
import io
import re

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from sqlmodel import func, select

from promises.compensation.tables import Compensation
from promises.database import transaction
from promises.feedback.intake.sheet import of_rows
from promises.service.import_command import import_cases
from promises.service.intake import attribute_name, guess_format, propose
from promises.service.tables import Case, CaseIntake, Verdict
from tests.promised import promise

FINNISH = (
    "asiointi;konttori;saapui;palveltiin;huomio\n"
    "A1;centre;9.6.2026 10:00;9.6.2026 10:15;\n"
    "A2;centre;9.6.2026 10:00;9.6.2026 10:15:01;kiire\n"
    "A3;harbour;9.6.2026 10:00;;\n"
)
BAD = (
    "case,branch,touchpoint,arrived,served\n"
    "1,centre,branch,2026-06-09T10:00+03:00,2026-06-09T10:05+03:00\n"
    "2,moon,branch,2026-06-09T10:00+03:00,2026-06-09T10:05+03:00\n"
    "3,centre,branch,yesterday,2026-06-09T10:05+03:00\n"
    ",centre,branch,2026-06-09T10:00+03:00,2026-06-09T10:05+03:00\n"
    "5,centre,branch,2026-06-09T10:00+03:00\n"
    "6,centre,branch,2026-06-09T10:00+03:00,2026-06-10T10:05+03:00\n"
    "7,centre,branch,2026-06-09T10:00+03:00,2026-06-09T10:05+03:00\n"
)


@pytest.fixture
def promised(engine, cast, noon):
    noon.shift(3 * 3600)
    with transaction(engine) as session:
        promise(session)


def count(session, table):
    return session.exec(select(func.count()).select_from(table)).one()


def upload(client, content, name="jono.csv"):
    content = content.encode() if isinstance(content, str) else content
    return client.post("/cases/import", data={"file": (io.BytesIO(content), name)})


def mapping_of(page):
    """What the page has chosen for each field of its form."""
    filled = {}
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        filled[name] = chosen[1] if chosen else ""
    for name in ("source", "once"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
        filled[name] = found[1] if found else ""
    return filled


def take(client, staged, **changes):
    filled = mapping_of(client.get(staged).text)
    return client.post(staged, data={**filled, "take": "1", **changes})


def test_a_finnish_file_is_understood_by_its_titles_and_its_times(session, promised, browser, cast):
    client = browser(cast.analyst)
    staged = upload(client, FINNISH).location
    chosen = mapping_of(client.get(staged).text)
    assert [chosen[f"column_{place}"] for place in range(5)] == ["case", "branch", "arrived", "served", ""]
    assert chosen["time_format"] == "%d.%m.%Y %H:%M"
    answer = take(client, staged, touchpoint="branch", column_4="keep")
    assert answer.status_code == 302
    intake = session.exec(select(CaseIntake)).one()
    assert (intake.taken, intake.known, intake.refused, intake.source) == (2, 0, 1, "jono")
    case = session.exec(select(Case).where(Case.reference == "A1")).one()
    assert case.started_at.isoformat() == "2026-06-09T07:00:00+00:00"
    assert "9.6.2026 10:15:01" in client.get(answer.location).text


def test_the_button_that_takes_the_file_is_the_only_thing_that_says_so(promised, browser, cast):
    client = browser(cast.analyst)
    page = client.get(upload(client, FINNISH).location).text
    assert re.findall(r'<(\w+)[^>]*name="take"', page) == ["button", "button"]


def test_nothing_is_taken_before_the_columns_are_confirmed(session, promised, browser, cast):
    client = browser(cast.analyst)
    staged = upload(client, FINNISH).location
    page = client.get(staged)
    assert page.status_code == 200
    assert "missä asioitiin" in page.text
    assert take(client, staged).status_code == 422
    assert count(session, Case) == 0


def test_every_bad_row_is_told_by_row_field_and_reason_and_the_good_ones_are_taken(
    session, promised, browser, cast
):
    client = browser(cast.analyst)
    answer = take(client, upload(client, BAD).location)
    intake = session.exec(select(CaseIntake)).one()
    assert (intake.taken, intake.refused) == (2, 5)
    told = [(one["facts"].get("row"), one["code"]) for one in intake.set_aside]
    assert told == [
        (3, "cases.unknown_branch"),
        (4, "cases.time_unreadable"),
        (5, "cases.no_case"),
        (6, "cases.row_length"),
        (7, "cases.in_future"),
    ]
    page = client.get(answer.location).text
    assert "moon" in page
    assert "yesterday" in page
    rows = list(csv.reader(io.StringIO(client.get(f"{answer.location}/set-aside.csv").text), delimiter=";"))
    assert [row[0] for row in rows] == ["\ufeffrivi", "3", "4", "5", "6", "7"]


def test_the_same_file_again_adds_nothing(session, promised, browser, cast):
    client = browser(cast.analyst)
    take(client, upload(client, BAD).location)
    before = [count(session, table) for table in (Case, Verdict, Compensation)]
    session.commit()
    page = client.get(upload(client, BAD).location).text
    assert "ennenkin" in page or "sama" in page
    take(client, upload(client, BAD).location)
    assert [count(session, table) for table in (Case, Verdict, Compensation)] == before
    assert session.exec(select(CaseIntake.known).order_by(CaseIntake.id)).all() == [0, 2]


def test_a_second_press_takes_the_file_once(session, promised, browser, cast):
    client = browser(cast.analyst)
    staged = upload(client, BAD).location
    filled = mapping_of(client.get(staged).text)
    first = client.post(staged, data={**filled, "take": "1"})
    second = client.post(staged, data={**filled, "take": "1"})
    assert first.location == second.location
    assert count(session, CaseIntake) == 1


def test_a_row_per_milestone_is_read_too(session, promised, browser, cast):
    content = (
        "case,branch,touchpoint,milestone,at\n"
        "1,centre,branch,served,2026-06-09T10:20+03:00\n"
        "1,centre,branch,arrived,2026-06-09T10:00+03:00\n"
        "2,centre,branch,arrived,2026-06-09T10:00+03:00\n"
    )
    client = browser(cast.analyst)
    take(client, upload(client, content).location)
    assert session.exec(select(Verdict.reason).order_by(Verdict.reason)).all() == ["late", "still_open"]


def test_a_workbook_is_read_like_a_text_file(session, promised, browser, cast):
    book = Workbook()
    for row in csv.reader(io.StringIO(BAD)):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    client = browser(cast.analyst)
    take(client, upload(client, content.getvalue(), "jono.xlsx").location)
    # A workbook's short row has empty cells, so the case of row 6 is merely still open.
    assert session.exec(select(CaseIntake.taken)).one() == 3


def test_a_file_in_an_old_encoding_is_read(session, promised, browser, cast):
    client = browser(cast.analyst)
    content = FINNISH.replace("kiire", "kiirettä pidellyt päivä").encode("cp1252")
    answer = take(client, upload(client, content).location, touchpoint="branch", column_4="keep")
    assert answer.status_code == 302
    assert count(session, Case) == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"case,branch\n", "heading.csv"),
        (b"%PDF-1.7 something", "report.pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture.png"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused(session, promised, browser, cast, content, name):
    answer = upload(browser(cast.analyst), content, name)
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text
    assert count(session, CaseIntake) == 0


def test_only_analysts_bring_files_in_and_only_their_own(promised, browser, cast):
    for person in (cast.teller, cast.manager, cast.director, cast.auditor):
        assert browser(person).get("/cases/import").status_code == 403
    staged = upload(browser(cast.analyst), FINNISH).location
    assert browser(cast.director).get(staged).status_code == 403
    assert browser(cast.analyst).get("/cases/import/no-such-token").status_code == 302


def run(engine, *arguments):
    return CliRunner().invoke(import_cases, [str(one) for one in arguments], obj=engine)


def test_the_command_takes_a_file_and_tells_what_became_of_it(session, engine, promised, tmp_path):
    file, aside = tmp_path / "cases.csv", tmp_path / "aside.csv"
    file.write_text(BAD)
    found = run(engine, file, "--set-aside", aside)
    assert found.exit_code == 0
    assert "Tuotu 2, ennestään tunnettuja 0, sivuun pantuja 5" in found.output
    assert "moon" in found.output
    assert len(aside.read_text(encoding="utf-8-sig").splitlines()) == 6
    assert "ennestään tunnettuja 2" in run(engine, file).output
    assert count(session, Case) == 2


def test_the_command_takes_foreign_columns_by_name(session, engine, promised, tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text("Unique Key,Created Date,Closed Date\n9,06/09/2026 10:00:00 AM,06/09/2026 10:05:00 AM\n")
    found = run(
        engine, file, "--branch", "centre", "--touchpoint", "branch", "--source", "city",
        "--column", "case=Unique Key", "--column", "arrived=Created Date", "--column", "served=Closed Date",
    )  # fmt: skip
    assert found.exit_code == 0
    assert session.exec(select(Verdict.status)).one() == "kept"


def test_the_command_refuses_a_file_that_lacks_what_is_needed_and_writes_nothing(
    session, engine, promised, tmp_path
):
    file = tmp_path / "cases.csv"
    file.write_text("case,arrived\n1,2026-06-09T10:00\n")
    found = run(engine, file)
    assert found.exit_code == 2
    assert "Kerro konttori" in found.output
    assert count(session, CaseIntake) == 0


def test_titles_are_known_in_both_languages_and_times_by_their_shape():
    sheet = of_rows(["Ticket", "Toimipiste", "Saapumisaika"], [["1", "centre", "31.12.2026 14.05"]])
    found = propose(sheet, ["arrived"], "Europe/Helsinki")
    assert found.where == {"case": "Ticket", "branch": "Toimipiste", "arrived": "Saapumisaika"}
    assert found.time_format == "%d.%m.%Y %H.%M"
    assert guess_format(sheet, []) == ""
    assert attribute_name("Käynnin syy (1)") == "k_ynnin_syy_1"
