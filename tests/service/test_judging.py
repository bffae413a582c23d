"""One case at a time: the boundaries of the bank's fifteen minutes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from promises.service.judging import CANT_JUDGE, Case, Verdict, due_at, judge
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours
from promises.terms.reading import read_terms, write_terms
from promises.terms.templates import template

HELSINKI = ZoneInfo("Europe/Helsinki")
BANK = template("bank-15-minutes")
EVENING = datetime(2026, 2, 2, 20, 0, tzinfo=HELSINKI)
MICROSECOND = timedelta(microseconds=1)


def at(text: str, day: int = 2) -> datetime:
    """A time of Monday 2 February 2026 in Helsinki, or another day of that month."""
    return datetime.fromisoformat(f"2026-02-{day:02} {text}").replace(tzinfo=HELSINKI)


def judged(
    *milestones: tuple[str, datetime], as_of: datetime = EVENING, terms: TermsDocument = BANK
) -> Verdict:
    return judge(Case("A1", "kamppi", milestones), terms, as_of)


def bank(**changes: object) -> TermsDocument:
    """The bank's terms with some keys changed."""
    document = write_terms(BANK)
    document["measure"] = document["measure"] | changes.pop("measure", {})  # type: ignore[operator]
    return read_terms(document | changes)


def test_exactly_at_the_limit_is_kept() -> None:
    verdict = judged(("arrived", at("11:00")), ("served", at("11:15")))
    assert verdict == Verdict(
        "kept", "in_time", at("11:15"), at("11:15"), Decimal(900), Decimal("0.00"), "EUR"
    )


def test_a_microsecond_over_the_limit_is_broken_and_owed() -> None:
    verdict = judged(("arrived", at("11:00")), ("served", at("11:15") + MICROSECOND))
    assert (verdict.status, verdict.reason, verdict.amount) == ("broken", "late", Decimal("10.00"))
    assert verdict.elapsed_s == Decimal("900.000001")


def test_a_breach_is_dated_at_its_due_time_not_when_it_was_noticed() -> None:
    verdict = judged(("arrived", at("11:00")), as_of=at("15:00", day=20))
    assert (verdict.reason, verdict.dated_at) == ("still_open", at("11:15"))


def test_at_the_due_moment_itself_a_case_is_still_pending() -> None:
    arrived = ("arrived", at("11:00"))
    assert judged(arrived, as_of=at("11:15")).reason == "clock_running"
    assert judged(arrived, as_of=at("11:15") + MICROSECOND).reason == "still_open"


def test_terms_may_say_that_exactly_at_the_limit_is_broken() -> None:
    strict = bank(measure={"exactly": "broken"})
    arrived = ("arrived", at("11:00"))
    assert judged(arrived, ("served", at("11:15")), terms=strict).status == "broken"
    assert judged(arrived, ("served", at("11:15") - MICROSECOND), terms=strict).status == "kept"
    assert judged(arrived, as_of=at("11:15"), terms=strict).status == "broken"


def test_who_gives_up_after_the_limit_is_owed_and_who_leaves_before_is_not_judged() -> None:
    late = judged(("arrived", at("11:00")), ("left", at("11:15") + MICROSECOND))
    assert (late.reason, late.amount, late.dated_at) == ("left_after_limit", Decimal("10.00"), at("11:15"))
    early = judged(("arrived", at("11:00")), ("left", at("11:15")))
    assert (early.status, early.reason, early.amount) == ("excluded", "left_before_limit", Decimal("0.00"))


def test_leaving_after_being_served_changes_nothing() -> None:
    verdict = judged(("arrived", at("11:00")), ("served", at("11:10")), ("left", at("11:40")))
    assert verdict.status == "kept"


@pytest.mark.parametrize("ending", ["no_show", "cancelled"])
def test_no_shows_and_cancelled_visits_are_not_judged_even_late(ending: str) -> None:
    verdict = judged(("arrived", at("11:00")), (ending, at("12:00")))
    assert (verdict.status, verdict.reason) == ("excluded", ending)


def test_a_transfer_does_not_restart_the_clock() -> None:
    verdict = judged(("arrived", at("11:00")), ("transferred", at("11:14")), ("served", at("11:20")))
    assert verdict.status == "broken"


def test_what_happens_after_the_moment_is_not_known_yet() -> None:
    visit = (("arrived", at("11:00")), ("served", at("11:10")))
    assert judged(*visit, as_of=at("11:05")).reason == "clock_running"
    assert judged(*visit, as_of=at("10:59")).reason == "not_started"


def test_waiting_before_opening_counts_from_the_opening() -> None:
    assert due_at(Case("A1", "kamppi", (("arrived", at("09:40")),)), BANK) == at("10:15")


def test_a_limit_cut_by_closing_time_goes_on_the_next_open_day() -> None:
    friday = Case("A1", "kamppi", (("arrived", at("16:25", day=6)),))
    assert due_at(friday, BANK) == at("10:10", day=9)


def test_a_limit_that_runs_out_at_closing_time_is_due_then_and_not_the_next_morning() -> None:
    assert due_at(Case("A1", "kamppi", (("arrived", at("16:15")),)), BANK) == at("16:30")


def test_the_branchs_own_hours_come_before_the_general_ones() -> None:
    evening = OpeningHours.of("Europe/Helsinki", [(0, 12 * 60, 20 * 60)])
    visit = Case("A1", "kamppi", (("arrived", at("19:00")),))
    assert due_at(visit, BANK, {"kamppi": evening}) == at("19:15")


def test_a_pause_stops_the_clock_and_a_pause_still_open_has_no_due_time() -> None:
    parking = bank(measure={"pauses": [{"from": "parked", "to": "resumed"}]})
    parked = (("arrived", at("11:00")), ("parked", at("11:10")))
    assert judged(*parked, terms=parking).reason == "paused"
    assert judged(*parked, terms=parking).due_at is None
    back = (*parked, ("resumed", at("11:40")))
    assert judged(*back, ("served", at("11:45")), terms=parking).status == "kept"
    assert judged(*back, ("served", at("11:45") + MICROSECOND), terms=parking).status == "broken"
    assert judged(*back, terms=parking).due_at == at("11:45")


def test_a_pause_after_the_time_ran_out_saves_nothing() -> None:
    parking = bank(measure={"pauses": [{"from": "parked", "to": "resumed"}]})
    verdict = judged(("arrived", at("11:00")), ("parked", at("11:20")), terms=parking)
    assert (verdict.status, verdict.due_at) == ("broken", at("11:15"))


@pytest.mark.parametrize(
    ("milestones", "reason"),
    [
        ((("served", at("11:00")),), "start_missing"),
        ((), "start_missing"),
        ((("arrived", at("11:00")), ("arrived", at("11:01")), ("served", at("11:02"))), "start_twice"),
        ((("arrived", at("11:00")), ("served", at("11:01")), ("served", at("11:02"))), "end_twice"),
        ((("arrived", at("11:00")), ("served", at("10:59"))), "end_before_start"),
        ((("arrived", at("11:00")), ("left", at("10:59"))), "end_before_start"),
        ((("arrived", at("11:00")), ("left", at("11:05")), ("served", at("11:10"))), "ended_twice"),
        ((("arrived", datetime(2025, 1, 1, tzinfo=UTC)),), "before_terms"),
        ((("arrived", at("11:00")), ("served", datetime(2027, 2, 4, tzinfo=UTC))), "too_long"),
    ],
)
def test_what_makes_no_sense_is_set_aside_with_its_reason(
    milestones: tuple[tuple[str, datetime], ...], reason: str
) -> None:
    verdict = judged(*milestones, as_of=datetime(2027, 6, 1, tzinfo=UTC))
    assert (verdict.status, verdict.reason, verdict.amount) == ("excluded", reason, Decimal("0.00"))
    assert verdict.cant_judge == (reason != "before_terms") == (reason in CANT_JUDGE)


def test_the_same_milestone_told_twice_for_one_moment_is_one() -> None:
    arrived = ("arrived", at("11:00"))
    assert judged(arrived, arrived, ("served", at("11:05"))).status == "kept"


def test_without_opening_hours_a_case_cannot_be_judged() -> None:
    document = write_terms(BANK)
    del document["hours"]
    verdict = judged(("arrived", at("11:00")), terms=read_terms(document))
    assert verdict.reason == "hours_unknown"


def test_a_promise_covers_its_branches_touchpoint_and_conditions_only() -> None:
    topics = [{"attribute": "topic", "in": ["loan", "card"]}]
    terms = bank(branches=["kamppi"], touchpoint="branch", cases=topics)
    visit = (("arrived", at("11:00")),)
    known = {"touchpoint": "branch", "topic": "loan"}
    covered = Case("1", "kamppi", visit, known)
    elsewhere = Case("2", "tapiola", visit, known)
    by_phone = Case("3", "kamppi", visit, known | {"touchpoint": "phone"})
    other_topic = Case("4", "kamppi", visit, known | {"topic": "tax"})
    reasons = [judge(case, terms, EVENING).reason for case in (covered, elsewhere, by_phone, other_topic)]
    assert reasons == ["still_open", "not_covered", "not_covered", "not_covered"]


def test_an_exclusion_that_needs_evidence_counts_only_with_it() -> None:
    outage = {
        "reason": "outage", "evidence": "incident", "when": {"attribute": "systems-down", "is": True},
    }  # fmt: skip
    terms = bank(excluded=[outage])
    visit = (("arrived", at("11:00")),)
    shown = Case("1", "kamppi", visit, {"systems-down": True, "incident": "INC-7"})
    only_said = Case("2", "kamppi", visit, {"systems-down": True})
    assert judge(shown, terms, EVENING).reason == "outage"
    assert judge(only_said, terms, EVENING).reason == "still_open"
