"""Which column holds what."""

import pytest

from promises.feedback.intake.dates import Order
from promises.feedback.intake.mapping import Columns, by_names, guess, recall, with_order
from promises.feedback.intake.sheet import letter, of_rows
from promises.refusal import Refusal


def where(columns, *rows, branches=()):
    sheet = of_rows(columns, rows)
    return {name: columns[index] for name, index in guess(sheet, branches).where.items()}


def test_finnish_names_are_known():
    assert where(["Pvm", "Toimipaikka", "NPS", "Asiakasnumero", "Avoin palaute"]) == {
        "date": "Pvm",
        "branch": "Toimipaikka",
        "score": "NPS",
        "customer": "Asiakasnumero",
        "text": "Avoin palaute",
    }


def test_english_names_are_known_whatever_their_case_and_signs():
    assert where(["Given_At", "BRANCH CODE", "score", "Comment:"]) == {
        "date": "Given_At",
        "branch": "BRANCH CODE",
        "score": "score",
        "text": "Comment:",
    }


def test_the_more_telling_of_two_names_wins():
    assert where(["Response", "Comment"])["text"] == "Comment"


def test_columns_without_telling_names_are_known_by_what_stands_in_them():
    rows = [
        ["1.6.2026", "Keskusta", "Jonotin taas puoli tuntia"],
        ["2.6.2026", "satama", "Hyvä palvelu tänään"],
    ]
    assert where(["A1", "A2", "A3"], *rows, branches={"keskusta", "satama"}) == {
        "date": "A1",
        "branch": "A2",
        "text": "A3",
    }


def test_small_numbers_alone_are_no_score():
    assert "score" not in where(["luku", "teksti"], ["3", "Jono oli pitkä"], ["9", "Hyvin meni kaikki"])


def test_a_person_names_columns_by_title_or_letter_and_leaves_out_others():
    sheet = of_rows(["Palaute", "NPS", "Muu"], [["Jono", "3", "x"]])
    chosen = by_names(sheet, {"text": "c", "score": "", "customer": "palaute"}, source="kysely")
    assert chosen == Columns({"text": 2, "customer": 0}, Order.NONE, "kysely")


def test_a_column_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(Refusal) as refusal:
        by_names(of_rows(["Palaute", ""], [["Jono", "3"]]), {"text": "Kommentti"})
    assert refusal.value.facts == {"found": "Kommentti", "columns": "Palaute, B"}


def test_what_was_confirmed_once_is_recalled_for_the_same_header():
    sheet = of_rows(["Palaute", "Pvm"], [["Jono", "3/4/2026"]])
    chosen = Columns({"text": 0, "date": 1}, Order.MONTH, "kysely")
    again = of_rows(["palaute", "PVM"], [["Muu", "5/6/2026"]])
    assert again.key() == sheet.key()
    assert recall(chosen.remembered(sheet), again) == chosen


def test_a_mapping_of_a_wider_file_does_not_reach_outside_a_narrower_one():
    kept = Columns({"text": 0, "date": 7}).remembered(of_rows([str(i) for i in range(8)], []))
    assert recall(kept, of_rows(["a"], [])).where == {"text": 0}


def test_the_whole_column_tells_the_order_even_if_its_beginning_does_not():
    rows = [["x", "1/2/2026"]] * 600 + [["x", "13/2/2026"]]
    sheet = of_rows(["text", "date"], rows)
    chosen = guess(sheet)
    assert chosen.order is Order.UNCLEAR
    assert with_order(chosen, sheet).order is Order.DAY


def test_letters_are_those_of_a_spreadsheet():
    assert [letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
