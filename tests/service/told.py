"""What the tests of the whole terms format share: cases told live and in bulk, and what became of them."""

from datetime import timedelta

from sqlmodel import select

from promises.compensation import ledger
from promises.compensation.tables import Compensation
from promises.service.actions import open_case, tell
from promises.service.bulk import take_cases
from promises.service.tables import Verdict
from tests.conftest import NOON
from tests.promised import branch_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = NOON + 20 * DAY
LATE = (("arrived", NOON), ("served", NOON + HOUR))
CAPPED = {"pays": [{"amount": "10.00"}], "caps": [{"amount": "25.00", "per": "year", "by": "customer"}]}


def happens(session, case, *milestones, as_of=LATER, **attributes):
    return tell(session, case, branch_of(session), milestones, attributes, by=None, as_of=as_of)


def fault(session, reference, *milestones, as_of=LATER, branch="centre", **attributes):
    customer = attributes.pop("customer", "")
    return open_case(
        session, branch=branch_of(session, branch), touchpoint="branch", source="test", reference=reference,
        milestones=milestones, attributes=attributes, customer=customer, by=None, as_of=as_of,
    )  # fmt: skip


def in_bulk(session, *cases, as_of=LATER):
    return take_cases(session, cases, source="file", by=None, as_of=as_of)


def verdicts(session, case=None):
    query = select(Verdict).order_by(Verdict.case_id, Verdict.promise_id, Verdict.part)
    if case is not None:
        query = query.where(Verdict.case_id == case.id)
    session.expire_all()
    return session.exec(query).all()


def standings(session, case=None):
    return [(one.status, one.reason) for one in verdicts(session, case)]


def open_sums(session):
    """What is owed and not reversed, compensation by compensation."""
    owed = session.exec(select(Compensation).order_by(Compensation.dated_at, Compensation.part)).all()
    return [str(left) for one in owed if (left := ledger.open_amount(session, one))]
