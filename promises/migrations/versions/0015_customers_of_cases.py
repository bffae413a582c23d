"""customers of cases are looked up"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAMED = sa.text("customer <> ''")


def upgrade() -> None:
    op.create_index("ix_case_customer", "case", ["customer"], postgresql_where=NAMED, sqlite_where=NAMED)


def downgrade() -> None:
    op.drop_index("ix_case_customer", "case", postgresql_where=NAMED, sqlite_where=NAMED)
