"""Past one machine: a branch's rows stay together, and months are ranges of keys."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import UniqueConstraint, text

from promises.database import EPOCH_MS, LOW_BITS, new_id
from promises.tables import metadata

LARGE = (
    "case", "milestone", "withdrawal", "verdict", "compensation", "entry", "payout", "toward", "deadline",
    "ticket", "hourly_count", "hourly_wait",
)  # fmt: skip
BY_MONTH = {"milestone": "case_id", "hourly_count": "hour", "hourly_wait": "hour"}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_table_is_keyed_by_branch_first(name):
    table = metadata.tables[name]
    assert table.primary_key.columns[0].name == "branch_id"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert "branch_id" in constraint.columns
    for index in table.indexes:
        assert not index.unique or "branch_id" in index.columns


@pytest.mark.parametrize("name", LARGE)
def test_rows_of_a_branch_refer_to_rows_of_the_same_branch(name):
    for key in metadata.tables[name].foreign_key_constraints:
        if key.referred_table.name in LARGE:
            assert key.elements[0].parent.name == key.elements[0].column.name == "branch_id"


def test_the_key_of_a_later_month_is_larger_than_any_of_the_month_before():
    first = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp() * 1000)
    edge = (first - EPOCH_MS) << LOW_BITS
    assert new_id(first - 1) < edge <= new_id(first)


@pytest.mark.parametrize("name", LARGE)
def test_postgresql_can_part_a_large_table_by_branch_as_it_is(session, name, database_kind):
    if database_kind != "postgresql":
        pytest.skip("only PostgreSQL parts tables")
    session.execute(text(f'CREATE TABLE parted (LIKE "{name}" INCLUDING ALL) PARTITION BY HASH (branch_id)'))


@pytest.mark.parametrize(("name", "key"), BY_MONTH.items())
def test_postgresql_can_part_the_largest_tables_by_month_as_they_are(session, name, key, database_kind):
    if database_kind != "postgresql":
        pytest.skip("only PostgreSQL parts tables")
    session.execute(text(f'CREATE TABLE parted (LIKE "{name}" INCLUDING ALL) PARTITION BY RANGE ({key})'))
