"""the queue and the customer's page"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
IN_HAND = sa.text("state IN ('called', 'serving')")


def upgrade() -> None:
    op.create_table(
        "queue_line",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("touchpoint", TEXT(length=64), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_queue_line_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "touchpoint", name=op.f("pk_queue_line")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("name", TEXT(length=60), nullable=False),
        sa.Column("secret_hash", TEXT(length=64), nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('kiosk', 'wall', 'board')", name=op.f("ck_device_kind")),
        sa.CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name=op.f("ck_device_ended_when")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_device_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_device_made_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_device_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_device_secret_hash")),
    )
    op.create_index(op.f("ix_device_branch_id"), "device", ["branch_id"])
    op.create_table(
        "customer_link",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", TEXT(length=32), nullable=False),
        sa.Column("link_hash", TEXT(length=64), nullable=False),
        sa.Column("code_hash", TEXT(length=64), nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"],
            ["case.branch_id", "case.id"],
            name=op.f("fk_customer_link_branch_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_customer_link_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "case_id", name=op.f("pk_customer_link")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_customer_link_link_hash")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_customer_link_code_hash")),
    )
    _ticket("'waiting', 'called', 'serving', 'parked', 'over'", added=True)


def downgrade() -> None:
    op.execute("UPDATE ticket SET state = 'waiting', called_by = NULL WHERE state = 'parked'")
    _ticket("'waiting', 'called', 'serving', 'over'", added=False)
    op.drop_table("customer_link")
    op.drop_index(op.f("ix_device_branch_id"), "device")
    op.drop_table("device")
    op.drop_table("queue_line")


def _ticket(states: str, *, added: bool) -> None:
    """The ticket's new columns and states."""
    op.drop_index("uq_ticket_one_at_a_time", "ticket", postgresql_where=IN_HAND, sqlite_where=IN_HAND)
    with op.batch_alter_table("ticket") as ticket:
        ticket.drop_constraint(op.f("ck_ticket_state"), type_="check")
        ticket.create_check_constraint(op.f("ck_ticket_state"), f"state IN ({states})")
        if added:
            ticket.add_column(
                sa.Column("touchpoint", TEXT(length=64), server_default="branch", nullable=False)
            )
            ticket.add_column(sa.Column("for_desk", TEXT(length=16), server_default="", nullable=False))
            ticket.add_column(sa.Column("for_person", sa.Integer(), nullable=True))
            ticket.add_column(sa.Column("called_at", MOMENT(), nullable=True))
            ticket.add_column(sa.Column("calls", sa.Integer(), server_default="0", nullable=False))
            ticket.create_foreign_key(op.f("fk_ticket_for_person"), "person", ["for_person"], ["id"])
        else:
            ticket.drop_constraint(op.f("fk_ticket_for_person"), type_="foreignkey")
            for name in ("touchpoint", "for_desk", "for_person", "called_at", "calls"):
                ticket.drop_column(name)
    op.create_index(
        "uq_ticket_one_at_a_time",
        "ticket",
        ["branch_id", "called_by"],
        unique=True,
        postgresql_where=IN_HAND,
        sqlite_where=IN_HAND,
    )
