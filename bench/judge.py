"""Judging speed and memory, each against a floor measured in the same run.

    python bench/judge.py [--rows 1000000] [--loop 2000] [--folder FOLDER] [--memory]

Prints one line per measurement: seconds, ratio to the floor, the ratio that is claimed, and whether it was
met. With ``--memory`` it judges ten times the rows in a process of its own and prints its peak above an
interpreter that has only imported the product; and the same of as many cases told milestone by milestone,
in no order. Needs duckdb, which the product itself doesn't. Whether the two paths agree is asked by
``bench/agree.py``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from promises.service.casefile import Layout, Needs, read_cases
from promises.service.judging import Cases, Counts, counted, judge, judge_many
from promises.service.judging.cases import Case
from promises.service.tablefile import FileFaults
from promises.terms.document import TermsDocument
from promises.terms.hours import moment
from promises.terms.reading import read_terms, write_terms
from promises.terms.templates import template

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
BRANCHES = ("kamppi", "tapiola", "turku", "oulu", "tampere", "lahti")
BATCH = 1_000_000


def bank(clock: str, pauses: bool) -> TermsDocument:
    """The bank's fifteen minutes on a clock, with pauses or without."""
    document = write_terms(template("bank-15-minutes"))
    document["measure"] = {"from": "arrived", "to": "served", "limit": "15 min", "clock": clock}
    if pauses:
        document["measure"]["pauses"] = [{"from": "parked", "to": "resumed"}]
    return read_terms(document)


def write_file(path: Path, rows: int) -> None:
    """A file of visits over half a year, a tenth of them parked for a while, in the order of arrival."""
    random = np.random.default_rng(1)
    start = np.datetime64("2026-01-01", "s").astype(np.int64)
    with path.open("wb") as file:
        for first in range(0, rows, BATCH):
            count = min(BATCH, rows - first)
            arrived = start + (np.arange(first, first + count) * 180 * 86400) // rows
            waited = random.exponential(600, count).astype(np.int64)
            parked = np.where(random.random(count) < 0.1, arrived + waited // 3, -1)
            columns = {
                "case": pa.array(np.arange(first, first + count)),
                "branch": pa.array(np.array(BRANCHES)[random.integers(0, len(BRANCHES), count)]),
                "arrived": _times(arrived),
                "served": _times(arrived + waited),
                "parked": _times(parked),
                "resumed": _times(np.where(parked < 0, -1, parked + waited // 3)),
            }
            options = pcsv.WriteOptions(include_header=first == 0, quoting_style="none")
            pcsv.write_csv(pa.table(columns), file, options)


def write_long_file(path: Path, cases: int) -> None:
    """The same told milestone by milestone, a row each, shuffled over half a million cases at a time."""
    random = np.random.default_rng(2)
    start = np.datetime64("2026-01-01", "s").astype(np.int64)
    with path.open("wb") as file:
        for first in range(0, cases, BATCH // 2):
            count = min(BATCH // 2, cases - first)
            number = np.arange(first, first + count)
            arrived = start + (number * 180 * 86400) // cases
            order = random.permutation(2 * count)
            case = np.concatenate([number, number])[order]
            at = np.concatenate([arrived, arrived + random.exponential(600, count).astype(np.int64)])[order]
            columns = {
                "case": pa.array(case),
                "branch": pa.array(np.array(BRANCHES)[case % len(BRANCHES)]),
                "milestone": pa.array(np.array(["arrived", "served"])[order // count]),
                "at": _times(at),
            }
            options = pcsv.WriteOptions(include_header=first == 0, quoting_style="none")
            pcsv.write_csv(pa.table(columns), file, options)


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds, pa.timestamp("s", "UTC"), mask=seconds < 0)


def judge_file(path: Path, terms: TermsDocument) -> Counts:
    """From file to verdicts and sums."""
    counts = Counts()
    for cases in read_cases(path, Needs.of([terms]), Layout(), FileFaults()):
        counts += counted(judge_many(cases, terms, AS_OF))
    return counts


def best(work: Callable[[], object], times: int = 3) -> float:
    """Seconds of the fastest of some runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time: how work grows must not depend on who else is at the machine."""
    began = time.process_time()
    work()
    return time.process_time() - began


def duckdb_count(path: Path) -> int:
    """What DuckDB needs to read the file and count the waits over the limit: the floor."""
    import duckdb

    query = f"SELECT count(*) FROM read_csv('{path}') WHERE served - arrived > INTERVAL 15 MINUTE"
    return int(duckdb.connect().sql(query).fetchall()[0][0])


def plain_cases(path: Path, terms: TermsDocument, count: int) -> tuple[list[Case], Cases]:
    """The first cases of the file as plain values, and all of its first batch as columns."""
    columns = next(iter(read_cases(path, Needs.of([terms]), Layout(), FileFaults())))
    names = list(columns.milestones)
    plain = []
    for row in range(count):
        told = [
            (name, moment(int(at)))
            for name in names
            if (at := columns.milestones[name].first[row]) != np.iinfo(np.int64).min
        ]
        branch = columns.branches.values[columns.branches.codes[row]]
        plain.append(Case(str(columns.ids[row]), branch, tuple(told)))
    return plain, columns


def line(what: str, seconds: float, ratio: float, wanted: str = "", met: bool | None = None) -> None:
    """One measurement; *wanted* is what is claimed of the ratio."""
    told = "" if met is None else "   met" if met else "   MISSED"
    print(f"{what:<52}{seconds:>9.3f} s {ratio:>9.1f}   {wanted}{told}", flush=True)


def peak_mib(*arguments: str) -> float:
    """Peak memory of this script in a process of its own, in MiB."""
    code = [sys.executable, __file__, *arguments]
    return float(subprocess.run(code, check=True, capture_output=True, text=True).stdout.split()[-1])


def peak_of_this_process() -> float:
    """In MiB, since the program was loaded; getrusage would tell the parent's as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def told_memory(form: str, above: float) -> None:
    """One measurement of memory, in MiB above the interpreter."""
    met = "met" if above <= 1024 else "MISSED"
    print(f"memory above the interpreter, {form}: {above:.0f} MiB   at most 1024 MiB   {met}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--loop", type=int, default=2_000)
    options.add_argument("--folder", type=Path)
    options.add_argument("--memory", action="store_true")
    options.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.peak:
        if chosen.peak.exists():
            judge_file(chosen.peak, bank("opening_hours", pauses=True))
        print(peak_of_this_process())
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "cases.csv"
        write_file(path, chosen.rows)
        floor = best(lambda: duckdb_count(path))
        line(f"DuckDB: read and count, {chosen.rows} rows (floor)", floor, 1)
        simple, full = bank("elapsed", pauses=False), bank("opening_hours", pauses=True)
        elapsed = best(lambda: judge_file(path, simple)) / floor
        line("judge, elapsed time", elapsed * floor, elapsed, "at most 4 x the floor", elapsed <= 4)
        opening = best(lambda: judge_file(path, full))
        ratio = opening / floor
        line("judge, opening hours, holidays, pauses", opening, ratio, "at most 8 x the floor", ratio <= 8)
        plain, columns = plain_cases(path, full, chosen.loop)
        loop = best(lambda: [judge(case, full, AS_OF) for case in plain], 1) / len(plain)
        arrays = best(lambda: judge_many(columns, full, AS_OF)) / len(columns)
        slower = loop / arrays
        line("one case after another, for 1 M cases", loop * 1e6, slower, "at least 100 x", slower >= 100)
        if chosen.memory:
            large = Path(folder) / "large.csv"
            write_file(large, 10 * chosen.rows)
            few, many = cpu(lambda: judge_file(path, full)), cpu(lambda: judge_file(large, full))
            growth = many / few
            line(f"judge {10 * chosen.rows} rows (CPU)", many, growth, "at most 12 x: linear", growth <= 12)
            floor_of_memory = peak_mib("--peak", str(Path(folder) / "none"))
            told_memory("a row per case", peak_mib("--peak", str(large)) - floor_of_memory)
            large.unlink()
            write_long_file(large, 10 * chosen.rows)
            told_memory("a row per milestone", peak_mib("--peak", str(large)) - floor_of_memory)


if __name__ == "__main__":
    main()
