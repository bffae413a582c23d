"""How well and how fast personal data are masked.

    python bench/masking.py [--all] [--missed]

Reads tests/feedback/masking_lines.tsv. By default only the lines that the rules were made with are counted;
with ``--all`` the held-out third beside them. ``--missed`` prints each line that is not masked as it should
be. A piece counts as masked if each of its letters and digits is; harmed is a word or number outside of all
pieces of which any sign is masked. The floor of the speed is one pass of a compiled expression over the same
lines.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from promises.feedback.masking import mask

LINES = Path(__file__).parents[1] / "tests" / "feedback" / "masking_lines.tsv"
MARK = re.compile(r"\{(\w+):([^}]*)\}")
PIECE = re.compile(r"[^\W_]+")
HELD_OUT = 3
TIMES = 40


class Line(NamedTuple):
    language: str
    text: str
    private: list[tuple[str, int, int]]


def read_line(line: str) -> Line:
    """A line of the file, its marks taken out into (kind, start, end)."""
    language, marked = line.rstrip("\n").split("\t")
    text, private, last = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[last : found.start()]
        private.append((found[1], len(text), len(text) + len(found[2])))
        text += found[2]
        last = found.end()
    return Line(language, text + marked[last:], private)


def lines(held_out: bool) -> list[Line]:
    told = [line for line in LINES.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [read_line(line) for n, line in enumerate(told) if (n % HELD_OUT == HELD_OUT - 1) == held_out]


def measure(found: list[Line], tell: bool) -> tuple[Counter[str], Counter[str], int, int]:
    """(pieces by kind, those masked by kind, other words and numbers, those harmed)."""
    all_of: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    others = harmed = 0
    for line in found:
        covered = {place for each in mask(line.text).found for place in range(each.start, each.end)}
        private = {place for _, start, end in line.private for place in range(start, end)}
        fault = False
        for kind, start, end in line.private:
            all_of[kind] += 1
            whole = all(p in covered for p in range(start, end) if line.text[p].isalnum())
            masked[kind] += whole
            fault |= not whole
        for word in PIECE.finditer(line.text):
            if word.start() not in private:
                others += 1
                hurt = any(place in covered for place in range(*word.span()))
                harmed += hurt
                fault |= hurt
        if tell and fault:
            print(f"  {line.language}  {line.text}\n   →  {mask(line.text).text}")
    return all_of, masked, others, harmed


def report(name: str, found: list[Line], tell: bool) -> None:
    all_of, masked, others, harmed = measure(found, tell)
    print(f"{name}: {len(found)} lines, {sum(masked.values())} of {sum(all_of.values())} pieces masked "
          f"({sum(masked.values()) / sum(all_of.values()):.1%}), "
          f"{harmed} of {others} other words and numbers harmed ({harmed / others:.2%})")  # fmt: skip
    print("   " + "  ".join(f"{kind} {masked[kind]}/{all_of[kind]}" for kind in sorted(all_of)))


def speed(texts: list[str], work: Callable[[str], object]) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        for text in texts:
            work(text)
    return TIMES * len(texts) / (time.perf_counter() - began)


def main() -> None:
    tell = "--missed" in sys.argv
    report("made with", lines(held_out=False), tell)
    if "--all" in sys.argv:
        report("held out", lines(held_out=True), tell)
    texts = [line.text for line in lines(held_out=False)]
    print(f"speed: {speed(texts, mask):,.0f} lines/s; floor (every word found once) "
          f"{speed(texts, PIECE.findall):,.0f} lines/s")  # fmt: skip


if __name__ == "__main__":
    main()
