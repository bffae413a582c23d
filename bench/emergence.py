"""Is a problem that begins announced within its first ten texts, and does chance alone announce anything?

    python bench/emergence.py [--quick] [--mining FOLDER]

Streams of a year are made of the seed's feedback as its readers labelled it: each text tells of the problems
of one labelled text drawn by lot, on a day by lot. **Begins**: one problem's texts are taken out, and from a
day by lot on (the 90th to the 300th) they come in again at a steady rate, by chance like everything else.
Every day is looked at as the watch does it (``emergence.change``). Printed is in which of its texts the
problem was announced: how many of the trials within the first ten, the median, and the worst.
**Rare** is the same, but the problem was heard of before, every second month or so.
**Shuffled** is a year in which nothing begins: whatever is announced is false.

Floor, in the same run: a problem is announced when its last 30 days have at least three texts and twice
those of the 30 days before (what a table by month shows).

``--mining FOLDER`` adds trials from end to end, see :mod:`streams`.
"""

import csv
import random
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import streams

from promises.feedback.finding.emergence import RISES, Change, Days, change, level

SEED = Path(__file__).parents[1] / "seed_data"
YEAR, FIRST = 365, 10
Stream = list[tuple[int, tuple[str, ...]]]
Look = Callable[["Watched", int], bool]


def labelled() -> list[tuple[str, ...]]:
    with (SEED / "feedback_labels.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(filter(None, row["problems"].split("|"))) for row in csv.DictReader(file)]


class Watched:
    """What has come in of one problem, and of all, up to today."""

    def __init__(self) -> None:
        self.own: Counter[int] = Counter()
        self.heard: Counter[int] = Counter()
        self.spoken = 0
        self.before: int | None = None


def scan(watched: Watched, today: int) -> bool:
    """Ours; remembers what it announced."""
    if watched.own.total() < RISES[0]:
        return False
    found: Change | None = change(
        Days(watched.own),
        Days(watched.heard),
        today=today,
        before=watched.before,
        at=level(watched.spoken),
    )
    if found is not None:
        watched.before = found.since
    return found is not None and found.kind != "fading"


def doubled(watched: Watched, today: int) -> bool:
    """The floor."""
    recent = sum(n for day, n in watched.own.items() if today - 30 < day <= today)
    before = sum(n for day, n in watched.own.items() if today - 60 < day <= today - 30)
    rose = today >= 60 and recent >= 3 and recent >= 2 * before
    if rose and watched.before is not None and today - watched.before < 30:
        return False
    if rose:
        watched.before = today
    return rose


def stream(chance: random.Random, told: Sequence[tuple[str, ...]], number: int) -> Stream:
    return sorted((chance.randrange(YEAR), chance.choice(told)) for _ in range(number))


def announced(days: Stream, problem: str, look: Look, since: int) -> int | None:
    """In which of the problem's texts from the day *since* on it was announced, if it was."""
    watched, came = Watched(), 0
    by_day = defaultdict(list)
    for day, told in days:
        by_day[day].append(told)
    for today in range(YEAR):
        for told in by_day[today]:
            watched.heard[today] += 1
            watched.spoken += len(told)
            watched.own[today] += problem in told
            came += today >= since and problem in told
        spoken = any(problem in told for told in by_day[today])
        if spoken and look(watched, today) and today >= since:
            return came
    return None


def begins(trials: int, gap: float, rare: bool, number: int, looks: dict[str, Look]) -> dict[str, str]:
    found: dict[str, list[int | None]] = defaultdict(list)
    told = labelled()
    names = sorted({one for labels in told for one in labels})
    for trial in range(trials):
        chance = random.Random(f"{trial} {gap} {rare} {number}")
        problem = names[trial % len(names)]
        others = [tuple(one for one in labels if one != problem) for labels in told]
        days = stream(chance, others, number)
        since = chance.randrange(90, 300)
        day = float(since)
        while day < YEAR:
            days.append((int(day), (problem,)))
            day += chance.expovariate(1 / gap)
        if rare:
            days += [(chance.randrange(since), (problem,)) for _ in range(since // 60)]
        for name, look in looks.items():
            found[name].append(announced(sorted(days), problem, look, since))
    lines = {}
    for name, numbers in found.items():
        soon = sum(n is not None and n <= FIRST for n in numbers)
        known = [n for n in numbers if n is not None]
        middle = statistics.median(known) if known else "-"
        lines[name] = (
            f"{soon:>3} of {trials} within {FIRST}   median {middle}   worst {max(known, default='-')}"
        )
    return lines


def shuffled(years: int, number: int, look: Look) -> str:
    told = labelled()
    false = 0
    for year in range(years):
        chance = random.Random(f"shuffled {year} {number}")
        days = stream(chance, told, number)
        watched: dict[str, Watched] = defaultdict(Watched)
        heard: Counter[int] = Counter()
        spoken, at = 0, 0
        for today in range(YEAR):
            new: set[str] = set()
            while at < len(days) and days[at][0] == today:
                heard[today] += 1
                spoken += len(days[at][1])
                for problem in days[at][1]:
                    watched[problem].own[today] += 1
                    new.add(problem)
                at += 1
            for problem in sorted(watched if today % 7 == 0 else new):
                one = watched[problem]
                before, one.heard, one.spoken = one.before, heard, spoken
                look(one, today)
                false += one.before != before
    return f"{false:>4} in {years} years of {number} texts and {len(watched)} problems"


def line(name: str, value: str) -> None:
    print(f"{name:<44} {value}", flush=True)


def main() -> None:
    trials = 15 if "--quick" in sys.argv else 50
    looks: dict[str, Look] = {"ours": scan, "floor (doubled in a month)": doubled}
    began = process_time()
    for rare in (False, True):
        for gap, said in (
            (0.33, "three a day"),
            (1, "one a day"),
            (2, "every other day"),
            (3, "every third day"),
        ):
            for name, value in begins(trials, gap, rare, 800, looks).items():
                line(f"{'rare' if rare else 'begins'}, {said}, {name}", value)
    for number in (800, 5000):
        for name, look in looks.items():
            line(f"shuffled, {name}", shuffled(trials if number < 1000 else trials // 5, number, look))
    line("processor time", f"{process_time() - began:.0f} s")
    if "--mining" in sys.argv:
        at = sys.argv.index("--mining") + 1
        streams.run(Path(sys.argv[at]), quick="--quick" in sys.argv)


if __name__ == "__main__":
    main()
