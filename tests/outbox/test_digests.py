"""Branch managers hear by mail, gathered: one letter for five hundred breaches, in their own language."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlmodel import select

from promises.database import open_session, transaction
from promises.outbox.actions import notify
from promises.outbox.digests import write_digests
from promises.outbox.tables import Letter, Notice
from promises.people.tables import Person
from tests.conftest import NOON

GAP = timedelta(minutes=30)
NAME = {"fi": "Palvelu vartissa", "en": "Served in 15 minutes"}


def tell(engine, branch_id, count=1, kind="case.broken", **facts):
    with transaction(engine) as session:
        one = {"at": NOON.isoformat(), "name": NAME, "reference": "A 12", **facts}
        notify(session, kind, [one] * count, branch_id, NOON)


def write(engine, as_of=NOON):
    return write_digests(engine, base_url="https://promises.example", gap=GAP, as_of=as_of)


def letters(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Letter).order_by(Letter.id)).all()


def test_five_hundred_breaches_are_one_letter_to_the_branch_manager(engine, cast):
    tell(engine, cast.centre, 500)
    tell(engine, cast.centre, 12, kind="compensation.owed", amount="10.00", currency="EUR")
    assert write(engine) == 1
    (letter,) = letters(engine)
    assert letter.to == "matti@koepankki.example"
    assert letter.subject == "Keskusta: 500 lupausta rikkoutui, 12 uutta hyvitystä maksettavana (120,00\xa0€)"
    assert letter.body.count("A 12") == 10  # five of each are named
    assert "9.6.2026 klo 12.00, Palvelu vartissa, A 12" in letter.body
    assert "https://promises.example" in letter.body


def test_it_is_in_the_readers_language(engine, cast):
    with transaction(engine) as session:
        session.get_one(Person, cast.manager).language = "en"
    tell(engine, cast.centre, 2)
    write(engine)
    (letter,) = letters(engine)
    assert letter.subject == "Keskusta: 2 promises were broken"
    assert "Served in 15 minutes" in letter.body


def test_letters_keep_their_distance_and_lose_nothing(engine, cast):
    tell(engine, cast.centre)
    assert write(engine) == 1
    tell(engine, cast.centre, 3)
    assert write(engine, NOON + GAP - timedelta(seconds=1)) == 0
    tell(engine, cast.centre, 4)
    assert write(engine, NOON + GAP) == 1
    assert letters(engine)[-1].subject == "Keskusta: 7 lupausta rikkoutui"


def test_one_branch_does_not_wait_for_another_nor_hear_of_it(engine, cast):
    tell(engine, cast.centre)
    write(engine)
    tell(engine, cast.harbour)
    # The harbour has no manager: what happened there is marked as told to nobody, and comes to no one else.
    assert write(engine) == 0
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Notice).where(Notice.mailed_at == None)).all() == []  # noqa: E711


def test_the_administrators_hear_at_once_when_the_watch_is_behind(engine, cast):
    with transaction(engine) as session:
        notify(session, "batch.waiting", {"amount": "90.00", "currency": "EUR"}, None, NOON)
    assert write(engine) == 1
    with transaction(engine) as session:
        notify(session, "watch.behind", {"since": NOON.isoformat()}, None, NOON)
        notify(session, "batch.waiting", {"amount": "10.00", "currency": "EUR"}, None, NOON)
    assert write(engine) == 1
    assert [letter.to for letter in letters(engine)] == ["dora@koepankki.example", "aada@koepankki.example"]


def test_those_who_have_left_hear_nothing(engine, cast):
    with transaction(engine) as session:
        session.get_one(Person, cast.manager).left_at = NOON
    tell(engine, cast.centre)
    assert write(engine) == 0


def test_four_writers_at_once_write_one_letter(engine, cast):
    tell(engine, cast.centre, 5)
    writers = [Thread(target=write, args=(engine,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(letters(engine)) == 1


def test_a_kind_that_nobody_knows_is_a_fault_of_the_program(session, cast):
    with pytest.raises(KeyError):
        notify(session, "case.unheard_of", {}, cast.centre, NOON)
