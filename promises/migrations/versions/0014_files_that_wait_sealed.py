"""files that wait sealed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("finished_at IS NULL")


def _as_told(*before: str) -> sa.TableClause:
    """The columns that stay, with their kinds, so that both databases read and write the same values."""
    return sa.table(
        "case_intake_work",
        *(sa.column(name, sa.Integer()) for name in ("intake_id", *before, "row", "about")),
        sa.column("stopped", sa.JSON(none_as_null=True)),
        *(sa.column(name, sqlmodel.sql.sqltypes.UTCDateTime()) for name in ("moved_at", "finished_at")),
    )


def upgrade() -> None:
    # What waits in plain bytes goes: it lives for a day only, and is chosen again. A file that was being taken
    # from its kept pieces goes on where it was once it is brought in again.
    kept = op.get_bind().execute(sa.select(_as_told("cases"))).mappings().all()
    for table in ("case_intake_piece", "case_intake_work", "staged_file"):
        op.drop_table(table)
    op.create_table(
        "staged_file",
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=43), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("forget_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staged_file_person_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_staged_file")),
    )
    op.create_index(op.f("ix_staged_file_forget_at"), "staged_file", ["forget_at"])
    op.create_index(op.f("ix_staged_file_person_id"), "staged_file", ["person_id"])
    op.create_table(
        "staged_piece",
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=43), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token"], ["staged_file.token"], name=op.f("fk_staged_piece_token"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_staged_piece")),
    )
    _work("case_intake_work", "case_intake")
    _work("intake_work", "intake")
    op.create_table(
        "intake_set_aside",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_set_aside_intake_id")),
        sa.PrimaryKeyConstraint("intake_id", "number", name=op.f("pk_intake_set_aside")),
    )
    op.bulk_insert(_as_told("seen"), [{**one, "seen": one["cases"]} for one in kept])


def _work(table: str, intake: str) -> None:
    op.create_table(
        table,
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=43), nullable=True),
        sa.Column("stopped", sa.JSON(), nullable=True),
        sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], [f"{intake}.id"], name=op.f(f"fk_{table}_intake_id")),
        sa.ForeignKeyConstraint(
            ["token"], ["staged_file.token"], name=op.f(f"fk_{table}_token"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("intake_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_token"), table, ["token"])
    op.create_index(
        f"ix_{table}_unfinished",
        table,
        ["intake_id"],
        postgresql_where=UNFINISHED,
        sqlite_where=UNFINISHED,
    )


def downgrade() -> None:
    # Nothing is lost but how far files had come that were being taken; they are known when they come again.
    for table in ("intake_set_aside", "intake_work", "case_intake_work", "staged_piece", "staged_file"):
        op.drop_table(table)
    op.create_table(
        "staged_file",
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=43), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staged_file_person_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_staged_file")),
    )
    op.create_index(op.f("ix_staged_file_made_at"), "staged_file", ["made_at"])
    op.create_index(op.f("ix_staged_file_person_id"), "staged_file", ["person_id"])
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
        postgresql_where=UNFINISHED,
        sqlite_where=UNFINISHED,
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
