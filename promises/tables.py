"""Every table of the product, gathered so that the schema is whole wherever it is needed."""

from sqlmodel import SQLModel

import promises.api.tables
import promises.compensation.award_tables
import promises.compensation.reminder_tables
import promises.compensation.tables
import promises.customer.tables
import promises.decisions.tables
import promises.feedback.board.tables
import promises.feedback.curation.tables
import promises.feedback.tables
import promises.files.tables
import promises.followup.tables
import promises.journal.tables
import promises.outbox.tables
import promises.payments.tables
import promises.people.tables
import promises.proposals.tables
import promises.queue.tables
import promises.service.excluded_tables
import promises.service.tables
import promises.service.told_tables
import promises.service.watch_tables
import promises.surveys.tables
import promises.terms.tables
import promises.web.tables  # noqa: F401

metadata = SQLModel.metadata
