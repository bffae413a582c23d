"""the first tables"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from promises.database import Money, append_only_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "compensation",
    "decision",
    "entry",
    "event",
    "launch",
    "payout",
    "terms",
    "toward",
    "version",
)


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_key"), ["key"], unique=False)

    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_company_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("verb", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_event_subject_subject_id"), ["subject", "subject_id"], unique=False
        )

    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR due_at IS NULL", name=op.f("ck_letter_sent_is_over")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_due_at"), ["due_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("invited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('staff', 'branch_manager', 'management', 'analyst', 'auditor', 'administrator')",
            name=op.f("ck_person_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "press",
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("location", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_press")),
    )
    with op.batch_alter_table("press", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_press_at"), ["at"], unique=False)

    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("code", name=op.f("uq_promise_code")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
    )
    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_branch_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("code", name=op.f("uq_branch_code")),
    )
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_branch_region_id"), ["region_id"], unique=False)

    op.create_table(
        "case_intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("columns", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_case_intake_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_intake")),
    )
    with op.batch_alter_table("case_intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_intake_columns"), ["columns"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_intake_sha256"), ["sha256"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("space", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_finding_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("columns", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_intake_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_columns"), ["columns"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_sha256"), ["sha256"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_proposal_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_author_id"), ["author_id"], unique=False)

    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("opens_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_round_opens_before_it_closes")),
        sa.CheckConstraint("quorum >= 1", name=op.f("ck_round_quorum")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_round_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
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
    with op.batch_alter_table("staged_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staged_file_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staged_file_person_id"), ["person_id"], unique=False)

    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("touchpoint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_terms_number")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_terms_made_by")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_terms_promise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("promise_id", "number", name=op.f("uq_terms_promise_id_number")),
        sa.UniqueConstraint("promise_id", "starts_at", name=op.f("uq_terms_promise_id_starts_at")),
    )
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_terms_promise_id"), ["promise_id"], unique=False)

    op.create_table(
        "ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cast_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ballot_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ballot_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_ballot_round_id_person_id")),
    )
    op.create_table(
        "case",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("touchpoint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_case_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_case")),
        sa.UniqueConstraint(
            "branch_id", "reference", "source", name=op.f("uq_case_branch_id_reference_source")
        ),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_branch_id_started_at"), ["branch_id", "started_at"], unique=False
        )

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_person_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_comment_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("touchpoint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_feedback_score")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_feedback_branch_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_feedback_intake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_feedback_fingerprint")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feedback_branch_id_given_at"), ["branch_id", "given_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_feedback_customer"), ["customer"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_given_at"), ["given_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_intake_id"), ["intake_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_kind"), ["kind"], unique=False)

    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_membership_branch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("person_id", "branch_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_branch_id"), ["branch_id"], unique=False)

    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens >= 0 AND opens < closes AND closes <= 1440", name=op.f("ck_opening_hours_interval")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_opening_hours_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint(
            "branch_id", "weekday", "opens", name=op.f("uq_opening_hours_branch_id_weekday_opens")
        ),
    )
    op.create_table(
        "problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("found_fi", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("found_en", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("given_fi", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("given_en", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("merged_by", sa.Integer(), nullable=True),
        sa.Column("centroid", sa.LargeBinary(), nullable=True),
        sa.Column("reach", sa.Float(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_problem_merged_somewhere")
        ),
        sa.CheckConstraint(
            "state IN ('found', 'accepted', 'dismissed', 'merged')", name=op.f("ck_problem_state")
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_problem_finding_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["person.id"], name=op.f("fk_problem_merged_by")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["problem.id"], name=op.f("fk_problem_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("code", name=op.f("uq_problem_code")),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_problem_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=True),
        sa.Column("closes", sa.Integer(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint(
            "(opens IS NULL AND closes IS NULL) OR (opens >= 0 AND opens < closes AND closes <= 1440)",
            name=op.f("ck_special_day_interval"),
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_special_day_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_day")),
        sa.UniqueConstraint("branch_id", "day", "opens", name=op.f("uq_special_day_branch_id_day_opens")),
    )
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_version_number")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_version_author_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_version_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_version_proposal_id_number")),
    )
    op.create_table(
        "answers",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_answers_problem_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_answers_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "problem_id", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_candidate_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_candidate_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("round_id", "version_id", name=op.f("uq_candidate_round_id_version_id")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_version_id"), ["version_id"], unique=False)

    op.create_table(
        "denial",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_denial_feedback_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_denial_made_by")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_denial_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", "feedback_id", name=op.f("pk_denial")),
    )
    with op.batch_alter_table("denial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_denial_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "endorsement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_endorsement_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_endorsement_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("version_id", "person_id", name=op.f("uq_endorsement_version_id_person_id")),
    )
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endorsement_person_id"), ["person_id"], unique=False)

    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("quote", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_mention_feedback_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_mention_placed_by")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_mention_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("problem_id", "feedback_id", name=op.f("uq_mention_problem_id_feedback_id")),
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mention_feedback_id"), ["feedback_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mention_problem_id_strength"), ["problem_id", "strength"], unique=False
        )

    op.create_table(
        "milestone",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"],
            ["case.branch_id", "case.id"],
            name=op.f("fk_milestone_branch_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_milestone_by")),
        sa.PrimaryKeyConstraint("branch_id", "case_id", "name", "at", name=op.f("pk_milestone")),
    )
    op.create_table(
        "ticket",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("desk", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=True),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "called_by IS NOT NULL OR state IN ('waiting', 'over')", name=op.f("ck_ticket_called_by_somebody")
        ),
        sa.CheckConstraint("state IN ('waiting', 'called', 'serving', 'over')", name=op.f("ck_ticket_state")),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"], ["case.branch_id", "case.id"], name=op.f("fk_ticket_branch_id_case_id")
        ),
        sa.ForeignKeyConstraint(["called_by"], ["person.id"], name=op.f("fk_ticket_called_by")),
        sa.PrimaryKeyConstraint("branch_id", "case_id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("branch_id", "day", "number", name=op.f("uq_ticket_branch_id_day_number")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ticket_branch_id_day_state"), ["branch_id", "day", "state"], unique=False
        )
        batch_op.create_index(
            "uq_ticket_one_at_a_time",
            ["branch_id", "called_by"],
            unique=True,
            postgresql_where=sa.text("state IN ('called', 'serving')"),
            sqlite_where=sa.text("state IN ('called', 'serving')"),
        )

    op.create_table(
        "verdict",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("dated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("judged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("elapsed_s", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(status = 'pending') = (dated_at IS NULL)", name=op.f("ck_verdict_dated_once_decided")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'kept', 'broken', 'excluded')", name=op.f("ck_verdict_status")
        ),
        sa.CheckConstraint("part >= 1", name=op.f("ck_verdict_part")),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"], ["case.branch_id", "case.id"], name=op.f("fk_verdict_branch_id_case_id")
        ),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_verdict_promise_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_verdict_terms_id")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_verdict")),
        sa.UniqueConstraint(
            "branch_id",
            "case_id",
            "promise_id",
            "part",
            name=op.f("uq_verdict_branch_id_case_id_promise_id_part"),
        ),
    )
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.create_index("ix_verdict_report", ["branch_id", "promise_id", "started_at"], unique=False)
        batch_op.create_index(
            "ix_verdict_watch",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )

    op.create_table(
        "compensation",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("dated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("pay_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_compensation_amount")),
        sa.CheckConstraint("part >= 1", name=op.f("ck_compensation_part")),
        sa.ForeignKeyConstraint(
            ["branch_id", "case_id"],
            ["case.branch_id", "case.id"],
            name=op.f("fk_compensation_branch_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["branch_id", "verdict_id"],
            ["verdict.branch_id", "verdict.id"],
            name=op.f("fk_compensation_branch_id_verdict_id"),
        ),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_compensation_promise_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_compensation_terms_id")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_compensation")),
        sa.UniqueConstraint(
            "branch_id", "verdict_id", "part", name=op.f("uq_compensation_branch_id_verdict_id_part")
        ),
    )
    with op.batch_alter_table("compensation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_compensation_branch_id_case_id"), ["branch_id", "case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_compensation_branch_id_dated_at"), ["branch_id", "dated_at"], unique=False
        )

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("departs", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('chosen', 'rejected', 'sent_back')", name=op.f("ck_decision_outcome")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_decision_reason")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_decision_candidate_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_decision_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_decision_candidate_id")),
    )
    op.create_table(
        "mark",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name=op.f("ck_mark_mark")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_mark_ballot_id")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_mark_candidate_id")),
        sa.PrimaryKeyConstraint("ballot_id", "candidate_id", "criterion", name=op.f("pk_mark")),
    )
    op.create_table(
        "entry",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("debit", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("credit", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("dated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversed') = (reverses IS NOT NULL)", name=op.f("ck_entry_reversal_names_its_target")
        ),
        sa.CheckConstraint("kind IN ('owed', 'paid', 'reversed')", name=op.f("ck_entry_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_entry_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_entry_two_sides")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_entry_branch_id_compensation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["branch_id", "reverses"],
            ["entry.branch_id", "entry.id"],
            name=op.f("fk_entry_branch_id_reverses"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_entry_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_entry")),
        sa.UniqueConstraint("branch_id", "reverses", name=op.f("uq_entry_branch_id_reverses")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_branch_id_compensation_id"), ["branch_id", "compensation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_entry_branch_id_dated_at"), ["branch_id", "dated_at"], unique=False
        )

    op.create_table(
        "launch",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_launch_decision_id")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_launch_promise_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_launch")),
        sa.UniqueConstraint("promise_id", name=op.f("uq_launch_promise_id")),
    )
    op.create_table(
        "payout",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("receiver", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("way IN ('counter')", name=op.f("ck_payout_way")),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_payout_branch_id_compensation_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_payout_made_by")),
        sa.PrimaryKeyConstraint("branch_id", "id", name=op.f("pk_payout")),
        sa.UniqueConstraint("branch_id", "compensation_id", name=op.f("uq_payout_branch_id_compensation_id")),
    )
    op.create_table(
        "toward",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("compensation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=256), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id", "compensation_id"],
            ["compensation.branch_id", "compensation.id"],
            name=op.f("fk_toward_branch_id_compensation_id"),
        ),
        sa.PrimaryKeyConstraint("branch_id", "compensation_id", "name", name=op.f("pk_toward")),
    )
    with op.batch_alter_table("toward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_toward_name_value"), ["name", "value"], unique=False)
    for table in APPEND_ONLY:
        for statement in append_only_sql(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("toward", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_toward_name_value"))

    op.drop_table("toward")
    op.drop_table("payout")
    op.drop_table("launch")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_branch_id_dated_at"))
        batch_op.drop_index(batch_op.f("ix_entry_branch_id_compensation_id"))

    op.drop_table("entry")
    op.drop_table("mark")
    op.drop_table("decision")
    with op.batch_alter_table("compensation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_compensation_branch_id_dated_at"))
        batch_op.drop_index(batch_op.f("ix_compensation_branch_id_case_id"))

    op.drop_table("compensation")
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_verdict_watch",
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )
        batch_op.drop_index("ix_verdict_report")

    op.drop_table("verdict")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ticket_one_at_a_time",
            postgresql_where=sa.text("state IN ('called', 'serving')"),
            sqlite_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.drop_index(batch_op.f("ix_ticket_branch_id_day_state"))

    op.drop_table("ticket")
    op.drop_table("milestone")
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mention_problem_id_strength"))
        batch_op.drop_index(batch_op.f("ix_mention_feedback_id"))

    op.drop_table("mention")
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endorsement_person_id"))

    op.drop_table("endorsement")
    with op.batch_alter_table("denial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_denial_feedback_id"))

    op.drop_table("denial")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidate_version_id"))

    op.drop_table("candidate")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answers_problem_id"))

    op.drop_table("answers")
    op.drop_table("version")
    op.drop_table("special_day")
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_problem_merged_into_id"))

    op.drop_table("problem")
    op.drop_table("opening_hours")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_branch_id"))

    op.drop_table("membership")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_kind"))
        batch_op.drop_index(batch_op.f("ix_feedback_intake_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_given_at"))
        batch_op.drop_index(batch_op.f("ix_feedback_customer"))
        batch_op.drop_index(batch_op.f("ix_feedback_branch_id_given_at"))

    op.drop_table("feedback")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_proposal_id"))

    op.drop_table("comment")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_branch_id_started_at"))

    op.drop_table("case")
    op.drop_table("ballot")
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_terms_promise_id"))

    op.drop_table("terms")
    with op.batch_alter_table("staged_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staged_file_person_id"))
        batch_op.drop_index(batch_op.f("ix_staged_file_made_at"))

    op.drop_table("staged_file")
    op.drop_table("round")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_author_id"))

    op.drop_table("proposal")
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_sha256"))
        batch_op.drop_index(batch_op.f("ix_intake_columns"))

    op.drop_table("intake")
    op.drop_table("finding")
    with op.batch_alter_table("case_intake", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_intake_sha256"))
        batch_op.drop_index(batch_op.f("ix_case_intake_columns"))

    op.drop_table("case_intake")
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_branch_region_id"))

    op.drop_table("branch")
    op.drop_table("region")
    op.drop_table("promise")
    with op.batch_alter_table("press", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_press_at"))

    op.drop_table("press")
    op.drop_table("person")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_due_at"))

    op.drop_table("letter")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_subject_subject_id"))
        batch_op.drop_index(batch_op.f("ix_event_person_id"))

    op.drop_table("event")
    op.drop_table("company")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_key"))

    op.drop_table("attempt")
