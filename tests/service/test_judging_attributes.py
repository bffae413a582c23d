"""Promises about what holds of a case, not how long it takes."""

from datetime import UTC, datetime

import pytest

from promises.service.judging import Case, due_at, judge
from promises.terms.reading import read_terms

RIGHT = {
    "format": 1,
    "promise": "invoice-right",
    "name": {"fi": "Lasku on kerralla oikein", "en": "The invoice is right the first time"},
    "starts": "2026-01-01",
    "measure": {"from": "ordered", "to": "closed", "must": {"attribute": "right", "is": True}},
    "remedy": {"pays": [{"amount": "5.00"}]},
}
ONE_TRANSFER = RIGHT | {
    "measure": {"from": "ordered", "to": "closed", "must": {"attribute": "transfers", "at_most": 1}}
}
MAY = datetime(2026, 5, 4, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("document", "attributes", "told"),
    [
        (RIGHT, {"right": True}, ("kept", "met")),
        (RIGHT, {"right": "Yes"}, ("kept", "met")),
        (RIGHT, {"right": False}, ("broken", "not_met")),
        (RIGHT, {}, ("excluded", "attribute_missing")),
        (ONE_TRANSFER, {"transfers": 1}, ("kept", "met")),
        (ONE_TRANSFER, {"transfers": 2}, ("broken", "not_met")),
        (ONE_TRANSFER, {"transfers": "many"}, ("excluded", "attribute_not_number")),
    ],
)
def test_a_closed_case_is_judged_by_its_attribute(
    document: dict[str, object], attributes: dict[str, bool | int | str], told: tuple[str, str]
) -> None:
    case = Case("1", "", (("ordered", MAY), ("closed", JUNE)), attributes)
    verdict = judge(case, read_terms(document), JUNE)
    assert (verdict.status, verdict.reason) == told
    assert verdict.dated_at == JUNE


def test_until_it_is_closed_it_is_pending_and_never_due() -> None:
    case = Case("1", "", (("ordered", MAY),), {"right": False})
    assert judge(case, read_terms(RIGHT), JUNE).status == "pending"
    assert due_at(case, read_terms(RIGHT)) is None
