"""``promises mine``: a file in, a row per row out, a board on the screen."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from promises.feedback.commands import mine_command

FILE = """päivä;arvosana;palaute
1.9.2026;2;Jono konttorissa oli aivan liian pitkä
2.9.2026;1;Jouduin jonottamaan tiskille yli tunnin
3.9.2026;10;Kiitos hyvästä palvelusta
;;
4.9.2026;3;The line at the branch counter was far too long
joskus;99;Jonoa oli taas konttorilla
"""


def mine(folder: Path, *options: str, content: str = FILE) -> Result:
    (folder / "feedback.csv").write_text(content, encoding="utf-8")
    told = [str(folder / "feedback.csv"), "-o", str(folder / "out.csv"), *options]
    return CliRunner().invoke(mine_command, told)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_comes_out_in_order_with_its_problem(tmp_path: Path) -> None:
    result = mine(tmp_path, "--text", "palaute", "--score", "arvosana", "--date", "päivä")
    assert result.exit_code == 0, result.output
    out = rows(tmp_path)
    assert list(out[0]) == ["row", "language", "problem", "label", "further", "strength"]
    assert [row["row"] for row in out] == ["1", "2", "3", "4", "5"]
    queue = "Pitkä jono konttorilla"
    assert [row["label"] for row in out] == [queue, queue, "", queue, queue]
    assert len({row["problem"] for row in out if row["problem"]}) == 1
    assert out[3]["language"] == "en"


def test_the_board_tells_the_problem_its_latest_day_and_what_could_not_be_read(tmp_path: Path) -> None:
    result = mine(tmp_path, "--text", "palaute", "--score", "arvosana", "--date", "päivä", "--in", "en")
    assert "Long queue at the branch" in result.output
    assert "2026-09-04" in result.output
    assert "1 rows had no score" in result.output
    assert "1 rows had no date" in result.output
    assert "too few answers (4)" in result.output


@pytest.mark.parametrize("option", ["--text", "--score", "--date", "--language"])
def test_a_column_that_is_not_there_is_refused_by_name(tmp_path: Path, option: str) -> None:
    options = {"--text": "palaute", option: "nothere"}
    result = mine(tmp_path, *(part for pair in options.items() for part in pair))
    assert result.exit_code == 1
    assert "nothere" in result.output
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    told = [str(tmp_path / "none.csv"), "--text", "x", "-o", str(tmp_path / "out.csv")]
    result = CliRunner().invoke(mine_command, told)
    assert result.exit_code == 1
    assert "none.csv" in result.output


def test_a_header_without_rows_gives_a_header_without_rows(tmp_path: Path) -> None:
    result = mine(tmp_path, "--text", "palaute", content="palaute;arvosana\n")
    assert result.exit_code == 0, result.output
    assert rows(tmp_path) == []
