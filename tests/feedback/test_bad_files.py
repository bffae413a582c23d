"""Bad files of every kind, as feedback: told in words or taken, by page and by command, and nothing half."""

import io
import json
import re
from functools import cache

import openpyxl
import pytest
from click.testing import CliRunner
from sqlmodel import select

from promises import language
from promises.database import open_session
from promises.feedback.import_command import import_feedback
from promises.feedback.tables import Feedback, Intake, IntakeWork
from promises.files.tables import StagedFile, StagedPiece
from tests.files.bad_files import FORMULA, readable, saved, unreadable

GOOD = (
    ("päivä", "konttori", "arvosana", "palaute"),
    ("8.6.2026", "Keskusta", "3", "Jonotin melkein tunnin, älkää viitsikö"),
    ("8.6.2026", "Satama", "10", "Hyvää työtä, kiitos"),
)
HEAD = "konttori;arvosana;palaute;asiakas\n"
WORDS = [row[3] for row in GOOD[1:]]


@cache
def bad():
    return unreadable(GOOD)


@cache
def dressed():
    return readable(GOOD)


def texts(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Feedback.text).order_by(Feedback.row)).all()


def nothing_is_left(engine):
    with open_session(engine, writes=False) as session:
        return all(
            session.exec(select(table)).first() is None
            for table in (Feedback, Intake, IntakeWork, StagedFile, StagedPiece)
        )


@pytest.fixture
def command(engine, cast, tmp_path, noon):
    def run(content, *options, name="palaute.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CliRunner().invoke(import_feedback, [str(path), "--no-mine", *options], obj=engine)

    return run


@pytest.fixture
def page(browser, cast, noon):
    """Bring a file in by page, with its columns as they are guessed; the last answer."""
    client = browser(cast.analyst)

    def bring(content, name="palaute.csv"):
        content = content if isinstance(content, bytes) else content.encode()
        answer = client.post("/feedback/import", data={"file": (io.BytesIO(content), name), "once": name})
        if answer.status_code != 302:
            return answer
        shown = client.get(answer.location)
        assert shown.status_code == 200
        filled = dict(re.findall(r'<input[^>]*name="(source|once)"[^>]*value="([^"]*)"', shown.text))
        for field, body in re.findall(
            r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', shown.text, re.DOTALL
        ):
            chosen = re.search(r'<option selected value="([^"]*)"', body)
            filled[field] = chosen[1] if chosen else ""
        return client.post(
            answer.location, data={**filled, "header": "y", "take": "1"}, follow_redirects=True
        )

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
    assert nothing_is_left(engine)


@pytest.mark.parametrize("name", bad())
def test_it_is_told_in_english_too(command, name):
    with language.spoken("en"):
        told = command(bad()[name][0]).stderr
    assert told.strip()
    assert not set(told) & set("äöÄÖ")
    assert "feedback." not in told


@pytest.mark.parametrize("name", dressed())
def test_the_same_rows_come_in_in_every_dress(engine, command, name):
    outcome = command(dressed()[name], name="x.dat")
    assert outcome.exit_code == 0, outcome.output
    assert texts(engine) == WORDS
    again = command(dressed()[name], name="x.dat")
    assert "tuotu jo aiemmin" in again.stdout
    assert texts(engine) == WORDS


@pytest.mark.parametrize("name", dressed())
def test_the_same_rows_come_in_in_every_dress_by_page(engine, page, name):
    answer = page(dressed()[name])
    assert answer.status_code == 200
    assert texts(engine) == WORDS


LONG = " ".join(["jonotin"] * 10_000)
ODD = {
    "one row": (HEAD + "Keskusta;3;Jonotin tunnin;c1\n", ["Jonotin tunnin"]),
    "a text of 10,000 words": (f"{HEAD};3;{LONG};c1\n", [LONG]),
    "emoji": (HEAD + ";3;Ihan 💩 palvelu 👩‍👩‍👧 😡;c1\n", ["Ihan 💩 palvelu 👩‍👩‍👧 😡"]),
    "script": (HEAD + ";3;<script>alert(1)</script> jono;c1\n", ["<script>alert(1)</script> jono"]),
    "right to left": (HEAD + ";3;الانتظار طويل جدا;c1\n", ["الانتظار طويل جدا"]),
    "control characters": (
        HEAD + ";3;Jo\x00no\x07tin \x1b[31mtunnin\x7f;c\x001\n" + ";9;Kiitos paljon avusta;c2\n" * 40,
        ["Jonotin [31mtunnin", *["Kiitos paljon avusta"] * 40],
    ),
    "all the same text": (HEAD + ";3;Jono;c1\n" * 50, ["Jono"] * 50),
    "the same title twice": ("palaute;palaute;arvosana\nJonotin;Muu;3\n", ["Jonotin"]),
    "a formula": (f"{HEAD};3;{FORMULA};c1\n", [FORMULA]),
    "cells with line ends": (HEAD + ';3;"Jonotin\ntunnin";c1\n', ["Jonotin\ntunnin"]),
    "quotes within": (HEAD + ';3;"Sanoi ""hetki"" ja lähti";c1\n', ['Sanoi "hetki" ja lähti']),
    "a quote in the midst": (HEAD + ';3;Leveys 5" oli liikaa;c1\n', ['Leveys 5" oli liikaa']),
    "empty cells at the end": (
        HEAD + ";3;Jonotin;c1;;;;\n;4;Muu;c2\n;4;Kolmas;c2\n",
        ["Jonotin", "Muu", "Kolmas"],
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_but_right_is_taken_as_it_is_and_shown_harmlessly(
    engine, command, page, browser, cast, name
):
    content, wanted = ODD[name]
    shown = page(content)
    assert shown.status_code == 200, shown.text
    assert texts(engine) == wanted
    assert command(content).exit_code == 0
    listed = browser(cast.analyst).get("/feedback")
    assert listed.status_code == 200
    assert "<script>alert" not in listed.text + shown.text
    assert len(texts(engine)) >= len(wanted)


WRONG = {
    "a text where a number is expected": ("Keskusta;hyvä;Jono;c1", "arvosana: ei ole kokonaisluku (hyvä)"),
    "a number beyond the scale": ("Keskusta;11;Jono;c1", "arvosana:"),
    "a huge number": (f"Keskusta;{'9' * 400};Jono;c1", "arvosana: ei ole kokonaisluku"),
    "an unknown branch": ("Rovaniemi;3;Jono;c1", "konttori: tuntematon konttori (Rovaniemi)"),
    "no words and no score": ("Keskusta;;;c1", "asiakkaan sanat: ei sanoja"),
    "broken letters": ("Keskusta;3;J\ufffdno;c1", "asiakkaan sanat: kirjaimet"),
    "letters of another encoding": ("Keskusta;3;JÃ¤Ã¤hyvÃ¤isjono;c1", "asiakkaan sanat: kirjaimet"),
    "a comma too many": ("Keskusta;3;Jono; ja taas jono;c1;c2", "rivi: rivillä on enemmän soluja"),
    "a text longer than a book": (f"Keskusta;3;{'jono ' * 30_000};c1", "asiakkaan sanat: "),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_is_set_aside_with_its_number_field_and_reason_and_the_others_are_taken(
    engine, command, name
):
    row, told = WRONG[name]
    rest = "Keskusta;9;Kiitos paljon avusta;c2\n" * 3
    outcome = command(f"{HEAD}{rest}{row}\n{rest}")
    assert outcome.exit_code == 0, outcome.output
    assert "rivi 5: " in outcome.stderr
    assert told in outcome.stderr
    assert len(texts(engine)) == 6


NO_DATES = (
    "29.2.2026", "31.6.2026", "0.6.2026", "8.13.2026", "8.6.2026 25:00", "45816", "eilen", "2026", "9.6.1889",
    "9.6.2090", "-1.6.2026", "9999999999999999", "8.6.2026 14:05 +99:99", "31.12.9999 23:59 -14:00",
    "1.1.0001 00:00 +14:00", "²/3/2026",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("8.6.2026", "2026-06-07T21:00"),
        ("8.6.26", "2026-06-07T21:00"),
        ("08.06.2026 klo 14.05", "2026-06-08T11:05"),
        ("2026-06-08", "2026-06-07T21:00"),
        ("2026-06-08T14:05:06Z", "2026-06-08T14:05"),
        ("2026-06-08 14:05:06.123456+03:00", "2026-06-08T11:05"),
        ("ma 8.6.2026 14:05", "2026-06-08T11:05"),
        ("8. kesäkuuta 2026", "2026-06-07T21:00"),
        ("June 8, 2026", "2026-06-07T21:00"),
        ("8 Jun 2026 2:05 pm", "2026-06-08T11:05"),
        ("26.10.2025 03:30", "2025-10-26T00:30"),
        ("29.2.2024", "2024-02-28T22:00"),
        *((one, None) for one in NO_DATES),
    ],
)
def test_dates_of_every_kind_are_read_or_told(engine, command, written, found):
    outcome = command(f'pvm;palaute\n"{written}";Jono oli pitkä\n1.6.2026;Kiitos paljon\n')
    assert outcome.exit_code == 0, outcome.output
    with open_session(engine, writes=False) as session:
        dated = {one.text: one.given_at for one in session.exec(select(Feedback))}
    if found is None:
        assert list(dated) == ["Kiitos paljon"]
        assert "rivi 2: päivä:" in outcome.stderr
    else:
        assert f"{dated['Jono oli pitkä']:%Y-%m-%dT%H:%M}" == found


def test_json_with_odd_values_is_read_or_set_aside_by_row(engine, command):
    rows = (
        '[{"palaute": "Kiitos paljon", "arvosana": 9, "x": NaN, "y": 1e999, "z": [1, [2, {"a": 3}]]},'
        '{"palaute": "Jono", "palaute": "Muu", "arvosana": 3},'
        f'{{"palaute": "Jono", "arvosana": {"9" * 5_000}}},'
        '{"palaute": "Puoli \\ud83d kirjain", "arvosana": 3},'
        '{"palaute": {"text": "syvä"}, "arvosana": true},'
        '{"palaute": null, "arvosana": null},'
        '{"palaute": "Toinen kiitos", "arvosana": "10"}, 7, null]'
    )
    outcome = command(rows, "--text", "palaute")
    assert outcome.exit_code == 0, outcome.output
    assert texts(engine) == ["Kiitos paljon", "Toinen kiitos"]
    told = outcome.stderr.splitlines()
    assert "rivi 3: asiakkaan sanat: tieto on rivillä kahdesti" in told[0]
    assert "rivi 4: arvosana: ei ole kokonaisluku" in told[1]
    assert "rivi 5: asiakkaan sanat:" in told[2]
    assert "rivi 6:" in told[3]


def test_formulas_in_rows_set_aside_are_shown_and_not_run(engine, command, tmp_path):
    out = tmp_path / "aside.csv"
    command(f"{HEAD}Keskusta;3;Kiitos;c\n@SUM(A1);+1;{FORMULA};-c1\n", "--set-aside", str(out))
    last = out.read_text("utf-8-sig").splitlines()[-1]
    assert f";'@SUM(A1);'+1;'{FORMULA};'-c1" in last


def test_a_workbook_with_odd_cells_is_read_as_it_is_shown(engine, command):
    book = openpyxl.Workbook()
    for row in (
        ["Palaute", "NPS"],
        ["Jonotin", 3.0],
        ["Pitkään", "3,0"],
        ["Muu", 2.5],
        ["#N/A", 3],
        [True, 9],
    ):
        book.active.append(row)
    outcome = command(saved(book))
    assert outcome.exit_code == 0, outcome.output
    assert texts(engine) == ["Jonotin", "Pitkään", "1"]
    assert "rivi 4: arvosana" in outcome.stderr
    assert "rivi 5: asiakkaan sanat" in outcome.stderr


def test_a_page_with_ten_thousand_columns_is_never_made(page):
    assert page(json.dumps([{f"c{n}": "x" for n in range(1_001)}])).status_code == 422
    assert (
        page("palaute;" + ";".join(f"c{n}" for n in range(998)) + "\nJono" + ";x" * 998 + "\n").status_code
        == 200
    )
