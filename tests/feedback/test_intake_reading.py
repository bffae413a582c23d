"""Files as they come: encodings, dialects, workbooks, and what is no such file."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import UNCOMPUTED, Reading
from promises.refusal import Refusal

TABLE = "Pvm;Palaute\n9.6.2026;Jonotin hävyttömän kauan – en palvelua saanut\n10.6.2026;Hyvää työtä\n"
ROWS = [
    (2, ["9.6.2026", "Jonotin hävyttömän kauan – en palvelua saanut"]),
    (3, ["10.6.2026", "Hyvää työtä"]),
]


def rows(data, **reading):
    return [(number, list(cells)) for number, cells in open_file(data, Reading(**reading)).records()]


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets:
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(data, **reading):
    with pytest.raises(Refusal) as refusal:
        open_file(data, Reading(**reading)).first(10_000)
    return refusal.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_letters_are_right_in_every_common_encoding(encoding):
    assert rows(TABLE.encode(encoding)) == ROWS


@pytest.mark.parametrize("encoding", ["iso8859-15", "mac_roman", "cp850"])
def test_older_encodings_are_known_by_their_letters_and_can_be_said(encoding):
    text = TABLE.replace("–", "-")
    expected = [(number, [cell.replace("–", "-") for cell in cells]) for number, cells in ROWS]
    assert rows(text.encode(encoding)) == expected
    assert rows(text.encode(encoding), encoding=encoding) == expected


def test_letters_of_another_part_of_europe_are_found_too():
    text = "text;score\n" + "Очередь была слишком длинной, я ждал почти целый час;2\n" * 20
    assert rows(text.encode("cp1251"))[0] == (
        2,
        ["Очередь была слишком длинной, я ждал почти целый час", "2"],
    )


def test_an_encoding_that_does_not_fit_is_refused():
    assert refused(TABLE.encode("cp1252"), encoding="utf-8").code == "feedback.wrong_encoding"
    assert refused(TABLE.encode(), encoding="klingon").code == "feedback.wrong_encoding"


def test_one_broken_letter_does_not_turn_a_whole_file_into_another_encoding():
    data = (TABLE * 50).encode() + b"10.6.2026;Hyv" + b"\xe4\n"
    sheet = open_file(data)
    assert sheet.encoding == "utf-8"
    assert list(sheet.records())[-1][1] == ["10.6.2026", "Hyv\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    lines = [["id", "text"], *[[str(i), f"Jono, taas; kerran {i}"] for i in range(5)]]
    data = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines).encode()
    assert rows(data)[0] == (2, ["0", "Jono, taas; kerran 0"])


def test_excels_own_line_about_the_delimiter_is_obeyed_and_keeps_its_row_number():
    sheet = open_file(b"sep=|\nid|text\n1|Jono ei liiku\n")
    assert sheet.columns == ("id", "text")
    assert list(sheet.records()) == [(3, ["1", "Jono ei liiku"])]


def test_a_file_of_one_column_keeps_the_commas_in_its_texts():
    data = b"palaute\nJono, jono ja jono\nHyvin meni\nKiitos, Sanna, kiitos\n"
    assert rows(data) == [(2, ["Jono, jono ja jono"]), (3, ["Hyvin meni"]), (4, ["Kiitos, Sanna, kiitos"])]


def test_a_file_without_names_of_columns_loses_no_row():
    data = "1;Jonotin tunnin;3\n2;Hyvää palvelua;10\n".encode()
    sheet = open_file(data)
    assert not sheet.has_header
    assert [number for number, _ in sheet.records()] == [1, 2]


def test_a_person_can_say_whether_the_first_row_is_a_header():
    data = b"palaute\nJono\n"
    assert rows(data, header=False) == [(1, ["palaute"]), (2, ["Jono"])]


def test_line_breaks_inside_quotes_stay_in_their_cell_and_rows_count_as_a_spreadsheet_counts_them():
    data = b'text;score\n"Rivi yksi\nrivi kaksi";3\n\nToinen;4\n'
    assert rows(data) == [(2, ["Rivi yksi\nrivi kaksi", "3"]), (4, ["Toinen", "4"])]


def test_a_quotation_mark_that_never_closes_is_refused_with_its_row():
    refusal = refused('text;score\nJono;3\n"Auki;4\nKolmas;5\nNeljäs;6\n'.encode())
    assert (refusal.code, refusal.facts["row"]) == ("feedback.quote_open", 3)


def test_an_inch_mark_at_the_end_of_a_file_is_no_open_quotation():
    assert rows('text;score\n"Kaksi\nriviä";3\n5" näyttö;4\n'.encode())[-1] == (3, ['5" näyttö', "4"])


def test_a_field_as_long_as_a_file_is_refused_as_an_open_quotation():
    data = ('text;score\n"' + "Jono;3\n" * 40_000).encode()
    assert refused(data).code == "feedback.quote_open"


def test_values_of_a_workbook_become_text():
    # A workbook knows no time zones.
    given = datetime(2026, 6, 9, 14, 30)  # noqa: DTZ001
    data = workbook(("Kysely", [["Pvm", "NPS", "Palaute"], [given, 9.0, "Hyvä"], [None, 7, "x"]]))
    sheet = open_file(data)
    assert (sheet.kind, sheet.name, sheet.columns) == ("xlsx", "Kysely", ("Pvm", "NPS", "Palaute"))
    assert list(sheet.records()) == [(2, ["2026-06-09T14:30:00", "9", "Hyvä"]), (3, ["", "7", "x"])]


def test_the_first_sheet_that_holds_anything_is_read_and_the_others_are_named():
    data = workbook(("Tyhjä", []), ("Palaute", [["text"], ["Jono"]]), ("Muu", [["text"], ["Muu"]]))
    sheet = open_file(data)
    assert (sheet.name, sheet.other_names) == ("Palaute", ("Muu",))
    assert rows(data, sheet="Muu") == [(2, ["Muu"])]
    assert refused(data, sheet="Puuttuu").code == "feedback.no_such_sheet"


def test_a_formula_counts_by_its_saved_result_and_is_marked_without_one():
    data = workbook(("A", [["text", "score"], ["Jono", "=3+4"], ['=HYPERLINK("http://x")', 5]]))
    assert rows(data) == [(2, ["Jono", UNCOMPUTED]), (3, [UNCOMPUTED, "5"])]


def test_two_sheets_of_one_file_are_not_the_same_file():
    data = workbook(("A", [["text"], ["Jono"]]), ("B", [["text"], ["Jono"]]))
    assert open_file(data, Reading(sheet="A")).fingerprint != open_file(data, Reading(sheet="B")).fingerprint


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "feedback.file_empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "feedback.file_empty"),
        (workbook(("A", [])), "feedback.file_empty"),
        (b"%PDF-1.7 ...", "feedback.wrong_kind"),
        (b"\x89PNG\r\n\x1a\n....", "feedback.wrong_kind"),
        (b"  <!DOCTYPE html><html>", "feedback.wrong_kind"),
        (b'[{"text": "Jono"}', "feedback.not_json"),
        (b"[ ]", "feedback.json_no_rows"),
        (b"[1, 2, 3]", "feedback.json_no_rows"),
        (b'{"a":' * 100_000, "feedback.json_deep"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "feedback.old_workbook"),
        (b"PK\x03\x04 broken", "feedback.not_workbook"),
        (bytes(range(256)) * 20, "feedback.not_text"),
    ],
)
def test_what_is_no_file_of_feedback_is_refused_by_name(data, code):
    assert refused(data).code == code


def test_another_office_file_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("word/document.xml", "<w/>")
    assert refused(out.getvalue()).code == "feedback.not_workbook"


def test_a_workbook_with_a_broken_sheet_is_refused():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("A", [["text"], ["Jono"]])))) as whole,
        zipfile.ZipFile(out, "w") as parts,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            parts.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    assert refused(out.getvalue()).code == "feedback.not_workbook"


def test_a_file_made_to_fill_the_memory_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(64):
                sheet.write(b"0" * 1024 * 1024)
    refusal = refused(out.getvalue())
    assert (refusal.code, refusal.facts["megabytes"]) == ("feedback.file_swells", 64)
