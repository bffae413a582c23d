"""Each row is taken, or set aside with everything that is wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from promises.feedback.intake.checking import Against, Piece, SetAside, check
from promises.feedback.intake.dates import Order
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.sheet import UNCOMPUTED, of_rows
from promises.refusal import Refusal

NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)
NAMES = ["text", "score", "date", "branch", "customer"]
COLUMNS = Columns({name: i for i, name in enumerate(NAMES)}, source="kysely")
AGAINST = Against(
    branches={"keskusta": 1, "centre": 1, "satama": 2},
    zone=ZoneInfo("Europe/Helsinki"),
    as_of=NOW,
    default_at=NOW,
    mask=lambda words: words.replace("040 123", "[puhelin]"),
)


def one(*cells, columns=COLUMNS):
    (row,) = check(of_rows(NAMES, [cells]), columns, AGAINST)
    return row


def faults(*cells):
    row = one(*cells)
    assert isinstance(row, SetAside)
    return [(fault.field, fault.reason, fault.found) for fault in row.faults]


def test_a_whole_row_is_taken():
    row = one("Jonotin tunnin", "3", "8.6.2026 klo 15.30", " Keskusta ", "c1")
    assert isinstance(row, Piece)
    assert (row.row, row.text, row.score, row.branch_id, row.customer, row.source) == (
        2, "Jonotin tunnin", 3, 1, "c1", "kysely",
    )  # fmt: skip
    assert row.given_at == datetime(2026, 6, 8, 12, 30, tzinfo=UTC)


def test_words_alone_are_enough():
    row = one("Jonotin tunnin")
    assert (row.score, row.given_at, row.branch_id, row.customer) == (None, NOW, None, "")


def test_a_score_alone_is_an_answer_too():
    assert one("", "7").score == 7


def test_neither_words_nor_a_score_is_no_answer():
    assert faults("", "–", "8.6.2026") == [("text", "text", "")]


@pytest.mark.parametrize(
    ("cell", "score"), [("0", 0), ("10", 10), ("9,0", 9), ("9.0", 9), ("9/10", 9), ("n/a", None)]
)
def test_scores_are_read_as_people_give_them(cell, score):
    assert one("x", cell).score == score


@pytest.mark.parametrize("cell", ["11", "-1"])
def test_a_score_outside_the_scale_is_set_aside(cell):
    assert faults("x", cell) == [("score", "score_range", cell)]


@pytest.mark.parametrize("cell", ["hyvä", "8,5", "8-9"])
def test_a_score_that_is_no_whole_number_is_set_aside(cell):
    assert faults("x", cell) == [("score", "score", cell)]


def test_everything_that_is_wrong_with_a_row_is_told_at_once():
    assert faults("x", "11", "32.6.2026", "Rovaniemi") == [
        ("score", "score_range", "11"),
        ("date", "date", "32.6.2026"),
        ("branch", "branch", "Rovaniemi"),
    ]


def test_tomorrow_may_be_a_zone_away_but_the_day_after_is_in_the_future():
    assert isinstance(one("x", "", (NOW + timedelta(days=1)).isoformat()), Piece)
    assert faults("x", "", (NOW + timedelta(days=1, seconds=1)).isoformat())[0][:2] == ("date", "date_far")
    assert faults("x", "", "31.12.1989")[0][:2] == ("date", "date_far")


def test_a_formula_without_a_result_an_excel_error_and_broken_letters_are_told_apart():
    assert faults(UNCOMPUTED)[0][:2] == ("text", "formula")
    assert faults("#VIITTAUS!") == [("text", "cell_error", "#VIITTAUS!")]
    assert faults("Hyv\N{REPLACEMENT CHARACTER}")[0][:2] == ("text", "letters")
    assert faults("HyvÃ¤Ã¤ tyÃ¶tÃ¤")[0][:2] == ("text", "letters")


def test_a_text_of_a_hundred_thousand_characters_is_taken_and_one_more_is_not():
    assert isinstance(one("x" * 100_000), Piece)
    assert faults("x" * 100_001)[0][:2] == ("text", "text_long")


def test_control_characters_leave_and_line_breaks_stay():
    assert one("Jono\x00 \x07on\npitkä\u202e").text == "Jono on\npitkä\u202e"


def test_nothing_passes_by_the_mask():
    assert one("Soittakaa 040 123").text == "Soittakaa [puhelin]"
    aside = one("Soittakaa 040 123", "040 123")
    assert aside.faults[0].found == "[puhelin]"
    assert aside.cells[:2] == ("Soittakaa [puhelin]", "[puhelin]")


def test_a_customers_number_that_is_personal_data_is_kept_as_a_digest_only():
    customer = one("x", "", "", "", "040 123").customer
    assert customer
    assert "040" not in customer
    assert customer == one("y", "", "", "", "040 123").customer


def test_the_same_row_has_the_same_fingerprint_whenever_it_comes():
    row = one("Jono", "3", "8.6.2026")
    later = replace(AGAINST, as_of=NOW + timedelta(days=9), default_at=NOW + timedelta(days=9))
    (again,) = check(of_rows(NAMES, [["Jono", "3", "8.6.2026"]]), COLUMNS, later)
    assert row.fingerprint == again.fingerprint


def test_a_date_that_the_file_does_not_tell_is_no_part_of_the_fingerprint():
    later = replace(AGAINST, default_at=NOW - timedelta(days=9))
    (again,) = check(of_rows(NAMES, [["Jono"]]), COLUMNS, later)
    assert one("Jono").fingerprint == again.fingerprint


def test_two_customers_who_say_the_very_same_are_two():
    rows = list(check(of_rows(NAMES, [["Hyvä", "9"], ["Hyvä", "9"]]), COLUMNS, AGAINST))
    assert rows[0].fingerprint != rows[1].fingerprint


@pytest.mark.parametrize(
    "other", [("Jono", "4"), ("Jono", "3", "7.6.2026"), ("Jono!", "3"), ("Jono", "3", "", "satama")]
)
def test_any_difference_makes_another_piece(other):
    assert one("Jono", "3").fingerprint != one(*other).fingerprint


def test_a_source_of_its_own_in_a_row_wins():
    columns = Columns({**COLUMNS.where, "source": 4}, source="kysely")
    assert one("Jono", "", "", "", "tabletti", columns=columns).source == "tabletti"
    assert one("Jono", columns=columns).source == "kysely"


def test_a_short_row_lacks_its_last_cells_and_a_long_one_has_some_to_spare():
    assert one("Jono", "3").branch_id is None
    assert one("Jono", "3", "", "", "c1", "more", "still more").customer == "c1"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (Columns({"score": 1}, source="kysely"), "feedback.no_text_column"),
        (Columns({"text": 0}), "feedback.no_source"),
        (replace(COLUMNS, order=Order.UNCLEAR), "feedback.date_order_unclear"),
    ],
)
def test_what_only_a_person_can_say_is_asked_before_any_row_is_read(columns, code):
    with pytest.raises(Refusal) as refusal:
        list(check(of_rows(NAMES, [["Jono", "3", "3/4/2026"]]), columns, AGAINST))
    assert refusal.value.code == code
