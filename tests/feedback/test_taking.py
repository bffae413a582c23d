"""A file of feedback in parts: what is cut short, even by a kill, ends as if it had not been."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import func, select

from promises.database import open_session, transaction
from promises.feedback import taking
from promises.feedback.begun import begin
from promises.feedback.import_command import import_feedback
from promises.feedback.intake.mapping import guess
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Reading
from promises.feedback.set_aside import as_csv
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, IntakeWork
from promises.feedback.taking import bring_in, take_all, take_staged
from promises.files import taking as files
from promises.files.tables import StagedFile
from promises.journal.tables import Event
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.promised import at_once

ROOT = Path(__file__).parents[2]
TOLD = (
    Feedback.row,
    Feedback.fingerprint,
    Feedback.text,
    Feedback.score,
    Feedback.given_at,
    Feedback.customer,
)


def written(rows, bad=()):
    """A file in which every seventh row is like another one; the rows *bad* have an impossible score."""
    lines = ["text;score;date;customer"]
    for number in range(rows):
        words = "Hyvää palvelua" if number % 7 == 0 else f"Jonotin vuoroa numero {number}, Matti Virtanen"
        lines.append(f"{words};{99 if number in bad else number % 11};8.6.2026;c{number % 50}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def small_parts(monkeypatch):
    """So that a small file has many parts."""
    monkeypatch.setattr(taking, "ROWS", 10)


def begun(engine, content, token=None, at_it=True):
    sheet = open_file(content.encode())
    with transaction(engine) as session:
        columns = replace(guess(sheet), source="kysely")
        intake = begin(
            session, sheet, columns, filename="x.csv", by=None, as_of=NOON, token=token, at_it=at_it
        )  # fmt: skip
        return intake.id, sheet


def take(engine, number, sheet, **more):
    return take_all(engine, number, sheet, now=lambda: NOON, **more)


def rows(engine):
    """Every piece of feedback, without what a database numbers by itself."""
    with open_session(engine, writes=False) as session:
        return session.exec(select(*TOLD).order_by(Feedback.row)).all()


def uninterrupted(engine, content):
    """What becomes of a file that is taken in one go; then it is taken back."""
    sheet = open_file(content.encode())
    with open_session(engine) as session:
        columns = replace(guess(sheet), source="kysely")
        taken = bring_in(session, sheet, columns, filename="x.csv", by=None, as_of=NOON)
        found = session.exec(select(*TOLD).order_by(Feedback.row)).all(), list(as_csv(session, taken.intake))
        session.rollback()
    return found


def aside(engine, number):
    with open_session(engine, writes=False) as session:
        return list(as_csv(session, session.get_one(Intake, number)))


def count(engine, table):
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.count()).select_from(table)).one()


class Cut(Exception):
    """The taking is cut short here."""


def cut_at(rows):
    def cut(seen):
        if seen >= rows:
            raise Cut

    return cut


def test_a_file_is_taken_in_many_parts(engine, cast, small_parts):
    number, sheet = begun(engine, written(95, bad={50}))
    seen = []
    taken = take(engine, number, sheet, progress=seen.append)
    assert (taken.taken, taken.known, taken.set_aside, taken.again) == (94, 0, 1, False)
    assert seen == [*range(10, 91, 10), 95]
    assert count(engine, Feedback) == 94
    with open_session(engine, writes=False) as session:
        work = session.get_one(IntakeWork, number)
        assert (work.seen, work.row, work.about, work.finished_at) == (95, 96, 95, NOON)
        (event,) = session.exec(select(Event).where(Event.verb == "feedback.brought_in")).all()
        assert event.facts == {"taken": 94, "known": 0, "set_aside": 1}


def test_a_part_is_bounded_by_the_length_of_its_texts_too(engine, cast, monkeypatch):
    monkeypatch.setattr(taking, "LETTERS", 100)
    number, sheet = begun(engine, "text\n" + "Jonotin todella pitkään tiskillä ja kukaan ei tullut\n" * 6)
    seen = []
    take(engine, number, sheet, progress=seen.append)
    assert seen == [2, 4, 6]


@pytest.mark.parametrize("at", [10, 40, 90])
def test_what_is_cut_short_ends_as_if_it_had_not_been(engine, cast, small_parts, at):
    bad = {3, 44, 71}
    whole, set_aside = uninterrupted(engine, written(95, bad))
    number, sheet = begun(engine, written(95, bad))
    with pytest.raises(Cut):
        take(engine, number, sheet, progress=cut_at(at))
    assert len(rows(engine)) < len(whole)
    again, sheet = begun(engine, written(95, bad))
    assert again == number
    taken = take(engine, again, sheet)
    assert (taken.taken, taken.known, taken.set_aside) == (92, 0, 3)
    assert (rows(engine), aside(engine, again)) == (whole, set_aside)
    assert count(engine, Intake) == 1


def test_a_taking_with_other_choices_is_another_one_and_takes_no_row_twice(engine, cast, small_parts):
    number, sheet = begun(engine, written(60))
    with pytest.raises(Cut):
        take(engine, number, sheet, progress=cut_at(30))
    sheet = open_file(written(60).encode())
    with transaction(engine) as session:
        columns = replace(guess(sheet), source="toinen")
        other = begin(session, sheet, columns, filename="x.csv", by=None, as_of=NOON).id
    assert other != number
    taken = take(engine, other, sheet)
    assert (taken.taken, taken.known) == (30, 30)
    assert len(rows(engine)) == 60


def test_the_same_file_again_leads_to_its_first_intake(engine, cast, small_parts):
    first, sheet = begun(engine, written(30, {5}))
    take(engine, first, sheet)
    before = rows(engine)
    second, sheet = begun(engine, written(30, {5}))
    taken = take(engine, second, sheet)
    assert (taken.again, taken.intake.id, taken.known) == (True, first, 29)
    assert rows(engine) == before
    assert count(engine, Intake) == count(engine, IntakeWork) == 1


def test_two_that_work_at_one_file_take_no_row_twice(engine, cast, small_parts):
    number, sheet = begun(engine, written(120))
    found = at_once(lambda: take(engine, number, sheet), lambda: take(engine, number, sheet))
    refused = [one.code for one in found if isinstance(one, Refusal)]
    assert refused == ["files.taken_elsewhere"] * len(refused)
    assert [row.row for row in rows(engine)] == list(range(2, 122))


def test_two_files_with_the_same_rows_at_once_take_each_of_them_once(engine, cast, small_parts):
    text = "text;score;customer\n"
    lines = [f"Jonotin vuoroa {n};3;c{n}\n" for n in range(135)]
    one = begun(engine, text + "".join(lines[:90]))
    other = begun(engine, text + "".join(lines[45:]))
    found = at_once(lambda: take(engine, *one), lambda: take(engine, *other))
    assert sum(taken.taken for taken in found) == 135
    assert sum(taken.known for taken in found) == 45
    assert count(engine, Feedback) == 135


def test_every_row_that_was_set_aside_can_be_had_as_a_file(engine, cast, monkeypatch, small_parts):
    monkeypatch.setattr(files, "KEPT_WITH_FILE", 7)
    number, sheet = begun(engine, written(60, bad=range(20, 60)))
    taken = take(engine, number, sheet)
    assert (taken.set_aside, len(taken.intake.set_aside)) == (40, 7)
    assert count(engine, IntakeSetAside) == 33
    assert [line.split(";")[0] for line in aside(engine, number)[1:]] == [str(row) for row in range(22, 62)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("text;score\n" + "Hyvä palvelu;9\n" * 600 + '"Jono;3\n' + "Hyvä palvelu;9\n" * 50, "quote_open"),
        ("text;date\n" + "Jonotin;3/4/2026\n" * 30, "date_order_unclear"),
        ("text;score\n" + "Jonotin;99\n" * 30, "nothing_taken"),
    ],
)
def test_what_makes_a_file_unreadable_is_told_before_anything_is_taken(engine, cast, content, code, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(content)
    told = CliRunner().invoke(import_feedback, [str(path), "--no-mine"], obj=engine)
    assert told.exit_code == 2, told.output
    assert count(engine, Feedback) == count(engine, Intake) == count(engine, IntakeWork) == 0
    number, sheet = begun(engine, content)
    with pytest.raises(Refusal, match=code):
        take(engine, number, sheet)
    assert count(engine, Feedback) == 0


def upload(client, content):
    """Bring a file in by page, with its columns as they are guessed; where it leads."""
    answer = client.post(
        "/feedback/import", data={"file": (io.BytesIO(content.encode()), "x.csv"), "once": "1"}
    )
    page = client.get(answer.location).text
    filled = dict(re.findall(r'<input[^>]*name="(source|once)"[^>]*value="([^"]*)"', page))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        filled[name] = chosen[1] if chosen else ""
    return client.post(answer.location, data={**filled, "header": "y", "take": "1"})


def test_a_large_file_by_page_is_taken_in_the_background_and_shows_how_far_it_has_come(
    engine, cast, browser, noon, monkeypatch
):
    monkeypatch.setattr(taking, "ROWS", 500)
    client = browser(cast.analyst)
    answer = upload(client, written(2_100, bad={7}))
    assert count(engine, Feedback) == 0
    waiting = client.get(answer.location).text
    assert "<progress" in waiting
    assert 'data-live="2"' in waiting
    assert "js/live" in waiting
    secret = client.application.config["SETTINGS"].secret_key

    def cut(*_given, **_more):
        raise Cut

    kind = take_staged(None)
    with monkeypatch.context() as broken:
        broken.setattr(taking, "_finish", cut)
        assert files.carry_on(engine, kind, secret, lambda: NOON) == 0
    assert 'value="2100"' in client.get(answer.location).text
    assert files.carry_on(engine, kind, secret, lambda: NOON + timedelta(seconds=59)) == 0
    assert files.carry_on(engine, kind, secret, lambda: NOON + files.LEASE) == 1
    assert "<progress" not in client.get(answer.location).text
    assert (count(engine, Feedback), count(engine, StagedFile)) == (2_099, 0)
    again = upload(client, written(2_100, bad={7}))
    files.carry_on(engine, kind, secret, lambda: NOON)
    assert client.get(again.location).status_code == 200
    assert count(engine, Feedback) == 2_099


def test_a_file_of_which_nothing_can_be_taken_in_the_background_tells_why(engine, cast, browser, noon):
    client = browser(cast.analyst)
    answer = upload(client, "text;score\n" + "Jonotin;99\n" * 2_100)
    secret = client.application.config["SETTINGS"].secret_key
    files.carry_on(engine, take_staged(None), secret, lambda: NOON)
    page = client.get(answer.location).text
    assert "Yhtään" in page
    assert "<progress" not in page
    assert len(client.get(f"{answer.location}/set-aside.csv").text.splitlines()) == 2_101


def test_what_was_said_of_reading_holds_in_the_background_too(engine, cast):
    content = "Jonotin tunnin;3\n" * 3
    sheet = open_file(content.encode(), Reading(header=False))
    with transaction(engine) as session:
        columns = replace(guess(sheet), source="kysely")
        reading = Reading(header=False)
        number = begin(session, sheet, columns, filename="x", by=None, as_of=NOON, reading=reading).id
    take_staged(None).take(engine, number, content.encode(), lambda: NOON)
    assert count(engine, Feedback) == 3


def test_a_command_that_is_killed_at_any_moment_goes_on_when_it_is_started_again(
    database_url, engine, cast, tmp_path
):
    bad = set(range(0, 12_000, 97))
    path = tmp_path / "many.csv"
    path.write_text(written(12_000, bad))
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "k" * 40,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "promises", "import", "feedback", str(path), "--no-mine"]
    for wanted in (1, 5_000):
        running = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while running.poll() is None and _seen(engine) < wanted and time.monotonic() < until:
            time.sleep(0.02)
        assert running.poll() is None, "it ended before it was killed"
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert 0 < _seen(engine) < 12_000
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert "Jatketaan" in done.stdout
    assert count(engine, Intake) == 1
    found = rows(engine)
    assert [row.row for row in found] == [n + 2 for n in range(12_000) if n not in bad]
    assert len({row.fingerprint for row in found}) == len(found)
    assert not any("Virtanen" in row.text for row in found)
    with open_session(engine, writes=False) as session:
        intake = session.exec(select(Intake)).one()
        set_aside = [row["row"] for row in intake.set_aside]
        assert (intake.taken, intake.known) == (12_000 - len(bad), 0)
    assert set_aside == sorted(n + 2 for n in bad)


def _seen(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.coalesce(func.sum(IntakeWork.seen), 0))).one()
