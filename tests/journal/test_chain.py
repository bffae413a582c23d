"""The chain: each transaction that writes lines adds one link per chain, last of all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from json import dumps
from zlib import crc32

import pytest
from sqlmodel import col, select

from promises.audit.chains import check_chain
from promises.compensation import ledger
from promises.compensation.tables import Compensation, Entry
from promises.database import open_session, transaction
from promises.journal.actions import record
from promises.journal.tables import Event, Head, Link
from promises.refusal import Refusal
from promises.service.watch import tick
from tests.compensation.owing import late_visit, set_promise
from tests.conftest import NOON
from tests.promised import at_once

HOUR = timedelta(hours=1)


def act(engine, number=1):
    with transaction(engine) as session:
        for n in range(number):
            record(session, "terms.set", "promise", n, by=None, as_of=NOON, words="ä")


def links(engine, chain):
    with transaction(engine) as session:
        return session.exec(select(Link).where(Link.chain == chain).order_by(col(Link.number))).all()


def sound(engine, *chains):
    with engine.connect() as connection:
        return [fault for chain in chains for fault in check_chain(connection, chain).faults] == []


def test_a_transaction_adds_one_link_however_many_lines_it_writes(engine):
    act(engine, 3)
    act(engine)
    assert [(link.number, link.rows) for link in links(engine, 0)] == [(1, 3), (2, 1)]
    assert sound(engine, 0)


def test_the_digest_is_the_published_one(engine):
    act(engine)
    (link,) = links(engine, 0)
    with transaction(engine) as session:
        event = session.exec(select(Event)).one()
    noon = "2026-06-09T09:00:00.000000+00:00"
    values = ["event", event.id, noon, None, "terms.set", "promise", "0", {"words": "ä"}]
    row = dumps(values, separators=(",", ":")).encode()
    assert link.marks == crc32(row).to_bytes(4, "big")
    at = link.at.isoformat(timespec="microseconds")
    told = [
        0,
        1,
        event.seal,
        1,
        at,
        sha256(link.marks).hexdigest(),
        sha256(row + b"\n").hexdigest(),
        "0" * 64,
    ]
    assert link.digest == sha256(dumps(told, separators=(",", ":")).encode()).hexdigest()


def test_a_transaction_that_writes_no_line_adds_no_link(engine, cast):
    before = len(links(engine, 0))
    with transaction(engine) as session:
        session.exec(select(Event)).all()
    assert len(links(engine, 0)) == before


def test_what_is_taken_back_leaves_no_link(engine):
    with open_session(engine) as session:
        record(session, "terms.set", "promise", 1, by=None, as_of=NOON)
        session.flush()
    assert links(engine, 0) == []
    act(engine)
    assert sound(engine, 0)


def test_what_a_savepoint_takes_back_is_not_bound(engine, session, cast):
    set_promise(session)
    owed = late_visit(session, "a", arrived=NOON - HOUR)
    session.commit()
    entry = ledger.entries(session, owed)[0]
    ledger.reverse(session, entry, by=None, as_of=NOON)
    session.commit()
    with pytest.raises(Refusal):
        ledger.reverse(session, entry, by=None, as_of=NOON)
    session.commit()
    assert [link.rows for link in links(engine, cast.centre)] == [1, 1]
    assert sound(engine, 0, cast.centre)


def test_each_branch_has_a_chain_of_its_own(engine, session, cast):
    set_promise(session)
    late_visit(session, "a", arrived=NOON - HOUR)
    late_visit(session, "b", arrived=NOON - HOUR, branch="harbour")
    session.commit()
    assert [link.rows for link in links(engine, cast.centre)] == [1]
    assert [link.rows for link in links(engine, cast.harbour)] == [1]
    assert sound(engine, 0, cast.centre, cast.harbour)


def test_one_session_that_commits_twice_adds_two_links(engine, session):
    for _ in range(2):
        record(session, "terms.set", "promise", 1, by=None, as_of=NOON)
        session.commit()
    assert [link.number for link in links(engine, 0)] == [1, 2]
    assert sound(engine, 0)


def test_the_watch_binds_what_it_breaks(engine, session, cast):
    set_promise(session)
    late_visit(session, "a", arrived=NOON - HOUR)
    session.commit()
    tick(engine, NOON + HOUR)
    assert sound(engine, 0, cast.centre)


def test_writers_at_once_make_one_chain_without_a_gap(engine, session, cast):
    set_promise(session)
    session.commit()
    before = len(links(engine, 0))

    def write(name):
        def acts():
            for n in range(6):
                with transaction(engine) as own:
                    record(own, "terms.set", "promise", n, by=None, as_of=NOON)
                    # Branches in either order: the heads are taken in one.
                    for branch in ("centre", "harbour") if name % 2 else ("harbour", "centre"):
                        late_visit(own, f"{name}-{n}", arrived=NOON - HOUR, branch=branch)

        return acts

    assert at_once(*(write(name) for name in range(4))) == [None] * 4
    assert len(links(engine, 0)) == before + 24
    assert [link.number for link in links(engine, cast.harbour)] == list(range(1, 25))
    with transaction(engine) as own:
        assert own.get_one(Head, 0).number == before + 24
        assert len(own.exec(select(Entry)).all()) == 48
        assert sum(own.exec(select(Compensation.amount)).all()) == Decimal("480.00")
    assert sound(engine, 0, cast.centre, cast.harbour)
