"""One case and many go through the same lines: identical verdicts over terms drawn at random.

``bench/agree.py`` does the same with a million cases.
"""

from random import Random

import pytest

from bench.agree import compare, draw_hours, draw_terms


@pytest.mark.parametrize("seed", range(20))
def test_cases_are_judged_alike_alone_and_as_columns_whatever_the_terms(seed: int) -> None:
    compared, differing = compare(seed, 60)
    assert compared >= 60
    assert [str(one) for one in differing] == []


def test_the_terms_drawn_use_every_part_of_the_format() -> None:
    drawn = [draw_terms(Random(seed)) for seed in range(200)]
    timed = [terms.measure for terms in drawn if hasattr(terms.measure, "limit")]
    assert {measure.clock_name for measure in timed} == {
        "elapsed", "opening_hours", "working_days", "calendar_days",
    }  # fmt: skip
    assert {terms.moment for terms in drawn} == {"start", "breach", "end"}
    assert {type(payment.amount).__name__ for terms in drawn for payment in terms.remedy.pays} == {
        "Decimal", "Percent", "ByValue", "BySize", "ByLength", "ByDate",
    }  # fmt: skip
    assert {cap.per for terms in drawn for cap in terms.remedy.caps} == {"case", "month", "year"}
    assert any(terms.remedy.claim for terms in drawn)
    assert any(terms.remedy.once_per for terms in drawn)
    assert any(measure.split_after for measure in timed)
    assert any(len(measure.pauses) == 2 for measure in timed)
    assert any(rule == "owed_after_limit" for terms in drawn for rule in terms.endings.values())
    assert set(draw_hours(Random(1))) == {"a", "b"}
