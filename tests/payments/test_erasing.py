"""An erased customer's account is forgotten once the money has reached it, and not before."""

from __future__ import annotations

from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation.tables import Compensation
from promises.feedback.erasing import erase
from promises.payments.tables import Choice
from promises.service.tables import Case
from tests.payments.given import LATER, SECRET, choose, owed_for, owing


def test_the_account_goes_with_the_customer_once_it_is_paid(session, cast):
    (paid,) = owing(session, "paid")
    waiting, other = owed_for(session, "waiting"), owed_for(session, "other", customer="c2")
    for owed in (paid, waiting, other):
        choose(session, owed, "bank")
    for owed in (paid, other):
        compensation.pay_at_counter(
            session, owed.branch_id, owed.id, receiver="", by=cast.teller, as_of=LATER
        )
    gone = erase(session, "c1", secret=SECRET, by=cast.analyst, as_of=LATER)
    assert gone.counts["choice"] == 1
    left = {one.compensation_id: one.iban for one in session.exec(select(Choice))}
    assert set(left) == {waiting.id, other.id}
    assert all(left.values())
    names = {one.reference: one.customer for one in session.exec(select(Case))}
    assert names == {"paid": gone.stand_in, "waiting": gone.stand_in, "other": "c2"}
    assert len(session.exec(select(Compensation)).all()) == 3
