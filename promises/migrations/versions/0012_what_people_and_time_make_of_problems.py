"""what people and time make of problems"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_rating_round_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_round")),
    )
    op.create_table(
        "handed",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_handed_feedback_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_handed_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", "feedback_id", name=op.f("pk_handed")),
    )
    with op.batch_alter_table("handed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handed_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "merging",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("problem_id <> into_id", name=op.f("ck_merging_another")),
        sa.ForeignKeyConstraint(["into_id"], ["problem.id"], name=op.f("fk_merging_into_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_merging_made_by")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_merging_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_merging")),
    )
    with op.batch_alter_table("merging", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merging_into_id"), ["into_id"], unique=False)

    op.create_table(
        "parting",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("problem_id <> from_id", name=op.f("ck_parting_two")),
        sa.ForeignKeyConstraint(["from_id"], ["problem.id"], name=op.f("fk_parting_from_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_parting_made_by")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_parting_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", "from_id", name=op.f("pk_parting")),
    )
    with op.batch_alter_table("parting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parting_from_id"), ["from_id"], unique=False)

    op.create_table(
        "rated_text",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_rated_text_feedback_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rating_round.id"], name=op.f("fk_rated_text_round_id")),
        sa.PrimaryKeyConstraint("round_id", "feedback_id", name=op.f("pk_rated_text")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_rated_text_round_id_number")),
    )
    with op.batch_alter_table("rated_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rated_text_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "rating",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_rating_feedback_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rating_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_rating_problem_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rating_round.id"], name=op.f("fk_rating_round_id")),
        sa.PrimaryKeyConstraint("round_id", "feedback_id", "person_id", name=op.f("pk_rating")),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "steadiness",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_steadiness_share")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_steadiness_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_steadiness")),
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('emerged', 'growing', 'fading')", name=op.f("ck_turn_kind")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_turn_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("problem_id", "kind", "since", name=op.f("uq_turn_problem_id_kind_since")),
    )
    with op.batch_alter_table("turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_turn_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_turn_problem_id"), ["problem_id"], unique=False)
