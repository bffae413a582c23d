"""Ready terms, and terms set as a whole document."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.refusal import Refusal
from promises.terms import queries
from promises.terms.actions import set_terms
from promises.terms.reading import read_terms, write_terms
from promises.terms.setting import terms_form
from promises.terms.tables import Terms
from promises.terms.templates import names, template
from tests.conftest import NOON
from tests.promised import LONG_AGO, document, promise

LIVE = list(names())
POWER = "gb-power-cut"


def shown_document(page):
    """The text in the page's one text area."""
    return unescape(re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", page.text, re.DOTALL)[1])


def press(client, address, text):
    """Check, then confirm with what the page gave back; the two answers."""
    shown = client.get(address)
    number = re.search(r'name="number"[^>]*value="(\d+)"', shown.text)[1]
    checked = client.post(address, data={"document": text, "number": number})
    found = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', checked.text) for name in ("checked", "once")
    }
    known = {name: match[1] for name, match in found.items() if match}
    return checked, client.post(address, data={"document": text, "number": number, **known})


def test_everybody_sees_the_ready_terms_in_plain_words(browser, cast):
    client = browser(cast.teller)
    listed = client.get("/promises/templates").text
    assert all(template(name).name.fi in unescape(listed) for name in names())
    one = unescape(client.get("/promises/templates/fi-power-cut").text)
    assert "Sähkömarkkinalain 100 §" in one
    assert "Aloita näistä" not in one
    assert client.get("/promises/templates/nothing").status_code == 404


def test_management_starts_a_promise_from_ready_terms(session, browser, cast, noon):
    client = browser(cast.director)
    assert "/promises/new?template=gb-power-cut" in client.get(f"/promises/templates/{POWER}").text
    address = f"/promises/new?template={POWER}"
    text = shown_document(client.get(address))
    assert json.loads(text)["starts"] == str(NOON.date())
    checked, confirmed = press(client, address, text)
    assert "190,00" in checked.text
    assert session.exec(select(Terms)).all() != []
    assert confirmed.location.endswith("/promises/power-back-12h")
    (version,) = session.exec(select(Terms)).all()
    expected = template(POWER).model_copy(update={"starts": NOON.date()})
    assert read_terms(version.document) == expected
    assert "190,00" in client.get("/promises/power-back-12h").text


def test_nothing_is_saved_by_the_check(session, browser, cast, noon):
    client = browser(cast.director)
    text = shown_document(client.get("/promises/new"))
    assert client.post("/promises/new", data={"document": text, "number": "1"}).status_code == 200
    assert session.exec(select(Terms)).all() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("{", "JSON"),
        ({"limits": 1}, "limits"),
        ({"measure": {"from": "arrived", "to": "served", "limit": "soon"}}, "measure.limit"),
        ({"format": 2}, "format"),
        ({"starts": "2026-06-01"}, "2026-06-01"),
        ({"promise": "templates"}, "templates"),
        ({"branches": ["moon"]}, "moon"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_typed_stays(session, browser, cast, noon, change, told):
    text = change if isinstance(change, str) else json.dumps(document(starts="2026-06-10") | change)
    _, answer = press(browser(cast.director), "/promises/new", text)
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert shown_document(answer).strip() == text
    assert session.exec(select(Terms)).all() == []


@pytest.fixture
def promised(engine, cast):
    with transaction(engine) as session:
        promise(session)


def test_a_rich_version_follows_a_simple_one_and_nothing_of_it_is_lost(
    session, promised, browser, cast, noon
):
    client = browser(cast.director)
    rich = document(
        starts="2026-06-10",
        measure={"from": "arrived", "to": "served", "limit": "15 min", "clock": "opening_hours",
                 "pauses": [{"from": "parked", "to": "resumed"}]},
        excluded=[{"reason": "outage", "when": {"attribute": "outage", "is": True}, "evidence": "record"}],
        remedy={"pays": [{"amount": {"percent": "25", "of": "fee"}, "per": "1 h", "counting": "started"}],
                "caps": [{"amount": "50.00"}]},
    )  # fmt: skip
    _, confirmed = press(client, "/promises/served-in-15/terms/whole", json.dumps(rich))
    assert confirmed.status_code == 302
    newest = session.exec(select(Terms).order_by(Terms.number.desc())).first()
    assert read_terms(newest.document) == read_terms(rich)
    again = shown_document(client.get("/promises/served-in-15/terms/whole"))
    assert read_terms(again) == read_terms(rich)
    assert client.get("/promises/served-in-15/terms").status_code == 200


def test_another_promises_code_is_refused(session, promised, browser, cast, noon):
    other = json.dumps(document("another", starts="2026-06-10"))
    _, answer = press(browser(cast.director), "/promises/served-in-15/terms/whole", other)
    assert answer.status_code == 422
    taken = json.dumps(document(starts="2026-06-10"))
    _, answer = press(browser(cast.director), "/promises/new", taken)
    assert answer.status_code == 422
    assert len(session.exec(select(Terms)).all()) == 1


def test_only_management_sets_them(browser, cast, promised):
    for person in (cast.teller, cast.manager, cast.analyst, cast.auditor):
        assert browser(person).get("/promises/new").status_code == 403
        assert browser(person).get("/promises/served-in-15/terms/whole").status_code == 403


@pytest.mark.parametrize("name", LIVE)
def test_every_ready_terms_go_through_the_form_of_fields_unchanged(session, app, cast, name):
    begun = {"starts": str(LONG_AGO.date())}
    set_terms(
        session, document=write_terms(template(name)) | begun, starts_at=LONG_AGO, by=None, as_of=LONG_AGO
    )
    before = queries.promises(session)[0].versions[0].terms
    with app.test_request_context(method="GET"):
        form = terms_form(session, before.promise, as_of=NOON)
        form.starts.data = before.starts
        after = form.check(before.promise)
    assert after is not None, form.errors
    told = after.model_copy(update={"told": before.told})
    measure = before.measure
    if getattr(measure, "clock", "no") is None and not measure.limit.in_days:
        measure = measure.model_copy(update={"clock": "elapsed"})
    assert told == before.model_copy(update={"measure": measure})


def test_a_promise_keeps_its_moment_and_its_currency(session, cast):
    promise(session)
    day = str((NOON + timedelta(days=1)).date())
    for part, code in (
        ({"moment": "end"}, "terms.moment_stays"),
        ({"currency": "SEK"}, "terms.currency_stays"),
    ):
        with pytest.raises(Refusal) as refused:
            set_terms(session, document=document(starts=day, **part), by=cast.director, as_of=NOON)
        assert refused.value.code == code


def test_terms_by_hand_are_kept_where_no_sum_is_paid(app, session, cast):
    by_hand = template("awards-by-hand")
    assert by_hand.remedy.by_hand.at_most == Decimal("500.00")
    made = set_terms(session, document=write_terms(by_hand), starts_at=NOON, by=None, as_of=NOON)
    assert read_terms(made.document).remedy.by_hand.second_person_above == Decimal("100.00")
