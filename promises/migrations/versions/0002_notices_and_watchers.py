"""notices and watchers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.database import Money

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("branch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_digest")),
    )
    op.create_table(
        "standstill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("over_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "over_at IS NULL OR over_at >= told_at", name=op.f("ck_standstill_over_after_told")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standstill")),
    )
    with op.batch_alter_table("standstill", schema=None) as batch_op:
        batch_op.create_index(
            "uq_standstill_going_on",
            ["what"],
            unique=True,
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        )

    op.create_table(
        "watcher",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ticked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("stuck", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watcher")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("branch_ids", sa.JSON(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", Money(), nullable=True),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("mailed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(total IS NULL) = (currency = '')", name=op.f("ck_notice_total_in_a_currency")),
        sa.CheckConstraint("count >= 1", name=op.f("ck_notice_count")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_notice_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_made_at"), ["made_at"], unique=False)
        batch_op.create_index(
            "ix_notice_not_mailed",
            ["branch_id"],
            unique=False,
            postgresql_where=sa.text("mailed_at IS NULL"),
            sqlite_where=sa.text("mailed_at IS NULL"),
        )

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("fault", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR due_at IS NULL", name=op.f("ck_delivery_confirmed_is_over")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "notice_id", name=op.f("uq_delivery_webhook_id_notice_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('due_soon', 'late')", name=op.f("ck_reminder_kind")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_reminder_number")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_reminder_branch_id_compensation_id"),
        ),
        sa.PrimaryKeyConstraint("branch_id", "compensation_id", "kind", "number", name=op.f("pk_reminder")),
    )
    op.create_index("ix_compensation_pay_by", "compensation", ["pay_by"])


def downgrade() -> None:
    op.drop_index("ix_compensation_pay_by", "compensation")

    op.drop_table("reminder")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_notice_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_due_at"))

    op.drop_table("delivery")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_not_mailed",
            postgresql_where=sa.text("mailed_at IS NULL"),
            sqlite_where=sa.text("mailed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_notice_made_at"))

    op.drop_table("notice")
    op.drop_table("webhook")
    op.drop_table("watcher")
    with op.batch_alter_table("standstill", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_standstill_going_on",
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        )

    op.drop_table("standstill")
    op.drop_table("digest")
