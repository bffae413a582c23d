"""dated opening hours"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.database import append_only_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hours_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hours_change_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_hours_change_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_change")),
    )
    with op.batch_alter_table("hours_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hours_change_branch_id_valid_from"), ["branch_id", "valid_from"], unique=False
        )
    for statement in append_only_sql("hours_change", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("hours_change")
