"""Setting terms: versions are inserted and dated, never edited, and shown in plain words first."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from promises.database import transaction
from promises.journal.tables import Event
from promises.people.tables import SpecialDay
from promises.refusal import Refusal
from promises.terms import queries
from promises.terms.actions import set_terms
from promises.terms.calendar import branch_hours
from promises.terms.queries import Dated, Version
from promises.terms.reading import read_terms
from promises.terms.setting import terms_form
from promises.terms.tables import Terms
from tests.conftest import NOON
from tests.promised import LONG_AGO, at_once, document, promise

TODAY = NOON.date()
DAY = timedelta(days=1)


def set_live(session, cast, starts, **parts):
    return set_terms(session, document=document(starts=str(starts), **parts), by=cast.director, as_of=NOON)


def test_the_first_version_makes_the_promise(session, cast):
    version = set_live(session, cast, TODAY + DAY)
    assert (version.number, version.made_by, version.touchpoint) == (1, cast.director, "branch")
    assert queries.find(session, "served-in-15").id == version.promise_id
    assert session.exec(select(Event.verb).where(Event.subject == "promise")).all() == ["terms.set"]


def test_terms_begin_at_midnight_of_their_own_zone(session, cast):
    assert set_live(session, cast, TODAY + DAY).starts_at.isoformat() == "2026-06-09T21:00:00+00:00"


def test_terms_that_begin_today_begin_now_and_not_this_morning(session, cast):
    assert set_live(session, cast, TODAY).starts_at == NOON


def test_terms_that_begin_yesterday_are_refused(session, cast):
    with pytest.raises(Refusal, match=r"terms\.starts_in_past"):
        set_live(session, cast, TODAY - DAY)


def test_a_version_begins_after_the_one_before_it(session, cast):
    set_live(session, cast, TODAY + 2 * DAY)
    with pytest.raises(Refusal, match=r"terms\.starts_before_latest"):
        set_live(session, cast, TODAY + DAY)


def test_terms_of_an_unknown_branch_are_refused(session, cast):
    with pytest.raises(Refusal, match=r"terms\.unknown_branch") as refused:
        set_live(session, cast, TODAY, branches=["centre", "moon"])
    assert refused.value.facts["found"] == "moon"


def test_a_change_beside_anothers_change_is_refused(session, cast):
    promise(session)
    set_live(session, cast, TODAY)
    with pytest.raises(Refusal, match=r"terms\.changed_meanwhile"):
        set_terms(session, document=document(starts=str(TODAY + DAY)), number=2, by=cast.director, as_of=NOON)


def test_two_who_set_terms_at_once_make_two_different_versions_or_one_is_told(engine, cast):
    with transaction(engine) as session:
        promise(session)

    def change(days):
        with transaction(engine) as session:
            terms = document(starts=str(TODAY + days * DAY))
            return set_terms(session, document=terms, number=2, by=cast.director, as_of=NOON).number

    found = at_once(lambda: change(1), lambda: change(2))
    assert 2 in found
    assert [one.code for one in found if isinstance(one, Refusal)] == ["terms.changed_meanwhile"]


@pytest.mark.parametrize("change", ["UPDATE terms SET number = 9", "DELETE FROM terms"])
def test_the_database_refuses_to_change_terms(session, cast, change):
    promise(session)
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))


def test_the_version_in_force_is_the_last_that_has_begun(session, cast):
    old = promise(session)
    new = set_live(session, cast, TODAY + DAY)
    just_before = new.starts_at - timedelta(microseconds=1)
    assert queries.in_force(session, old.promise_id, just_before).terms_id == old.id
    assert queries.in_force(session, old.promise_id, new.starts_at).terms_id == new.id
    assert queries.in_force(session, old.promise_id, LONG_AGO - timedelta(seconds=1)) is None


@given(st.lists(st.integers(0, 40), unique=True, min_size=1, max_size=8), st.integers(-5, 45))
def test_looking_up_by_bisection_finds_what_a_walk_through_finds(days, asked):
    terms = read_terms(document())
    versions = [
        Version(number, 1, number, NOON + day * DAY, terms, NOON, None)
        for number, day in enumerate(sorted(days), start=1)
    ]
    walked = None
    for version in versions:
        if version.starts_at <= NOON + asked * DAY:
            walked = version
    assert Dated(1, "x", tuple(versions)).at(NOON + asked * DAY) is walked


def test_hours_of_a_branch_are_closed_on_public_holidays_unless_the_register_opens_them(session, cast):
    midsummer_eve, may_day = NOON.replace(day=19).date(), NOON.replace(month=5, day=1).date()
    session.add(SpecialDay(branch_id=cast.centre, day=midsummer_eve, opens=600, closes=720))
    session.add(SpecialDay(branch_id=cast.centre, day=TODAY))
    session.flush()
    hours = branch_hours(session)
    assert hours["centre"].on(midsummer_eve) == ((600, 720),)
    assert hours["centre"].on(TODAY) == ()
    assert hours["centre"].on(may_day) == ()
    assert hours["harbour"].on(TODAY) == ((600, 990),)


def test_a_new_promise_gets_a_code_of_its_own(session, cast):
    promise(session, "aina-aanessa")
    assert queries.free_code(session, "Aina äänessä!") == "aina-aanessa-2"
    assert queries.free_code(session, "???") == "promise"


# The form


FILLED = {
    "name_fi": "Kympin vartti",
    "name_en": "Ten for a quarter",
    "told_fi": "Pääset tiskille vartissa, tai saat kympin.",
    "told_en": "Served in a quarter of an hour, or ten euros.",
    "touchpoint": "branch",
    "begins": "arrived",
    "ends": "served",
    "limit": "15",
    "unit": "min",
    "clock": "elapsed",
    "target": "90",
    "amount": "10",
    "currency": "EUR",
    "pay_within": "14",
    "ways": ["counter", "voucher"],
    "starts": "2026-06-10",
    "number": "2",
}


def press(client, **changes):
    """Check, then confirm with what the page gave back; the two answers."""
    filled = {**FILLED, **changes}
    checked = client.post("/promises/served-in-15/terms", data=filled)
    found = re.search(r'name="checked"[^>]*value="([0-9a-f]*)"', checked.text)
    once = re.search(r'name="once"[^>]*value="([^"]*)"', checked.text)
    filled |= {"checked": found[1] if found else "", "once": once[1] if once else ""}
    return checked, client.post("/promises/served-in-15/terms", data=filled), filled


@pytest.fixture
def promised(engine, cast):
    with transaction(engine) as session:
        promise(session)


def versions(session):
    return session.exec(select(Terms).order_by(Terms.number)).all()


def test_terms_are_shown_in_plain_words_before_anything_is_saved(session, promised, browser, cast, noon):
    checked = browser(cast.director).post("/promises/served-in-15/terms", data=FILLED)
    assert checked.status_code == 200
    assert "Pääset tiskille vartissa, tai saat kympin." in checked.text
    assert "10,00" in checked.text
    assert len(versions(session)) == 1


def test_confirmed_terms_are_a_new_version_and_the_old_one_stays(session, promised, browser, cast, noon):
    _, confirmed, _ = press(browser(cast.director))
    assert confirmed.status_code == 302
    old, new = versions(session)
    assert (old.number, new.number, new.made_by) == (1, 2, cast.director)
    terms = read_terms(new.document)
    assert (terms.target, terms.remedy.pays[0].amount) == (Decimal("0.9"), Decimal("10.00"))
    assert str(terms.remedy.pay_within) == "14 calendar days"
    assert terms.remedy.ways == ["counter", "voucher"]
    assert terms.told.fi == FILLED["told_fi"]


def test_terms_changed_after_the_check_are_checked_again(session, promised, browser, cast, noon):
    client = browser(cast.director)
    _, _, filled = press(client, starts="2026-06-08")
    again = client.post(
        "/promises/served-in-15/terms", data={**filled, "starts": "2026-06-11", "amount": "99"}
    )
    assert again.status_code == 200
    assert "99,00" in again.text
    assert len(versions(session)) == 1


def test_a_second_press_leads_where_the_first_led(session, promised, browser, cast, noon):
    client = browser(cast.director)
    _, first, filled = press(client)
    second = client.post("/promises/served-in-15/terms", data=filled)
    assert second.location == first.location
    assert len(versions(session)) == 2


def test_a_form_left_open_beside_anothers_change_is_refused(session, promised, browser, cast, noon):
    client = browser(cast.director)
    press(client)
    _, late, _ = press(client, starts="2026-06-12")
    assert late.status_code == 422
    assert len(versions(session)) == 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [("limit", "0"), ("limit", "x"), ("target", "0"), ("amount", "-1"), ("starts", "2026-02-30"),
     ("ends", "arrived"), ("currency", "euro"), ("name_fi", ""), ("unit", "parsec"),
     ("ways", []), ("ways", "cheque")],
)  # fmt: skip
def test_what_makes_no_sense_stands_on_its_field_and_keeps_what_was_typed(
    session, promised, browser, cast, noon, field, typed
):
    answer = browser(cast.director).post("/promises/served-in-15/terms", data={**FILLED, field: typed})
    assert answer.status_code == 422
    assert f'href="#{field}' in answer.text
    assert FILLED["told_en"] in answer.text
    assert len(versions(session)) == 1


def test_only_management_sets_terms(promised, browser, cast):
    for person in (cast.teller, cast.manager, cast.analyst, cast.auditor, cast.administrator):
        assert browser(person).get("/promises/served-in-15/terms").status_code == 403


def test_everybody_reads_what_is_promised(promised, browser, cast, noon):
    client = browser(cast.outsider)
    assert "Palvelu vartissa tai kymppi" in client.get("/promises").text
    page = client.get("/promises/served-in-15")
    assert page.status_code == 200
    assert client.get("/promises/nothing").status_code == 404


def test_places_are_called_by_their_names(engine, cast, browser, noon):
    with transaction(engine) as session:
        promise(session, branches=["harbour"])
    page = browser(cast.teller).get("/promises/served-in-15").text
    assert "Satama" in page
    assert "harbour" not in page.split("</nav>")[-1].replace("/branches/harbour", "")


def test_the_form_keeps_what_it_has_no_field_for(session, app, cast):
    promise(
        session,
        measure={
            "from": "arrived",
            "to": "served",
            "limit": "15 min",
            "pauses": [{"from": "parked", "to": "resumed"}],
        },
        excluded=[{"reason": "outage", "when": {"attribute": "outage", "is": True}}],
        remedy={"pays": [{"amount": "10.00"}], "pay_within": "10 working days"},
    )
    with app.test_request_context(method="GET"):
        form = terms_form(session, "served-in-15", as_of=NOON)
        form.limit.data, form.amount.data = 20, Decimal("12.50")
        terms = form.check("served-in-15")
    assert [pause.from_ for pause in terms.measure.pauses] == ["parked"]
    assert [one.reason for one in terms.excluded] == ["outage"]
    assert (str(terms.measure.limit), str(terms.remedy.pay_within)) == ("20 min", "10 working days")


@pytest.mark.parametrize(
    "parts",
    [
        {"measure": {"from": "arrived", "to": "ended", "must": {"attribute": "right", "is": True}}},
        {"remedy": {"pays": [{"amount": {"percent": "25", "of": "fare"}}]}},
        {"measure": {"from": "received", "to": "answered", "limit": "2 working days", "due_time": "16:00"}},
        {"branches": ["harbour"]},
    ],
)
def test_a_version_that_is_not_touched_goes_through_the_form_unchanged(session, app, cast, parts):
    promise(session, **parts)
    before = queries.promises(session)[0].versions[0].terms
    with app.test_request_context(method="GET"):
        form = terms_form(session, "served-in-15", as_of=NOON)
        form.starts.data = before.starts
        after = form.check("served-in-15")
    told = after.model_copy(update={"told": before.told})
    measure = before.measure
    if getattr(measure, "clock", "no") is None and not measure.limit.in_days:
        measure = measure.model_copy(update={"clock": "elapsed"})
    assert told == before.model_copy(update={"measure": measure})
