"""JSON comes in as other files do: objects are rows, names are columns."""

import json

import pytest
from sqlmodel import select

from promises.feedback import taking
from promises.feedback.intake.mapping import guess
from promises.feedback.intake.reading import open_file
from promises.feedback.tables import Feedback
from tests.conftest import NOON

ROWS = [
    {"comment": "Jonotin tunnin", "nps": 2, "created_at": "2026-06-08T10:00:00Z", "customer": {"id": "K-17"}},
    {
        "comment": "Hyvä, \u00e5\u00e4\u00f6",
        "nps": 10,
        "created_at": "2026-06-08T11:00:00Z",
        "tags": ["a", "b"],
    },
    {"comment": None, "nps": 7, "created_at": "2026-06-08T12:00:00Z"},
]
COLUMNS = ("comment", "nps", "created_at", "customer.id", "tags")


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, ensure_ascii=False, indent=2),
        json.dumps({"survey": "kev\u00e4t", "ids": [1], "responses": ROWS}),
        "\n".join(json.dumps(row) for row in ROWS) + "\n",
    ],
    ids=["list", "indented", "wrapped", "lines"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_objects_are_rows_however_they_are_written(written, encoding):
    sheet = open_file(written.encode(encoding))
    assert (sheet.kind, sheet.columns) == ("json", COLUMNS)
    assert list(sheet.records()) == [
        (2, ["Jonotin tunnin", "2", "2026-06-08T10:00:00Z", "K-17", ""]),
        (3, ["Hyvä, åäö", "10", "2026-06-08T11:00:00Z", "", "a, b"]),
        (4, ["", "7", "2026-06-08T12:00:00Z", "", ""]),
    ]


def test_one_object_is_one_row():
    assert open_file(b'{"text": "Jono"}').first(2) == [(2, ["Jono"])]


def test_a_text_that_begins_with_a_bracket_is_no_json():
    assert open_file("[nimi] oli ystävällinen\n[nimi] lupasi soittaa".encode()).kind == "csv"


def test_its_rows_become_feedback_by_the_names_of_their_columns(session, cast):
    sheet = open_file(json.dumps(ROWS).encode())
    columns = guess(sheet)
    taken = taking.bring_in(
        session,
        sheet,
        type(columns)(columns.where, columns.order, "json"),
        filename="a.json",
        by=None,
        as_of=NOON,
    )
    assert (taken.taken, taken.set_aside) == (3, 0)
    said = session.exec(select(Feedback).order_by(Feedback.row)).all()
    assert [(one.text, one.score, one.customer) for one in said] == [
        ("Jonotin tunnin", 2, "K-17"), ("Hyvä, åäö", 10, ""), ("", 7, ""),
    ]  # fmt: skip
