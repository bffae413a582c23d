"""The customer's number in cases goes with the customer; cases, verdicts and what was owed stay."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col

from promises.feedback.erasing import Gone, erases
from promises.service.tables import Case


@erases
def erase(session: Session, gone: Gone) -> None:
    """Put the number that stands in for the customer into all of their cases."""
    # A number that is personal data in itself is a digest in feedback, and in cases as it was told.
    known_as = [one for one in (gone.customer, gone.address) if one]
    if known_as:
        theirs = update(Case).where(col(Case.customer).in_(known_as), col(Case.customer) != "")
        gone.count("case", session.execute(theirs.values(customer=gone.stand_in)).rowcount)  # type: ignore[attr-defined]
