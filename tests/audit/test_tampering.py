"""Somebody who can switch the triggers off changes the past: it is found, whatever it was."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promises.audit.verify import verify
from promises.compensation import actions
from promises.database import open_database, transaction
from promises.journal.actions import record
from promises.service.actions import add_milestone
from tests.compensation.owing import late_visit, set_promise
from tests.conftest import NOON
from tests.promised import branch_of, visit

HOUR = timedelta(hours=1)
BOUND = {
    "event": ("id", "at", "person_id", "verb", "subject", "subject_id", "facts", "seal"),
    "entry": (
        "branch_id", "id", "compensation_id", "kind", "debit", "credit", "amount", "currency", "reverses",
        "dated_at", "made_at", "made_by", "seal",
    ),
    "compensation": (
        "branch_id", "id", "verdict_id", "part", "case_id", "promise_id", "terms_id", "amount", "currency",
        "dated_at", "pay_by", "made_at",
    ),
    "link": ("chain", "number", "seal", "rows", "marks", "previous", "digest", "at"),
    "head": ("chain", "number", "digest"),
}  # fmt: skip


@pytest.fixture
def lived(engine, session, cast, request):
    """A company with some past: breaches, payments, reversals, many lines in one link and one in many."""
    set_promise(session)
    session.commit()
    for n in range(8):
        with transaction(engine) as own:
            for m in range(1 + n % 3):
                branch = "centre" if (n + m) % 2 else "harbour"
                late_visit(own, f"{n}-{m}", arrived=NOON - HOUR, branch=branch)
    owed = late_visit(session, "paid", arrived=NOON - HOUR)
    session.commit()
    actions.pay_at_counter(session, owed.branch_id, owed.id, receiver="", by=cast.teller, as_of=NOON)
    session.commit()
    case = visit(session, "told late", ("arrived", NOON - 3 * HOUR), as_of=NOON)
    session.commit()
    add_milestone(session, case, branch_of(session), "served", NOON - 3 * HOUR, by=None, as_of=NOON)
    for n in range(5):
        record(session, "terms.set", "promise", n, by=cast.director, as_of=NOON, words="ä", number=n)
    session.commit()
    return engine


def faults(engine):
    return [fault.code for fault in verify(engine, as_of=NOON + HOUR).faults]


def test_an_untouched_past_is_whole(lived):
    assert faults(lived) == []


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory):
    """Where copies without triggers are kept."""
    return tmp_path_factory.mktemp("unlocked")


def tampered(source: Path, target: Path, statements: list[tuple[str, tuple]]) -> bool:
    """Copy *source*, switch everything off, run the statements; whether anything is different afterwards."""
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    copy = sqlite3.connect(target, isolation_level=None)
    copy.execute("PRAGMA foreign_keys = OFF")
    for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        copy.execute(f"DROP TRIGGER {name}")
    copy.execute("PRAGMA ignore_check_constraints = ON")
    before = dump(copy)
    try:
        for statement, values in statements:
            copy.execute(statement, values)
    except sqlite3.IntegrityError:
        return False
    finally:
        after = dump(copy)
        copy.close()
    return before != after


def dump(connection):
    return {table: sorted(map(repr, connection.execute(f"SELECT * FROM {table}"))) for table in BOUND}


def tampering(connection, chance: random.Random) -> list[tuple[str, tuple]]:
    """One random act on random rows: a change, a deletion, an insertion or a swap."""
    table = chance.choice(list(BOUND))
    rowids = [row[0] for row in connection.execute(f"SELECT rowid FROM {table}")]
    one, other = chance.sample(rowids, 2)
    columns = BOUND[table]
    act = chance.choice(["update", "delete", "insert", "swap"])
    if act == "delete":
        return [(f"DELETE FROM {table} WHERE rowid = ?", (one,))]
    if act == "update":
        column = chance.choice(columns)
        (found,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (one,)).fetchone()
        if isinstance(found, int):
            new = found + chance.choice([-1, 1, 1000])
        elif isinstance(found, bytes):
            new = bytes(reversed(found)) + b"x"
        elif found is None:
            new = (
                "2026-01-01 00:00:00.000000" if column.endswith(("_at", "_by")) and column != "made_by" else 1
            )
            new = 1 if column in {"person_id", "made_by", "reverses"} else new
        elif column == "facts":
            new = '{"words": "other"}'
        elif column.endswith("at"):
            new = "2026-01-01 00:00:00.000000"
        else:
            new = found[:-1] + chance.choice("abc019")
        return [(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, one))]
    if act == "insert":
        values = list(
            connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE rowid = ?", (one,)).fetchone()
        )
        key = columns.index({"link": "number", "head": "chain"}.get(table, "id"))
        values[key] += 1_000_003
        if "seal" in columns and chance.random() < 0.5:
            values[columns.index("seal")] += 1
        marks = ", ".join("?" * len(values))
        return [(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(values))]
    keys = {"link": ("chain", "number"), "head": ("chain",), "event": ("id",)}.get(table, ("branch_id", "id"))
    rest = [column for column in columns if column not in keys]
    read = f"SELECT {', '.join(rest)} FROM {table} WHERE rowid = ?"
    first, second = (connection.execute(read, (row,)).fetchone() for row in (one, other))
    write = f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in rest)} WHERE rowid = ?"
    spare = tuple(9_000_001 if isinstance(value, int) else value for value in first)
    return [(write, (*spare, one)), (write, (*first, other)), (write, (*second, one))]


@given(seed=st.integers(0, 10**9))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_tampered_with_is_found(lived, unlocked, seed):
    if lived.dialect.name != "sqlite":
        pytest.skip("SQLite can be opened without its triggers; what is compared is the same")
    source, target = Path(lived.url.database), unlocked / "copy.sqlite"
    with sqlite3.connect(source) as connection:
        statements = tampering(connection, random.Random(seed))
    if not tampered(source, target, statements):
        return
    engine = open_database(f"sqlite:///{target}")
    try:
        assert faults(engine) != [], statements
    finally:
        engine.dispose()
