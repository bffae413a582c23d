"""surveys and follow ups"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_stop",
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_survey_stop")),
    )
    op.create_table(
        "interview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("touchpoint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("notes", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_interview_branch_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_interview_intake_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_interview_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("intake_id", name=op.f("uq_interview_intake_id")),
    )
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("touchpoint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("reminder_days", sa.Integer(), nullable=True),
        sa.Column("rest_days", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('nps', 'satisfaction', 'effort')", name=op.f("ck_survey_kind")),
        sa.CheckConstraint("reminder_days IS NULL OR reminder_days > 0", name=op.f("ck_survey_reminder")),
        sa.CheckConstraint("rest_days >= 0", name=op.f("ck_survey_rest")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_survey_intake_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_survey_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("intake_id", name=op.f("uq_survey_intake_id")),
    )
    op.create_table(
        "followup_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("highest_score", sa.Integer(), nullable=True),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("wish", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("reask_days", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "highest_score IS NOT NULL OR problem_id IS NOT NULL OR words <> '' OR wish",
            name=op.f("ck_followup_rule_some_condition"),
        ),
        sa.CheckConstraint("highest_score BETWEEN 0 AND 10", name=op.f("ck_followup_rule_highest_score")),
        sa.CheckConstraint("hours > 0", name=op.f("ck_followup_rule_hours")),
        sa.CheckConstraint("reask_days IS NULL OR reask_days > 0", name=op.f("ck_followup_rule_reask")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_followup_rule_made_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_followup_rule_owner_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_followup_rule_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup_rule")),
    )
    op.create_table(
        "name_said",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("forget_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_name_said_feedback_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_said")),
        sa.UniqueConstraint("feedback_id", "words", name=op.f("uq_name_said_feedback_id_words")),
    )
    with op.batch_alter_table("name_said", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_said_forget_at"), ["forget_at"], unique=False)

    op.create_table(
        "original",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("forget_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_original_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_original")),
    )
    with op.batch_alter_table("original", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_original_forget_at"), ["forget_at"], unique=False)

    op.create_table(
        "survey_door",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("shut_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("channel IN ('link', 'qr')", name=op.f("ck_survey_door_channel")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_door_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_survey_door_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_survey_door_person_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_door_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_door")),
        sa.UniqueConstraint("token", name=op.f("uq_survey_door_token")),
    )
    with op.batch_alter_table("survey_door", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_door_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "survey_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("served_by", sa.Integer(), nullable=True),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=True),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("forget_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "due_at IS NULL OR (address IS NOT NULL AND letters < 2)",
            name=op.f("ck_survey_invitation_sendable"),
        ),
        sa.CheckConstraint("letters BETWEEN 0 AND 2", name=op.f("ck_survey_invitation_letters")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_invitation_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_survey_invitation_made_by")),
        sa.ForeignKeyConstraint(["served_by"], ["person.id"], name=op.f("fk_survey_invitation_served_by")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_invitation_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitation")),
    )
    with op.batch_alter_table("survey_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_invitation_customer"), ["customer"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitation_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitation_forget_at"), ["forget_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_survey_invitation_mark_made_at"), ["mark", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_survey_invitation_survey_id_branch_id"), ["survey_id", "branch_id"], unique=False
        )

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("watch_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "watch_at IS NULL OR watch_at = due_at", name=op.f("ck_follow_up_watched_at_its_time")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_follow_up_branch_id")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_follow_up_feedback_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_follow_up_owner_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["followup_rule.id"], name=op.f("fk_follow_up_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_follow_up_feedback_id")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_up_branch_id_opened_at"), ["branch_id", "opened_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_follow_up_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_watch_at"), ["watch_at"], unique=False)

    op.create_table(
        "survey_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(door_id IS NULL) <> (invitation_id IS NULL)", name=op.f("ck_survey_reply_one_way_in")
        ),
        sa.CheckConstraint("value BETWEEN 0 AND 10", name=op.f("ck_survey_reply_value")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_reply_branch_id")),
        sa.ForeignKeyConstraint(["door_id"], ["survey_door.id"], name=op.f("fk_survey_reply_door_id")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_survey_reply_feedback_id")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["survey_invitation.id"], name=op.f("fk_survey_reply_invitation_id")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_reply_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_reply")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_survey_reply_feedback_id")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_survey_reply_invitation_id")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_reply_key")),
    )
    with op.batch_alter_table("survey_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_reply_door_id"), ["door_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_survey_reply_survey_id_answered_at"), ["survey_id", "answered_at"], unique=False
        )

    op.create_table(
        "follow_up_asked",
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_asked_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["survey_invitation.id"], name=op.f("fk_follow_up_asked_invitation_id")
        ),
        sa.PrimaryKeyConstraint("follow_up_id", name=op.f("pk_follow_up_asked")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_follow_up_asked_invitation_id")),
    )
    op.create_table(
        "follow_up_closing",
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('solved', 'explained', 'not_reached', 'no_need')",
            name=op.f("ck_follow_up_closing_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_closing_follow_up_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_follow_up_closing_made_by")),
        sa.PrimaryKeyConstraint("follow_up_id", name=op.f("pk_follow_up_closing")),
    )
    op.create_table(
        "follow_up_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'given', 'called', 'not_reached', 'message', 'told', 'note', 'late', 'closed', 'asked')",
            name=op.f("ck_follow_up_step_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_step_follow_up_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_follow_up_step_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_step")),
    )
    with op.batch_alter_table("follow_up_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_step_follow_up_id"), ["follow_up_id"], unique=False)

    op.create_table(
        "survey_contact",
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("wish", sa.Boolean(), nullable=False),
        sa.Column("tell", sa.Boolean(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("forget_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("wish OR tell", name=op.f("ck_survey_contact_for_something")),
        sa.ForeignKeyConstraint(["reply_id"], ["survey_reply.id"], name=op.f("fk_survey_contact_reply_id")),
        sa.PrimaryKeyConstraint("reply_id", name=op.f("pk_survey_contact")),
    )
    with op.batch_alter_table("survey_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_contact_forget_at"), ["forget_at"], unique=False)

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "stop_url", sqlmodel.sql.sqltypes.AutoString(length=500), server_default="", nullable=False
            )
        )
