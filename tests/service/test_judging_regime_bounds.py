"""The published regimes at every one of their bounds: bands, changes of law, caps, exclusions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from promises.service.judging import Case, Cases, counted, judge, judge_many, split
from promises.service.judging.cases import Attribute
from promises.terms.hours import OpeningHours
from promises.terms.reading import read_terms, write_terms
from promises.terms.templates import template

HELSINKI = ZoneInfo("Europe/Helsinki")
AS_OF = datetime(2026, 12, 31, 12, tzinfo=HELSINKI)
SECOND = timedelta(seconds=1)


def owed(name: str, milestones: Mapping[str, datetime], **attributes: Attribute) -> str:
    """What is owed under a template, or the verdict and its reason where nothing is."""
    told = {key.replace("_", "-"): value for key, value in attributes.items()}
    verdict = judge(Case("1", "", tuple(milestones.items()), told), template(name), AS_OF)
    return str(verdict.amount) if verdict.amount else f"{verdict.status}: {verdict.reason}"


def at(text: str, name: str = "fi-power-cut") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(template(name).zone))


# H: Finnish power cuts, per cent of the annual fee from so many hours on

BANDS_TO_2023 = {12: 10, 24: 25, 72: 50, 120: 100, 192: 150, 288: 200}
BANDS_FROM_2024 = {12: 10, 24: 25, 48: 50, 72: 100, 120: 150, 288: 200}


@pytest.mark.parametrize(("year", "bands"), [(2023, BANDS_TO_2023), (2025, BANDS_FROM_2024)])
def test_a_bound_of_a_finnish_band_belongs_to_it_and_a_second_less_does_not(
    year: int, bands: dict[int, int]
) -> None:
    lost, lower = at(f"{year}-02-01 00:00"), "kept: in_time"
    for hours, percent in bands.items():
        length = timedelta(hours=hours)
        assert (
            owed("fi-power-cut", {"lost": lost, "restored": lost + length - SECOND}, annual_fee=100) == lower
        )
        lower = f"{percent}.00"
        assert owed("fi-power-cut", {"lost": lost, "restored": lost + length}, annual_fee=100) == lower


@pytest.mark.parametrize(
    ("lost", "restored", "amount"),
    [
        ("2023-12-29 00:00", "2023-12-31 23:59", "25.00"),  # begun and ended under the old law: 71 h 59 min
        ("2023-12-29 00:00", "2024-01-01 00:00", "100.00"),  # 72 h, gone on past the change: the new bands
        ("2023-12-30 12:00", "2024-01-01 12:00", "50.00"),  # 48 h
        ("2024-01-01 00:00", "2024-01-03 00:00", "50.00"),
    ],
)
def test_a_cut_that_goes_on_past_the_change_of_law_is_paid_by_the_new_bands(
    lost: str, restored: str, amount: str
) -> None:
    assert owed("fi-power-cut", {"lost": at(lost), "restored": at(restored)}, annual_fee=100) == amount


def cut(number: int, *times: str, fee: str = "300", customer: str = "C") -> Case:
    names = ["lost", "restored"] * len(times)
    told = tuple((name, at(time)) for name, time in zip(names, times, strict=False))
    return Case(str(number), "", told, {"annual-fee": fee, "customer": customer})


def sums(*cases: Case) -> list[str]:
    terms = template("fi-power-cut")
    return [str(verdict.amount) for verdict in judge_many(split(Cases.of(cases), terms), terms, AS_OF)]


def test_power_back_for_exactly_two_hours_splits_a_cut_and_a_second_less_joins_it() -> None:
    first, back, until = "2026-02-01 00:00:00", "2026-02-01 13:00:00", "2026-02-02 04:00:00"
    assert sums(cut(1, first, back, "2026-02-01 15:00:00", until)) == ["30.00", "30.00"]  # 13 h and 13 h
    assert sums(cut(1, first, back, "2026-02-01 14:59:59", until)) == ["75.00"]  # 28 h


def test_a_year_pays_at_most_2000_and_at_most_twice_the_fee() -> None:
    long = ("2026-02-01 00:00", "2026-02-08 00:00")  # 168 h: 150 %
    again = ("2026-03-01 00:00", "2026-03-08 00:00")
    assert sums(cut(1, *long), cut(2, *again)) == ["450.00", "150.00"]
    assert sums(cut(1, *long, fee="1000"), cut(2, *again, fee="1000")) == ["1500.00", "500.00"]
    assert sums(cut(1, *long), cut(2, *again, customer="D")) == ["450.00", "450.00"]


def test_a_new_calendar_year_begins_with_a_whole_cap() -> None:
    assert sums(
        cut(1, "2025-11-01 00:00", "2025-11-15 00:00"), cut(2, "2026-01-02 00:00", "2026-01-16 00:00")
    ) == ["600.00", "600.00"]


def test_an_obstacle_beyond_control_excuses_only_with_evidence() -> None:
    day = {"lost": at("2026-02-01 00:00"), "restored": at("2026-02-02 00:00")}
    assert owed("fi-power-cut", day, annual_fee=100, beyond_control=True) == "25.00"
    shown = owed("fi-power-cut", day, annual_fee=100, beyond_control=True, obstacle="report 7")
    assert shown == "excluded: beyond-control"


# F and G: trains

TRAIN = "2026-05-04 12:00"


@pytest.mark.parametrize(
    ("minutes", "single", "of_return"),
    [(59, None, None), (60, "25.00", "12.50"), (119, "25.00", "12.50"), (120, "50.00", "25.00")],
)
def test_a_late_train_in_the_eu_at_each_bound(
    minutes: int, single: str | None, of_return: str | None
) -> None:
    name, due = "eu-rail-delay", at(TRAIN, "eu-rail-delay")
    trip = {"scheduled": due, "arrived": due + timedelta(minutes=minutes), "claimed": at("2026-06-01", name)}
    assert owed(name, trip, ticket="single", fare=100) == (single or "kept: in_time")
    assert owed(name, trip, ticket="return", fare=100) == (of_return or "kept: in_time")


def test_a_passenger_told_of_the_delay_before_buying_is_not_paid() -> None:
    name, due = "eu-rail-delay", at(TRAIN, "eu-rail-delay")
    trip = {"scheduled": due, "arrived": due + timedelta(hours=3), "claimed": at("2026-06-01", name)}
    told = owed(name, trip, ticket="single", fare=100, told_before_buying=True)
    assert told == "excluded: told-before-buying"


@pytest.mark.parametrize(
    ("minutes", "single", "of_return"),
    [
        (14, None, None), (15, "25.00", "12.50"), (29, "25.00", "12.50"), (30, "50.00", "25.00"),
        (59, "50.00", "25.00"), (60, "100.00", "50.00"), (119, "100.00", "50.00"), (120, "100.00", "100.00"),
    ],
)  # fmt: skip
def test_delay_repay_at_each_bound(minutes: int, single: str | None, of_return: str | None) -> None:
    name, due = "gb-rail-delay-repay", at(TRAIN, "gb-rail-delay-repay")
    trip = {"scheduled": due, "arrived": due + timedelta(minutes=minutes), "claimed": at("2026-05-31", name)}
    assert owed(name, trip, ticket="single", fare=100) == (single or "kept: in_time")
    assert owed(name, trip, ticket="return", fare=100) == (of_return or "kept: in_time")


# B and I: what excuses


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        ({"cancelled_by": "customer"}, "excluded: by-customer"),
        ({"working_days_of_notice": 2}, "excluded: told-in-time"),
        ({"working_days_of_notice": 1}, "40.00"),
        ({"genuine_dispute": True}, "40.00"),
        ({"genuine_dispute": True, "dispute_record": "D-1"}, "excluded: dispute"),
    ],
)
def test_an_energy_appointment_is_excused_only_by_what_the_rule_names(
    known: dict[str, Attribute], outcome: str
) -> None:
    name = "gb-energy-appointment"
    visit = {"booked": at("2026-04-20 09:00", name), "over": at("2026-04-27 12:00", name)}
    assert owed(name, visit, appointment_kept=False, **known) == outcome


def test_force_majeure_excuses_a_late_connection_with_evidence() -> None:
    name = "fi-telecoms-delivery"
    late = {"promised_for": at("2026-06-01 00:00", name), "delivered": at("2026-06-09 08:00", name)}
    assert owed(name, late, force_majeure=True) == "40.00"
    shown = owed(name, late, force_majeure=True, force_majeure_evidence="strike 2/2026")
    assert shown == "excluded: force-majeure"


def test_whether_a_started_period_counts_is_a_choice_of_the_terms() -> None:
    cut = {"lost": at("2026-02-02 00:00", "gb-power-cut"), "restored": at("2026-02-02 13:00", "gb-power-cut")}
    document = write_terms(template("gb-power-cut"))
    case = Case("1", "", tuple(cut.items()), {"weather": "normal", "customer-type": "domestic"})
    amounts = []
    for counting in ("complete", "started"):
        document["remedy"]["pays"][1]["counting"] = counting
        amounts.append(judge(case, read_terms(document), AS_OF).amount)
    assert amounts == [Decimal("95.00"), Decimal("140.00")]


# L: the bank

HOURS = {"b": OpeningHours.of("Europe/Helsinki", [(day, 600, 990) for day in range(5)], {}, "FI")}


@pytest.mark.parametrize(
    ("arrived", "end", "when", "outcome"),
    [
        ("2026-02-02 10:00:00", "served", "2026-02-02 10:15:00", "kept: in_time"),
        ("2026-02-02 10:00:00", "served", "2026-02-02 10:15:01", "10.00"),
        ("2026-02-02 10:00:00", "left", "2026-02-02 10:15:00", "excluded: left_before_limit"),
        ("2026-02-02 10:00:00", "left", "2026-02-02 10:15:01", "10.00"),
        ("2026-02-02 09:40:00", "served", "2026-02-02 10:15:00", "kept: in_time"),  # at the door before ten
        ("2026-02-02 16:20:00", "served", "2026-02-03 10:05:00", "kept: in_time"),  # ten minutes, then five
        ("2026-02-02 16:20:00", "served", "2026-02-03 10:05:01", "10.00"),
        ("2026-02-02 10:00:00", "no_show", "2026-02-02 11:00:00", "excluded: no_show"),
    ],
)
def test_the_banks_fifteen_minutes_to_the_second(arrived: str, end: str, when: str, outcome: str) -> None:
    case = Case("1", "b", (("arrived", at(arrived)), (end, at(when))))
    verdict = judge(case, template("bank-15-minutes"), AS_OF, HOURS)
    assert (str(verdict.amount) if verdict.amount else f"{verdict.status}: {verdict.reason}") == outcome


def test_sums_are_exact_to_the_cent() -> None:
    terms = read_terms(
        write_terms(template("bank-15-minutes"))
        | {"measure": {"from": "arrived", "to": "served", "limit": "15 min"},
           "remedy": {"pays": [{"amount": {"percent": "33.333", "of": "fee"}}]}}
    )  # fmt: skip
    late = (("arrived", at("2026-02-02 10:00")), ("served", at("2026-02-02 11:00")))
    many = Cases.of(Case(str(number), "b", late, {"fee": "0.10"}) for number in range(1000))
    # 33.333 % of 0.10 is 0.033333, three cents each: 30.00, where binary fractions would drift.
    assert counted(judge_many(many, terms, AS_OF)).owed == Decimal("30.00")
