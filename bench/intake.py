"""Bringing in a file of feedback, measured on the real command, and how long others had to wait meanwhile.

``promises import feedback FILE`` takes a file of customers' words into a fresh database: checked, masked and
written part by part. The floor, in the same run: masking the same words, where most of the time goes.

    python bench/intake.py [--rows 100000] [--database sqlite|postgresql]

Claimed: whoever presses a button meanwhile waits at most 500 ms for SQLite's one lock.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from setting import BRANCHES, ROOT, company, databases, environment
from setting.presses import Presses

from promises.database import open_database, transaction, upgrade
from promises.feedback.masking import mask

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)


def write_file(path: Path, rows: int) -> list[str]:
    """The words of the seeded bank's customers again and again, each a little different; returns them."""
    with (ROOT / "seed_data" / "feedback.csv").open(encoding="utf-8") as file:
        words = [row["text"] for row in csv.DictReader(file)]
    told = [f"{words[n % len(words)]} ({n})" for n in range(rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "score", "date", "branch", "customer"))
        writer.writerows(
            (text, n % 11, "1.6.2026", f"b{n % BRANCHES}", n // 3) for n, text in enumerate(told)
        )
    return told


def take(address: str, file: Path, folder: Path) -> tuple[float, float, float]:
    """The real command in a process of its own: seconds on the clock, of the processor; MiB at its peak."""
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "promises", "import", "feedback", str(file), "--no-mine"],
        env=environment(address, folder),
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit("the file was not taken")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "feedback.csv"
        words = write_file(file, chosen.rows)
        mask(words[0])
        began = time.process_time()
        for text in words:
            mask(text)
        floor = time.process_time() - began
        size = file.stat().st_size / 1e6
        print(
            f"{chosen.rows:,} pieces of feedback, {size:.0f} MB of CSV; masking alone {floor:.1f} s CPU",
            flush=True,
        )
        for kind in chosen.database or ["sqlite", "postgresql"]:
            with databases([kind]) as fresh:
                bench(kind, fresh[kind], file, folder, chosen.rows, floor)


def bench(kind: str, address: str, file: Path, folder: Path, rows: int, floor: float) -> None:
    engine = open_database(address)
    upgrade(engine)
    with transaction(engine) as session:
        company(session, AS_OF)
    engine.dispose()
    if kind == "sqlite":
        with Presses(Path(address.removeprefix("sqlite:///"))) as presses:
            clock, processor, peak = take(address, file, folder)
    else:
        clock, processor, peak = take(address, file, folder)
    print(
        f"{kind:<12}{clock:7.1f} s {processor:7.1f} s CPU {rows / clock:8,.0f} rows/s   "
        f"{processor / floor:.2f} x the floor   peak {peak:.0f} MiB"
    )
    if kind == "sqlite":
        print(presses)


if __name__ == "__main__":
    main()
