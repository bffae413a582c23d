"""The watch: what is overdue becomes broken, dated at its due time, whoever looks and whenever.

Due times are stored when a case begins, so the overdue are found by the index over pending verdicts.
One statement both picks and claims them: whoever's update changes a row owns its consequence, which is
written in the same transaction. Any number of watchers may run; after an outage the first tick catches
up, with the times at which things happened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, Row, Table, and_, case, func, tuple_, update
from sqlmodel import Session, col, select

from promises.database import open_session, transaction
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.service import counts, judging
from promises.service.findings import Line, by_rank, stand_in_line
from promises.service.judgement import attributes_of, join, renew
from promises.service.keys import parts
from promises.service.signals import Breach, announce
from promises.service.tables import Case, Milestone, Verdict
from promises.service.told_tables import taken_back
from promises.terms.calendar import branch_hours
from promises.terms.queries import Dated, promises

AT_ONCE = 500
log = structlog.get_logger()
_table: Table = Verdict.__table__  # type: ignore[attr-defined]


Key = tuple[int, int]


@dataclass(frozen=True)
class Ticked:
    """What one tick found: how many verdicts it broke, how long ago the oldest of them was due, and how
    many it could not judge because the judging itself failed; those are logged and tried again."""

    broken: int
    lag: timedelta
    stuck: int = 0


def tick(engine: Engine, as_of: datetime, most: int = AT_ONCE) -> Ticked:
    """Break everything that was due before *as_of*, at most *most* verdicts in each transaction.

    A case that is due exactly at *as_of* still has its moment. Open cases whose version of the terms
    depends on what comes are first put under the version that has begun meanwhile. If a verdict can't be
    judged, those beside it are, one by one.
    """
    broken, lag = 0, timedelta(0)
    stuck: set[Key] = set()
    moved, overdue = _any_work(engine, as_of)
    for work in [_moved(one, since) for one, since in moved] + ([_overdue(as_of)] if overdue else []):
        at_once = most
        while True:
            try:
                with transaction(engine) as session:
                    stand_in_line(session)
                    claimed = _claim(session, work, as_of, at_once, stuck)
                    own = _follow(session, claimed, as_of) if claimed else 0
            except Exception:
                # One broken verdict must not stop the thousand behind it.
                if at_once > 1:
                    at_once = 1
                    continue
                stuck.add(_next(engine, work, stuck))
                log.exception("watch.stuck", verdicts=sorted(stuck))
                continue
            broken += own
            lag = max([lag, *(as_of - row.due_at for row in claimed if row.due_at and row.due_at < as_of)])
            if len(claimed) < at_once:
                break
    return Ticked(broken, lag, len(stuck))


def _any_work(engine: Engine, as_of: datetime) -> tuple[list[tuple[int, datetime]], bool]:
    """A look that takes no writer's lock, as most ticks find nothing: promises with cases under a version
    that may not be theirs any more, since when, and whether anything is overdue."""
    with open_session(engine, writes=False) as session:
        moved = [
            (dated.promise_id, since)
            for dated in promises(session)
            if (since := _moved_since(dated, as_of))
            and session.exec(_moved(dated.promise_id, since).limit(1)).first()
        ]
        return moved, session.exec(_overdue(as_of).limit(1)).first() is not None


def _moved_since(dated: Dated, as_of: datetime) -> datetime | None:
    """When the versions of a promise that are chosen by breach or end last became others."""
    if dated.versions[-1].terms.moment == "start" or len(dated.versions) == 1:
        return None
    later = dated.versions[1:]
    return max((at for one in later for at in (one.made_at, one.starts_at) if at <= as_of), default=None)


def _moved(promise_id: int, since: datetime) -> Any:
    return select(col(Verdict.branch_id), col(Verdict.id)).where(
        col(Verdict.promise_id) == promise_id,
        col(Verdict.status) == "pending",
        col(Verdict.judged_at) < since,
    )


def _overdue(as_of: datetime) -> Any:
    return select(col(Verdict.branch_id), col(Verdict.id)).where(
        and_(col(Verdict.status) == "pending", col(Verdict.due_at) < as_of)
    )


def _next(engine: Engine, work: Any, stuck: set[Key]) -> Key:
    """The verdict that a claim of one would take."""
    with open_session(engine, writes=False) as session:
        row = session.exec(_in_turn(work, stuck).limit(1)).one()
        return row[0], row[1]


def _in_turn(work: Any, stuck: set[Key]) -> Any:
    key = tuple_(col(Verdict.branch_id), col(Verdict.id))
    return (work.where(key.not_in(stuck)) if stuck else work).order_by(col(Verdict.due_at), col(Verdict.id))


def _claim(session: Session, work: Any, as_of: datetime, most: int, stuck: set[Key]) -> list[Row[Any]]:
    # Watchers on PostgreSQL pass over each other's rows instead of waiting for them.
    picked = _in_turn(work, stuck).limit(most).with_for_update(skip_locked=True)
    overdue = col(Verdict.due_at) < as_of
    claim = (
        update(Verdict)
        .where(tuple_(col(Verdict.branch_id), col(Verdict.id)).in_(picked), col(Verdict.status) == "pending")
        .values(
            status=case((overdue, "broken"), else_="pending"),
            reason=case((overdue, "still_open"), else_=col(Verdict.reason)),
            dated_at=case((overdue, col(Verdict.due_at)), else_=None),
            judged_at=as_of,
        )
        .returning(*(col(getattr(Verdict, column.name)) for column in _table.columns))
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(claim))


def _follow(session: Session, claimed: list[Row[Any]], as_of: datetime) -> int:
    """What the terms make of the claimed: mostly broken, with an amount; the judge has the last word.

    :returns: how many are broken.
    """
    broken = 0
    cases = _plain_cases(session, claimed)
    keys = sorted({(row.branch_id, row.case_id) for row in claimed})
    together = judging.Cases.of([cases[key] for key in keys])
    line = Line(session, together, as_of, branch_hours(session), frozenset(keys))
    again: list[Breach] = []
    for row in claimed:
        if row.status == "broken":
            now = counts.as_counted(row)
            counts.changed(session, replace(now, status="pending", elapsed_s=None), now)
    for dated in by_rank(session):
        own = {
            (row.branch_id, row.case_id, row.part): row
            for row in claimed
            if row.promise_id == dated.promise_id
        }
        for findings in line.judge(dated) if own else ():
            for place, at in enumerate(findings.rows.tolist()):
                row = own.pop((*keys[at], int(findings.parts[place])), None)
                if row is not None:
                    broken += findings.verdicts[place].status == "broken"
                    again += renew(session, _verdict(row), findings, place, as_of)
        for row in own.values():
            again += join(session, _verdict(row), as_of)
    announce(session, again=again)
    if broken:
        record(session, "watch.broke", "verdict", "", by=None, as_of=as_of, count=broken)
    return broken


def _verdict(row: Row[Any]) -> Verdict:
    """A claimed row as it stands now; not in the session, which would look each one up."""
    return Verdict(**row._mapping)


def _plain_cases(session: Session, claimed: list[Row[Any]]) -> dict[tuple[int, int], judging.Case]:
    """The claimed verdicts' cases as the judge takes them, by branch and id."""
    happened: defaultdict[tuple[int, int], list[tuple[str, datetime]]] = defaultdict(list)
    found: dict[tuple[int, int], judging.Case] = {}
    for branch_id in {row.branch_id for row in claimed}:
        ids = [row.case_id for row in claimed if row.branch_id == branch_id]
        code = session.get_one(Branch, branch_id).code
        for part in parts(ids):
            own = (col(Milestone.branch_id) == branch_id, col(Milestone.case_id).in_(part), ~taken_back())
            for case_id, name, at in session.exec(
                select(Milestone.case_id, Milestone.name, Milestone.at).where(*own)
            ):
                happened[branch_id, case_id].append((name, at))
            of_part = select(Case).where(Case.branch_id == branch_id, col(Case.id).in_(part))
            for one in session.exec(of_part):
                key = (branch_id, one.id)
                found[key] = judging.Case(str(one.id), code, tuple(happened[key]), attributes_of(one))
    return found


def overdue_since(session: Session, as_of: datetime) -> datetime | None:
    """Since when something is overdue that the watch hasn't broken yet; none if it keeps up."""
    query = select(func.min(col(Verdict.due_at))).where(
        col(Verdict.status) == "pending", col(Verdict.due_at) < as_of
    )
    return session.exec(query).one()
