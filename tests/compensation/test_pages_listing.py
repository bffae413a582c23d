"""The list of compensation: what is owed now, oldest first, with sums that equal a recount."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlmodel import select

from promises.compensation import actions, ledger, queries
from promises.compensation.queries import Asked
from promises.compensation.receipts import write_number
from promises.compensation.tables import Compensation, Entry
from promises.people.tables import Branch
from promises.queue.desk import call_next, give_ticket, serve
from tests.compensation.owing import MINUTE, address, late_visit, leads_on, pay, references, set_promise, told
from tests.conftest import NOON
from tests.promised import branch_of

pytestmark = pytest.mark.usefixtures("noon")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def several(session, cast):
    """Of the centre: ``old`` (late), ``young``, ``paid``, ``reversed``; of the harbour: ``far``."""
    set_promise(session)
    set_promise(session, "called-back", touchpoint="phone", remedy={"pays": [{"amount": "2.50"}]})
    made = {
        "young": late_visit(session, "young", arrived=NOON - HOUR),
        "old": late_visit(session, "old", arrived=NOON - 10 * DAY, customer="c-1"),
        "paid": late_visit(session, "paid", arrived=NOON - 9 * DAY),
        "reversed": late_visit(session, "reversed", arrived=NOON - 8 * DAY),
        "call": late_visit(session, "call", arrived=NOON - 2 * HOUR, touchpoint="phone"),
        "far": late_visit(session, "far", arrived=NOON - 3 * HOUR, branch="harbour"),
    }
    actions.pay_at_counter(
        session, cast.centre, made["paid"].id, receiver="", by=cast.teller, as_of=NOON - DAY
    )
    ledger.reverse(session, ledger.entries(session, made["reversed"])[0], by=None, as_of=NOON - DAY)
    session.commit()
    return made


def test_first_stands_what_is_owed_now_the_oldest_first_with_its_sum(browser, cast, several):
    page = browser(cast.teller).get("/compensation").text
    assert references(page) == ["old", "call", "young"]
    words = told(page)
    assert "Asiakkaille maksettavana nyt 22,50 € 3 hyvitystä, joista 1 myöhässä" in words
    assert "Odottaa maksua 3 Maksettu 1 Peruttu 1 Kaikki 5" in words


def test_a_late_one_says_by_how_many_days_and_others_until_when(browser, cast, several):
    words = told(browser(cast.teller).get("/compensation").text)
    # Broke on 30.5., to be paid within 7 days: 6.6. was the last day.
    assert "30.5.2026 klo 12.15 3 päivää myöhässä" in words
    assert "9.6.2026 klo 11.15 16.6.2026" in words


def test_the_last_day_to_pay_is_not_late_until_it_is_over(session, cast):
    set_promise(session)
    owed = late_visit(session, "a", arrived=NOON - 7 * DAY)
    line = queries.one(session, cast.centre, owed.id)
    assert queries.last_day(owed, "Europe/Helsinki") == date(2026, 6, 9)
    midnight = NOON + 12 * HOUR
    assert line.days_late(midnight - timedelta(microseconds=1), "Europe/Helsinki") == 0
    assert line.days_late(midnight, "Europe/Helsinki") == 1


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("?state=paid", ["paid"]),
        ("?state=reversed", ["reversed"]),
        ("?state=all", ["young", "call", "reversed", "paid", "old"]),
        ("?state=nonsense", ["old", "call", "young"]),
        ("?promise=called-back", ["call"]),
        ("?promise=unheard-of", ["old", "call", "young"]),
        ("?since=2026-06-09", ["call", "young"]),
        ("?until=2026-06-08", ["old"]),
        ("?since=2026-05-30&until=2026-05-30", ["old"]),
        ("?since=0001-01-01&until=9999-12-31", ["old", "call", "young"]),
        ("?since=yesterday", ["old", "call", "young"]),
        ("?q=yo", ["young"]),
        ("?q=%25", []),
        ("?q=old%00", ["old"]),
        ("?q=paid", []),
        ("?q=paid&state=all", ["paid"]),
        ("?page=7", ["old", "call", "young"]),
        ("?page=-1", ["old", "call", "young"]),
        ("?_external=1&endpoint=x&page=1", ["old", "call", "young"]),
    ],
)
def test_the_list_shows_what_is_asked_for(browser, cast, several, asked, shown):
    answer = browser(cast.teller).get(f"/compensation{asked}")
    assert answer.status_code == 200
    assert references(answer.text) == shown


def test_the_days_of_a_period_are_the_branchs_own(session, browser, cast):
    set_promise(session, endings={})
    # 20.6. at 23.59 and 21.6. at 00.00 in Helsinki are both the 20th in UTC.
    midnight = NOON.replace(day=2, hour=21, minute=0)
    late_visit(session, "before", arrived=midnight - 16 * MINUTE)
    late_visit(session, "after", arrived=midnight - 15 * MINUTE)
    session.commit()
    client = browser(cast.teller)
    assert references(client.get("/compensation?until=2026-06-02").text) == ["before"]
    assert references(client.get("/compensation?since=2026-06-03").text) == ["after"]


def test_a_receipt_is_found_by_its_number_however_it_is_typed(browser, cast, several):
    number = write_number(several["paid"].id)
    for typed in (number, number.lower().replace("-", " "), number.replace("0", "O")):
        page = browser(cast.teller).get("/compensation", query_string={"q": typed, "state": "all"})
        assert references(page.text) == ["paid"]


def test_a_ticket_is_found_by_its_number(session, browser, cast):
    set_promise(session)
    ticket = give_ticket(session, branch_of(session), by=None, as_of=NOON - 30 * MINUTE)
    call_next(session, branch_of(session), desk="1", by=cast.teller, as_of=NOON - 5 * MINUTE)
    serve(session, branch_of(session), ticket.case_id, by=cast.teller, as_of=NOON - 4 * MINUTE)
    session.commit()
    client = browser(cast.teller)
    assert references(client.get(f"/compensation?q={ticket.number}").text) == [f"Vuoronumero {ticket.number}"]
    for other in (ticket.number + 1, 20):
        assert references(client.get(f"/compensation?q={other}").text) == []
    assert len(references(client.get("/compensation?q=2026-06-09-").text)) == 1


def test_each_reader_sees_the_branches_that_are_theirs(browser, cast, several):
    assert references(browser(cast.outsider).get("/compensation").text) == ["far"]
    assert references(browser(cast.manager).get("/compensation").text) == ["old", "call", "young"]
    everything = browser(cast.director).get("/compensation").text
    assert references(everything) == ["old", "far", "call", "young"]
    assert address(several["far"], "harbour") in everything
    for who in (cast.analyst, cast.administrator):
        assert browser(who).get("/compensation").status_code == 403


def test_asking_for_a_branch_that_is_not_theirs_shows_nothing_of_it(browser, cast, several):
    assert "far" not in references(browser(cast.teller).get("/compensation?branch=harbour").text)
    assert references(browser(cast.director).get("/compensation?branch=harbour").text) == ["far"]


def test_a_row_leads_to_its_compensation(browser, cast, several):
    client = browser(cast.teller)
    assert f'href="{address(several["old"])}"' in client.get("/compensation").text
    assert client.get(address(several["old"])).status_code == 200


def test_when_all_is_paid_the_list_says_so(browser, cast, several):
    client = browser(cast.outsider)
    client.post(address(several["far"], "harbour", "/pay"))
    words = told(client.get("/compensation").text)
    assert "Asiakkaille maksettavana nyt 0,00 €" in words
    assert "Kaikki hyvitykset on maksettu" in words


@pytest.fixture
def many(session, cast):
    """Some hundred compensations of two promises in two branches, of which chance pays and reverses some."""
    chance = random.Random(20260609)
    set_promise(session)
    set_promise(session, "called-back", touchpoint="phone", remedy={"pays": [{"amount": "2.50"}]})
    for n in range(130):
        owed = late_visit(
            session,
            f"r{n}",
            arrived=NOON - chance.randint(1, 30 * 24 * 60) * MINUTE,
            branch=chance.choice(["centre", "centre", "harbour"]),
            touchpoint=chance.choice(["branch", "phone"]),
        )
        fate = chance.random()
        if fate < 0.4:
            by = cast.teller if owed.branch_id == cast.centre else cast.outsider
            actions.pay_at_counter(session, owed.branch_id, owed.id, receiver="", by=by, as_of=NOON)
        elif fate < 0.5:
            ledger.reverse(session, ledger.entries(session, owed)[0], by=None, as_of=NOON)
    session.commit()


def test_the_sums_equal_a_recount_of_the_ledger_line_by_line(session, cast, many):
    counted, amounts = Counter(), Counter()
    for owed in session.exec(select(Compensation)).all():
        kinds = {
            entry.kind
            for entry in session.exec(
                select(Entry).where(Entry.branch_id == owed.branch_id, Entry.compensation_id == owed.id)
            )
        }
        state = "paid" if "paid" in kinds else "reversed" if "reversed" in kinds else "open"
        counted[state] += 1
        amounts[state] += owed.amount
    branches = session.exec(select(Branch)).all()
    found = {one.state: one for one in queries.totals(session, Asked(branches), NOON)}
    assert {state: one.count for state, one in found.items()} == counted
    assert {state: one.amount for state, one in found.items()} == amounts
    assert found["open"].amount == sum(balance.open for balance in ledger.balances(session))
    assert found["paid"].amount == sum(balance.paid for balance in ledger.balances(session))


def test_what_was_added_for_lateness_is_in_the_sums_and_in_the_rows(session, browser, cast):
    """Ten euros within ten days, or four more: one is paid late, one reversed, one is late, one is new."""
    remedy = {"pays": [{"amount": "10.00"}], "pay_within": "10 calendar days", "late": {"pays": "4.00"}}
    set_promise(session, remedy=remedy)
    owed = {n: late_visit(session, n, arrived=NOON - 20 * DAY) for n in ("paid", "reversed", "late")}
    late_visit(session, "new", arrived=NOON - HOUR)
    for name in ("reversed", "late"):
        ledger.add(session, owed[name], Decimal("4.00"), as_of=NOON)
    pay_now = {"receiver": "", "by": cast.teller, "as_of": NOON}
    actions.pay_at_counter(session, cast.centre, owed["paid"].id, **pay_now)
    for entry in ledger.entries(session, owed["reversed"]):
        ledger.reverse(session, entry, by=None, as_of=NOON)
    session.commit()
    branches = session.exec(select(Branch)).all()
    found = {one.state: one.amount for one in queries.totals(session, Asked(branches), NOON)}
    assert found["open"] == Decimal("24.00") == sum(one.open for one in ledger.balances(session))
    assert found["reversed"] == Decimal("14.00")
    rows = {line.reference: line.amount for line in queries.lines(session, Asked(branches, state=None))}
    assert rows == {"paid": 14, "reversed": 14, "late": 14, "new": 10}
    words = told(browser(cast.teller).get("/compensation").text)
    assert "Asiakkaille maksettavana nyt 24,00 €" in words
    assert "14,00 €" in words


def test_the_pages_together_hold_each_once_and_as_many_as_the_sums_say(session, browser, cast, many):
    client = browser(cast.director)
    for state in ("open", "paid", "reversed", "all"):
        pages = [references(client.get(f"/compensation?state={state}&page={n}").text) for n in (1, 2, 3, 4)]
        last = next((n for n, page in enumerate(pages) if len(page) < queries.PAGE), 3)
        shown = [reference for page in pages[: last + 1] for reference in page]
        asked = Asked(session.exec(select(Branch)).all(), state=None if state == "all" else state)
        sums = queries.totals(session, asked, NOON)
        assert len(shown) == len(set(shown)) == sum(s.count for s in sums if state in ("all", s.state))


def test_a_longer_list_asks_the_database_no_more_often(engine, browser, cast, session):
    set_promise(session)
    late_visit(session, "a", arrived=NOON - HOUR)
    session.commit()
    client = browser(cast.teller)

    def asked():
        seen = []

        def listen(*found):
            seen.append(found[2])

        event.listen(engine, "before_cursor_execute", listen)
        client.get("/compensation")
        event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    few = asked()
    for n in range(30):
        late_visit(session, f"b{n}", arrived=NOON - HOUR)
    session.commit()
    assert asked() == few


def test_a_case_leads_on_to_what_it_is_owed(app, cast, several):
    owed = several["old"]
    (step,) = leads_on(app, cast.teller, "case", owed.branch_id, owed.case_id)
    assert (step.title.replace("\xa0", " "), step.url) == ("Hyvitys 10,00 €", address(owed))
    assert step.note == "Odottaa maksua"
    (step,) = leads_on(app, cast.teller, "case", cast.centre, several["paid"].case_id)
    assert step.note == "Maksettu"
    assert leads_on(app, cast.outsider, "case", owed.branch_id, owed.case_id) == []
    assert leads_on(app, cast.teller, "case", cast.centre, 1) == []


def test_a_promise_leads_on_to_what_it_owes_where_the_reader_may_see(app, cast, several):
    def said(person):
        steps = leads_on(app, person, "promise", several["old"].promise_id)
        return [(step.title.replace("\xa0", " "), step.note.replace("\xa0", " "), step.url) for step in steps]

    url = "/compensation?promise=served-in-15"
    assert said(cast.teller) == [("Hyvityksiä maksamatta 20,00 €", "maksettu 10,00 €", url)]
    assert said(cast.outsider) == [("Hyvityksiä maksamatta 10,00 €", "maksettu 0,00 €", url)]
    assert said(cast.director) == [("Hyvityksiä maksamatta 30,00 €", "maksettu 10,00 €", url)]
    assert said(cast.analyst) == []


def test_a_promise_that_never_broke_says_so(session, app, cast):
    terms = set_promise(session)
    session.commit()
    (step,) = leads_on(app, cast.teller, "promise", terms.promise_id)
    assert step.title == "Hyvityksiä ei ole syntynyt"


def test_a_payment_moves_a_row_from_the_owed_to_the_paid(browser, cast, several):
    client = browser(cast.teller)
    pay(client, several["old"])
    assert references(client.get("/compensation").text) == ["call", "young"]
    assert references(client.get("/compensation?state=paid").text) == ["old", "paid"]
    assert "Asiakkaille maksettu 20,00 € 2 hyvitystä" in told(client.get("/compensation?state=paid").text)
