"""Bad files of every kind, as cases: told in words or taken, by page and by command, and nothing half."""

import io
from functools import cache

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from sqlmodel import select

from promises import language
from promises.database import open_session, transaction
from promises.feedback.erasing import erase
from promises.files.tables import StagedFile, StagedPiece
from promises.service import erasing as _erasing  # noqa: F401 - cases erase their own
from promises.service.import_command import import_cases
from promises.service.tables import Case, CaseIntake, CaseIntakeWork, Milestone, Verdict
from tests.conftest import NOON
from tests.files.bad_files import FORMULA, readable, saved, unreadable
from tests.promised import promise
from tests.service.test_import import mapping_of

GOOD = (
    ("asiointi", "konttori", "saapui", "palveltiin", "syy"),
    ("Ä1", "centre", "9.6.2026 10:00", "9.6.2026 10:15", "kiire, älä kysy"),
    ("A2", "harbour", "9.6.2026 10:00", "9.6.2026 10:20", "lounas"),
)
HEAD = "asiointi;konttori;saapui;palveltiin;syy\n"
ROW = "A1;centre;9.6.2026 10:00;9.6.2026 10:15;kiire\n"


@pytest.fixture(autouse=True)
def promised(engine, cast, noon):
    noon.shift(3 * 3600)
    with transaction(engine) as session:
        promise(session)


@cache
def bad():
    return {name: found for name, found in unreadable(GOOD).items() if "JSON of numbers" not in name}


@cache
def dressed():
    return readable(GOOD)


def cases(engine):
    with open_session(engine, writes=False) as session:
        found = session.exec(select(Case)).all()
        times = session.exec(select(Milestone)).all()
        verdicts = dict(session.exec(select(Verdict.case_id, Verdict.status)).all())
    clock = {one.id: sorted(f"{at.at:%H:%M}" for at in times if at.case_id == one.id) for one in found}
    return {one.reference: (verdicts.get(one.id), clock[one.id]) for one in found}


WANTED = {"Ä1": ("kept", ["07:00", "07:15"]), "A2": ("broken", ["07:00", "07:20"])}


def nothing_is_left(engine, *tables):
    with open_session(engine, writes=False) as session:
        return all(session.exec(select(table)).first() is None for table in (Case, Milestone, *tables))


@pytest.fixture
def command(engine, tmp_path):
    def run(content, *options, name="jono.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        told = [str(path), "--touchpoint", "branch", "--source", "jono", *options]
        return CliRunner().invoke(import_cases, told, obj=engine)

    return run


@pytest.fixture
def page(browser, cast):
    """Bring a file in by page, with its columns as they are guessed; the last answer."""
    client = browser(cast.analyst)

    def bring(content, name="jono.csv"):
        content = content if isinstance(content, bytes) else content.encode()
        answer = client.post("/cases/import", data={"file": (io.BytesIO(content), name)})
        if answer.status_code != 302:
            return answer
        shown = client.get(answer.location)
        assert shown.status_code == 200
        filled = {**mapping_of(shown.text), "touchpoint": "branch", "take": "1"}
        return client.post(answer.location, data=filled, follow_redirects=True)

    return bring


@pytest.mark.parametrize("name", bad())
def test_what_cant_be_read_is_told_by_command_and_by_page_and_leaves_nothing(engine, command, page, name):
    content, told = bad()[name]
    for kind in ("x.csv", "x.xlsx", "x.json"):
        outcome = command(content, name=kind)
        assert outcome.exit_code == 2, outcome.output
        assert told in outcome.stderr
    answer = page(content)
    assert answer.status_code == 422
    assert told in answer.text
    assert nothing_is_left(engine, CaseIntake, CaseIntakeWork, StagedFile, StagedPiece)


@pytest.mark.parametrize("name", bad())
def test_it_is_told_in_english_too(command, name):
    with language.spoken("en"):
        told = command(bad()[name][0]).stderr
    assert told.strip()
    assert not set(told) & set("äöÄÖ")
    assert "feedback." not in told
    assert "cases." not in told


@pytest.mark.parametrize("name", dressed())
def test_the_same_cases_come_in_in_every_dress(engine, command, name):
    for kind in ("x.csv", "x.dat"):
        outcome = command(dressed()[name], name=kind)
        assert outcome.exit_code == 0, outcome.output
        assert cases(engine) == WANTED


@pytest.mark.parametrize("name", dressed())
def test_the_same_cases_come_in_in_every_dress_by_page(engine, page, name):
    answer = page(dressed()[name])
    assert answer.status_code == 200, answer.text
    assert cases(engine) == WANTED


LONG = " ".join(["kiire"] * 10_000)
MORE = "".join(ROW.replace("A1", f"B{n}") for n in range(40))
ODD = {
    "one row": HEAD + ROW,
    "a cell of 10,000 words": HEAD + f"A1;centre;9.6.2026 10:00;9.6.2026 10:15;{LONG}\n",
    "emoji": HEAD + "A1;centre;9.6.2026 10:00;9.6.2026 10:15;💩👩‍👩‍👧\n",
    "script": HEAD + "A1;centre;9.6.2026 10:00;9.6.2026 10:15;<script>alert(1)</script>\n",
    "right to left": HEAD + "A1;centre;9.6.2026 10:00;9.6.2026 10:15;الانتظار\n",
    "null characters": HEAD + "A\x001;centre;9.6.2026 10:00;9.6.2026 10:15;ki\x00ire\n" + MORE,
    "control characters": HEAD + "A1;centre;9.6.2026 10:00;9.6.2026 10:15;\x07ki\x1bire\n" + MORE,
    "a formula": HEAD + f"A1;centre;9.6.2026 10:00;9.6.2026 10:15;{FORMULA}\n",
    "cells with line ends": HEAD + 'A1;centre;9.6.2026 10:00;9.6.2026 10:15;"kiire\nlounas"\n',
    "the same title twice": HEAD.replace("syy", "syy;syy") + "A1;centre;9.6.2026 10:00;9.6.2026 10:15;a;b\n",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_but_right_is_taken_and_shown_harmlessly(engine, command, page, browser, cast, name):
    shown = page(ODD[name])
    assert shown.status_code == 200, shown.text
    assert command(ODD[name]).exit_code == 0
    assert cases(engine)["A1"][0] == "kept"
    listed = browser(cast.analyst).get("/cases")
    assert listed.status_code == 200
    assert "<script>alert" not in listed.text + shown.text


WRONG = {
    "a text where a time is expected": ("A9;centre;eilen;;", "eilen"),
    "a day that there is not": ("A9;centre;31.6.2026 10:00;;", "31.6.2026 10:00"),
    "a huge number": (f"A9;centre;{'9' * 400};;", "999999"),
    "a time to come": ("A9;centre;9.6.2030 10:00;;", "2030"),
    "an unknown branch": ("A9;kuu;9.6.2026 10:00;;", "kuu"),
    "no number": (";centre;9.6.2026 10:00;;", "asiointi"),
    "no time at all": ("A9;centre;;;", "A9"),
    "a cell too many": ("A9;centre;9.6.2026 10:00;;;kiire", "6"),
    "a cell too few": ("A9;centre;9.6.2026 10:00", "3"),
    "a number that comes twice": ("A9;centre;9.6.2026 10:00;;\nA9;centre;9.6.2026 10:00;;", "A9"),
    "a number longer than any": (f"{'A' * 500};centre;9.6.2026 10:00;;", "enintään 128"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_is_set_aside_with_its_number_and_reason_and_the_others_are_taken(engine, command, name):
    row, told = WRONG[name]
    outcome = command(f"{HEAD}{ROW}{ROW.replace('A1', 'A2')}{row}\n{ROW.replace('A1', 'A3')}")
    assert outcome.exit_code == 0, outcome.output
    assert set(cases(engine)) == {"A1", "A2", "A3"}
    first = outcome.stderr.splitlines()[0]
    assert "4" in first
    assert told in outcome.stderr


def test_a_quotation_that_never_ends_does_not_swallow_the_rest_of_a_large_file(engine, command):
    rows = [ROW.replace("A1", f"A{n}") for n in range(100_000)]
    rows[90_000] = rows[90_000].replace("kiire", '"kiire')
    outcome = command(HEAD + "".join(rows))
    assert outcome.exit_code == 2
    assert "Riviltä 90002 alkaa lainausmerkki" in outcome.stderr
    assert nothing_is_left(engine)


def test_a_quotation_mark_in_the_midst_of_a_cell_swallows_nothing(engine, command):
    rows = [ROW.replace("A1", f"A{n}") for n in range(20)]
    rows[5] = rows[5].replace("kiire", '5" leveä')
    outcome = command(HEAD + "".join(rows))
    assert outcome.exit_code == 0, outcome.output
    assert len(cases(engine)) == 20


def test_rows_keep_their_numbers_whatever_the_file_came_as(engine, command):
    content = "sep=|\n\n" + (HEAD + ROW + "\n" + "A9;kuu;9.6.2026 10:00;;\n").replace(";", "|")
    outcome = command(content)
    assert outcome.exit_code == 0, outcome.output
    assert "6" in outcome.stderr.splitlines()[0]
    assert set(cases(engine)) == {"A1"}


def test_formulas_in_rows_set_aside_are_shown_and_not_run(command, tmp_path):
    out = tmp_path / "aside.csv"
    command(f"{HEAD}{ROW}@SUM(A1);=kuu;{FORMULA};9.6.2026 10:00;\n", "--set-aside", str(out))
    for line in out.read_text("utf-8-sig").splitlines():
        assert not any(cell.startswith(("=", "@", "+")) for cell in line.split(";"))
    assert f"'{FORMULA}" in out.read_text("utf-8-sig")


def test_a_workbook_whose_rows_end_early_or_begin_late_is_read_whole(engine, command):
    book = Workbook()
    book.active.title = "Ohje"
    sheet = book.create_sheet("Asioinnit")
    for row in (
        ["asiointi", "konttori", "saapui", "palveltiin", "syy"],
        ["A1", "centre", "9.6.2026 10:00"],
        [],
        ["A2", "harbour", "9.6.2026 10:00", "9.6.2026 10:20", True],
    ):
        sheet.append(row)
    outcome = command(saved(book), name="x.xlsx")
    assert outcome.exit_code == 0, outcome.output
    assert cases(engine) == {"A1": ("broken", ["07:00"]), "A2": WANTED["A2"]}


def test_what_was_found_in_a_wrong_column_is_kept_without_personal_data(engine, command):
    rows = "A9;centre;Matti Virtanen, matti.virtanen@posti.fi, 131052-308T;;\n"
    command(HEAD + ROW + rows)
    with open_session(engine, writes=False) as session:
        (intake,) = session.exec(select(CaseIntake)).all()
    kept = str(intake.set_aside)
    assert "[name]" in kept
    assert not any(word in kept for word in ("Virtanen", "posti.fi", "131052"))


def test_a_customer_known_by_a_personal_code_is_erased_from_cases_too(engine, command):
    command(HEAD.replace("syy", "asiakas") + ROW.replace("kiire", "131052-308T"))
    with transaction(engine) as session:
        assert erase(session, "131052-308T", secret="s" * 40, by=None, as_of=NOON).counts["case"] == 1
        assert session.exec(select(Case.customer)).one().startswith("erased-")
