"""Twelve published compensation regimes, each a template, with worked examples."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from promises import language
from promises.refusal import Refusal
from promises.service.judging import Case, Cases, Verdict, judge, judge_many, split
from promises.service.judging.cases import Attribute
from promises.terms.document import TermsDocument
from promises.terms.explain import explain
from promises.terms.line import written
from promises.terms.paying import check_award, late_addition, pay_by
from promises.terms.templates import names, template


def judged(
    name: str,
    milestones: Mapping[str, str],
    attributes: Mapping[str, Attribute] | None = None,
    as_of: str = "2026-12-31 12:00",
) -> Verdict:
    """A case under a template; times are local to the template's zone."""
    terms = template(name)
    told = tuple((what, local(terms, at)) for what, at in milestones.items())
    return judge(Case("1", "", told, attributes or {}), terms, local(terms, as_of))


def local(terms: TermsDocument, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(terms.zone))


def owed(name: str, milestones: Mapping[str, str], attributes: Mapping[str, Attribute] | None = None) -> str:
    """What is owed, or the verdict and its reason where nothing is."""
    verdict = judged(name, milestones, attributes)
    return str(verdict.amount) if verdict.amount else f"{verdict.status}: {verdict.reason}"


@pytest.mark.parametrize(
    ("reported", "repaired", "amount"),
    [
        ("2026-04-13 09:00", "2026-04-15 23:59", "kept: in_time"),
        ("2026-04-13 09:00", "2026-04-16 00:00", "10.34"),  # at once, before a full day has passed
        ("2026-04-13 09:00", "2026-04-16 23:59", "10.34"),
        ("2026-04-13 09:00", "2026-04-17 00:00", "20.68"),  # one full calendar day after
        ("2026-04-13 09:00", "2026-04-20 10:00", "51.70"),  # the weekend counts: 16, 17, 18 and 19 April
        ("2026-04-10 18:00", "2026-04-14 23:59", "kept: in_time"),  # Friday: Monday and Tuesday are full days
        ("2026-04-02 09:00", "2026-04-08 23:59", "kept: in_time"),  # Good Friday and Easter Monday are not
        ("2024-03-28 09:00", "2024-04-10 10:00", "excluded: before_terms"),  # no rate is known for then
        ("2025-03-27 09:00", "2025-04-01 10:00", "9.76"),  # broken on 31 March: the old rate
        ("2025-03-28 09:00", "2025-04-02 10:00", "9.98"),
    ],
)
def test_a_delayed_telecoms_repair_pays_at_once_and_for_each_full_day_after(
    reported: str, repaired: str, amount: str
) -> None:
    assert owed("gb-telecoms-repair", {"reported": reported, "repaired": repaired}, {"fault": "F"}) == amount


def test_a_missed_visit_stops_the_repair_clock() -> None:
    fault = {"reported": "2026-04-13 09:00", "visit_missed": "2026-04-14 10:00"}
    fault |= {"visit_offered": "2026-04-15 09:00", "repaired": "2026-04-17 23:59"}
    assert owed("gb-telecoms-repair", fault, {"fault": "F"}) == "kept: in_time"


def test_broadband_and_phone_down_together_pay_once() -> None:
    terms = template("gb-telecoms-repair")
    told = tuple(
        (what, local(terms, at))
        for what, at in {"reported": "2026-04-13 09:00", "repaired": "2026-04-16 10:00"}.items()
    )
    lines = [
        Case(line, "", told, {"fault": fault}) for line, fault in (("b", "F1"), ("p", "F1"), ("x", "F2"))
    ]
    verdicts = judge_many(Cases.of(lines), terms, local(terms, "2026-05-01"))
    assert [str(verdict.amount) for verdict in verdicts] == ["10.34", "0.00", "10.34"]
    assert {verdict.status for verdict in verdicts} == {"broken"}


@pytest.mark.parametrize(
    ("started", "amount"),
    [
        ("2026-06-01 23:59", "kept: in_time"),
        ("2026-06-02 09:00", "6.46"),  # the missed start date
        ("2026-06-04 09:00", "19.38"),  # 1, 2 and 3 June
    ],
)
def test_a_delayed_start_pays_for_each_day_the_missed_one_included(started: str, amount: str) -> None:
    assert owed("gb-telecoms-start", {"promised_for": "2026-06-01 00:00", "started": started}) == amount


@pytest.mark.parametrize(
    ("over", "attributes", "amount"),
    [
        ("2024-05-02 12:00", {"visit-kept": True}, "kept: met"),
        ("2024-05-02 12:00", {"visit-kept": False}, "30.49"),
        ("2026-05-02 12:00", {"visit-kept": False, "hours-of-notice": 23}, "32.31"),
        ("2026-05-02 12:00", {"visit-kept": False, "hours-of-notice": 24}, "excluded: told-a-day-ahead"),
        ("2026-05-02 12:00", {"visit-kept": False, "cancelled-by": "customer"}, "excluded: by-customer"),
    ],
)
def test_a_missed_telecoms_visit_pays_by_its_date(
    over: str, attributes: Mapping[str, Attribute], amount: str
) -> None:
    booked = over.replace("-02 ", "-01 ")
    assert owed("gb-telecoms-visit", {"booked": booked, "over": over}, attributes) == amount


def test_an_energy_appointment_pays_40_and_40_more_when_the_credit_is_late() -> None:
    terms = template("gb-energy-appointment")
    verdict = judged(
        "gb-energy-appointment",
        {"booked": "2026-04-20 09:00", "over": "2026-04-27 12:00"},
        {"appointment-kept": False},
    )
    assert verdict.amount == Decimal("40.00")
    assert verdict.ended_at is not None
    # Ten working days after Monday 27 April, past the bank holiday of 4 May: the end of 12 May.
    assert pay_by(terms, verdict.ended_at) == local(terms, "2026-05-13 00:00")
    in_time, late = local(terms, "2026-05-12 23:59"), local(terms, "2026-05-13 00:01")
    assert late_addition(terms, verdict.amount, verdict.ended_at, in_time) == Decimal("0.00")
    assert late_addition(terms, verdict.amount, verdict.ended_at, late) == Decimal("40.00")


def test_severe_weather_excuses_only_with_evidence() -> None:
    visit = {"booked": "2026-04-20 09:00", "over": "2026-04-27 12:00"}
    storm: dict[str, Attribute] = {"appointment-kept": False, "severe-weather": True}
    assert owed("gb-energy-appointment", visit, storm) == "40.00"
    shown = storm | {"weather-record": "Met Office 2026-04-27"}
    assert owed("gb-energy-appointment", visit, shown) == "excluded: severe-weather"


@pytest.mark.parametrize(
    ("name", "restored", "customer", "amount"),
    [
        ("gb-power-cut", "2026-02-02 12:00", "domestic", "kept: in_time"),
        ("gb-power-cut", "2026-02-02 12:01", "domestic", "95.00"),
        ("gb-power-cut", "2026-02-02 12:01", "business", "190.00"),
        ("gb-power-cut", "2026-02-02 23:59", "domestic", "95.00"),
        ("gb-power-cut", "2026-02-03 00:00", "domestic", "140.00"),
        ("gb-power-cut", "2026-02-03 12:00", "business", "280.00"),
        ("gb-power-cut", "2026-02-03 12:00", "farm", "excluded: attribute_unknown"),
        ("gb-power-cut-storm-1", "2026-02-03 00:01", "domestic", "80.00"),
        ("gb-power-cut-storm-1", "2026-02-03 12:00", "domestic", "160.00"),
        ("gb-power-cut-storm-2", "2026-02-04 06:00", "domestic", "120.00"),
        ("gb-power-cut-storm-1", "2026-02-28 00:00", "domestic", "2000.00"),
    ],
)
def test_a_power_cut_in_britain_pays_by_weather_length_and_customer(
    name: str, restored: str, customer: str, amount: str
) -> None:
    weather = name.removeprefix("gb-power-cut").lstrip("-") or "normal"
    attributes = {"weather": weather, "customer-type": customer}
    assert owed(name, {"lost": "2026-02-02 00:00", "restored": restored}, attributes) == amount


def test_other_weather_falls_under_other_terms() -> None:
    cut = {"lost": "2026-02-02 00:00", "restored": "2026-02-04 00:00"}
    assert owed("gb-power-cut", cut, {"weather": "storm-1"}) == "excluded: not_covered"


def test_water_lost_pays_50_for_each_complete_12_hours_and_40_more_if_paid_late() -> None:
    cut = {"lost": "2026-02-02 00:00", "restored": "2026-02-03 12:00"}
    assert owed("gb-water-supply", cut) == "150.00"
    terms = template("gb-water-supply")
    broken = local(terms, "2026-02-02 12:00")
    assert pay_by(terms, broken) == local(terms, "2026-03-03 00:00")
    assert late_addition(terms, Decimal(150), broken, local(terms, "2026-03-10")) == Decimal("40.00")
    missed = {"booked": "2026-02-02 00:00", "over": "2026-02-03 12:00"}
    assert owed("gb-water-appointment", missed, {"appointment-kept": False}) == "50.00"


def test_low_pressure_pays_at_most_five_times_in_a_financial_year() -> None:
    terms = template("gb-water-pressure")
    days = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-02-02", "2026-02-09", "2026-03-31", "2026-04-01"]
    faults = [
        Case(
            day,
            "",
            (("measured", local(terms, f"{day} 08:00")), ("confirmed", local(terms, f"{day} 10:00"))),
            {"pressure-enough": False, "customer": "C"},
        )
        for day in days
    ]
    verdicts = judge_many(Cases.of(faults), terms, local(terms, "2026-05-01"))
    assert [int(verdict.amount) for verdict in verdicts] == [50, 50, 50, 50, 50, 0, 50]


FLIGHT = {"scheduled": "2026-05-04 12:00"}


@pytest.mark.parametrize(
    ("arrived", "km", "inside", "amount"),
    [
        ("14:59", 1500, "no", "kept: in_time"),
        ("15:00", 1500, "no", "250.00"),
        ("15:00", 1501, "no", "400.00"),
        ("15:00", 3500, "no", "400.00"),
        ("15:00", 3501, "no", "300.00"),
        ("15:59", 3501, "no", "300.00"),
        ("16:00", 3501, "no", "600.00"),
        ("16:00", 4000, "yes", "400.00"),
    ],
)
def test_an_air_delay_in_the_eu_pays_by_distance_and_half_under_four_hours(
    arrived: str, km: int, inside: str, amount: str
) -> None:
    known = {"distance-km": km, "inside-eu": inside, "passengers": 1}
    assert owed("eu-air-delay", FLIGHT | {"arrived": f"2026-05-04 {arrived}"}, known) == amount


def test_an_air_delay_pays_per_person_and_not_in_extraordinary_circumstances() -> None:
    late = FLIGHT | {"arrived": "2026-05-04 15:30"}
    family: dict[str, Attribute] = {"distance-km": 2000, "inside-eu": "yes", "passengers": 3}
    assert owed("eu-air-delay", late, family) == "1200.00"
    ash = family | {"extraordinary": True}
    assert owed("eu-air-delay", late, ash) == "1200.00"
    assert owed("eu-air-delay", late, ash | {"extraordinary-evidence": "NOTAM"}) == "excluded: extraordinary"


@pytest.mark.parametrize(
    ("arrived", "km", "amount"),
    [
        ("15:00", 900, "220.00"),
        ("15:00", 3500, "350.00"),
        ("15:59", 6000, "260.00"),
        ("16:00", 6000, "520.00"),
    ],
)
def test_an_air_delay_in_the_uk_pays_in_pounds(arrived: str, km: int, amount: str) -> None:
    known = {"distance-km": km, "passengers": 1}
    assert owed("uk-air-delay", FLIGHT | {"arrived": f"2026-05-04 {arrived}"}, known) == amount


@pytest.mark.parametrize(
    ("arrived", "ticket", "fare", "amount"),
    [
        ("12:59", "single", "40.00", "kept: in_time"),
        ("13:00", "single", "40.00", "10.00"),
        ("13:59", "single", "40.00", "10.00"),
        ("14:00", "single", "40.00", "20.00"),
        ("14:00", "return", "40.00", "10.00"),
        ("13:00", "single", "15.98", "4.00"),  # 3.995 rounds up to 4.00
        ("13:00", "single", "15.97", "broken: late"),  # 3.9925 rounds to 3.99
    ],
)
def test_a_late_train_in_the_eu_pays_by_fare_and_nothing_below_four_euros(
    arrived: str, ticket: str, fare: str, amount: str
) -> None:
    trip = FLIGHT | {"arrived": f"2026-05-04 {arrived}", "claimed": "2026-05-20 10:00"}
    assert owed("eu-rail-delay", trip, {"ticket": ticket, "fare": fare}) == amount


def test_a_rail_claim_is_paid_within_a_month_of_it() -> None:
    terms = template("eu-rail-delay")
    assert pay_by(terms, local(terms, "2026-01-31 10:00")) == local(terms, "2026-03-01 00:00")


@pytest.mark.parametrize(
    ("arrived", "ticket", "amount"),
    [
        ("12:14", "single", "kept: in_time"),
        ("12:15", "single", "10.00"),
        ("12:30", "single", "20.00"),
        ("13:00", "single", "40.00"),
        ("12:15", "return", "5.00"),
        ("12:30", "return", "10.00"),
        ("13:59", "return", "20.00"),
        ("14:00", "return", "40.00"),
    ],
)
def test_delay_repay_pays_by_quarter_hours(arrived: str, ticket: str, amount: str) -> None:
    trip = FLIGHT | {"arrived": f"2026-05-04 {arrived}", "claimed": "2026-06-01 23:59"}
    assert owed("gb-rail-delay-repay", trip, {"ticket": ticket, "fare": "40.00"}) == amount


@pytest.mark.parametrize("claimed", ["2026-06-02 00:01", None])
def test_delay_repay_is_not_owed_without_a_claim_in_28_days(claimed: str | None) -> None:
    trip = FLIGHT | {"arrived": "2026-05-04 13:00"} | ({"claimed": claimed} if claimed else {})
    assert owed("gb-rail-delay-repay", trip, {"ticket": "single", "fare": "40.00"}) == "broken: late"


@pytest.mark.parametrize(
    ("lost", "restored", "fee", "amount"),
    [
        ("2026-02-02 00:00", "2026-02-02 11:59", "300.00", "kept: in_time"),
        ("2026-02-02 00:00", "2026-02-02 12:00", "300.00", "30.00"),  # the bound belongs to the band
        ("2026-02-02 00:00", "2026-02-03 00:00", "300.00", "75.00"),
        ("2026-02-02 00:00", "2026-02-04 00:00", "300.00", "150.00"),
        ("2023-02-02 00:00", "2023-02-04 00:00", "300.00", "75.00"),  # the old bands
        ("2023-12-30 00:00", "2024-01-01 00:00", "300.00", "150.00"),  # begun before, gone on past
        ("2026-02-02 00:00", "2026-02-14 00:00", "300.00", "600.00"),
        ("2026-02-02 00:00", "2026-02-14 00:00", "1500.00", "2000.00"),
        ("2026-03-28 18:00", "2026-03-29 06:30", "300.00", "kept: in_time"),  # 11.5 hours of real time
        ("2026-02-02 00:00", "2026-02-03 00:00", "-300.00", "excluded: attribute_negative"),
        ("2026-02-02 00:00", "2026-02-03 00:00", "free", "excluded: attribute_not_number"),
    ],
)
def test_a_finnish_power_cut_pays_a_share_of_the_annual_fee(
    lost: str, restored: str, fee: str, amount: str
) -> None:
    assert owed("fi-power-cut", {"lost": lost, "restored": restored}, {"annual-fee": fee}) == amount


def test_two_hours_of_power_split_a_cut_in_two_and_less_does_not() -> None:
    terms = template("fi-power-cut")
    once_back = [("lost", "2026-02-02 00:00"), ("restored", "2026-02-02 10:00")]
    for again, told in (("2026-02-02 12:00", [("1", 0), ("1/2", 30)]), ("2026-02-02 11:59", [("1", 75)])):
        milestones = [*once_back, ("lost", again), ("restored", "2026-02-03 00:00")]
        case = Case(
            "1", "", tuple((what, local(terms, at)) for what, at in milestones), {"annual-fee": "300"}
        )
        cuts = split(Cases.of([case]), terms)
        verdicts = judge_many(cuts, terms, local(terms, "2026-03-01"))
        assert [(cut, int(verdict.amount)) for cut, verdict in zip(cuts.ids, verdicts, strict=True)] == told


def test_a_customers_power_cuts_pay_at_most_twice_the_annual_fee_in_a_year() -> None:
    terms = template("fi-power-cut")
    cuts = [
        Case(
            day,
            "",
            (("lost", local(terms, f"{day} 00:00")), ("restored", local(terms, f"{day[:8]}28 00:00"))),
            {"annual-fee": "300.00", "customer": "C"},
        )
        for day in ("2025-11-01", "2025-12-20", "2026-01-20")
    ]
    verdicts = judge_many(Cases.of(cuts), terms, local(terms, "2026-03-01"))
    assert [int(verdict.amount) for verdict in verdicts] == [600, 0, 450]


@pytest.mark.parametrize(
    ("delivered", "amount"),
    [
        ("2026-06-01 20:00", "kept: in_time"),
        ("2026-06-02 08:00", "20.00"),
        ("2026-06-08 20:00", "20.00"),
        ("2026-06-09 08:00", "40.00"),
        ("2026-12-01 08:00", "160.00"),
    ],
)
def test_a_late_finnish_connection_pays_for_each_started_week(delivered: str, amount: str) -> None:
    milestones = {"promised_for": "2026-06-01 00:00", "delivered": delivered}
    assert owed("fi-telecoms-delivery", milestones) == amount


def test_late_compensation_bears_interest_by_actual_days() -> None:
    terms = template("fi-late-payment")
    owed_at = local(terms, "2026-03-02 10:00")  # payable by the end of 16 March
    for paid, interest in (
        ("2026-03-16 23:00", "0.00"),
        ("2026-04-15 09:00", "7.81"),
        ("2026-03-17 00:01", "0.26"),
    ):
        # 1000 x 9.5 % x 30 / 365 = 7.808; one day is 0.260
        assert late_addition(terms, Decimal("1000.00"), owed_at, local(terms, paid)) == Decimal(interest)


def test_an_award_by_hand_needs_a_reason_and_above_a_limit_a_second_person() -> None:
    terms = template("awards-by-hand")
    check_award(terms, Decimal("100.00"), 1, "lupasimme väärin")
    check_award(terms, Decimal("100.01"), 2, "lupasimme väärin")
    for amount, people, reason, code in (
        ("100.01", 1, "syy", "award.second_person"),
        ("500.01", 2, "syy", "award.amount"),
        ("0.00", 2, "syy", "award.amount"),
        ("50.00", 1, " ", "award.no_reason"),
    ):
        with pytest.raises(Refusal) as refused:
            check_award(terms, Decimal(amount), people, reason)
        assert refused.value.code == code
    with pytest.raises(Refusal):
        check_award(template("bank-15-minutes"), Decimal("1.00"), 2, "syy")


@pytest.mark.parametrize("spoken", ["fi", "en"])
@pytest.mark.parametrize("name", names())
def test_every_template_is_explained_in_words(name: str, spoken: str) -> None:
    with language.spoken(spoken):
        told = list(written(explain(template(name))))
    assert len(told) > 2
    assert not [line for line in told if "explain." in line or "_" in line or "attribute." in line]
