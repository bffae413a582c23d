"""How clocks of other products failed their users; each failure, done right, has its name here."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from promises.service.judging import Case, judge, judge_by
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours
from promises.terms.reading import read_terms

HELSINKI = ZoneInfo("Europe/Helsinki")


def at(text: str) -> datetime:
    """Local time in Helsinki; Monday is 2 February 2026."""
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


def terms(limit: str = "4 h", **keys: object) -> TermsDocument:
    measure = {
        "from": "opened", "to": "solved", "limit": limit, "pauses": [{"from": "waiting", "to": "back"}],
    }  # fmt: skip
    if limit.endswith(("h", "min")):
        measure["clock"] = "opening_hours"
    document = {
        "format": 1, "promise": "p", "name": {"fi": "p", "en": "p"}, "starts": "2026-01-01",
        "measure": measure,
    }  # fmt: skip
    return read_terms(document | keys)


def week(*intervals: tuple[int, int], days: int = 5) -> OpeningHours:
    """Hours alike on the first *days* days of the week, in full hours."""
    rows = [(day, opens * 60, closes * 60) for day in range(days) for opens, closes in intervals]
    return OpeningHours.of("Europe/Helsinki", rows)


def due(
    hours: OpeningHours, limit: str, *milestones: tuple[str, str], as_of: str = "2026-03-20"
) -> datetime | None:
    case = Case("1", "b", tuple((name, at(text)) for name, text in milestones))
    return judge(case, terms(limit), at(as_of), {"b": hours}).due_at


def test_a_limit_does_not_run_out_at_midnight_but_the_next_morning() -> None:
    """glpi pull request 22678."""
    assert due(week((8, 18)), "4 h", ("opened", "2026-02-02 17:00")) == at("2026-02-03 11:00")


def test_friday_half_past_four_plus_an_hour_is_monday_half_past_nine() -> None:
    """chatwoot pull request 13392."""
    assert due(week((9, 17)), "1 h", ("opened", "2026-02-06 16:30")) == at("2026-02-09 09:30")


def test_lunch_is_not_counted() -> None:
    """chatwoot issue 14009."""
    assert due(week((9, 12), (13, 17)), "2 h", ("opened", "2026-02-02 11:00")) == at("2026-02-02 14:00")


@pytest.mark.parametrize("always", [OpeningHours.always("Europe/Helsinki"), week((0, 24), days=7)])
def test_a_round_the_clock_calendar_has_no_closed_last_minute(always: OpeningHours) -> None:
    """zammad issue 3180."""
    assert due(always, "30 min", ("opened", "2026-02-02 23:45")) == at("2026-02-03 00:15")
    assert due(always, "2 min", ("opened", "2026-02-02 23:58")) == at("2026-02-03 00:00")


def test_a_pause_over_the_weekend_is_not_credited_the_weekend() -> None:
    """glpi issue 10594, erpnext pull request 47884: only open time in a pause moves the due time."""
    told = [("opened", "2026-02-06 15:00"), ("waiting", "2026-02-06 16:00"), ("back", "2026-02-09 10:00")]
    # Paused Friday 16-17 and Monday 9-10: two open hours, so 18:00 of open time becomes Monday 11:00 + 1.
    assert due(week((9, 17)), "3 h", *told) == at("2026-02-09 12:00")


def test_pauses_of_two_kinds_at_one_time_are_credited_once() -> None:
    both = terms("4 h").model_dump(mode="json", by_alias=True)
    both["measure"]["pauses"] = [{"from": "waiting", "to": "back"}, {"from": "ordered", "to": "delivered"}]
    told = [
        ("opened", "2026-02-02 09:00"), ("waiting", "2026-02-02 10:00"), ("ordered", "2026-02-02 11:00"),
        ("back", "2026-02-02 12:00"), ("delivered", "2026-02-02 13:00"),
    ]  # fmt: skip
    case = Case("1", "b", tuple((name, at(text)) for name, text in told))
    verdict = judge(case, read_terms(both), at("2026-02-03 00:00"), {"b": week((9, 17))})
    assert verdict.due_at == at("2026-02-02 16:00")


def test_a_pause_is_kept_when_the_terms_change_in_the_middle_of_it() -> None:
    """glpi issues 6902 and 15605: a case stays under the version of its start, with all its pauses."""
    told = [
        ("opened", "2026-02-02 09:00"), ("waiting", "2026-02-02 10:00"), ("back", "2026-02-04 10:00"),
    ]  # fmt: skip
    case = Case("1", "b", tuple((name, at(text)) for name, text in told))
    newer = terms("1 h", starts="2026-02-03")
    verdict, version = judge_by(case, [newer, terms("4 h")], at("2026-02-06 00:00"), {"b": week((9, 17))})
    assert version.starts == date(2026, 1, 1)
    assert verdict.due_at == at("2026-02-04 13:00")


def test_history_is_computed_with_the_offset_of_its_day() -> None:
    """dbt_zendesk issue 25: hours of a winter case are winter's, whatever the season is now."""
    told = [("opened", "2026-02-02 08:00")]
    assert due(week((9, 17)), "1 h", *told, as_of="2026-07-01") == at("2026-02-02 10:00")


@pytest.mark.parametrize(
    ("opened", "due_at"),
    [
        ("2026-03-28 22:00", "2026-03-29T05:00+03:00"),  # six hours later, past the hour that is skipped
        ("2026-10-24 22:00", "2026-10-25T03:00+02:00"),  # and past the hour that comes twice
    ],
)
def test_time_round_the_clock_is_real_time_over_both_clock_changes(opened: str, due_at: str) -> None:
    found = due(week((0, 24), days=7), "6 h", ("opened", opened), as_of="2026-12-01")
    assert found == datetime.fromisoformat(due_at) == at(opened).astimezone(UTC) + timedelta(hours=6)


def test_night_hours_across_midnight_are_one_stretch() -> None:
    night = OpeningHours.of("Europe/Helsinki", [(4, 22 * 60, 27 * 60)])  # Friday 22 to Saturday 03
    assert due(night, "2 h", ("opened", "2026-02-06 23:30")) == at("2026-02-07 01:30")
    assert due(night, "5 h", ("opened", "2026-02-06 23:00")) == at("2026-02-13 23:00")


def test_a_branch_that_never_opens_cannot_be_judged() -> None:
    case = Case("1", "b", (("opened", at("2026-02-02 09:00")),))
    verdict = judge(case, terms("4 h"), at("2026-02-03 09:00"), {"b": OpeningHours.of("Europe/Helsinki", [])})
    assert (verdict.status, verdict.reason) == ("excluded", "never_open")


def test_holidays_and_special_dates_change_the_day() -> None:
    hours = OpeningHours.of(
        "Europe/Helsinki",
        [(day, 9 * 60, 17 * 60) for day in range(7)],
        {date(2026, 12, 24): [(9 * 60, 12 * 60)], date(2026, 12, 27): []},
        holidays="FI",
    )
    # Christmas Eve is told as a special date, the 25th and 26th are holidays, the 27th is closed.
    assert due(hours, "4 h", ("opened", "2026-12-24 11:00"), as_of="2026-12-24 12:00") == at(
        "2026-12-28 12:00"
    )
