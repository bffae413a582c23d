"""hourly counts and files in parts"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BINS = 46


def upgrade() -> None:
    op.create_table(
        "hourly_count",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hourly_count_branch_id")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_hourly_count_promise_id")),
        sa.PrimaryKeyConstraint(
            "branch_id", "promise_id", "hour", "status", "reason", name=op.f("pk_hourly_count")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hourly_wait",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("elapsed_us", sa.BigInteger(), nullable=False),
        *(sa.Column(f"w{place:02}", sa.Integer(), nullable=False) for place in range(BINS)),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hourly_wait_branch_id")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_hourly_wait_promise_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_hourly_wait_terms_id")),
        sa.PrimaryKeyConstraint("branch_id", "promise_id", "hour", "terms_id", name=op.f("pk_hourly_wait")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_intake_work",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("kept_file", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.JSON(), nullable=True),
        sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["case_intake.id"], name=op.f("fk_case_intake_work_intake_id")
        ),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_case_intake_work")),
    )
    op.create_index(
        "ix_case_intake_work_unfinished",
        "case_intake_work",
        ["intake_id"],
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "case_intake_piece",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["case_intake.id"], name=op.f("fk_case_intake_piece_intake_id")
        ),
        sa.PrimaryKeyConstraint("intake_id", "number", name=op.f("pk_case_intake_piece")),
    )
    op.create_table(
        "case_set_aside",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["case_intake.id"], name=op.f("fk_case_set_aside_intake_id")),
        sa.PrimaryKeyConstraint("intake_id", "number", name=op.f("pk_case_set_aside")),
    )


def downgrade() -> None:
    op.drop_table("case_set_aside")
    op.drop_table("case_intake_piece")
    op.drop_index("ix_case_intake_work_unfinished", "case_intake_work")
    op.drop_table("case_intake_work")
    op.drop_table("hourly_wait")
    op.drop_table("hourly_count")
