"""ways of paying, batches, the bank's answers"""

import json

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.database import Money, append_only_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "bank_answer",
    "batch",
    "batch_decision",
    "payment",
    "payment_end",
    "voucher",
    "voucher_end",
)
WIDER = (
    ("entry", "kind", "kind IN ('owed', 'paid', 'reversed')", "kind IN ('owed', 'sent', 'paid', 'reversed')"),
    ("payout", "way", "way IN ('counter')", "way IN ('counter', 'voucher', 'credit', 'bank')"),
)


def _let(table: str, name: str, before: str, after: str) -> None:
    """Put the condition *after* in the place of *before*.

    SQLite can't alter a condition, and a rebuilt table would lose its triggers and be copied whole. A wider
    condition holds for every row that is there, so its text is all that changes: the way that SQLite's
    documentation gives for this (ALTER TABLE, section 7).
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, after)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (f"CHECK ({before})", f"CHECK ({after})", table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")


def _deadlines() -> None:
    """What is open and becomes late with a sum on top, as if it had been noted when it came to be owed."""
    connection = op.get_bind()
    terms = connection.execute(sa.text("SELECT id, document FROM terms")).all()
    for terms_id, document in terms:
        told = json.loads(document) if isinstance(document, str) else document
        if (told.get("remedy", {}).get("late") or {}).get("pays"):
            connection.execute(
                sa.text(
                    "INSERT INTO deadline (branch_id, compensation_id, what, at) "
                    "SELECT branch_id, id, 'late', pay_by FROM compensation AS owed "
                    "WHERE terms_id = :terms_id AND pay_by IS NOT NULL "
                    "AND NOT EXISTS (SELECT 1 FROM payout WHERE payout.branch_id = owed.branch_id "
                    "AND payout.compensation_id = owed.id) "
                    "AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.branch_id = owed.branch_id "
                    "AND entry.reverses = owed.id)"
                ),
                {"terms_id": terms_id},
            )


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", Money(), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=True),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(way = 'bank') = (execute_on IS NOT NULL)", name=op.f("ck_batch_day_of_a_transfer")
        ),
        sa.CheckConstraint("way IN ('bank', 'credit')", name=op.f("ck_batch_way")),
        sa.CheckConstraint("count >= 1", name=op.f("ck_batch_count")),
        sa.CheckConstraint("total > 0", name=op.f("ck_batch_total")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_batch_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("id", "made_by", name=op.f("uq_batch_id_made_by")),
        sa.UniqueConstraint("message", name=op.f("uq_batch_message")),
    )
    op.create_table(
        "bank_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "paid >= 0 AND rejected >= 0 AND waiting >= 0", name=op.f("ck_bank_answer_counts")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_bank_answer_batch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_bank_answer_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_answer")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_answer_sha256")),
    )
    with op.batch_alter_table("bank_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_answer_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "batch_decision",
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'refused') = (reason <> '')", name=op.f("ck_batch_decision_reason_of_a_refusal")
        ),
        sa.CheckConstraint(
            "outcome = 'refused' OR decided_by <> made_by", name=op.f("ck_batch_decision_second_person")
        ),
        sa.CheckConstraint("outcome IN ('approved', 'refused')", name=op.f("ck_batch_decision_outcome")),
        sa.ForeignKeyConstraint(
            ["batch_id", "made_by"],
            ["batch.id", "batch.made_by"],
            name=op.f("fk_batch_decision_batch_id_made_by"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_batch_decision_decided_by")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_decision")),
    )
    op.create_table(
        "choice",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(length=140), nullable=False),
        sa.Column("iban", sqlmodel.sql.sqltypes.AutoString(length=34), nullable=False),
        sa.Column("chosen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(way = 'bank') = (iban <> '')", name=op.f("ck_choice_account_of_a_transfer")),
        sa.CheckConstraint("way IN ('counter', 'voucher', 'credit', 'bank')", name=op.f("ck_choice_way")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_choice_branch_id_compensation_id"),
        ),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_choice_chosen_by")),
        sa.PrimaryKeyConstraint("branch_id", "compensation_id", name=op.f("pk_choice")),
    )
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_choice_way_branch_id"), ["way", "branch_id"], unique=False)

    op.create_table(
        "deadline",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("what IN ('late', 'voucher')", name=op.f("ck_deadline_what")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_deadline_branch_id_compensation_id"),
        ),
        sa.PrimaryKeyConstraint("branch_id", "compensation_id", name=op.f("pk_deadline")),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadline_at"), ["at"], unique=False)

    op.create_table(
        "payment",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(length=140), nullable=False),
        sa.Column("iban", sqlmodel.sql.sqltypes.AutoString(length=34), nullable=False),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_payment_batch_id")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_payment_branch_id_compensation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["branch_id", "entry_id"],
            ["entry.branch_id", "entry.id"],
            name=op.f("fk_payment_branch_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint("branch_id", "entry_id", name=op.f("uq_payment_branch_id_entry_id")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_name")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_payment_branch_id_compensation_id"), ["branch_id", "compensation_id"], unique=False
        )

    op.create_table(
        "voucher",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_voucher_amount")),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_voucher_expires_later")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_voucher_branch_id_compensation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["branch_id", "entry_id"],
            ["entry.branch_id", "entry.id"],
            name=op.f("fk_voucher_branch_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_voucher_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("branch_id", "entry_id", name=op.f("uq_voucher_branch_id_entry_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_voucher_digest")),
    )
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_voucher_branch_id_compensation_id"), ["branch_id", "compensation_id"], unique=False
        )

    op.create_table(
        "payment_end",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column("told", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(what = 'rejected') = (reason <> '')", name=op.f("ck_payment_end_reason_of_a_rejection")
        ),
        sa.CheckConstraint("what IN ('paid', 'rejected', 'taken_back')", name=op.f("ck_payment_end_what")),
        sa.ForeignKeyConstraint(["answer_id"], ["bank_answer.id"], name=op.f("fk_payment_end_answer_id")),
        sa.ForeignKeyConstraint(
            ["branch_id", "payment_id"],
            ["payment.branch_id", "payment.id"],
            name=op.f("fk_payment_end_branch_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_payment_end_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "payment_id", name=op.f("pk_payment_end")),
    )
    op.create_table(
        "voucher_end",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("at_branch_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "what <> 'redeemed' OR (made_by IS NOT NULL AND at_branch_id IS NOT NULL)",
            name=op.f("ck_voucher_end_redeemed_by_somebody"),
        ),
        sa.CheckConstraint("what IN ('redeemed', 'expired', 'given_back')", name=op.f("ck_voucher_end_what")),
        sa.ForeignKeyConstraint(["at_branch_id"], ["branch.id"], name=op.f("fk_voucher_end_at_branch_id")),
        sa.ForeignKeyConstraint(
            ["branch_id", "voucher_id"],
            ["voucher.branch_id", "voucher.id"],
            name=op.f("fk_voucher_end_branch_id_voucher_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_voucher_end_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "voucher_id", name=op.f("pk_voucher_end")),
    )
    for change in WIDER:
        _let(*change)
    _deadlines()
    connection = op.get_bind()
    for table in APPEND_ONLY:
        for statement in append_only_sql(table, connection.dialect.name):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for table, name, before, after in WIDER:
        _let(table, name, after, before)
    op.drop_table("voucher_end")
    op.drop_table("payment_end")
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voucher_branch_id_compensation_id"))

    op.drop_table("voucher")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_branch_id_compensation_id"))
        batch_op.drop_index(batch_op.f("ix_payment_batch_id"))

    op.drop_table("payment")
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deadline_at"))

    op.drop_table("deadline")
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_choice_way_branch_id"))

    op.drop_table("choice")
    op.drop_table("batch_decision")
    with op.batch_alter_table("bank_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_answer_batch_id"))

    op.drop_table("bank_answer")
    op.drop_table("batch")
