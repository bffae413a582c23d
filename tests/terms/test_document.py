"""Terms are read strictly, and what is wrong is told: where, and in the reader's language."""

from typing import Any

import pytest

from promises import language
from promises.terms import reading
from promises.terms.commands import json_schema
from promises.terms.reading import TermsRefused, faults, read_terms, write_terms
from promises.terms.templates import names, template

BANK = write_terms(template("bank-15-minutes"))


def changed(**keys: Any) -> dict[str, Any]:
    return BANK | keys


@pytest.mark.parametrize("name", names())
def test_a_template_says_the_same_after_writing_and_reading(name: str) -> None:
    assert read_terms(write_terms(template(name))) == template(name)


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (changed(colour="red"), "terms.unknown_key", "colour"),
        (changed(format=2), "terms.newer_format", "format"),
        (changed(format=0), "terms.not_one_of", "format"),
        (changed(zone="Mars/Olympus"), "terms.unknown_zone", "zone"),
        (changed(starts="1.1.2026"), "terms.not_date", "starts"),
        (changed(starts=20260101), "terms.not_date", "starts"),
        (changed(target=1.5), "terms.wrong_value", "target"),
        (changed(currency="euro"), "terms.wrong_value", "currency"),
        (changed(promise="Served in 15"), "terms.name", "promise"),
        (changed(name={"fi": "Lupaus"}), "terms.missing", "name.en"),
        (changed(remedy={"pays": [{"amount": 10}]}), "terms.money", "remedy.pays[0].amount"),
        (changed(remedy={"pays": [{"amount": "-10.00"}]}), "terms.money", "remedy.pays[0].amount"),
        (changed(hours={"week": {"mon-fri": "9-17"}}), "terms.intervals", "hours.week"),
        (changed(hours={"week": {"mon-fri": "12:00-17:00, 11:00-13:00"}}), "terms.intervals", "hours.week"),
        (changed(hours={"week": {"mon-fri": "open", "fri": "open"}}), "terms.weekday_twice", "hours.week"),
        (changed(hours={"week": {}, "holidays": "Atlantis"}), "terms.unknown_holidays", "hours.holidays"),
        (changed(endings={"served": "excluded"}), "terms.milestone_twice", "-"),
        (changed(cases=[{"attribute": "topic"}]), "terms.condition", "cases[0]"),
        (changed(set_aside_after="3 working days"), "terms.set_aside_unit", "-"),
        ("{", "terms.not_json", "-"),
        ('{"format": 1, "format": 1}', "terms.key_twice", "format"),
        (b"\xff\xfe", "terms.not_utf8", "-"),
        ("[]", "terms.not_object", "-"),
    ],
)
def test_a_fault_is_told_with_its_place(document: Any, code: str, where: str) -> None:
    (fault,) = faults(document)
    assert (fault.code, fault.facts["where"]) == (code, where)


@pytest.mark.parametrize(
    ("measure", "code", "where"),
    [
        ({"limit": "15 dogs"}, "terms.span", "measure.limit"),
        ({"limit": "-15 min"}, "terms.span", "measure.limit"),
        ({"limit": "0 min"}, "terms.no_time", "measure"),
        ({"limit": "2 working days"}, "terms.clock_of_days", "measure"),
        ({"due_time": "16:00"}, "terms.due_time_of_hours", "measure"),
        ({"due_time": "25:00"}, "terms.time_of_day", "measure.due_time"),
        ({"clock": "sundial"}, "terms.not_one_of", "measure.clock"),
        ({"to": "arrived"}, "terms.milestone_twice", "measure"),
        ({"pauses": [{"from": "served", "to": "back"}]}, "terms.milestone_twice", "measure"),
    ],
)
def test_a_fault_of_the_measure_is_told_too(measure: dict[str, Any], code: str, where: str) -> None:
    (fault,) = faults(changed(measure=BANK["measure"] | measure))
    assert (fault.code, fault.facts["where"]) == (code, where)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TermsRefused) as refused:
        read_terms(changed(zone="Mars", colour="red", target=2))
    assert [fault.facts["where"] for fault in refused.value.faults] == ["zone", "target", "colour"]


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_kind_of_fault_has_words_in_both_languages(spoken: str) -> None:
    codes = {f"terms.{kind}" for kind in reading.OWN_KINDS}
    codes |= {*reading.KINDS.values(), "terms.wrong_value"}
    words = language.translations(spoken)
    assert [code for code in sorted(codes) if words.ugettext(code) == code] == []


def test_the_schema_is_published_and_refuses_unknown_keys() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"format", "promise", "name", "starts", "measure"}
