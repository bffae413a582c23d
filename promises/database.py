"""The database: engine, UTC times, and one transaction per request or tick."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from os import urandom
from pathlib import Path
from secrets import randbelow, randbits
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    DDL,
    BigInteger,
    Connection,
    Engine,
    Integer,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from promises.money import CENT

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

BUSY_SECONDS = 15
# Pages that change again and again, as those of indexes do, reach the file once in 40 MB of log, not in 4.
PRAGMAS = ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL", "wal_autocheckpoint = 10000")
EPOCH_MS = 1_577_836_800_000  # 2020-01-01 UTC: leaves room for dates to 2089 in 41 bits
LOW_BITS = 22


def open_database(url: str) -> Engine:
    """An engine for *url*, with the house's rules set on every connection of it."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return create_engine(url, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"})


def _open_sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions itself, below
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once and waits for it; a deferred one would fail half-way instead.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def open_session(engine: Engine, *, writes: bool = True) -> Session:
    """A session whose first statement begins the one transaction of this request or tick."""
    return Session(engine.execution_options(writes=writes), expire_on_commit=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """All or nothing: commit at the end of the block, roll back if it raises."""
    with open_session(engine) as session:
        yield session
        session.commit()


@contextmanager
def driver_of(session: Session) -> Iterator[Any]:
    """The driver's own connection within the session's transaction, for what SQLAlchemy would be slow at.

    :raises sqlalchemy.exc.DBAPIError: whatever the driver raises, of SQLAlchemy's kind, so that whoever tries
        again after an ``IntegrityError`` does so however the rows were written.
    """
    connection = session.connection()
    try:
        yield connection.connection.driver_connection
    except Exception as error:
        dialect = connection.dialect
        errors: type[Exception] = dialect.loaded_dbapi.Error
        if not isinstance(error, errors):
            raise
        raise DBAPIError.instance(None, None, error, errors, dialect=dialect) from error  # type: ignore[misc]


def insert_new(session: Session, table: Table, row: dict[str, Any]) -> bool:
    """Insert *row* unless its key is there; whether it was new. Waits for others who insert the same."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**row).on_conflict_do_nothing()
    return session.execute(statement.returning(*table.primary_key.columns)).first() is not None


def new_id(at_ms: int | None = None) -> int:
    """A key for the large tables: 41 bits of milliseconds, then 22 random ones.

    Rows of one month thus lie in one range of keys, and several writers need no common counter. Times that
    are told to the second or minute share their milliseconds, so these are drawn by lot too: otherwise two
    of the fifty customers of one minute would now and then have one key.
    """
    moment = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    if at_ms is not None and at_ms % 1000 == 0:
        moment += randbelow(1000)
    return max(moment - EPOCH_MS, 0) << LOW_BITS | randbits(LOW_BITS)


def new_ids(at_ms: Sequence[int]) -> list[int]:
    """The same for many rows, with one draw."""
    drawn = memoryview(urandom(8 * len(at_ms))).cast("Q") if at_ms else ()
    return [
        max(moment + (lot >> LOW_BITS) % 1000 * (moment % 1000 == 0) - EPOCH_MS, 0) << LOW_BITS
        | lot & ((1 << LOW_BITS) - 1)
        for moment, lot in zip(at_ms, drawn, strict=True)
    ]


# A counter of the database's own; SQLite only counts by itself in a column of exactly this type.
COUNTER = BigInteger().with_variant(Integer, "sqlite")


class Money(TypeDecorator[Decimal]):
    """Decimal amounts kept as whole cents, so that sums in the database are exact everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        cents = value / CENT
        if cents != cents.to_integral_value():
            raise ValueError(f"{value} has parts of a cent: round it by rule before it is stored")
        return int(cents)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) * CENT


def append_only(table: Table) -> None:
    """Let the database itself refuse any change or deletion in *table*."""
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_sql(table.name, dialect):
            rule = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            rule = rule.execute_if(dialect=dialect)
            event.listen(table, "after_create", rule)


def append_only_sql(table: str, dialect: str) -> list[str]:
    """The statements that make *table* append-only, for migrations and fresh databases alike."""
    if dialect == "sqlite":
        return [
            f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def migrations(connection: Connection) -> Config:
    """Alembic's configuration, bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; does nothing when it is there already."""
    with engine.begin() as connection:
        command.upgrade(migrations(connection), "head")
