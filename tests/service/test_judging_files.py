"""``promises judge``: anyone's file in, verdicts out, whole or not at all."""

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from promises.service.commands import judge_command

TEMPLATES = Path(__file__).parents[2] / "promises" / "terms" / "templates"
BANK = TEMPLATES / "bank-15-minutes.json"
SHARED = Path(__file__).parents[3] / "shared" / "data"
DAY = """
    {"format": 1, "promise": "closed-24h", "name": {"fi": "Suljettu vuorokaudessa", "en": "Closed in a day"},
     "starts": "2025-01-01", "zone": "America/New_York", "currency": "USD",
     "measure": {"from": "created", "to": "closed", "limit": "24 h"},
     "remedy": {"pays": [{"amount": "10.00"}]}}
"""
WIDE = """case,branch,arrived,served,left
A1,kamppi,2026-02-02 11:00,2026-02-02 11:15,
A2,kamppi,2026-02-02 11:00,2026-02-02 11:15:01,
A3,kamppi,2026-02-02 11:00,,2026-02-02 11:20
A4,kamppi,2026-02-02 11:00,,2026-02-02 11:10
A5,kamppi,2026-02-02T09:00:00Z,,
A6,kamppi,2.2.2026 11:00,,
A7,kamppi,,2026-02-02 11:00,
A8,kamppi,2026-03-29 03:30,,
A9,kamppi,2026-10-25 03:30,,
B1,kamppi,2026-02-02 11:00,2026-02-02 11:01,
B1,kamppi,2026-02-02 11:00,2026-02-02 11:02,
"""


def run(tmp_path: Path, cases: str | bytes, *options: str, terms: str | None = None) -> Result:
    """The command over a file with these contents; verdicts go to ``verdicts.csv``."""
    file, rules = tmp_path / "cases.csv", tmp_path / "terms.json"
    file.write_bytes(cases.encode() if isinstance(cases, str) else cases)
    rules.write_text(terms or BANK.read_text(encoding="utf-8"), encoding="utf-8")
    arguments = ["--terms", str(rules), "--cases", str(file), "-o", str(tmp_path / "verdicts.csv")]
    return CliRunner().invoke(judge_command, [*arguments, "--language", "en", *options])


def verdicts(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_has_a_verdict_and_every_fault_its_reason(tmp_path: Path) -> None:
    result = run(tmp_path, WIDE, "--as-of", "2026-02-02T11:10")
    assert result.exit_code == 0
    told = {row["case"]: (row["verdict"], row["reason"]) for row in verdicts(tmp_path)}
    assert told == {
        "A1": ("pending", "clock_running"),
        "A2": ("pending", "clock_running"),
        "A3": ("pending", "clock_running"),
        "A4": ("excluded", "left_before_limit"),
        "A5": ("pending", "clock_running"),
        "A6": ("excluded", "time_unreadable"),
        "A7": ("excluded", "start_missing"),
        "A8": ("excluded", "time_skipped"),
        "A9": ("excluded", "time_twice"),
        "B1": ("excluded", "case_twice"),
    }
    assert "Row 7, “arrived”: the time “2.2.2026 11:00” can't be read." in result.stderr
    assert "Row 12: the case B1 stands in the file more than once." in result.stderr


def test_the_columns_and_sums_are_those_promised(tmp_path: Path) -> None:
    result = run(tmp_path, WIDE, "--as-of", "2026-11-01")
    assert result.stdout.splitlines() == [
        "Kept: 1", "Broken: 3", "Pending: 0", "Excluded: 7", "  of which can't be judged: 6",
        "Owed in all: €30.00",
    ]  # fmt: skip
    assert verdicts(tmp_path)[1] == {
        "case": "A2", "branch": "kamppi", "promise": "served-15", "verdict": "broken",
        "due_at": "2026-02-02T11:15:00+02:00", "ended_at": "2026-02-02T11:15:01+02:00", "elapsed_s": "901",
        "amount": "10.00", "currency": "EUR", "reason": "late",
    }  # fmt: skip


def test_long_form_says_the_same_as_wide_form(tmp_path: Path) -> None:
    wide = (
        "case;branch;arrived;served\n1;kamppi;2026-02-02 11:00;2026-02-02 11:15\n2;kamppi;2026-02-02 11:00;\n"
    )
    long = (
        "case;branch;milestone;at\n1;kamppi;served;2026-02-02 11:15\n2;kamppi;arrived;2026-02-02 11:00\n"
        "1;kamppi;arrived;2026-02-02 11:00\n1;;called;2026-02-02 11:14\n"
    )
    run(tmp_path, wide, "--as-of", "2026-03-01")
    of_wide = {row["case"]: row for row in verdicts(tmp_path)}
    run(tmp_path, long, "--as-of", "2026-03-01")
    assert {row["case"]: row for row in verdicts(tmp_path)} == of_wide
    assert of_wide["1"]["verdict"] == "kept"


@pytest.mark.parametrize(
    ("cases", "options", "told"),
    [
        ("case,arrived\n1,2026-02-02 11:00\n", (), "There is no column “served”"),
        (b"\xff\xfe\x00binary", (), "can't be read as a table"),
        ("case,arrived,served\n1,\xe4,\n".encode("latin-1"), (), "is not UTF-8"),
        ("", (), "can't be read as a table"),
        ("case,arrived,served\n", (), "has no rows"),
        ("case,arrived,arrived,served\n1,,,\n", (), "“arrived” stands twice"),
        (WIDE, ("--as-of", "yesterday"), "“yesterday” can't be read"),
        (WIDE, ("--zone", "Mars"), "no time zone Mars"),
        (WIDE, ("--column", "arrived"), "not of the form NAME=COLUMN"),
        (WIDE, ("--time-format", "%H:%M"), "time format “%H:%M” can't be used"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(
    tmp_path: Path, cases: str | bytes, options: tuple[str, ...], told: str
) -> None:
    result = run(tmp_path, cases, *options)
    assert result.exit_code == 1
    assert told in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.csv", "terms.json"]


def test_rows_of_another_length_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    cases = (
        "case,branch,arrived,served\n1,kamppi,2026-02-02 11:00\n\n2,kamppi,never,\n3,kamppi,,,,\n"
        ",,,\n4,x,soon,\n"
    )
    result = run(tmp_path, cases)
    assert result.stderr.splitlines() == [
        "Row 2 has 3 columns where 4 were expected. The row was left out.",
        "Row 5 has 6 columns where 4 were expected. The row was left out.",
        "Row 4, “arrived”: the time “never” can't be read.",
        "Row 7, “arrived”: the time “soon” can't be read.",
    ]
    assert [row["case"] for row in verdicts(tmp_path)] == ["2", "4"]


def test_faults_of_the_terms_are_told_in_finnish_too(tmp_path: Path) -> None:
    dogs = BANK.read_text(encoding="utf-8").replace("15 min", "15")
    result = run(tmp_path, WIDE, "--language", "fi", terms=dogs)
    assert result.exit_code == 1
    assert 'measure.limit: "15" ei ole aika' in result.stderr


@pytest.mark.skipif(not SHARED.exists(), reason="the real data are not beside this tree")
def test_new_yorks_animal_cases_closed_within_a_day(tmp_path: Path) -> None:
    columns = {"case": "Unique Key", "created": "Created Date", "closed": "Closed Date", "branch": "Borough"}
    mapping: list[str] = []
    for name, column in columns.items():
        mapping += ["--column", f"{name}={column}"]
    result = run(
        tmp_path, (SHARED / "nyc311_animals.csv").read_bytes(), *mapping, "--time-format", "%m/%d/%Y %H:%M",
        "--as-of", "2025-03-15", terms=DAY,
    )  # fmt: skip
    assert result.stdout.splitlines()[:4] == ["Kept: 3325", "Broken: 1641", "Pending: 3", "Excluded: 0"]
    reasons: dict[str, Any] = {}
    for row in verdicts(tmp_path):
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    assert reasons == {"in_time": 3325, "late": 1367, "still_open": 274, "clock_running": 3}
