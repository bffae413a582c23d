"""How soon the watch records what falls due, measured from outside on the real ``promises watch``.

With 100,000 open cases: how long after its due time each breach is recorded, while a hundred a second fall
due; and how long until 10,000 that fall due in the same second are all recorded. The floor, in the same
database and the same run: the bare UPDATE and INSERTs of the same rows, in one transaction.

    python bench/watch.py [--open 100000] [--at-once 10000] [--seconds 30] [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from setting import BRANCHES, company, databases, start_watch
from sqlalchemy import Engine, bindparam, insert, text, update

import promises.compensation.actions  # noqa: F401 - hears of what breaks
from promises.compensation.tables import Compensation, Entry
from promises.database import open_database, transaction, upgrade
from promises.service import judging
from promises.service.bulk import take_cases
from promises.service.tables import Verdict

LIMIT = timedelta(minutes=15)
POLL_S = 0.05
A_SECOND = 100


def now() -> datetime:
    return datetime.now(UTC)


def fill(engine: Engine, arrivals: list[datetime], source: str, as_of: datetime) -> None:
    """Customers who arrived at these moments and wait, brought in as a file of cases would be."""
    for start in range(0, len(arrivals), 20_000):
        cases = [
            judging.Case(
                f"{source} {start + n}", f"b{n % BRANCHES}", (("arrived", at),), {"touchpoint": "branch"}
            )
            for n, at in enumerate(arrivals[start : start + 20_000])
        ]
        with transaction(engine) as session:
            taken = take_cases(session, cases, source=source, by=None, as_of=as_of)
            if taken.new != len(cases):
                raise SystemExit(f"only {taken.new} of {len(cases)} cases were taken: {taken.set_aside[:2]}")


def processor_s(pid: int) -> float:
    """Processor time that a process has used so far; what a busy machine can't lengthen much."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def observe(
    engine: Engine, until: datetime, last_due: datetime, pid: int
) -> tuple[list[tuple[datetime, datetime, set[Any]]], float]:
    """Look at what is overdue again and again: when each look began and ended, and what it saw; and the
    processor time of process *pid* from *last_due* on."""
    looks = []
    used = 0.0
    query = text("SELECT branch_id, id FROM verdict WHERE status = 'pending' AND due_at < :now")
    query = query.bindparams(bindparam("now", type_=Verdict.__table__.c.due_at.type))  # type: ignore[attr-defined]
    with engine.execution_options(writes=False).connect() as connection:
        while True:
            began = now()
            overdue = {tuple(row) for row in connection.execute(query, {"now": began})}
            connection.rollback()
            looks.append((began, now(), overdue))
            if began <= last_due:
                used = processor_s(pid)
            if began > until or (began > last_due and not overdue):
                return looks, processor_s(pid) - used
            time.sleep(POLL_S)


def delays(dues: dict[Any, datetime], looks: list[tuple[datetime, datetime, set[Any]]]) -> list[float]:
    """Seconds from each due time to the end of the first look that didn't see it overdue any more."""
    waiting, found = sorted(dues, key=lambda key: dues[key], reverse=True), []
    late: set[Any] = set()
    for began, ended, overdue in looks:
        while waiting and dues[waiting[-1]] < began:
            late.add(waiting.pop())
        done = late - overdue
        found += [(ended - dues[key]).total_seconds() for key in done]
        late -= done
    if waiting or late:
        raise SystemExit(f"{len(waiting) + len(late)} breaches were never recorded")
    return sorted(found)


def floor(
    engine: Engine, some: list[tuple[int, int]], template: dict[str, Any], as_of: datetime
) -> tuple[float, float]:
    """How long the bare statements take that break *some* pending verdicts, pay for them, and enter it: in
    seconds, and in seconds of this process's processor time."""
    verdict, compensation, entry = (one.__table__ for one in (Verdict, Compensation, Entry))  # type: ignore[attr-defined]
    with engine.connect() as connection:
        waiting = text("SELECT branch_id, id, case_id FROM verdict WHERE status = 'pending'")
        cases = {(row[0], row[1]): row[2] for row in connection.execute(waiting)}
        connection.rollback()
        owed = [
            {**template["compensation"], "branch_id": b, "id": i, "verdict_id": i, "case_id": cases[b, i]}
            for b, i in some
        ]
        entries = [
            {**template["entry"], "branch_id": b, "id": i, "compensation_id": i, "seal": -1} for b, i in some
        ]
        broken = update(verdict).where(
            verdict.c.branch_id == bindparam("b"),
            verdict.c.id == bindparam("i"),
            verdict.c.status == "pending",
        )
        broken = broken.values(status="broken", reason="still_open", dated_at=as_of, judged_at=as_of)
        began, worked = time.perf_counter(), time.process_time()
        connection.execute(broken, [{"b": b, "i": i} for b, i in some])
        connection.execute(insert(compensation), owed)
        connection.execute(insert(entry), entries)
        connection.commit()
        return time.perf_counter() - began, time.process_time() - worked


def pending_between(engine: Engine, first: datetime, last: datetime) -> dict[Any, datetime]:
    table = Verdict.__table__  # type: ignore[attr-defined]
    query = table.select().where(table.c.status == "pending", table.c.due_at >= first, table.c.due_at <= last)
    with engine.execution_options(writes=False).connect() as connection:
        return {(row.branch_id, row.id): row.due_at for row in connection.execute(query)}


def a_row(engine: Engine, table: str) -> dict[str, Any]:
    named = {"compensation": Compensation, "entry": Entry}[table].__table__  # type: ignore[attr-defined]
    with engine.execution_options(writes=False).connect() as connection:
        return dict(connection.execute(named.select().limit(1)).one()._mapping)


def measure(kind: str, address: str, asked: argparse.Namespace) -> None:
    engine = open_database(address)
    upgrade(engine)
    began = now()
    with transaction(engine) as session:
        company(session, began)
    spread = asked.seconds * A_SECOND
    rest = asked.open - spread - 2 * asked.at_once
    fill(engine, [began - timedelta(milliseconds=n) for n in range(max(rest, 0))], "rest", began)
    fill(engine, [began - timedelta(seconds=1)] * asked.at_once, "floor", began)
    # Those that are to fall due in a moment arrived a quarter of an hour before that.
    start = now().replace(microsecond=0) + timedelta(seconds=15 + asked.open / 5_000)
    stream = [start - LIMIT + timedelta(seconds=n / A_SECOND) for n in range(spread)]
    fill(engine, stream, "stream", now())
    crowd_due = start + timedelta(seconds=asked.seconds + 8)
    fill(engine, [crowd_due - LIMIT] * asked.at_once, "crowd", now())
    if now() > start:
        raise SystemExit("filling took too long: fewer cases, or a later start")
    dues = pending_between(engine, start, crowd_due - timedelta(seconds=1))
    crowd = pending_between(engine, crowd_due, crowd_due)
    with tempfile.TemporaryDirectory() as folder:
        watch = start_watch(address, Path(folder))
        try:
            looks, used = observe(engine, crowd_due + timedelta(seconds=60), crowd_due, watch.pid)
        finally:
            watch.terminate()
            watch.wait(20)
        if asked.log:
            sys.stderr.write((Path(folder) / "watch.log").read_text())
    streamed = delays(dues, looks)
    at_once = delays(crowd, looks)
    still = list(pending_between(engine, began, now() + timedelta(hours=1)))[: asked.at_once]
    bare, bare_used = floor(
        engine, still, {"compensation": a_row(engine, "compensation"), "entry": a_row(engine, "entry")}, now()
    )
    engine.dispose()
    share = streamed[int(len(streamed) * 0.99) - 1]
    print(
        f"{kind}: {asked.open} open cases; {len(streamed)} breaches at {A_SECOND}/s: recorded within "
        f"{streamed[len(streamed) // 2]:.2f} s (half), {share:.2f} s (99 %), {streamed[-1]:.2f} s (all) "
        f"of their due time\n"
        f"{kind}: {len(at_once)} due at once: all recorded {at_once[-1]:.2f} s after; the bare UPDATE and "
        f"INSERTs take {bare:.2f} s\n"
        f"{kind}: of processor time (without a server's) the watch took {used:.2f} s for them, the bare "
        f"statements {bare_used:.2f} s"
    )
    if share > 2 or at_once[-1] > 5:
        print(f"{kind}: NOT within 2 s (99 %) and 5 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--at-once", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--log", action="store_true", help="show what the watch wrote")
    asked = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    for kind in kinds:
        with databases([kind]) as found:
            measure(kind, found[kind], asked)


if __name__ == "__main__":
    main()
