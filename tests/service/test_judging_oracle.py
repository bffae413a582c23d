"""Judging against a slow, obviously right oracle that walks the local clock minute by minute.

The oracle shares no code with the product: it knows weekdays, a wall clock and a counter.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import holidays as public_holidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promises.service.judging import Case, Cases, judge, judge_many
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours
from promises.terms.reading import read_terms

MINUTE = timedelta(minutes=1)
FINNISH = public_holidays.country_holidays("FI", years=range(2025, 2028))
ZONES = ("Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "UTC")
# Around both clock changes of each zone, year's end, Easter and Midsummer.
STARTS = [
    datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC),
    datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 6, 17, tzinfo=UTC),
    datetime(2025, 12, 22, tzinfo=UTC),
]  # fmt: skip

Week = tuple[tuple[tuple[int, int], ...], ...]


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Seven days with up to three intervals each, in quarters of an hour; the last may pass midnight."""
    week = []
    for _ in range(7):
        bounds = sorted(draw(st.lists(st.integers(0, 96), max_size=6, unique=True)))
        pairs = [(a * 15, b * 15) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
        week.append(tuple(pairs))
    return tuple(week)


moments = st.builds(
    lambda start, minutes: start + minutes * MINUTE, st.sampled_from(STARTS), st.integers(0, 5 * 24 * 60)
)
spans = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 2000)), max_size=3)


def is_open(at: datetime, zone: ZoneInfo, week: Week, closed: dict[date, bool]) -> bool:
    """Whether the minute from *at* on is inside opening hours, by the clock on the wall."""
    wall = at.astimezone(zone)
    if closed.get(wall.date()):
        return False
    minute = wall.hour * 60 + wall.minute
    if wall.fold:
        # The second time round it is open if it opened before and doesn't close until the hour is over.
        over = at
        while over.astimezone(zone).fold:
            over += MINUTE
        end = over.astimezone(zone).hour * 60 + over.astimezone(zone).minute
        return any(opens < end <= closes for opens, closes in week[wall.weekday()])
    return any(opens <= minute < closes for opens, closes in week[wall.weekday()])


def walk(
    start: datetime, limit: int, end: datetime, pauses: list[tuple[datetime, datetime]], runs: object
) -> tuple[datetime | None, int]:
    """The minute at which *limit* minutes have been counted, and the minutes counted until *end*."""
    counted_to_end, counted, at, due = 0, 0, start, None
    while at < end or (due is None and at < start + timedelta(days=30)):
        counts = runs(at) and not any(stop <= at < begin for stop, begin in pauses)  # type: ignore[operator]
        counted += counts
        counted_to_end += counts and at < end
        at += MINUTE
        if counted == limit and due is None:
            due = at
    return due, counted_to_end


def terms_of(measure: dict[str, object], zone: str) -> TermsDocument:
    pauses = [{"from": "parked", "to": "resumed"}]
    return read_terms(
        {
            "format": 1, "promise": "p", "name": {"fi": "p", "en": "p"}, "starts": "2025-01-01", "zone": zone,
            "measure": {"from": "arrived", "to": "served", "pauses": pauses} | measure,
            "remedy": {"pays": [{"amount": "10.00"}]},
        }
    )  # fmt: skip


def apart(start: datetime, gaps: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    """Pauses one after another, from gaps and lengths in minutes."""
    pauses, at = [], start
    for gap, length in gaps:
        stop = at + gap * MINUTE
        at = stop + length * MINUTE
        if length:
            pauses.append((stop, at))
            at += MINUTE
    return pauses


def case_of(start: datetime, end: datetime, pauses: list[tuple[datetime, datetime]]) -> Case:
    told = [("arrived", start), ("served", end)]
    for stop, begin in pauses:
        told += [("parked", stop), ("resumed", begin)]
    return Case("1", "b", tuple(told))


@settings(max_examples=150, deadline=None)
@example(
    zone="Europe/Helsinki",
    week=(((180, 225),),) * 7,  # closes at 03:45 on the night when 03:45 comes twice
    start=datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
    limit=40,
    wait=900,
    gaps=[],
    shut=set(),
)
@example(
    zone="Europe/Helsinki",
    week=(((195, 300),),) * 7,  # opens at 03:15 on the night without one
    start=datetime(2026, 3, 28, 22, 0, tzinfo=UTC),
    limit=40,
    wait=900,
    gaps=[],
    shut=set(),
)
@given(
    zone=st.sampled_from(ZONES),
    week=weeks(),
    start=moments,
    limit=st.integers(1, 900),
    wait=st.integers(0, 4000),
    gaps=spans,
    shut=st.sets(st.integers(0, 6), max_size=2),
)
def test_opening_hours_agree_with_the_clock_on_the_wall(
    zone: str,
    week: Week,
    start: datetime,
    limit: int,
    wait: int,
    gaps: list[tuple[int, int]],
    shut: set[int],
) -> None:
    area = ZoneInfo(zone)
    closed = {(start + timedelta(days=ahead)).astimezone(area).date(): True for ahead in shut}
    hours = OpeningHours(zone, week, tuple(sorted((day, ()) for day in closed)))
    pauses, end = apart(start, gaps), start + wait * MINUTE
    due, counted = walk(start, limit, end, pauses, lambda at: is_open(at, area, week, closed))
    verdict = judge(
        case_of(start, end, pauses),
        terms_of({"limit": f"{limit} min", "clock": "opening_hours"}, zone),
        max([end, *(begin for _, begin in pauses)]),
        {"b": hours},
    )
    if not any(week):
        assert verdict.reason == "never_open"
        return
    if due is not None:
        assert verdict.due_at == due
    assert verdict.elapsed_s == counted * 60
    assert (verdict.status == "kept") == (due is None or end <= due)


@settings(max_examples=60, deadline=None)
@given(
    start=moments,
    limit=st.integers(1, 4000),
    wait=st.integers(0, 5000),
    gaps=spans,
    zone=st.sampled_from(ZONES),
)
def test_elapsed_time_agrees_with_a_stopwatch(
    start: datetime, limit: int, wait: int, gaps: list[tuple[int, int]], zone: str
) -> None:
    pauses, end = apart(start, gaps), start + wait * MINUTE
    due, counted = walk(start, limit, end, pauses, lambda _: True)
    as_of = max([end, *(begin for _, begin in pauses)])
    verdict = judge(case_of(start, end, pauses), terms_of({"limit": f"{limit} min"}, zone), as_of)
    assert (verdict.due_at, verdict.elapsed_s) == (due, counted * 60)
    assert due is not None
    assert verdict.status == ("kept" if end <= due else "broken")


@settings(max_examples=80, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=moments,
    days=st.integers(0, 12),
    working=st.booleans(),
    wait=st.integers(0, 30 * 24 * 60),
    due_time=st.integers(0, 24 * 60),
    pause=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 5)),
)
def test_days_agree_with_a_calendar_on_the_wall(
    zone: str,
    start: datetime,
    days: int,
    working: bool,
    wait: int,
    due_time: int,
    pause: tuple[int, int] | None,
) -> None:
    area = ZoneInfo(zone)
    stopped: set[date] = set()
    pauses = []
    if pause is not None:
        stop = start + timedelta(days=pause[0], minutes=7)
        begin = stop + timedelta(days=pause[1], minutes=5)
        pauses.append((stop, begin))
        day = stop.astimezone(area).date()
        while day <= begin.astimezone(area).date():
            stopped.add(day)
            day += timedelta(days=1)

    def works(day: date) -> bool:
        return not working or (day.weekday() < 5 and day not in FINNISH)

    def runs_out(day: date) -> datetime:
        midnight = datetime(day.year, day.month, day.day, tzinfo=area)
        if due_time == 24 * 60:
            return (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=area).astimezone(UTC)
        at = midnight.astimezone(UTC)
        while (wall := at.astimezone(area)).date() == day and wall.hour * 60 + wall.minute < due_time:
            at += MINUTE
        return at

    first = start.astimezone(area).date()
    day, left = first, days
    if not days:
        while not works(day):
            day += timedelta(days=1)
    while left:
        day += timedelta(days=1)
        left -= works(day)
    # A date of a pause that begins before the time runs out doesn't count; dates after make up for it.
    if pauses and pauses[0][0] < runs_out(day):
        day, left = first, days
        if days:
            while left:
                day += timedelta(days=1)
                left -= works(day) and day not in stopped
        else:
            while not works(day) or day in stopped:
                day += timedelta(days=1)
    unit = "working days" if working else "calendar days"
    measure: dict[str, object] = {"limit": f"{days} {unit}"}
    measure["due_time"] = f"{due_time // 60:02}:{due_time % 60:02}"
    end = start + wait * MINUTE
    as_of = max([end, *(begin for _, begin in pauses)])
    verdict = judge(case_of(start, end, pauses), terms_of(measure, zone), as_of)
    assert verdict.due_at == runs_out(day)
    assert verdict.status == ("kept" if end <= runs_out(day) else "broken")


@settings(max_examples=40, deadline=None)
@given(
    cases=st.lists(
        st.tuples(moments, st.none() | st.integers(-5, 3000), spans, st.sampled_from(["a", "b", "c", ""])),
        min_size=1,
        max_size=30,
    ),
    week=weeks(),
    limit=st.sampled_from(["45 min", "5 h", "2 working days", "0 calendar days"]),
)
def test_a_case_is_judged_alike_alone_and_among_others(
    cases: list[tuple[datetime, int | None, list[tuple[int, int]], str]], week: Week, limit: str
) -> None:
    clock = {"clock": "opening_hours"} if limit.endswith(("min", "h")) else {}
    terms = terms_of({"limit": limit} | clock, "Europe/Helsinki")
    hours = {
        "a": OpeningHours("Europe/Helsinki", week),
        "b": OpeningHours("America/New_York", tuple(reversed(week))),
        "c": OpeningHours.always("Australia/Lord_Howe"),
    }
    made = []
    for number, (start, wait, gaps, branch) in enumerate(cases):
        told = [("arrived", start)] + ([("served", start + wait * MINUTE)] if wait is not None else [])
        for stop, begin in apart(start, gaps):
            told += [("parked", stop), ("resumed", begin)]
        made.append(Case(str(number), branch, tuple(told)))
    as_of = datetime(2026, 7, 1, tzinfo=UTC)
    together = judge_many(Cases.of(made), terms, as_of, hours)
    assert list(together) == [judge(case, terms, as_of, hours) for case in made]
    assert {verdict.amount for verdict in together} <= {Decimal("0.00"), Decimal("10.00")}
