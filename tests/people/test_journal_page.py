"""The journal's page says every act and what is known of it, in the reader's language."""

from datetime import timedelta

import pytest
from babel.messages.pofile import read_po

from promises.database import transaction
from promises.journal.actions import record
from promises.language import CATALOGUES, spoken
from promises.people.journal_facts import told
from tests.conftest import NOON

with (CATALOGUES / "fi.po").open("rb") as _file:
    ACTS = sorted(str(one.id)[6:] for one in read_po(_file) if str(one.id).startswith("event."))


def test_every_act_there_are_words_for_is_shown_and_can_be_chosen(engine, cast, browser):
    with transaction(engine) as session:
        for n, verb in enumerate(ACTS):
            record(session, verb, "device", n, by=None, as_of=NOON + timedelta(seconds=n), name="Demo")
    page = browser(cast.auditor).get("/journal")
    assert page.status_code == 200
    assert "linkitti näytön" in page.text
    assert "nimi: Demo" in page.text
    assert "event." not in page.text


@pytest.mark.parametrize(
    ("verb", "facts", "words"),
    [
        ("batch.made", {"amount": "100.00", "currency": "EUR", "count": 9}, ["summa: 100,00 €", "määrä: 9"]),
        ("device.added", {"kind": "kiosk"}, ["laji: Vuoronumerolaite"]),
        ("hours.day_set", {"day": "2026-12-10", "hours": "closed"}, ["päivä: 10.12.2026", "auki: suljettu"]),
        ("hours.changed", {"week_mon-thu": "9:00-18:00"}, ["maanantai–torstai: 9:00-18:00"]),
        (
            "people.changed",
            {"before": "staff", "after": "auditor"},
            ["ennen: Toimihenkilö", "nyt: Tarkastaja"],
        ),
        ("terms.set", {"starts": "2026-05-23 21:00:00+00:00"}, ["voimaan: 24.5.2026"]),
        (
            "problems.grows",
            {"expected": 2.6, "since": "2026-10-14"},
            ["odotettavissa: 2,6", "alkaen: 14.10.2026"],
        ),
        ("decisions.decided", {"departs": []}, ["poikkeaa äänestyksestä: ei"]),
        ("problems.looked", {"anew": True}, ["kaikki luettiin uudelleen: kyllä"]),
        (
            "x",
            {"amount": "much", "since": "lately", "unheard": None},
            ["summa: much", "alkaen: lately", "unheard: –"],
        ),
    ],
)
def test_facts_are_said_in_words(app, verb, facts, words):
    with app.test_request_context(), spoken("fi"):
        assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in told(verb, facts)] == words
