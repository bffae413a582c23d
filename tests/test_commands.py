"""The command line, as a real process would be started by hand or by a service."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlmodel import select

from promises.database import open_database, open_session
from promises.people.tables import Branch, OpeningHours, Person

ROOT = Path(__file__).parents[1]
PATIENCE_S = 300
"""For how long a command may take before it is said to hang: the machine may have more to do than this."""
COMPANY = """
name = "Testiapteekki"
[[region]]
code = "all"
name = "Koko maa"
[[branch]]
code = "tori"
name = "Tori"
region = "all"
hours = { mon-fri = ["09:00-12:00", "13:00-17:00"], sat = "10:00-14:00" }
"""


@pytest.fixture
def run(tmp_path):
    """Run ``promises ...`` in an empty folder with a database of its own; (exit code, output, errors)."""

    def command(*words, **environment):
        told = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PROMISES_")},
            "SECRET_KEY": "s" * 40,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'here.sqlite'}",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
            **environment,
        }
        done = subprocess.run(
            [sys.executable, "-m", "promises", *words],
            env=told, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return command


@pytest.mark.parametrize("kind", ["feedback", "cases"])
def test_the_help_of_a_command_needs_no_installation(run, kind):
    code, told, _ = run("import", kind, "--help", SECRET_KEY="")
    assert code == 0
    assert "--source" in told


def test_a_wrong_setting_is_told_in_a_sentence_and_not_in_a_traceback(run):
    code, out, told = run("upgrade", SECRET_KEY="short")
    assert (code, out) == (2, "")
    assert told.startswith("Asetus SECRET_KEY")
    assert len(told.splitlines()) == 1


def test_the_reader_may_be_english(run):
    _, _, told = run("upgrade", SECRET_KEY="short", PROMISES_LANGUAGE="en")
    assert told.startswith("The setting SECRET_KEY")


def test_a_company_is_founded_and_its_first_administrator_invited(run, tmp_path):
    (tmp_path / "company.toml").write_text(COMPANY, encoding="utf-8")
    assert run("company", "company.toml")[0] == 0
    code, out, _ = run("invite", "eka@apteekki.example", "Eka Ylläpitäjä")
    assert code == 0
    assert "/link/invitation/" in out
    engine = open_database(f"sqlite:///{tmp_path / 'here.sqlite'}")
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Branch.code)).all() == ["tori"]
        saturday = session.exec(select(OpeningHours).where(OpeningHours.weekday == 5)).one()
        assert (saturday.opens, saturday.closes) == (600, 840)
        assert len(session.exec(select(OpeningHours)).all()) == 11
        assert session.exec(select(Person.role)).all() == ["administrator"]
    engine.dispose()


def test_a_company_is_founded_once(run, tmp_path):
    (tmp_path / "company.toml").write_text(COMPANY, encoding="utf-8")
    run("company", "company.toml")
    code, _, told = run("company", "company.toml")
    assert code == 2
    assert "jo perustettu" in told


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('"10:00-14:00"', '"14:00-10:00"', "branch[1].hours.sat"),
        ("mon-fri", "mon-fry", "branch[1].hours"),
        ('region = "all"', 'region = "none"', "branch[1].region"),
        ('name = "Tori"', "name = 5", "branch[1].name"),
        ('code = "tori"', 'code = "../tori"', "branch[1].code"),
        ('name = "Testiapteekki"', 'name = "X"\nzone = "Mars/Base"', "zone"),
        ("[[region]]", "[[region]", "TOML"),
    ],
)
def test_a_fault_in_the_company_file_is_named_and_nothing_is_written(run, tmp_path, wrong, right, named):
    (tmp_path / "company.toml").write_text(COMPANY.replace(wrong, right), encoding="utf-8")
    code, _, told = run("company", "company.toml")
    assert code == 2
    assert named in told
    engine = open_database(f"sqlite:///{tmp_path / 'here.sqlite'}")
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Branch)).all() == []
    engine.dispose()


def test_judging_needs_neither_settings_nor_a_database(run, tmp_path):
    terms = {
        "format": 1,
        "promise": "served-15",
        "name": {"fi": "Vartissa", "en": "In a quarter"},
        "starts": "2026-01-01",
        "measure": {"from": "arrived", "to": "served", "limit": "15 min"},
        "remedy": {"pays": [{"amount": "10.00"}]},
    }
    (tmp_path / "terms.json").write_text(json.dumps(terms), encoding="utf-8")
    (tmp_path / "cases.csv").write_text(
        "case,arrived,served\n"
        "a,2026-06-09 10:00:00,2026-06-09 10:15:00\n"
        "b,2026-06-09 10:00:00,2026-06-09 10:15:01\n",
        encoding="utf-8",
    )
    words = ("judge", "--terms", "terms.json", "--cases", "cases.csv", "-o", "verdicts.csv")
    code, out, told = run(*words, SECRET_KEY="", DATABASE_URL="nonsense")
    assert (code, told) == (0, "")
    assert "10,00" in out
    header, first, second = (tmp_path / "verdicts.csv").read_text(encoding="utf-8").splitlines()
    assert header == "case,branch,promise,verdict,due_at,ended_at,elapsed_s,amount,currency,reason"
    assert first.split(",")[3] == "kept"
    assert second.split(",")[3] == "broken"


def _wait_for(process, text, seconds=PATIENCE_S):
    lines = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        line = process.stdout.readline()
        lines.append(line)
        if text in line:
            return lines
        assert process.poll() is None, "".join(lines) + process.stderr.read()
    raise AssertionError("".join(lines))


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_serves_watches_and_stops_cleanly(tmp_path, seeded_sqlite, free_port, ending):
    database = tmp_path / "demo.sqlite"
    database.write_bytes(seeded_sqlite.read_bytes())
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}", "PORT": str(free_port)}
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    told = "".join(_wait_for(demo, "Ctrl-C"))
    assert f"http://127.0.0.1:{free_port}/sign-in" in told
    assert "Jere Koivuniemi" in told
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            page = urlopen(f"http://127.0.0.1:{free_port}/").read().decode()
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.2)
    assert "Kaislaveden" in page
    # Ctrl-C in a terminal reaches the whole group: the server and the watcher.
    os.killpg(demo.pid, ending)
    _, errors = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0
    assert errors == ""
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_a_taken_port_is_told(tmp_path, seeded_sqlite):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py")],
            env={**os.environ, "DATABASE_URL": f"sqlite:///{seeded_sqlite}", "PORT": port},
            cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "on jo käytössä" in done.stderr


def test_the_watch_sends_the_mail_that_waits(run, tmp_path):
    (tmp_path / "company.toml").write_text(COMPANY, encoding="utf-8")
    run("company", "company.toml")
    run("invite", "eka@apteekki.example", "Eka Ylläpitäjä")
    environment = {
        **os.environ,
        "SECRET_KEY": "s" * 40,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'here.sqlite'}",
        "PYTHONPATH": str(ROOT),
    }
    watcher = subprocess.Popen(
        [sys.executable, "-m", "promises", "watch"],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE_S
        while not list((tmp_path / "var" / "mail").glob("*.eml")):
            assert time.monotonic() < end
            time.sleep(0.2)
    finally:
        watcher.send_signal(signal.SIGTERM)
        out, errors = watcher.communicate(timeout=PATIENCE_S)
    assert (watcher.returncode, out, errors) == (0, "", "")
    (file,) = (tmp_path / "var" / "mail").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"] == "eka@apteekki.example"
