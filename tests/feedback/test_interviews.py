"""Notes of an interview are cut into quotes, the cuts can be moved, and each quote is feedback."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from promises.feedback.cutting import pieces, quotes
from promises.feedback.tables import Feedback, Interview

NOTES = """Haastattelija: Mitä konttorissa tapahtui?
Asiakas: Jonotin tunnin. Kukaan ei tullut tiskille!
- Sovellus kaatui klo 12.30 kun yritin esim. maksaa laskun.
Soittakaa 040 123 4567"""


def test_each_line_is_proposed_as_a_quote_and_the_interviewer_left_out():
    found = pieces(NOTES)
    assert [one.text for one in found] == [
        "Mitä konttorissa tapahtui?",
        "Jonotin tunnin.",
        "Kukaan ei tullut tiskille!",
        "Sovellus kaatui klo 12.30 kun yritin esim. maksaa laskun.",
        "Soittakaa 040 123 4567",
    ]
    assert [one.begins for one in found] == [True, True, False, True, True]
    assert [one.asked for one in found] == [True, False, False, False, False]


def test_cuts_can_be_moved_and_what_is_left_out_parts_quotes():
    found = pieces("Yksi. Kaksi. Kolme. Neljä.")
    assert quotes(found, {0}, set()) == ["Yksi. Kaksi. Kolme. Neljä."]
    assert quotes(found, {0, 2}, set()) == ["Yksi. Kaksi.", "Kolme. Neljä."]
    assert quotes(found, {0}, {1}) == ["Yksi.", "Kolme. Neljä."]
    assert quotes(found, set(), {0, 1, 2, 3}) == []


@given(notes=st.text(max_size=300), cuts=st.sets(st.integers(0, 20)), out=st.sets(st.integers(0, 20)))
def test_no_word_is_lost_or_said_twice_wherever_one_cuts(notes, cuts, out):
    found = pieces(notes)
    kept = [word for n, piece in enumerate(found) if n not in out for word in piece.text.split()]
    assert " ".join(quotes(found, cuts, out)).split() == kept


@pytest.mark.usefixtures("noon")
def test_notes_are_previewed_masked_cut_anew_and_taken(browser, engine, cast, session):
    client = browser(cast.analyst)
    told = {"title": "Aamun haastattelu", "held_on": "2026-06-08", "branch": str(cast.centre), "notes": NOTES}
    page = client.post("/feedback/interviews/new", data={**told, "look": "1", "once": "a"})
    assert page.status_code == 200
    assert "3 lainausta" in page.text
    assert "[puhelin" in page.text
    seen = page.text.split('name="seen"')[1].split('value="')[1].split('"')[0]
    # One cut more, and the telephone line left out.
    data = {**told, "seen": seen, "cut": ["1", "2", "3"], "out": ["0", "4"], "take": "1", "once": "b"}
    taken = client.post("/feedback/interviews/new", data=data)
    assert taken.status_code == 302
    assert client.post("/feedback/interviews/new", data=data).location == taken.location
    said = session.exec(select(Feedback).order_by(Feedback.row)).all()
    assert [one.text for one in said] == [
        "Jonotin tunnin.",
        "Kukaan ei tullut tiskille!",
        "Sovellus kaatui klo 12.30 kun yritin esim. maksaa laskun.",
    ]
    assert {(one.source, one.branch_id, one.score) for one in said} == {("interview", cast.centre, None)}
    assert "040" not in session.exec(select(Interview.notes)).one()
    shown = client.get(taken.location).text
    assert "Kukaan ei tullut tiskille!" in shown
    assert taken.location in client.get(f"/feedback/{said[0].id}").text


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(("held_on", "out"), [("2026-06-10", []), ("2026-06-08", ["0"])])
def test_a_day_to_come_or_nothing_left_is_refused(browser, cast, session, held_on, out):
    client = browser(cast.analyst)
    told = {"title": "x", "held_on": held_on, "notes": "Jonotin."}
    page = client.post("/feedback/interviews/new", data={**told, "look": "1", "once": "a"})
    seen = page.text.split('name="seen"')[1].split('value="')[1].split('"')[0]
    page = client.post(
        "/feedback/interviews/new", data={**told, "seen": seen, "out": out, "take": "1", "once": "b"}
    )
    assert page.status_code == 422
    assert session.exec(select(Interview)).all() == []
