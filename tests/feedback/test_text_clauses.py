"""A text is cut where it begins to speak of something else, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.text.clauses import MOST_CLAUSES, split


def pieces(text: str) -> list[str]:
    return [text[clause.start : clause.end] for clause in split(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Jonotin tunnin ja virkailija oli töykeä.", ["Jonotin tunnin", "virkailija oli töykeä."]),
        ("hyvä palvelu mut jonot kestää", ["hyvä palvelu", "mut jonot kestää"]),
        ("Kortti ei toimi eikä kukaan vastaa", ["Kortti ei toimi", "eikä kukaan vastaa"]),
        ("Nice staff but the queue is long", ["Nice staff", "but the queue is long"]),
        ("Trevlig personal, men kön var lång", ["Trevlig personal", "men kön var lång"]),
        ("Odotin tunnin, koska kassoja oli yksi", ["Odotin tunnin, koska kassoja oli yksi"]),
        ("Maksoin 2.50 euroa. Miksi?", ["Maksoin 2.50 euroa. Miksi?"]),
        ("kortti ja tili", ["kortti ja tili"]),
        ("jono", ["jono"]),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert pieces(text) == clauses


@given(st.text(max_size=300))
def test_clauses_come_in_order_and_inside_the_text(text: str) -> None:
    last = 0
    for start, end in split(text):
        assert last <= start < end <= len(text)
        last = end


def test_a_very_long_text_has_only_so_many_clauses() -> None:
    assert len(split("Jono oli pitkä. " * 2500)) == MOST_CLAUSES
