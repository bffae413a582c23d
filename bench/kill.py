"""Kills web workers and watchers (-9) at random moments while events stream in, and counts by itself.

A client tells events over the JSON interface until each is acknowledged, some late, some out of order, some
twice, and keeps its own book of what it told. In the end all of it must be there, and nothing else: every
milestone, the verdict that plain arithmetic gives, one compensation for each broken case and none for the
others; the ledger in balance, each line reversed at most once; the chains whole (``promises verify``).

    python bench/kill.py [--kills 200] [--database sqlite|postgresql|both] [--seed 1]

Two web workers (gunicorn) and two ``promises watch`` run at a time. Exit code 1 if anything is missing or
doubled.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from setting import ROOT, company, databases, environment
from setting.processes import Watchers, Web
from sqlalchemy import Engine, text

from promises.api import tokens
from promises.database import open_database, transaction, upgrade

LIMIT = timedelta(seconds=2)
BRANCHES = 3
STREAMS = 4
SETTLES_S = 120


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Client:
    """A queue system: tells what happens to its cases until it hears that it was taken."""

    port: int
    token: str
    seed: int
    stop: threading.Event = field(default_factory=threading.Event)
    told: dict[tuple[str, str], dict[str, datetime]] = field(default_factory=dict)
    """Acknowledged milestones by branch and case."""
    acknowledged: int = 0
    tries: int = 0
    refused: list[Any] = field(default_factory=list)
    done: bool = False

    def run(self) -> None:
        chance, number, later = random.Random(self.seed), 0, []
        while not self.stop.is_set() or later:
            batch = [one for one in later if one[0] <= now() or self.stop.is_set()]
            later = [one for one in later if one not in batch]
            for _ in range(0 if self.stop.is_set() else chance.randint(1, 40)):
                number += 1
                events = self._story(chance, f"b{chance.randrange(BRANCHES)}", f"{self.seed}-{number}")
                batch.append(events[0])
                later += events[1:]
            chance.shuffle(batch)
            if batch:
                self._tell([event for _, event in batch], chance)
            time.sleep(chance.uniform(0.0, 0.05))
        self.done = True

    def _story(self, chance: random.Random, branch: str, case: str) -> list[tuple[datetime, dict[str, Any]]]:
        """What happens to one case, and when each event is told; some are told later than they happen."""
        arrived = now() - timedelta(milliseconds=chance.randrange(1500))
        events = [(arrived, self._event(branch, case, "arrived", arrived))]
        kind = chance.random()
        if kind < 0.55:
            waits = timedelta(milliseconds=chance.randrange(100, 4000))
            late = timedelta(milliseconds=chance.choice((0, 0, 0, 1500, 3000)))
            served = arrived + waits
            events.append((served + late, self._event(branch, case, "served", served)))
        return events

    def _event(self, branch: str, case: str, name: str, at: datetime) -> dict[str, Any]:
        return {
            "branch": branch, "case": case, "milestone": name, "at": at.isoformat(), "touchpoint": "branch"
        }  # fmt: skip

    def _tell(self, events: list[dict[str, Any]], chance: random.Random) -> None:
        """Tell until it is acknowledged; now and then once more, as a message that came twice."""
        # Nothing is told before it happens.
        wait = max(datetime.fromisoformat(one["at"]) for one in events) - now()
        time.sleep(max(wait.total_seconds(), 0))
        body = json.dumps({"events": events})
        for _ in range(2 if chance.random() < 0.1 else 1):
            while (answer := self._post(body)) is None:
                time.sleep(0.05)
            for row in answer["rows"]:
                if row["result"] == "refused":
                    self.refused.append((row, events[row["row"]]))
        for one in events:
            case = self.told.setdefault((one["branch"], one["case"]), {})
            case[one["milestone"]] = datetime.fromisoformat(one["at"])
        self.acknowledged += len(events)

    def _post(self, body: str) -> dict[str, Any] | None:
        self.tries += 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/events", body, headers)
            response = connection.getresponse()
            content = response.read()
            return json.loads(content) if response.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()


@dataclass(frozen=True)
class Asked:
    """How many kills, and where chance begins."""

    kills: int
    seed: int


@dataclass(frozen=True)
class Ran:
    """The clients with their books, what was killed, and what went wrong on the way."""

    clients: list[Client]
    killed: Counter[str]
    wrong: list[str]


def kill_at_random(web: Web, watchers: Watchers, kills: int, seed: int) -> Counter[str]:
    """Kill *kills* processes, each at a random moment, starting again what has fallen."""
    chance, done = random.Random(seed), Counter[str]()
    while done.total() < kills:
        time.sleep(chance.uniform(0.02, 1.2))
        kind = chance.choice(("web worker", "watcher"))
        living = web.workers() if kind == "web worker" else watchers.pids()
        if not living:
            continue
        try:
            os.kill(chance.choice(living), signal.SIGKILL)
        except ProcessLookupError:
            continue
        done[kind] += 1
        # Sometimes the other one has to carry on alone for a while.
        if chance.random() < 0.7:
            time.sleep(0.01)
            watchers.mend()
    watchers.mend()
    return done


def expected(client_books: list[Client], until: datetime) -> dict[tuple[str, str], str]:
    """What each case must be, by plain arithmetic on what was acknowledged."""
    found = {}
    for client in client_books:
        for case, happened in client.told.items():
            arrived, served = happened.get("arrived"), happened.get("served")
            if arrived is None:
                raise SystemExit(f"the client never told that {case} arrived")
            late = served - arrived > LIMIT if served else arrived + LIMIT < until
            found[case] = "broken" if late else "kept" if served else "pending"
    return found


OF_CASE = """
    JOIN "case" c ON c.branch_id = x.branch_id AND c.id = x.case_id
    JOIN branch b ON b.id = c.branch_id
"""
QUERIES = {
    "milestones": f"SELECT b.code, c.reference, x.name FROM milestone x {OF_CASE}",
    "verdicts": f"SELECT b.code, c.reference, x.status FROM verdict x {OF_CASE}",
    "owed": f"""
        SELECT b.code, c.reference,
            SUM(CASE WHEN e.credit = 'customers' THEN e.amount WHEN e.debit = 'customers' THEN -e.amount END)
        FROM entry e
        JOIN compensation x ON x.branch_id = e.branch_id AND x.id = e.compensation_id {OF_CASE}
        GROUP BY b.code, c.reference
    """,
    "reversed twice": """
        SELECT branch_id, reverses FROM entry WHERE reverses IS NOT NULL
        GROUP BY branch_id, reverses HAVING COUNT(*) > 1
    """,
    "balance": """
        SELECT COALESCE(SUM(amount), 0) FROM (
            SELECT debit AS account, amount FROM entry UNION ALL SELECT credit, -amount FROM entry
        ) AS sides
    """,
}
"""The harness's own SQL: it shares no code with what it checks."""


def stored(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """What the database holds."""
    with engine.execution_options(writes=False).connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(query))] for name, query in QUERIES.items()
        }


def faults(found: dict[str, list[tuple[Any, ...]]], clients: list[Client], until: datetime) -> list[str]:
    """What the database holds otherwise than the client's book says."""
    told = Counter(
        (*case, name) for client in clients for case, happened in client.told.items() for name in happened
    )
    there = Counter(found["milestones"])
    due = expected(clients, until)
    verdicts = Counter(found["verdicts"])
    wanted = Counter((*case, status) for case, status in due.items())
    owed = {(branch, case): cents for branch, case, cents in found["owed"]}
    told_wrong = []
    for name, missing in (
        ("acknowledged events lost", told - there),
        ("events that nobody told, or twice", there - told),
        ("verdicts missing", wanted - verdicts),
        ("verdicts too many", verdicts - wanted),
    ):
        told_wrong += [f"{missing.total()} {name}: {list(missing)[:3]}"] if missing else []
    for case, status in due.items():
        should = 1000 if status == "broken" else 0
        if owed.get(case, 0) != should:
            told_wrong.append(f"{case} is {status} and owes {owed.get(case, 0)} cents, not {should}")
    told_wrong += [f"an entry was reversed twice: {row}" for row in found["reversed twice"]]
    balance = found["balance"][0][0]
    told_wrong += [f"the ledger is out of balance by {balance} cents"] if balance else []
    told_wrong += [f"refused: {one}" for client in clients for one in client.refused[:3]]
    return told_wrong


def settled(engine: Engine) -> bool:
    """Whether nothing is overdue any more."""
    query = text("SELECT COUNT(*) FROM verdict WHERE status = 'pending'")
    with engine.execution_options(writes=False).connect() as connection:
        return connection.execute(query).scalar() == 0


def prepared(engine: Engine) -> str:
    """A company whose promise is two seconds, and a token for the client."""
    upgrade(engine)
    with transaction(engine) as session:
        company(session, now(), branches=BRANCHES, limit=f"{int(LIMIT.total_seconds())} s")
        return tokens.make(session, source="kill", scopes=["events.write"], by=None, as_of=now())[1]


def stream_and_kill(engine: Engine, address: str, folder: Path, token: str, asked: Asked) -> Ran:
    """Let clients tell while processes die; then let what is left come to rest."""
    web, watchers = Web(address, folder), Watchers(address, folder)
    clients = [Client(web.port, token, asked.seed * 100 + number) for number in range(STREAMS)]
    streams = [threading.Thread(target=one.run, daemon=True) for one in clients]
    try:
        for stream in streams:
            stream.start()
        killed = kill_at_random(web, watchers, asked.kills, asked.seed)
        for client in clients:
            client.stop.set()
        for stream in streams:
            stream.join(SETTLES_S)
        deadline = time.monotonic() + SETTLES_S
        while not settled(engine) and time.monotonic() < deadline:
            watchers.mend()
            time.sleep(0.2)
    finally:
        watchers.stop()
        web.stop()
    waits = [f"a client waits for ever, after {one.tries} tries" for one in clients if not one.done]
    return Ran(clients, killed, waits)


def run(kind: str, address: str, asked: Asked) -> list[str]:
    """Everything on one database; what is wrong in the end."""
    engine = open_database(address)
    token, began = prepared(engine), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="promises-kill-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ran = stream_and_kill(engine, address, folder, token, asked)
        wrong = ran.wrong + faults(stored(engine), ran.clients, now())
        verify = subprocess.run(
            [sys.executable, "-m", "promises", "verify"],
            env=environment(address, folder), cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if verify.returncode:
            wrong.append(f"promises verify: {verify.stdout[-2000:]}{verify.stderr[-2000:]}")
        if wrong:
            wrong += [(folder / log).read_text()[-3000:] for log in ("watch.log", "web.log")]
    due = Counter(expected(ran.clients, now()).values())
    with engine.execution_options(writes=False).connect() as connection:
        undone = connection.execute(text("SELECT COUNT(*) FROM entry WHERE kind = 'reversed'")).scalar()
    engine.dispose()
    whose = " and ".join(f"{count} of a {victim}" for victim, count in sorted(ran.killed.items()))
    print(
        f"{kind}: {ran.killed.total()} kills ({whose}) in {time.monotonic() - began:.0f} s; "
        f"{sum(one.acknowledged for one in ran.clients)} events acknowledged in "
        f"{sum(one.tries for one in ran.clients)} tries; {due.total()} cases, {due['kept']} kept and "
        f"{due['broken']} broken; {undone} compensations taken back after late news; "
        f"verify: {'NOT WHOLE' if verify.returncode else 'whole'}; "
        f"{'WRONG' if wrong else 'nothing lost, missing or doubled'}",
        flush=True,
    )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--address", help="an empty database that is there already, instead")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong = []
    if asked.address:
        wrong = run("given database", asked.address, Asked(asked.kills, asked.seed))
    else:
        for kind in ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]:
            with databases([kind]) as found:
                wrong += run(kind, found[kind], Asked(asked.kills, asked.seed))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
