"""exclusions and awards by hand"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.database import Money, append_only_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = ("award", "award_decision", "exclusion", "exclusion_decision")


def upgrade() -> None:
    op.create_table(
        "exclusion",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("evidence <> '' OR reference <> ''", name=op.f("ck_exclusion_evidence")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exclusion_reason")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_exclusion_amount")),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"],
            ["case.branch_id", "case.id"],
            name=op.f("fk_exclusion_branch_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_exclusion_made_by")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_exclusion_promise_id")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("branch_id", "id", "made_by", name=op.f("uq_exclusion_branch_id_id_made_by")),
    )
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exclusion_branch_id_case_id"), ["branch_id", "case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_exclusion_made_by_made_at"), ["made_by", "made_at"], unique=False
        )

    op.create_table(
        "award",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("evidence <> '' OR reference <> ''", name=op.f("ck_award_evidence")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_award_reason")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_award_amount")),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"], ["case.branch_id", "case.id"], name=op.f("fk_award_branch_id_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id", "verdict_id"],
            ["verdict.branch_id", "verdict.id"],
            name=op.f("fk_award_branch_id_verdict_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_award_made_by")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_award_promise_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_award_terms_id")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_award")),
        sa.UniqueConstraint("branch_id", "id", "made_by", name=op.f("uq_award_branch_id_id_made_by")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_award_branch_id_case_id"), ["branch_id", "case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_award_branch_id_verdict_id"), ["branch_id", "verdict_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_award_made_by_made_at"), ["made_by", "made_at"], unique=False)

    op.create_table(
        "exclusion_decision",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("exclusion_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'approved' OR reason <> ''", name=op.f("ck_exclusion_decision_reason_of_a_refusal")
        ),
        sa.CheckConstraint(
            "outcome = 'refused' OR decided_by <> made_by", name=op.f("ck_exclusion_decision_second_person")
        ),
        sa.CheckConstraint("outcome IN ('approved', 'refused')", name=op.f("ck_exclusion_decision_outcome")),
        sa.ForeignKeyConstraint(
            ["branch_id", "exclusion_id", "made_by"],
            ["exclusion.branch_id", "exclusion.id", "exclusion.made_by"],
            name=op.f("fk_exclusion_decision_branch_id_exclusion_id_made_by"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_exclusion_decision_decided_by")),
        sa.PrimaryKeyConstraint("branch_id", "exclusion_id", name=op.f("pk_exclusion_decision")),
    )
    op.create_table(
        "award_decision",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'approved' OR reason <> ''", name=op.f("ck_award_decision_reason_of_a_refusal")
        ),
        sa.CheckConstraint(
            "outcome = 'refused' OR decided_by <> made_by", name=op.f("ck_award_decision_second_person")
        ),
        sa.CheckConstraint("outcome IN ('approved', 'refused')", name=op.f("ck_award_decision_outcome")),
        sa.ForeignKeyConstraint(
            ["branch_id", "award_id", "made_by"],
            ["award.branch_id", "award.id", "award.made_by"],
            name=op.f("fk_award_decision_branch_id_award_id_made_by"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_award_decision_decided_by")),
        sa.PrimaryKeyConstraint("branch_id", "award_id", name=op.f("pk_award_decision")),
    )
    for table in APPEND_ONLY:
        for statement in append_only_sql(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("award_decision")
    op.drop_table("exclusion_decision")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_made_by_made_at"))
        batch_op.drop_index(batch_op.f("ix_award_branch_id_verdict_id"))
        batch_op.drop_index(batch_op.f("ix_award_branch_id_case_id"))

    op.drop_table("award")
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_made_by_made_at"))
        batch_op.drop_index(batch_op.f("ix_exclusion_branch_id_case_id"))

    op.drop_table("exclusion")
