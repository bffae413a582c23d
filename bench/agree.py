"""Is a case judged alike alone and among a million others?

    python bench/agree.py [--cases 100000] [--seed 1] [--workers 2]

Draws terms at random (every clock, pauses, endings, exclusions, amounts inside amounts, periods, caps,
claims), and for each some cases at random, good and bad. Each case is judged by itself and all of them
together as columns. Prints how many verdicts were compared and every difference; any makes it fail.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np

from promises.service.judging import Case, Cases, Paid, Verdict, judge_many, split
from promises.terms.caps import looks_at_others
from promises.terms.document import TermsDocument
from promises.terms.hours import OpeningHours
from promises.terms.reading import read_terms

CASES_OF_ONE_TERMS = 400
ZONES = ("Europe/Helsinki", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC")
BRANCHES = ("a", "b", "c", "")
FIRST = datetime(2025, 10, 1, tzinfo=UTC)
AS_OF = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAYS = (AS_OF - FIRST).days


def draw_terms(chance: Random) -> TermsDocument:
    """Terms that say what no company would ever say all at once."""
    zone = chance.choice(ZONES)
    document: dict[str, Any] = {
        "format": 1,
        "promise": "p",
        "name": {"fi": "p", "en": "p"},
        "starts": chance.choice(["2025-01-01", "2025-12-01"]),
        "zone": zone,
        "moment": chance.choice(["start", "breach", "end"]),
        "measure": _attribute_measure(chance) if chance.random() < 0.15 else _time_measure(chance),
        "endings": {
            "left": chance.choice(["owed_after_limit", "excluded"]),
            "no_show": "excluded",
        },
        "working_days": {
            "weekdays": chance.choice(["mon-fri", "mon-sat", "tue-sat"]),
            "holidays": chance.choice(["FI", "GB-ENG", ""]),
        },
        "remedy": _remedy(chance),
    }
    if chance.random() < 0.3:
        document["branches"] = chance.sample(["a", "b", "c"], 2)
    if chance.random() < 0.3:
        document["cases"] = [chance.choice([
            {"attribute": "kind", "in": ["x", "y"]}, {"attribute": "size", "at_least": 3},
        ])]  # fmt: skip
    if chance.random() < 0.4:
        document["excluded"] = [{"reason": "storm", "when": {"attribute": "storm", "is": True},
                                 **({"evidence": "proof"} if chance.random() < 0.5 else {})}]  # fmt: skip
    if chance.random() < 0.3:
        document["set_aside_after"] = chance.choice([None, "90 h", "20 calendar days"])
    if chance.random() < 0.5:
        document["hours"] = {"week": {"mon-fri": "09:00-12:00, 13:00-17:30", "sat": "22:00-02:00"},
                             "holidays": "FI"}  # fmt: skip
    return read_terms(document)


def _attribute_measure(chance: Random) -> dict[str, Any]:
    must = chance.choice(
        [{"attribute": "right", "is": True}, {"attribute": "size", "at_most": 4},
         {"attribute": "kind", "in": ["x", "z"]}]
    )  # fmt: skip
    return {"from": "arrived", "to": "served", "must": must}


def _time_measure(chance: Random) -> dict[str, Any]:
    limit = chance.choice(["15 min", "90 s", "5 h", "26 h", "0 calendar days", "1 working day",
                           "2 working days", "6 calendar days"])  # fmt: skip
    measure: dict[str, Any] = {"from": "arrived", "to": "served", "limit": limit}
    if limit.endswith("days") or limit.endswith("day"):
        if chance.random() < 0.5:
            measure["due_time"] = chance.choice(["00:00", "12:30", "23:59"])
    else:
        measure["clock"] = chance.choice(["elapsed", "opening_hours"])
    if chance.random() < 0.6:
        measure["pauses"] = [{"from": "parked", "to": "resumed"}, {"from": "sent", "to": "back"}][
            : chance.randint(1, 2)
        ]
    if chance.random() < 0.3:
        measure["split_after"] = "2 h"
    measure["exactly"] = chance.choice(["kept", "broken"])
    return measure


def _remedy(chance: Random) -> dict[str, Any]:
    remedy: dict[str, Any] = {"pays": [{"amount": _amount(chance, 3)}]}
    if chance.random() < 0.5:
        remedy["pays"].append(
            {"amount": _amount(chance, 1), "counting": chance.choice(["started", "complete"]),
             "per": chance.choice(["30 min", "12 h", "1 calendar day", "1 working day", "7 calendar days"])}
        )  # fmt: skip
    if chance.random() < 0.2:
        remedy["times"] = "people"
    if chance.random() < 0.3:
        remedy["round_to"] = chance.choice(["0.05", "0.50", "1.00"])
    if chance.random() < 0.2:
        remedy["at_least"] = "3.00"
    if chance.random() < 0.2:
        remedy["nothing_below"] = "4.00"
    if chance.random() < 0.3:
        remedy["once_per"] = "fault"
    caps = [{"amount": "60.00"}, {"amount": {"percent": "150", "of": "fare"}},
            {"amount": "100.00", "per": "month", "by": "customer"},
            {"times": 2, "per": "year", "by": "customer", "year_starts": "04-01"}]  # fmt: skip
    remedy["caps"] = chance.sample(caps, chance.randint(0, 2))
    if chance.random() < 0.2:
        remedy["claim"] = {"milestone": "claimed", "within": chance.choice(["3 calendar days", "1 month"])}
    return remedy


def _amount(chance: Random, depth: int) -> Any:
    kind = chance.choice(["sum", "percent", "value", "size", "length", "date"]) if depth else "sum"

    def inner() -> Any:
        return _amount(chance, depth - 1)

    if kind == "percent":
        return {"percent": chance.choice(["12.5", "25", "133.333"]), "of": "fare"}
    if kind == "value":
        return {"by": "kind", "is": {"x": inner(), "y": inner()}}
    if kind == "size":
        return {"by": "size", "bands": [{"up_to": 2, "pays": inner()}, {"up_to": "4.5", "pays": inner()},
                                        {"pays": inner()}]}  # fmt: skip
    if kind == "length":
        return {"by_length": [{"from": "0 min", "pays": inner()}, {"from": "20 min", "pays": inner()},
                              {"from": "26 h", "pays": inner()}]}  # fmt: skip
    if kind == "date":
        return {"at": chance.choice(["start", "breach", "end"]),
                "by_date": [{"from": "2025-01-01", "pays": inner()}, {"from": "2026-03-29", "pays": inner()}],
                }  # fmt: skip
    return f"{chance.randrange(0, 5000) / 100:.2f}"


def draw_hours(chance: Random) -> dict[str, OpeningHours]:
    """Opening hours of some branches; of the others nothing is known."""
    found = {}
    for branch in ("a", "b"):
        week = []
        for weekday in range(7):
            bounds = sorted(chance.sample(range(0, 110), 2 * chance.randint(0, 2)))
            week += [(weekday, bounds[n] * 15, bounds[n + 1] * 15) for n in range(0, len(bounds), 2)]
        usable = [one for one in week if one[1] < 24 * 60 and one[2] <= 24 * 60]
        found[branch] = OpeningHours.of(chance.choice(ZONES), usable, {}, chance.choice(["FI", ""]))
    return found


def draw_cases(chance: Random, count: int) -> list[Case]:
    """Cases of which most make sense."""
    return [_case(chance, number) for number in range(count)]


def _case(chance: Random, number: int) -> Case:
    start = FIRST + timedelta(seconds=chance.randrange(DAYS * 86400))
    if chance.random() < 0.2:
        start = start.replace(second=0, minute=0)
    wait = chance.choice([0, 89, 90, 899, 900, 901, 5 * 3600, 26 * 3600, chance.randrange(40 * 86400)])
    told = [("arrived", start)]
    if chance.random() < 0.85:
        told.append(("served", start + timedelta(seconds=wait)))
    at = start
    for stop, begin in (("parked", "resumed"), ("parked", "resumed"), ("sent", "back")):
        if chance.random() < 0.2:
            at += timedelta(seconds=chance.randrange(2 * 86400))
            told.append((stop, at))
            at += timedelta(seconds=chance.randrange(3 * 86400))
            if chance.random() < 0.9:
                told.append((begin, at))
    told += [
        (name, start + timedelta(seconds=chance.randrange(-60, 3 * 86400)))
        for name, often in (("left", 0.1), ("no_show", 0.05), ("claimed", 0.5), ("arrived", 0.04),
                            ("served", 0.04), ("resumed", 0.02))
        if chance.random() < often
    ]  # fmt: skip
    if chance.random() < 0.02:
        told = told[1:]
    attributes: dict[str, Any] = {
        "fare": f"{chance.randrange(10000) / 100:.2f}",
        "size": chance.choice([1, 2, 3, "4.5", 5, "big"]),
        "kind": chance.choice(["x", "y", "x", "y", "z"]),
        "storm": chance.random() < 0.2,
        "proof": chance.choice(["", "seen"]),
        "right": chance.choice(["true", "no", "perhaps"]),
        "people": chance.choice([1, 2, 3, "1.5"]),
        "fault": f"f{chance.randrange(100)}",
        "customer": f"c{chance.randrange(60)}",
    }  # fmt: skip
    if chance.random() < 0.2:
        attributes["fare"] = chance.choice(["40.00", "15.97", "0.01", "-3.00", "free", "99999999999"])
    kept = {name: value for name, value in attributes.items() if chance.random() < 0.96}
    return Case(str(number), chance.choice(BRANCHES), tuple(told), kept)


@dataclass(frozen=True)
class Difference:
    """One case with two verdicts."""

    seed: int
    case: str
    alone: Verdict
    together: Verdict

    def __str__(self) -> str:
        return f"seed {self.seed}, case {self.case}: alone {self.alone}, among others {self.together}"


def compare(seed: int, count: int) -> tuple[int, list[Difference]]:
    """How many verdicts were compared under terms drawn from *seed*, and those that differ."""
    chance = Random(seed)
    terms, hours = draw_terms(chance), draw_hours(chance)
    cases = draw_cases(chance, count)
    columns = split(Cases.of(cases), terms)
    together = judge_many(columns, terms, AS_OF, hours)
    stretches = [stretch for case in cases for stretch in _stretches(case, terms)]
    alone: list[Verdict | None] = [None] * len(stretches)
    paid = Paid()
    for place in _in_turn(together, terms):
        alone[place] = judge_many(stretches[place], terms, AS_OF, hours, paid)[0]
    differing = [
        Difference(seed, str(columns.ids[place]), one, other)
        for place, (one, other) in enumerate(zip(alone, together, strict=True))
        if one != other and one is not None
    ]
    return len(stretches), differing


def _stretches(case: Case, terms: TermsDocument) -> Iterator[Cases]:
    own = split(Cases.of([case]), terms)
    for row in range(len(own)):
        yield own.take(np.array([row])) if len(own) > 1 else own


def _in_turn(together: Any, terms: TermsDocument) -> list[int]:
    """The order in which cases come to be owed: it decides who is paid where a cap leaves little."""
    places = range(len(together))
    if not looks_at_others(terms.remedy):
        return list(places)
    timed = hasattr(terms.measure, "limit")
    at = together.due_at if timed else together.ended_at
    return sorted(places, key=lambda place: int(at[place]))


def agree(cases: int, seed: int, workers: int) -> bool:
    """Compare *cases* verdicts or a few more; whether all of them agree."""
    began, compared, found = time.perf_counter(), 0, 0
    seeds = range(seed, seed + -(-cases // CASES_OF_ONE_TERMS))
    with ProcessPoolExecutor(workers) as pool:
        for number, (count, differing) in enumerate(
            pool.map(compare, seeds, [CASES_OF_ONE_TERMS] * len(seeds), chunksize=4), start=1
        ):
            compared, found = compared + count, found + len(differing)
            for one in differing[:3]:
                print(one, flush=True)
            if sys.stderr.isatty() or number % 250 == 0:
                print(f"\r{compared} verdicts ...", end="", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - began
    print(
        f"\n{compared} verdicts under {len(seeds)} terms drawn at random, alone and as columns: "
        f"{found} differ ({seconds:.0f} s)"
    )
    return not found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    sys.exit(0 if agree(chosen.cases, chosen.seed, chosen.workers) else 1)


if __name__ == "__main__":
    main()
