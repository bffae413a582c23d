"""Writing into the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from promises.journal import chain
from promises.journal.tables import Event


def record(
    session: Session,
    verb: str,
    subject: str,
    subject_id: object,
    *,
    by: int | None,
    as_of: datetime,
    **facts: Any,
) -> None:
    """Note that person *by* (none: the product itself) did *verb* to *subject* at *as_of*.

    :param verb: a code of the catalogue's ``event.*`` family, for example ``"terms.set"``.
    :param facts: plain JSON values that the page about this act shows; no personal data.
    """
    session.add(
        Event(
            at=as_of,
            person_id=by,
            verb=verb,
            subject=subject,
            subject_id=str(subject_id),
            facts=facts,
            seal=chain.seal(session, chain.JOURNAL),
        )
    )
