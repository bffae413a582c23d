"""How a remedy may be paid: told by the terms, at the counter unless they say otherwise."""

import pytest

from promises import language
from promises.terms.commands import json_schema
from promises.terms.explain import explain
from promises.terms.reading import TermsRefused, read_terms, write_terms
from promises.terms.remedies import WAYS
from promises.terms.templates import template


def told(**remedy):
    document = write_terms(template("bank-15-minutes"))
    document["remedy"] = {"pays": [{"amount": "10.00"}], **remedy}
    return document


def test_terms_that_say_nothing_pay_at_the_counter_as_ever():
    document = told()
    document["remedy"].pop("ways", None)
    assert read_terms(document).remedy.ways == ["counter"]


def test_every_way_is_read_written_and_explained():
    terms = read_terms(told(ways=list(WAYS), voucher_valid="6 months"))
    assert read_terms(write_terms(terms)) == terms
    with language.spoken("en"):
        words = explain(terms)
    assert (
        "It can be paid: at the counter, as a voucher code, as a credit on the bill, by bank transfer."
        in words
    )
    assert any("6 months" in sentence for sentence in words)


def test_what_is_said_by_default_is_not_explained_anew():
    assert not any("hyvityskoodi" in sentence.lower() for sentence in explain(read_terms(told())))


@pytest.mark.parametrize(
    ("remedy", "code"),
    [
        ({"ways": []}, "terms.wrong_value"),
        ({"ways": ["counter", "counter"]}, "terms.way_twice"),
        ({"ways": ["gold"]}, None),
        ({"voucher_valid": "0 months"}, "terms.no_time"),
    ],
)
def test_a_wrong_way_is_refused(remedy, code):
    with pytest.raises(TermsRefused) as refused:
        read_terms(told(**remedy))
    if code:
        assert refused.value.code == code
    else:
        assert "counter" in refused.value.facts["allowed"]


def test_the_schema_names_every_way():
    schema = json_schema()["$defs"]["Remedy"]["properties"]["ways"]
    assert set(schema["items"]["enum"]) == set(WAYS)
