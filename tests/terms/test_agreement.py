"""What customers are told is held against what the terms say."""

import pytest

from promises.terms.agreement import Doubt, doubts
from promises.terms.reading import read_terms
from promises.terms.templates import names, template
from tests.promised import document


def doubted(fi: str = "Lupaus", en: str = "A promise", **parts: object) -> list[tuple[str, str]]:
    terms = read_terms(document(name={"fi": "Lupaus", "en": "A promise"}, told={"fi": fi, "en": en}, **parts))
    return [(doubt.kind, doubt.words) for doubt in doubts(terms)]


@pytest.mark.parametrize("name", names())
def test_ready_terms_tell_customers_what_they_say(name: str) -> None:
    assert doubts(template(name)) == []


def test_another_amount_than_the_remedy_is_doubted() -> None:
    remedy = {"pays": [{"amount": "15.00"}]}
    assert doubted(fi="Vartissa tai 10 euroa.", en="Or 15 euros.", remedy=remedy) == [("amount", "10 euroa")]
    assert doubted(fi="Vartissa tai 15 euroa.", en="Or €15.", remedy=remedy) == []
    assert doubted(fi="Saat 15,00 €.", en="Or fifteen euros.", remedy=remedy) == []


def test_an_amount_where_nothing_is_paid_is_doubted() -> None:
    assert doubted(fi="Tai kymmenen euroa.", remedy={}) == [("amount", "kymmenen euroa")]


def test_any_amount_that_the_terms_name_is_right() -> None:
    remedy = {
        "pays": [{"amount": {"by": "kind", "is": {"x": "5.00", "y": {"percent": 10, "of": "fare"}}}}],
        "caps": [{"amount": "80.00"}],
    }
    assert doubted(en="5 euros, at most 80 euros, never 90 euros", remedy=remedy) == [("amount", "90 euros")]


def test_another_time_than_the_limit_is_doubted() -> None:
    assert doubted(en="Within half an hour.") == [("length", "half an hour")]
    assert doubted(fi="Vartissa.", en="In 15 minutes.") == []


def test_an_hour_is_sixty_minutes_and_a_day_twenty_four_hours() -> None:
    hour = {"from": "arrived", "to": "served", "limit": "60 min"}
    assert doubted(en="Within 1 hour.", measure=hour) == []
    day = {"from": "arrived", "to": "served", "limit": "1 calendar day"}
    assert doubted(fi="Vuorokaudessa.", measure=day) == []


def test_other_currencies_are_not_read() -> None:
    assert doubted(en="Or 10 euros.", currency="SEK", remedy={"pays": [{"amount": "100.00"}]}) == []


def test_each_doubt_is_told_once() -> None:
    terms = read_terms(document(name={"fi": "Tai 9 euroa", "en": "x"}, told={"fi": "Tai 9 euroa", "en": "x"}))
    assert doubts(terms) == [Doubt("amount", "9 euroa")]
