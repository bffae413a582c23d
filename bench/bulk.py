"""Bringing in a file of closed cases, measured on the real command, against the bare insertion of its rows.

``promises import cases FILE`` takes the file into a fresh database: judged, compensated, entered into the
ledger and its chain, counted for reports. The floor, in the same run: the same final rows of every table
that grew, into a fresh database with the same indexes, table by table in one transaction: on SQLite by one
``executemany`` each (the reading of the rows is measured apart and taken off), on PostgreSQL by COPY.

    python bench/bulk.py [--rows 1000000] [--database sqlite|postgresql] [--memory]

Claimed: at most 3 times the floor, and memory that doesn't grow with the file: with ``--memory`` a quarter
of the file is taken first, and the peaks are compared. Processor time is told beside the time on the clock,
as a busy machine leaves it alone; of PostgreSQL it is the command's own only. Then: how long a writer had to
wait for SQLite's lock meanwhile, and the bytes of each table on disk by case.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from setting import BRANCHES, ROOT, company, databases, environment
from setting.presses import Presses
from sqlalchemy.engine import make_url

from promises.database import open_database, transaction, upgrade
from promises.service.recount import recount
from promises.tables import metadata

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
HALF_A_YEAR_S = 180 * 86400
AT_ONCE = 100_000


def write_file(path: Path, rows: int) -> None:
    """Visits over half a year in the order of arrival, about an eighth of them served too late."""
    random = np.random.default_rng(1)
    start = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
    with path.open("wb") as file:
        for first in range(0, rows, AT_ONCE):
            count = min(AT_ONCE, rows - first)
            arrived = start + (np.arange(first, first + count) * HALF_A_YEAR_S) // rows
            called = arrived + random.exponential(420, count).astype(np.int64)
            served = called + random.integers(5, 60, count)
            numbers = pa.array(np.arange(first, first + count)).cast(pa.string())
            branches = pa.array([f"b{n}" for n in range(BRANCHES)])
            table = pa.table(
                {
                    "case": pc.binary_join_element_wise("V-", numbers, ""),
                    "branch": branches.take(random.integers(0, BRANCHES, count)),
                    "touchpoint": pa.repeat("branch", count),
                    "arrived": _written(arrived),
                    "called": _written(called),
                    "served": _written(served),
                }
            )  # fmt: skip
            pcsv.write_csv(table, file, pcsv.WriteOptions(include_header=first == 0, quoting_style="none"))


def _written(seconds: Any) -> Any:
    return pc.strftime(pa.array(seconds, pa.timestamp("s", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Run:
    """What one run took: seconds on the clock and of the processor, and its peak of memory in MiB."""

    clock: float
    processor: float
    peak: float = 0.0


def product(address: str, file: Path, folder: Path) -> Run:
    """The real command in a process of its own."""
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "promises", "import", "cases", str(file), "--source", "bench"],
        env=environment(address, folder),
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    peak = 0.0
    # What the system keeps of an ended child has the peak of its parent in it, from before the command began.
    while (found := os.wait4(running.pid, os.WNOHANG))[0] == 0:
        peak = max(peak, peak_so_far(running.pid))
        time.sleep(0.02)
    _, status, used = found
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit("the file was not taken")
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, peak)


def peak_so_far(process: int) -> float:
    """The most memory that a running process has held, in MiB; 0 once it has ended."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    line = next((one for one in told.splitlines() if one.startswith("VmHWM")), "0 0")
    return int(line.split()[1]) / 1024


def prepare(address: str) -> None:
    engine = open_database(address)
    upgrade(engine)
    with transaction(engine) as session:
        company(session, AS_OF)
    engine.dispose()


def check(address: str) -> None:
    """That what was brought in is what it claims to be."""
    engine = open_database(address)
    with transaction(engine) as session:
        if faults := recount(session):
            raise SystemExit(f"the counts are wrong: {faults[:3]}")
    engine.dispose()


def measured(act: Callable[[], object]) -> Run:
    clock, processor = time.perf_counter(), time.process_time()
    act()
    return Run(time.perf_counter() - clock, time.process_time() - processor)


def sqlite_floor(of: Path, floor: Path) -> Run:
    """The rows of *of* that *floor* lacks, inserted there by executemany, less the time of reading them."""
    source, target = sqlite3.connect(of), sqlite3.connect(floor, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
        target.execute(f"PRAGMA {pragma}")
    grown = [
        table.name
        for table in metadata.sorted_tables
        if _count(source, table.name) > _count(target, table.name)
    ]

    def rows(name: str) -> Iterator[Any]:
        known = {row for row in target.execute(f'SELECT * FROM "{name}"')}  # noqa: C416
        order = "" if name in ("hourly_count", "hourly_wait") else " ORDER BY rowid"
        return (row for row in source.execute(f'SELECT * FROM "{name}"{order}') if row not in known)

    def read() -> None:
        for name in grown:
            for _ in rows(name):
                pass

    def insert() -> None:
        target.execute("BEGIN IMMEDIATE")
        for name in grown:
            width = len(source.execute(f'SELECT * FROM "{name}" LIMIT 1').fetchone())
            places = ", ".join("?" * width)
            target.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({places})', rows(name))
        target.execute("COMMIT")

    reading, both = measured(read), measured(insert)
    return Run(both.clock - reading.clock, both.processor - reading.processor)


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def postgresql_floor(of: str, floor: str) -> Run:
    """The rows of the large tables of *of*, into *floor* by COPY in one transaction."""
    with psycopg.connect(_plain(of)) as source, psycopg.connect(_plain(floor)) as target:
        names = []
        for table in metadata.sorted_tables:
            own, other = (
                one.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]  # type: ignore[index, arg-type]
                for one in (source, target)
            )
            if own > other == 0:
                names.append(table.name)
        spent = 0.0
        for name in names:
            content = []
            with source.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT BINARY)') as out:  # type: ignore[arg-type]
                content = [bytes(piece) for piece in out]
            began = time.perf_counter()
            with target.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT BINARY)') as into:  # type: ignore[arg-type]
                into.write(b"".join(content))
            spent += time.perf_counter() - began
        began = time.perf_counter()
        target.commit()
        return Run(spent + time.perf_counter() - began, 0.0)


def _plain(address: str) -> str:
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def line(what: str, run: Run, floor: Run | None, rows: int) -> None:
    told = f"{what:<34}{run.clock:8.1f} s {run.processor:8.1f} s CPU {rows / run.clock:10,.0f} cases/s"
    if floor is not None:
        ratio = run.clock / floor.clock
        told += f"   {ratio:5.2f} x the floor   at most 3 x   {'met' if ratio <= 3 else 'MISSED'}"
        if floor.processor:
            told += f"   (CPU {run.processor / floor.processor:.2f} x)"
    print(told, flush=True)


def bench_sqlite(address: str, file: Path, rows: int, folder: Path) -> None:
    path = Path(address.removeprefix("sqlite:///"))
    prepare(address)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    floor_path, second = folder / "floor.sqlite", folder / "second.sqlite"
    shutil.copy(path, floor_path)
    shutil.copy(path, second)
    run = product(address, file, folder)
    check(address)
    floor = sqlite_floor(path, floor_path)
    line("SQLite: executemany, the floor", floor, None, rows)
    line("SQLite: promises import cases", run, floor, rows)
    with Presses(second) as presses:
        product(f"sqlite:///{second}", file, folder)
    print(presses)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"  {path.stat().st_size / rows:,.0f} bytes by case on disk")


def bench_postgresql(address: str, file: Path, rows: int, folder: Path) -> None:
    prepare(address)
    name = make_url(address).database
    with psycopg.connect(_plain(str(_other(address, "template1"))), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE floor TEMPLATE "{name}"')  # type: ignore[arg-type]
    run = product(address, file, folder)
    check(address)
    floor = postgresql_floor(address, _other(address, "floor"))
    line("PostgreSQL: COPY, the floor", floor, None, rows)
    line("PostgreSQL: promises import cases", run, floor, rows)
    with psycopg.connect(_plain(address)) as connection:
        sizes = connection.execute(
            "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND pg_table_size(oid) > 1000000 AND relname !~ '^pg_' ORDER BY 2 DESC"
        ).fetchall()
    for table, own, indexes in sizes:
        print(f"  {table:<14}{own / rows:8,.0f} bytes by case, its indexes {indexes / rows:8,.0f}")
    print(f"  {sum(own + indexes for _, own, indexes in sizes) / rows:,.0f} bytes by case on disk")


def _other(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def bench_memory(kind: str, file: Path, quarter: Path, rows: int, folder: Path) -> None:
    peaks = []
    for path in (quarter, file):
        with databases([kind]) as fresh:
            prepare(fresh[kind])
            peaks.append(product(fresh[kind], path, folder).peak)
    growth = (peaks[1] - peaks[0]) / peaks[0]
    told = "met" if growth <= 0.15 else "MISSED"
    print(
        f"{kind}: peak {peaks[0]:.0f} MiB for {rows // 4:,} cases, {peaks[1]:.0f} MiB for {rows:,}: "
        f"{growth:+.0%}   flat: at most +15 %   {told}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--memory", action="store_true")
    chosen = parser.parse_args()
    kinds = chosen.database or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, quarter = folder / "cases.csv", folder / "quarter.csv"
        write_file(file, chosen.rows)
        print(f"{chosen.rows:,} closed cases, {file.stat().st_size / 1e6:.0f} MB of CSV", flush=True)
        for kind in kinds:
            with databases([kind]) as fresh:
                bench = bench_sqlite if kind == "sqlite" else bench_postgresql
                bench(fresh[kind], file, chosen.rows, folder)
        if chosen.memory:
            write_file(quarter, chosen.rows // 4)
            for kind in kinds:
                bench_memory(kind, file, quarter, chosen.rows, folder)


if __name__ == "__main__":
    main()
