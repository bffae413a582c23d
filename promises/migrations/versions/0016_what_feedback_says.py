"""what the latest feedback says is kept, to be compared with"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meaning",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_meaning_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_meaning")),
    )


def downgrade() -> None:
    op.drop_table("meaning")
