"""The schema: an upgraded database equals a fresh one, and append-only means what it says."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from promises.database import open_database
from promises.journal.actions import record
from promises.tables import metadata
from tests.conftest import NOON


def test_an_upgraded_database_has_exactly_the_tables_of_the_program(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def _shape(engine):
    inspector = inspect(engine)
    shape = {}
    for table in set(inspector.get_table_names()) - {"alembic_version"}:
        shape[table] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "checks": {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table)},
            "unique": {(u["name"], *u["column_names"]) for u in inspector.get_unique_constraints(table)},
            "indexes": {(i["name"], *map(str, i["column_names"])) for i in inspector.get_indexes(table)},
            "foreign": {(f["name"], f["referred_table"]) for f in inspector.get_foreign_keys(table)},
        }
    return shape


def test_an_upgraded_database_equals_a_fresh_one_in_every_constraint_and_trigger(blank_sqlite, tmp_path):
    engine = open_database(f"sqlite:///{blank_sqlite}")
    fresh = open_database(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    metadata.create_all(fresh)
    triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    with engine.connect() as upgraded, fresh.connect() as other:
        assert upgraded.execute(triggers).all() == other.execute(triggers).all()
    assert _shape(engine) == _shape(fresh)
    fresh.dispose()
    engine.dispose()


def test_every_constraint_has_a_name_whatever_was_imported_first():
    nameless = [
        (table.name, type(constraint).__name__)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


@pytest.mark.parametrize("change", ["UPDATE event SET verb = 'nothing'", "DELETE FROM event"])
def test_the_database_refuses_to_change_the_journal(session, change):
    record(session, "terms.set", "promise", 1, by=None, as_of=NOON)
    session.flush()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))
