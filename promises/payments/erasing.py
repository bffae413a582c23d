"""Where a customer's money went is forgotten with the customer once it has got there.

What is still owed keeps the account that the customer gave for it, or the money would not reach them; files
that went to the bank are books, which the law keeps.
"""

from __future__ import annotations

from sqlalchemy import delete, exists
from sqlmodel import Session, col

from promises.compensation.tables import Compensation, Payout
from promises.feedback.erasing import Gone, erases
from promises.payments.tables import Choice
from promises.service.tables import Case


@erases
def erase(session: Session, gone: Gone) -> None:
    """Delete the choices, with holder and account, of what has been paid to the customer."""
    if not gone.customer:
        return
    # Whichever room goes first, the case is found: by the customer's number, or by what stands in for it.
    theirs = exists().where(
        col(Compensation.branch_id) == Choice.branch_id,
        col(Compensation.id) == Choice.compensation_id,
        col(Case.branch_id) == Compensation.branch_id,
        col(Case.id) == Compensation.case_id,
        col(Case.customer).in_((gone.customer, gone.stand_in)),
        col(Case.customer) != "",
    )
    paid = exists().where(
        col(Payout.branch_id) == Choice.branch_id, col(Payout.compensation_id) == Choice.compensation_id
    )
    forget = delete(Choice).where(theirs, paid)
    gone.count("choice", session.execute(forget).rowcount)  # type: ignore[attr-defined]
