"""The watch: what is overdue becomes broken, dated at its due time, whoever looks and whenever.

Due times are stored when a case begins, so the overdue are found by the index over pending verdicts.
One statement both picks and claims them: whoever's update changes a row owns its consequence, which is
written in the same transaction. Any number of watchers may run; after an outage the first tick catches
up, with the times at which things happened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, and_, func, tuple_, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.service import judging
from promises.service.judgement import attributes_of, breach, verdict_values
from promises.service.keys import parts
from promises.service.signals import Breach, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.terms.calendar import branch_hours
from promises.terms.queries import of_terms

AT_ONCE = 500


@dataclass(frozen=True)
class Ticked:
    """What one tick found: how many verdicts it broke, and how long ago the oldest of them was due."""

    broken: int
    lag: timedelta


def tick(engine: Engine, as_of: datetime, most: int = AT_ONCE) -> Ticked:
    """Break everything that was due before *as_of*, at most *most* verdicts in each transaction.

    A case that is due exactly at *as_of* still has its moment.
    """
    broken, lag = 0, timedelta(0)
    if not _any_overdue(engine, as_of):
        return Ticked(broken, lag)
    while True:
        with transaction(engine) as session:
            claimed = _claim(session, as_of, most)
            if claimed:
                _follow(session, claimed, as_of)
                lag = max(lag, as_of - min(row.due_at for row in claimed))
        broken += len(claimed)
        if len(claimed) < most:
            return Ticked(broken, lag)


def _any_overdue(engine: Engine, as_of: datetime) -> bool:
    """A look that takes no writer's lock: most ticks find nothing."""
    with open_session(engine, writes=False) as session:
        return session.exec(_overdue(as_of).limit(1)).first() is not None


def _overdue(as_of: datetime) -> Any:
    return select(col(Verdict.branch_id), col(Verdict.id)).where(
        and_(col(Verdict.status) == "pending", col(Verdict.due_at) < as_of)
    )


def _claim(session: Session, as_of: datetime, most: int) -> list[Row[Any]]:
    # Watchers on PostgreSQL pass over each other's rows instead of waiting for them.
    picked = _overdue(as_of).order_by(col(Verdict.due_at)).limit(most).with_for_update(skip_locked=True)
    claim = (
        update(Verdict)
        .where(tuple_(col(Verdict.branch_id), col(Verdict.id)).in_(picked), col(Verdict.status) == "pending")
        .values(status="broken", reason="still_open", dated_at=Verdict.due_at, judged_at=as_of)
        .returning(
            col(Verdict.branch_id),
            col(Verdict.id),
            col(Verdict.case_id),
            col(Verdict.promise_id),
            col(Verdict.terms_id),
            col(Verdict.started_at),
            col(Verdict.due_at),
        )
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(claim))


def _follow(session: Session, claimed: list[Row[Any]], as_of: datetime) -> None:
    """What the terms make of the claimed: mostly broken, with an amount; the judge has the last word."""
    versions = of_terms(session, {row.terms_id for row in claimed})
    cases = _plain_cases(session, claimed)
    hours = branch_hours(session)
    breaches: list[Breach] = []
    for number, version in versions.items():
        rows = [row for row in claimed if row.terms_id == number]
        together = judging.Cases.of([cases[row.branch_id, row.case_id] for row in rows])
        for row, found in zip(rows, judging.judge_many(together, version.terms, as_of, hours), strict=True):
            verdict = Verdict(started_at=row.started_at, judged_at=as_of, **_keys(row))
            if found.status != "broken" or found.dated_at != row.due_at:
                _put_right(session, verdict, found, as_of)
            if found.status == "broken":
                breaches.append(breach(verdict, version.terms, found, as_of))
    announce(session, breaches)
    record(session, "watch.broke", "verdict", "", by=None, as_of=as_of, count=len(breaches))


def _keys(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("branch_id", "id", "case_id", "promise_id", "terms_id")}


def _put_right(session: Session, verdict: Verdict, found: judging.Verdict, as_of: datetime) -> None:
    values = verdict_values(found, verdict.started_at, as_of)
    own = (col(Verdict.branch_id) == verdict.branch_id, col(Verdict.id) == verdict.id)
    session.execute(update(Verdict).where(*own).values(**values))


def _plain_cases(session: Session, claimed: list[Row[Any]]) -> dict[tuple[int, int], judging.Case]:
    """The claimed verdicts' cases as the judge takes them, by branch and id."""
    happened: defaultdict[tuple[int, int], list[tuple[str, datetime]]] = defaultdict(list)
    found: dict[tuple[int, int], judging.Case] = {}
    for branch_id in {row.branch_id for row in claimed}:
        ids = [row.case_id for row in claimed if row.branch_id == branch_id]
        code = session.get_one(Branch, branch_id).code
        for part in parts(ids):
            own = (col(Milestone.branch_id) == branch_id, col(Milestone.case_id).in_(part))
            for case_id, name, at in session.exec(
                select(Milestone.case_id, Milestone.name, Milestone.at).where(*own)
            ):
                happened[branch_id, case_id].append((name, at))
            of_part = select(Case).where(Case.branch_id == branch_id, col(Case.id).in_(part))
            for case in session.exec(of_part):
                key = (branch_id, case.id)
                found[key] = judging.Case(str(case.id), code, tuple(happened[key]), attributes_of(case))
    return found


def overdue_since(session: Session, as_of: datetime) -> datetime | None:
    """Since when something is overdue that the watch hasn't broken yet; none if it keeps up."""
    query = select(func.min(col(Verdict.due_at))).where(
        col(Verdict.status) == "pending", col(Verdict.due_at) < as_of
    )
    return session.exec(query).one()
