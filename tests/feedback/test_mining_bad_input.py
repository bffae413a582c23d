"""Whatever people put into a feedback field, problem finding ends in bounded time and leaves no row out."""

import csv
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from promises.feedback.commands import mine_command
from promises.feedback.mining.problems import find_problems, load
from promises.feedback.mining.results import Text
from promises.feedback.mining.vectors import one_thread

LONG = " ".join(f"jonotin {n} minuuttia ja sovellus kaatui" for n in range(2000))
# No word twice and no sentence: nothing that could be kept from one word to the next.
WILD = " ".join(f"x{n * 7919 % 99991:x}öy{n:o}" for n in range(10_000))
COLLECTIONS = {
    "no rows": [],
    "one row": ["Jono konttorilla oli liian pitkä"],
    "one empty row": [""],
    "Finnish only": ["Jono oli pitkä", "Sovellus kaatuu", "Puhelimeen ei vastata", "Jonotin tunnin"] * 5,
    "English only": ["The queue was long", "The app crashes", "Nobody answers the phone"] * 5,
    "Swedish only": ["Kön var lång", "Appen kraschar", "Ingen svarar i telefon"] * 5,
    "all the same": ["Jono konttorilla oli liian pitkä"] * 300,
    "10,000 words": [LONG, "Jono oli pitkä"],
    "10,000 strange words": [WILD, WILD.upper()],
    "one endless word": ["jonojonojono" * 5000, "a" * 50_000, "aä" * 25_000],
    "emoji": ["😀", "😡😡😡 jono 😡😡😡", "👩\u200d👩\u200d👧 🇫🇮", "♥" * 2000],
    "HTML": ["<p>Jono <b>oli</b> pitkä</p>", "<" * 3000, "&amp;" * 3000, "<!--" * 1000, "<script>x</script>"],
    "right to left": [
        "صف طويل",
        "התור ארוך",
        "\u202eänjoj ätkip\u202c",
        "jono \u200f\u200e oli \u2067pitkä\u2069",
    ],
    "control characters": ["\x01\x02\x07jono\x1b[31m oli\x7f pitkä\x85", "\r\r\n\v\f", "\u2028jono\u2029"],
    "null bytes": ["\x00", "jo\x00no oli pitkä", "\x00" * 1000],
    "marks and halves": ["jo\u0301\u0301\u0301no", "\u0301" * 2000, "\ufffd\ufeff", "\U000e0041" * 50],
    "mixed": [
        "Jono oli long and the kö was pitkä",
        "Очередь была длинной",
        "队伍太长了",
        "1234 5678",
        "...",
        "-",
    ],
}
A_WHILE_S = 20.0


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """The models are there: what they take to load is no part of what a text takes."""
    load()


@pytest.mark.parametrize("texts", COLLECTIONS.values(), ids=COLLECTIONS)
@pytest.mark.parametrize("everything", [False, True], ids=["feedback", "everything"])
def test_problems_are_found_in_bounded_time(texts: Sequence[str], everything: bool) -> None:
    started = time.process_time()
    found = one_thread(find_problems)([Text(text) for text in texts], everything=everything)
    assert time.process_time() - started < A_WHILE_S
    assert len(found.kinds) == len(found.languages) == len(texts)
    assert set(found.kinds) <= {"trouble", "unplaced", "praise", "nothing"}
    ids = {problem.id for problem in found.problems}
    for member in found.members:
        assert member.problem in ids
        assert 0 <= member.start < member.end <= len(texts[member.text])


@pytest.mark.parametrize("texts", COLLECTIONS.values(), ids=COLLECTIONS)
def test_a_csv_comes_out_row_for_row_or_is_refused_in_words(texts: Sequence[str], tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["text", "n"], *([t, n] for n, t in enumerate(texts))]
        )
    comes_out(mined(path), tmp_path, len(texts))


@pytest.mark.parametrize("texts", COLLECTIONS.values(), ids=COLLECTIONS)
def test_an_xlsx_comes_out_row_for_row_or_is_refused_in_words(texts: Sequence[str], tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        # A cell of a workbook holds no more signs than this.
        for row, cells in enumerate([("text", "n"), *((text[:32_767], n) for n, text in enumerate(texts))]):
            sheet.write_string(row, 0, cells[0])
            sheet.write(row, 1, cells[1])
    comes_out(mined(path), tmp_path, len(texts))


def mined(path: Path) -> Result:
    return CliRunner().invoke(
        mine_command, [str(path), "--text", "text", "-o", str(path.with_name("out.csv"))]
    )


def comes_out(result: Result, folder: Path, count: int) -> None:
    if result.exit_code:
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.output.strip()
        assert not (folder / "out.csv").exists()
        return
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row["row"] for row in csv.DictReader(file)] == [str(n + 1) for n in range(count)]
