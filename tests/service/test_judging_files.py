"""``promises judge``: anyone's file in, verdicts out, whole or not at all."""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from promises.service import parted
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
    (tmp_path / "verdicts.csv").unlink(missing_ok=True)
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


def test_parquet_and_xlsx_say_the_same_as_csv(tmp_path: Path) -> None:
    rules = tmp_path / "terms.json"
    rules.write_text(BANK.read_text(encoding="utf-8"), encoding="utf-8")
    moments = [datetime(2026, 2, 2, 11, 0), datetime(2026, 2, 2, 11, 15), datetime(2026, 2, 2, 11, 16)]  # noqa: DTZ001
    rows = [("1", "kamppi", moments[0], moments[1]), ("2", "kamppi", moments[0], moments[2])]
    names = ("case", "branch", "arrived", "served")
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in (names, *rows):
        sheet.append(row)
    workbook.save(tmp_path / "cases.xlsx")
    table = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    pq.write_table(table, tmp_path / "cases.parquet")
    (tmp_path / "cases.csv").write_text(
        "\n".join(",".join(map(str, row)) for row in (names, *rows)), encoding="utf-8"
    )
    told = []
    for kind in ("csv", "xlsx", "parquet"):
        arguments = ["--terms", str(rules), "--cases", str(tmp_path / f"cases.{kind}")]
        result = CliRunner().invoke(
            judge_command, [*arguments, "-o", str(tmp_path / kind), "--as-of", "2026-03-01"]
        )
        assert result.exit_code == 0, result.stderr
        told.append((tmp_path / kind).read_text(encoding="utf-8"))
    assert told[0] == told[1] == told[2]
    assert [line.split(",")[3] for line in told[0].splitlines()[1:]] == ["kept", "broken"]


def test_versions_and_promises_can_be_judged_together(tmp_path: Path) -> None:
    older = json.loads(BANK.read_text(encoding="utf-8"))
    newer = older | {"starts": "2026-02-03", "measure": older["measure"] | {"limit": "10 min"}}
    other = older | {"promise": "called-5", "measure": {"from": "arrived", "to": "called", "limit": "5 min"}}
    arguments: list[str] = []
    for name, document in (("newer", newer), ("older", older), ("other", other)):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        arguments += ["--terms", str(tmp_path / name)]
    cases = (
        "case,branch,arrived,called,served\n"
        "1,kamppi,2026-02-02 11:00,2026-02-02 11:04,2026-02-02 11:12\n"
        "2,kamppi,2026-02-03 11:00,2026-02-03 11:06,2026-02-03 11:12\n"
    )
    (tmp_path / "cases.csv").write_text(cases, encoding="utf-8")
    arguments += ["--cases", str(tmp_path / "cases.csv"), "-o", str(tmp_path / "verdicts.csv")]
    result = CliRunner().invoke(judge_command, arguments)
    assert result.exit_code == 0, result.stderr
    told = [(row["case"], row["promise"], row["verdict"]) for row in verdicts(tmp_path)]
    assert told == [
        ("1", "served-15", "kept"),
        ("2", "served-15", "broken"),
        ("1", "called-5", "kept"),
        ("2", "called-5", "broken"),
    ]


def test_more_rows_than_fit_in_one_reading_are_judged_alike_and_doubles_found(tmp_path: Path) -> None:
    lines = ["case,branch,arrived,served"]
    lines += [
        f"{number},kamppi,2026-02-02 11:00:00,2026-02-02 11:{number % 30:02}:00" for number in range(450_000)
    ]
    lines.append("7,kamppi,2026-02-02 11:00:00,")
    result = run(tmp_path, "\n".join(lines), "--as-of", "2026-03-01")
    kept = 450_000 * 16 // 30 - 1
    assert result.stdout.splitlines()[:4] == [
        f"Kept: {kept}", f"Broken: {450_000 - kept - 1}", "Pending: 0", "Excluded: 2",
    ]  # fmt: skip
    assert "Row 450002: the case 7 stands in the file more than once." in result.stderr


def test_times_with_fractions_are_written_with_them(tmp_path: Path) -> None:
    cases = "case,branch,arrived,served\n1,kamppi,2026-02-02 11:00:00.5,2026-02-02 11:15:00.75\n"
    run(tmp_path, cases, "--as-of", "2026-03-01")
    (row,) = verdicts(tmp_path)
    assert (row["due_at"], row["ended_at"], row["elapsed_s"]) == (
        "2026-02-02T11:15:00.500000+02:00", "2026-02-02T11:15:00.750000+02:00", "900.25",
    )  # fmt: skip


def test_case_numbers_with_commas_and_quotes_come_out_as_they_went_in(tmp_path: Path) -> None:
    cases = 'case,branch,arrived,served\n"a,""b""","kam\nppi",2026-02-02 11:00,2026-02-02 11:15\n'
    run(tmp_path, cases, "--as-of", "2026-03-01")
    (row,) = verdicts(tmp_path)
    assert (row["case"], row["branch"], row["verdict"]) == ('a,"b"', "kam\nppi", "kept")


def test_a_row_of_a_milestone_without_a_case_number_is_set_aside_and_told(tmp_path: Path) -> None:
    long = (
        "case,branch,milestone,at\n"
        "A1,kamppi,arrived,2026-02-02 11:00\n"
        ",kamppi,arrived,2026-02-02 11:00\n"
        "A1,kamppi,served,2026-02-02 11:10\n"
        ",kamppi,served,2026-02-02 11:30\n"
    )
    result = run(tmp_path, long, "--as-of", "2026-11-01")
    told = [(row["case"], row["verdict"], row["reason"]) for row in verdicts(tmp_path)]
    assert told == [("A1", "kept", "in_time"), *[("", "excluded", "case_missing")] * 2]
    assert "Row 3" in result.stderr
    assert "Row 5" in result.stderr


MONDAY = datetime.fromisoformat("2026-02-02 09:00")


def draw_long(chance: Random, cases: int) -> list[str]:
    """Rows of milestones of *cases* cases in no order, some nameless, some unreadable, of forty customers."""
    rows = []
    for number in range(cases):
        start = MONDAY + timedelta(minutes=chance.randrange(60 * 24 * 90))
        waited = timedelta(seconds=chance.randrange(30 * 60))
        name = f"K{number}" if chance.random() > 0.01 else ""
        who = f"c{chance.randrange(40)}" if chance.random() > 0.1 else ""
        ended = "soon" if chance.random() < 0.01 else (start + waited).isoformat(" ")
        rows += [f"{name},kamppi,arrived,{start.isoformat(' ')},{who}", f"{name},kamppi,served,{ended},"]
    chance.shuffle(rows)
    return rows


def outcome(tmp_path: Path, result: Result) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """What was printed, the faults and the verdicts, whatever the order of the last two."""
    rows = sorted(tuple(row.values()) for row in verdicts(tmp_path))
    return result.stdout.splitlines(), sorted(result.stderr.splitlines()), rows


def capped(**caps: Any) -> str:
    document = json.loads(BANK.read_text(encoding="utf-8"))
    document["measure"]["clock"] = "elapsed"
    document["remedy"]["caps"] = [{"amount": "35.00", "per": "month", "by": "customer"}, *caps.values()]
    return json.dumps(document)


def test_a_file_set_apart_by_case_says_what_the_whole_says(tmp_path: Path, monkeypatch: Any) -> None:
    """The size of a part is a figure; here it is one at which this small file makes many parts."""
    long = "case,branch,milestone,at,customer\n" + "\n".join(draw_long(Random(7), 200)) + "\n"
    monkeypatch.setattr(parted, "PART", len(long) + 1)
    whole = outcome(tmp_path, run(tmp_path, long, "--as-of", "2026-11-01"))
    monkeypatch.setattr(parted, "PART", 1000)
    assert outcome(tmp_path, run(tmp_path, long, "--as-of", "2026-11-01")) == whole
    assert len(whole[1]) > 2


def test_a_file_set_apart_by_customer_shares_caps_as_the_whole_does(tmp_path: Path, monkeypatch: Any) -> None:
    chance = Random(8)
    lines = ["case,branch,arrived,served,left,no_show,cancelled,customer"]
    for number in range(3000):
        start = MONDAY + timedelta(minutes=chance.randrange(60 * 24 * 90))
        served = start + timedelta(minutes=chance.randrange(60))
        lines.append(f"K{number % 2990},kamppi,{start},{served},,,,c{chance.randrange(100)}")
    wide = "\n".join(lines) + "\n"
    monkeypatch.setattr(parted, "PART", len(wide) + 1)
    whole = outcome(tmp_path, run(tmp_path, wide, "--as-of", "2026-11-01", terms=capped()))
    monkeypatch.setattr(parted, "PART", 10_000)
    assert outcome(tmp_path, run(tmp_path, wide, "--as-of", "2026-11-01", terms=capped())) == whole
    owed = {row[0]: row[7] for row in whole[2]}
    assert {"10.00", "5.00", "0.00"} <= set(owed.values())
