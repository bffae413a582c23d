"""A process that is killed while it makes a batch leaves nothing or the whole batch, never half of one."""

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from promises.database import open_session, transaction
from promises.payments import batches
from promises.payments.tables import Batch
from tests.conftest import NOON
from tests.payments.given import HOUR, LATER, PAYER, accounts, choose, owing, payments_of

ROOT = Path(__file__).parents[2]
MAKER = """
import os, signal, sys
from datetime import datetime
from promises.database import open_database, open_session
from promises.payments.bank_file import Payer
from promises.payments.batches import make
import promises.tables
url, committed, centre, by, as_of = sys.argv[1:]
with open_session(open_database(url)) as session:
    payer = Payer("Koepankki", "FI1410093000123458", "NDEAFIHH")
    make(session, "bank", [int(centre)], payer=payer, by=int(by), as_of=datetime.fromisoformat(as_of))
    if committed == "yes":
        session.commit()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def make_and_die(url, cast, *, committed):
    told = [url, committed, str(cast.centre), str(cast.manager), LATER.isoformat()]
    died = subprocess.run([sys.executable, "-c", MAKER, *told], cwd=ROOT, check=False, timeout=600)
    assert died.returncode == -signal.SIGKILL


@pytest.fixture
def waiting(session, cast):
    for owed in owing(session, "a", "b"):
        choose(session, owed, "bank")
    session.commit()


def test_killed_before_the_commit_nothing_has_left(engine, database_url, cast, waiting):
    make_and_die(database_url, cast, committed="no")
    with transaction(engine) as session:
        assert session.exec(select(Batch)).all() == []
        assert accounts(session) == {"remedies": Decimal(20), "customers": Decimal(-20)}
        batch = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER + HOUR)
        assert len(payments_of(session, batch)) == 2


def test_killed_between_making_and_downloading_the_file_is_there_as_it_was_made(
    engine, database_url, cast, waiting
):
    make_and_die(database_url, cast, committed="yes")
    with open_session(engine, writes=False) as session:
        made = session.exec(select(Batch)).one()
    with transaction(engine) as session:
        batches.approve(session, made.id, by=cast.director, as_of=LATER)
        taken = batches.download(session, made.id, by=cast.manager, as_of=LATER)
        assert (taken.document, taken.sha256) == (made.document, made.sha256)
        assert taken.made_at > NOON
        assert accounts(session) == {"remedies": Decimal(20), "on_the_way": Decimal(-20)}
