"""Promises and customers for tests of the rooms that keep them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

from sqlmodel import Session, select

from promises.people.tables import Branch
from promises.service.actions import open_case
from promises.service.tables import Case, Milestone, Ticket, Verdict
from promises.terms.actions import set_terms
from promises.terms.tables import Terms
from tests.conftest import NOON

LONG_AGO = NOON - timedelta(days=365)


def document(code: str = "served-in-15", **parts: Any) -> dict[str, Any]:
    """Served within 15 minutes at the branch, or 10 euros; *parts* say what is otherwise."""
    return {
        "format": 1,
        "promise": code,
        "name": {"fi": "Palvelu vartissa tai kymppi", "en": "Served in 15 minutes or 10 euros"},
        "starts": str(LONG_AGO.date()),
        "touchpoint": "branch",
        "measure": {"from": "arrived", "to": "served", "limit": "15 min"},
        "remedy": {"pays": [{"amount": "10.00"}]},
        **parts,
    }


def promise(session: Session, code: str = "served-in-15", **parts: Any) -> Terms:
    """A promise that has been in force for a year."""
    return set_terms(session, document=document(code, **parts), starts_at=LONG_AGO, by=None, as_of=LONG_AGO)


def branch_of(session: Session, code: str = "centre") -> Branch:
    return session.exec(select(Branch).where(Branch.code == code)).one()


def visit(session: Session, reference: str, *milestones: tuple[str, datetime], as_of: datetime) -> Case:
    """A customer of the centre branch, of whom these things are known."""
    return open_case(
        session,
        branch=branch_of(session),
        touchpoint="branch",
        source="test",
        reference=reference,
        milestones=milestones,
        by=None,
        as_of=as_of,
    )


def verdict_of(session: Session, case: Case | Ticket) -> Verdict:
    """The one verdict of a case, or of a ticket's case."""
    number = case.id if isinstance(case, Case) else case.case_id
    query = select(Verdict).where(Verdict.branch_id == case.branch_id, Verdict.case_id == number)
    return session.exec(query.execution_options(populate_existing=True)).one()


def milestones_of(session: Session, case: Case | Ticket) -> list[str]:
    """Names of what happened to a case, in order."""
    number = case.id if isinstance(case, Case) else case.case_id
    query = select(Milestone.name).where(Milestone.branch_id == case.branch_id, Milestone.case_id == number)
    return list(session.exec(query.order_by(Milestone.at)).all())  # type: ignore[arg-type]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the exception it raised, when all are done by threads at the same moment."""
    line = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        line.wait()
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
