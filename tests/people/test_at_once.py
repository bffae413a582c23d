"""Two administrators do the same, or undo each other, at the same moment."""

from __future__ import annotations

from threading import Barrier

from sqlmodel import col, select

from promises.database import open_session, transaction
from promises.people import actions
from promises.people.tables import Person
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.promised import at_once


def test_one_address_invited_twice_at_once_is_invited_once(engine, cast, monkeypatch):
    looked, find = Barrier(2, timeout=60), actions.find

    def both_look_before_either_writes(session, email):
        found = find(session, email)
        if engine.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            looked.wait()
        return found

    def invite():
        with transaction(engine) as session:
            actions.invite(
                session, name="Uusi Ihminen", email="uusi@koepankki.example", role="staff",
                branches=[cast.centre], by=cast.administrator, as_of=NOON,
            )  # fmt: skip
        return "invited"

    monkeypatch.setattr(actions, "find", both_look_before_either_writes)
    found = at_once(invite, invite)
    assert sorted(one.code if isinstance(one, Refusal) else one for one in found) == [
        "invited",
        "people.known_already",
    ]


def test_two_administrators_who_end_each_others_work_at_once_leave_one(engine, cast):
    with transaction(engine) as session:
        other = actions.invite(
            session, name="Toinen Ylläpitäjä", email="toinen@koepankki.example", role="administrator",
            branches=[], by=None, as_of=NOON,
        ).id  # fmt: skip
    administrators = (cast.administrator, other)
    loaded = Barrier(2, timeout=60)

    def end(whose, by):
        with transaction(engine) as session:
            person = session.get_one(Person, whose)
            if engine.dialect.name == "postgresql":
                loaded.wait()
            actions.leave(session, person, by=by, as_of=NOON)
        return "left"

    found = at_once(lambda: end(*administrators), lambda: end(*reversed(administrators)))
    assert sorted(one.code if isinstance(one, Refusal) else str(one) for one in found) == [
        "left",
        "people.last_administrator",
    ]
    with open_session(engine, writes=False) as session:
        stays = select(Person).where(Person.role == "administrator", col(Person.left_at).is_(None))
        assert len(session.exec(stays).all()) == 1
