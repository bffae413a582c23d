"""the chain over journal and ledger"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.compensation import ledger  # noqa: F401 - tells the chain what ledgers hold
from promises.database import append_only_sql
from promises.journal.chain import BEFORE, JOURNAL, lengthen

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_link_number")),
        sa.CheckConstraint("rows >= 1", name=op.f("ck_link_rows")),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_link")),
        sa.UniqueConstraint("chain", "seal", name=op.f("uq_link_chain_seal")),
    )
    op.create_table(
        "head",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_head")),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_digest", "verification", ["digest"])
    # Columns that are added in place: a table that is rebuilt would lose its triggers.
    for table in ("event", "entry"):
        op.add_column(table, sa.Column("seal", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_event_seal", "event", ["seal"])
    op.create_index("ix_entry_branch_id_seal", "entry", ["branch_id", "seal"])
    connection = op.get_bind()
    for table in ("link", "verification"):
        for statement in append_only_sql(table, connection.dialect.name):
            op.execute(statement)
    branches = connection.execute(sa.text("SELECT DISTINCT branch_id FROM entry")).scalars().all()
    lengthen(connection, BEFORE, {JOURNAL, *branches})


def downgrade() -> None:
    op.drop_index("ix_entry_branch_id_seal", "entry")
    op.drop_index("ix_event_seal", "event")
    for table in ("entry", "event"):
        op.drop_column(table, "seal")
    for table in ("verification", "head", "link"):
        op.drop_table(table)
