"""Opening hours are dated: a week from a day to come, single days; what happened keeps its hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.actions import open_case, tell
from promises.service.tables import Verdict
from promises.terms import opening
from promises.terms.calendar import branch_hours
from promises.terms.opening_forms import typed
from promises.terms.tables import HoursChange
from tests.conftest import NOON
from tests.promised import branch_of, promise

TODAY = NOON.date()
DAY = timedelta(days=1)
LONGER = {"mon-fri": "08:00-18:00", "sat": "10:00-14:00"}


def change(session, cast, valid_from, week=LONGER, as_of=NOON):
    return opening.set_week(
        session, branch_of(session), week=week, valid_from=valid_from, by=cast.manager, as_of=as_of
    )


def hours(session):
    return branch_hours(session, ["centre"])["centre"]


def test_each_date_has_the_hours_that_are_valid_on_it(session, cast):
    before = hours(session).on(TODAY)
    change(session, cast, TODAY + 2 * DAY)
    change(session, cast, TODAY + 9 * DAY, week={"mon-fri": "10:00-12:00"})
    after = hours(session)
    assert after.on(TODAY) == before
    assert after.on(TODAY + DAY) == before
    assert after.on(TODAY + 2 * DAY) == ((480, 1080),)
    assert after.on(TODAY + 9 * DAY) == ((600, 720),)


def test_of_two_changes_for_one_date_the_newer_counts(session, cast):
    change(session, cast, TODAY + DAY)
    change(session, cast, TODAY + DAY, week={"mon-fri": "11:00-12:00"})
    assert hours(session).on(TODAY + DAY) == ((660, 720),)


def test_hours_of_today_and_before_are_not_changed(session, cast):
    for day in (TODAY, TODAY - DAY):
        with pytest.raises(Refusal, match="not_to_come"):
            change(session, cast, day)
        with pytest.raises(Refusal, match="not_to_come"):
            opening.set_day(
                session, branch_of(session), day=day, hours="closed", note="", by=cast.manager, as_of=NOON
            )


def test_a_change_is_never_edited(session, cast):
    made = change(session, cast, TODAY + DAY)
    made.valid_from = TODAY + 5 * DAY
    session.add(made)
    with pytest.raises(Exception, match="append-only"):
        session.flush()


def in_open_hours(session):
    promise(
        session,
        measure={"from": "arrived", "to": "served", "limit": "60 min", "clock": "opening_hours"},
    )


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def standing(session, case):
    session.expire_all()
    return session.exec(select(Verdict).where(Verdict.case_id == case.id)).one()


def test_what_is_told_late_is_judged_by_the_hours_of_its_time(session, cast):
    """The branch opens at 10; a customer of 9 waits from 10 on, though it opens at 8 when it is told."""
    in_open_hours(session)
    monday = date(2026, 6, 1)
    case = open_case(
        session, branch=branch_of(session), touchpoint="branch", source="test", reference="a",
        milestones=[("arrived", at(monday, 6)), ("served", at(monday, 7, 50))], by=None, as_of=NOON,
    )  # fmt: skip
    kept = standing(session, case)
    assert (kept.status, kept.elapsed_s) == ("kept", 50 * 60)
    change(session, cast, TODAY + DAY, week={"mon-sun": "00:00-24:00"})
    later = NOON + 30 * DAY
    assert tell(session, case, branch_of(session), [], {"remark": "told late"}, by=None, as_of=later)
    assert (standing(session, case).status, standing(session, case).elapsed_s) == ("kept", 50 * 60)


def test_open_cases_run_out_by_the_hours_to_come(session, cast):
    in_open_hours(session)
    evening = at(TODAY, 13)
    case = open_case(
        session, branch=branch_of(session), touchpoint="branch", source="test", reference="a",
        milestones=[("arrived", evening)], by=None, as_of=evening,
    )  # fmt: skip
    tomorrow = TODAY + DAY
    assert standing(session, case).due_at == at(tomorrow, 7, 30)
    change(session, cast, tomorrow, week={"mon-fri": "12:00-15:00"}, as_of=at(TODAY, 14))
    assert standing(session, case).due_at == at(tomorrow, 9, 30)
    opening.set_day(session, branch_of(session), day=tomorrow, hours="closed", note="Remontti",
                    by=cast.manager, as_of=at(TODAY, 15))  # fmt: skip
    assert standing(session, case).due_at == at(tomorrow + DAY, 9, 30)


@pytest.mark.parametrize(
    ("text", "written"),
    [("9-17", "09:00-17:00"), ("9–12, 13–16.30", "09:00-12:00, 13:00-16:30"), ("", "closed"),
     ("08.00 – 18.00", "08:00-18:00"), ("10:15-20", "10:15-20:00")],
)  # fmt: skip
def test_hours_are_read_as_people_type_them(text, written):
    assert typed(text) == written


def form(client, **fields):
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9–17") | {"sat": "", "sun": ""}
    return client.post(
        "/branches/centre/hours/week", data={"starts": str(TODAY + DAY), **week, "once": "a", **fields}
    )


def test_a_manager_changes_the_week_on_the_page(engine, browser, cast, noon):
    client = browser(cast.manager)
    assert "Muuta viikkoa" in client.get("/branches/centre/hours").text
    assert form(client).location == "/branches/centre/hours"
    shown = client.get("/branches/centre/hours").text
    assert "10.6.2026 alkaen" in shown
    assert "09.00–17.00" in shown
    assert form(client).location == "/branches/centre/hours"
    with transaction(engine) as session:
        assert [one.made_by for one in session.exec(select(HoursChange))] == [cast.manager]


def test_faults_stand_on_their_fields_and_keep_what_was_typed(engine, browser, cast, noon):
    client = browser(cast.manager)
    wrong = form(client, mon="yhdeksästä")
    assert wrong.status_code == 422
    assert "yhdeksästä" in wrong.text
    assert "Kirjoita ajat näin" in wrong.text
    early = form(client, starts=str(TODAY))
    assert early.status_code == 422
    assert "huomisesta alkaen" in early.text
    with transaction(engine) as session:
        assert session.exec(select(HoursChange)).all() == []


def test_a_day_that_differs_is_shown_and_counted(session, browser, cast, noon):
    client = browser(cast.manager)
    day = TODAY + 3 * DAY
    data = {"day": str(day), "hours": "10–12", "note": "Henkilöstöpäivä", "once": "b"}
    assert client.post("/branches/centre/hours/days", data=data).status_code == 302
    shown = client.get("/branches/centre/hours").text
    assert "Henkilöstöpäivä" in shown
    assert "10.00–12.00" in shown
    assert hours(session).on(day) == ((600, 720),)


def test_everybody_sees_hours_and_only_those_in_charge_change_them(browser, cast, noon):
    for person in (cast.teller, cast.outsider, cast.auditor):
        client = browser(person)
        assert "Keskusta" in client.get("/hours").text
        assert "Muuta viikkoa" not in client.get("/branches/centre/hours").text
        assert form(client).status_code == 403
    assert form(browser(cast.director)).status_code == 302


def test_a_branch_of_which_no_hours_are_known_says_so(session, engine, browser, cast, noon):
    with transaction(engine) as writing:
        other = writing.exec(select(Branch).where(Branch.code == "centre")).one()
        writing.add(Branch(region_id=other.region_id, code="new", name="Uusi", zone="Europe/Helsinki"))
    page = browser(cast.director).get("/branches/new/hours")
    assert "ei ole kirjattu" in page.text
    assert "Ei tiedossa" in browser(cast.director).get("/hours").text
