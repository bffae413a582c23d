"""``promises verify``: what it names, what it says, and what a noted digest proves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import col, select

from promises.audit.commands import verify_command
from promises.audit.verify import due, note, verify, verify_chains
from promises.compensation import actions, ledger
from promises.compensation.tables import Compensation, Entry
from promises.database import open_session, transaction
from promises.journal.actions import record
from promises.journal.chain import lengthen
from promises.journal.tables import Event, Link, Verification
from promises.outbox.digests import write_digests
from promises.outbox.tables import Letter, Notice
from promises.people.tables import Person
from tests.compensation.owing import late_visit, set_promise
from tests.conftest import NOON
from tests.promised import verdict_of, visit

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


@pytest.fixture
def lived(engine, session, cast):
    """Three breaches of the centre in one link, a fourth in the next, one of them paid."""
    set_promise(session)
    owed = [late_visit(session, str(n), arrived=NOON - HOUR) for n in range(3)]
    session.commit()
    late_visit(session, "3", arrived=NOON - HOUR)
    session.commit()
    actions.pay_at_counter(session, owed[0].branch_id, owed[0].id, receiver="", by=cast.teller, as_of=NOON)
    session.commit()
    return engine


def behind_the_back(engine, *statements, **values):
    """Change the database as somebody who may do everything there."""
    with engine.begin() as connection:
        tables = ("event", "entry", "compensation", "payout", "link", "verification")
        if engine.dialect.name == "sqlite":
            triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            there = connection.execute(triggers).all()
            for name, _ in there:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            there = []
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(text(statement), values)
        for _, trigger in there:
            connection.exec_driver_sql(trigger)
        if engine.dialect.name == "postgresql":
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def found(engine, **asked):
    return [(fault.code, fault.facts) for fault in verify(engine, as_of=LATER, **asked).faults]


def codes(engine, **asked):
    return [code for code, _ in found(engine, **asked)]


def entries(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Entry).order_by(col(Entry.seal), col(Entry.id))).all()


def test_a_changed_amount_is_named_with_its_chain_link_and_row(lived, cast):
    changed = entries(lived)[1]
    behind_the_back(lived, "UPDATE entry SET amount = amount + 1 WHERE id = :id", id=changed.id)
    code, facts = found(lived)[0]
    assert code == "fault.row_changed"
    assert facts == {"chain": cast.centre, "link": 1, "kind": "entry", "row": changed.id}


def test_whose_case_a_compensation_is_for_is_bound_too(lived):
    first, second = entries(lived)[:2]
    another = "(SELECT case_id FROM compensation WHERE id = :other)"
    change = f"UPDATE compensation SET case_id = {another} WHERE id = :id"
    behind_the_back(lived, change, id=first.id, other=second.id)
    assert codes(lived)[0] == "fault.row_changed"


def test_a_moment_that_is_none_is_told_and_not_stumbled_over(lived):
    if lived.dialect.name == "sqlite":  # PostgreSQL takes no such value in the first place
        behind_the_back(lived, "UPDATE event SET at = :at WHERE id = (SELECT max(id) FROM event)", at="never")
        assert "fault.unreadable" in codes(lived)


def test_a_deleted_row_is_named_by_the_one_before_it(lived, cast):
    first, deleted = entries(lived)[:2]
    behind_the_back(lived, "DELETE FROM entry WHERE id = :id", id=deleted.id)
    code, facts = found(lived)[0]
    assert (code, facts["row"]) == ("fault.row_missing", first.id)


def test_a_deleted_link_is_named(lived, cast):
    behind_the_back(lived, "DELETE FROM link WHERE chain = :branch AND number = 1", branch=cast.centre)
    assert found(lived)[0] == ("fault.link_missing", {"chain": cast.centre, "link": 1})


def test_a_row_that_was_slipped_in_is_named(lived, cast):
    with transaction(lived) as session:
        event = Event(at=NOON, verb="terms.set", subject="promise", subject_id="1", facts={}, seal=77)
        session.add(event)
        session.flush()
        slipped = event.id
    assert found(lived) == [("fault.row_outside", {"chain": 0, "kind": "event", "row": slipped})]


def test_a_tail_that_was_cut_off_with_its_rows_is_found_by_its_head(lived, cast):
    (paid,) = [entry for entry in entries(lived) if entry.kind == "paid"]
    behind_the_back(
        lived,
        "DELETE FROM entry WHERE seal = :seal",
        "DELETE FROM link WHERE chain = :branch AND seal = :seal",
        seal=paid.seal, branch=cast.centre,
    )  # fmt: skip
    assert ("fault.head", {"chain": cast.centre, "link": 3, "found": 2}) in found(lived)


def forge(engine):
    """Rewrite the whole past of the journal, with a chain that fits it: what only a noted digest finds."""
    with open_session(engine, writes=False) as session:
        seals = list(session.exec(select(Link.seal).where(Link.chain == 0).order_by(col(Link.number))))
    behind_the_back(
        engine,
        "UPDATE event SET facts = '{}'",
        "DELETE FROM verification",
        "DELETE FROM event WHERE verb = 'chain.verified'",
        "DELETE FROM link WHERE chain = 0",
        "DELETE FROM head WHERE chain = 0",
    )
    with transaction(engine) as session:
        for seal in seals:
            lengthen(session.connection(), seal, {0})


def test_a_past_that_was_forged_from_end_to_end_is_found_by_a_digest_noted_elsewhere(lived):
    seen = verify(lived, as_of=LATER)
    assert seen.faults == []
    note(lived, seen, as_of=LATER)
    assert codes(lived, expected=seen.digest) == []
    forge(lived)
    assert codes(lived) == []
    assert codes(lived, expected=seen.digest) == ["fault.expected"]


def test_a_noted_digest_stands_for_all_that_was_there_and_not_for_what_came_after(lived, session):
    seen = verify(lived, as_of=LATER)
    note(lived, seen, as_of=LATER)
    record(session, "terms.set", "promise", 1, by=None, as_of=LATER)
    session.commit()
    assert codes(lived, expected=seen.digest) == []
    behind_the_back(lived, "UPDATE link SET digest = previous WHERE number = 3 AND chain > 0")
    assert "fault.noted_heads" in codes(lived, expected=seen.digest)


def test_a_verification_that_vanishes_is_missed(lived):
    note(lived, verify(lived, as_of=LATER), as_of=LATER)
    behind_the_back(lived, "DELETE FROM verification")
    assert codes(lived) == ["fault.verification_missing"]


def test_the_digest_of_a_link_may_be_expected_too(lived):
    with open_session(lived, writes=False) as session:
        digest = session.exec(select(Link.digest)).first()
    assert codes(lived, expected=digest) == []
    assert codes(lived, expected="0" * 64) == ["fault.expected"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DELETE FROM payout", "fault.entry_without_payment"),
        (
            "UPDATE verdict SET status = 'kept'",
            "fault.owed_for_nothing",
        ),
        ("DELETE FROM entry WHERE kind = 'paid'", "fault.payment_without_entry"),
        ("UPDATE entry SET amount = amount * 2 WHERE kind = 'paid'", "fault.overpaid"),
        ("UPDATE entry SET debit = 'till', credit = 'remedies' WHERE kind = 'owed'", "fault.entry_sides"),
        ("UPDATE compensation SET amount = amount * 2", "fault.compensation_not_entered"),
        ("UPDATE verdict SET status = 'kept', reason = 'in_time'", "fault.counts"),
    ],
)
def test_books_that_disagree_are_told(lived, change, code):
    behind_the_back(lived, change)
    assert code in codes(lived)


def test_an_inexact_reversal_is_told(lived, session):
    owed = session.exec(select(Compensation)).all()[-1]
    ledger.reverse(session, ledger.entries(session, owed)[0], by=None, as_of=NOON)
    session.commit()
    behind_the_back(lived, "UPDATE entry SET amount = amount - 1 WHERE kind = 'reversed'")
    assert "fault.reversal_inexact" in codes(lived)


def test_a_broken_promise_without_its_compensation_is_told(lived, cast):
    with open_session(lived, writes=False) as session:
        gone = session.exec(select(Compensation)).all()[-1]
    behind_the_back(
        lived,
        "DELETE FROM entry WHERE compensation_id = :id",
        "DELETE FROM compensation WHERE id = :id",
        id=gone.id,
    )
    assert ("fault.not_compensated", {"branch": cast.centre, "row": gone.verdict_id}) in found(lived)


def test_a_promise_that_pays_nothing_owes_nothing(engine, session, cast):
    set_promise(session, remedy={"pays": []})
    session.commit()
    case = visit(session, "n", ("arrived", NOON - HOUR), ("served", NOON), as_of=NOON)
    session.commit()
    assert verdict_of(session, case).status == "broken"
    assert codes(engine) == []


def run(engine, *words):
    return CliRunner().invoke(verify_command, words, obj=engine, standalone_mode=False)


def test_the_command_prints_a_digest_that_the_next_run_expects(lived, noon):
    first = run(lived, "--language", "en")
    assert first.exit_code == 0
    digest = first.output.split()[-1]
    assert "Everything is as it was written" in first.output
    second = run(lived, "--expect", digest.upper(), "--language", "fi")
    assert second.exit_code == 0
    assert "Kaikki on niin kuin se kirjattiin" in second.output
    with open_session(lived, writes=False) as session:
        kept = session.exec(select(Verification).order_by(col(Verification.id))).all()
        assert [(one.digest == digest, one.faults) for one in kept] == [(True, 0), (False, 0)]


def test_the_command_tells_what_is_wrong_and_ends_with_1(lived, noon):
    changed = entries(lived)[1]
    behind_the_back(lived, "UPDATE entry SET made_by = NULL, amount = 1 WHERE id = :id", id=changed.id)
    told = run(lived, "--no-note", "--language", "en")
    assert told.exit_code == 1
    assert f"link 1: row {changed.id} (entry) was changed" in told.output
    assert "Note this elsewhere" not in told.output
    with open_session(lived, writes=False) as session:
        assert session.exec(select(Verification)).all() == []


def test_memory_stays_flat_however_many_rows_one_link_holds(engine):
    with transaction(engine) as session:
        for n in range(12_000):
            record(session, "terms.set", "promise", n, by=None, as_of=NOON)
    with engine.connect() as connection:
        told = []
        seen = verify_chains(connection, told.append)
    assert (seen.rows, sum(told), seen.faults) == (12_000, 12_000, [])


def told_of_the_books(session):
    return session.exec(select(Notice).where(Notice.kind == "books.wrong")).all()


def test_auditors_are_told_at_once_when_something_is_wrong_and_of_nothing_else(lived, cast):
    note(lived, verify(lived, as_of=LATER), as_of=LATER)
    with open_session(lived, writes=False) as session:
        assert told_of_the_books(session) == []
    behind_the_back(lived, "UPDATE entry SET amount = amount + 1 WHERE kind = 'owed'")
    note(lived, verify(lived, as_of=LATER), as_of=LATER)
    write_digests(lived, base_url="https://here.test", gap=HOUR, as_of=LATER)
    with open_session(lived, writes=False) as session:
        assert [one.branch_id for one in told_of_the_books(session)] == [None]
        auditor = session.get_one(Person, cast.auditor).email
        (letter,) = session.exec(select(Letter).where(Letter.to == auditor)).all()
        assert "promises verify" in letter.body


def test_a_night_verifies_unless_somebody_has_just_done_so(lived):
    with open_session(lived, writes=False) as session:
        assert due(session, LATER)
    note(lived, verify(lived, as_of=LATER), as_of=LATER)
    with open_session(lived, writes=False) as session:
        assert not due(session, LATER + timedelta(hours=19))
        assert due(session, LATER + timedelta(hours=21))
