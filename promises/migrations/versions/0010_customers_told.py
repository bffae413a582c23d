"""customers who were told what became of their words"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up_told",
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_follow_up_told_made_by")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_follow_up_told_problem_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["survey_reply.id"], name=op.f("fk_follow_up_told_reply_id")),
        sa.PrimaryKeyConstraint("reply_id", "problem_id", name=op.f("pk_follow_up_told")),
    )
    with op.batch_alter_table("follow_up_told", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_told_problem_id"), ["problem_id"], unique=False)
