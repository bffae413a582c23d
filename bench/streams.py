"""Emergence from end to end: texts come in through the intake, problems are found, the database tells.

Three kinds of stream, each of a year with 600 texts on days by lot: questions of a bank's customers in
English (BANKING77), requests in Finnish (MASSIVE), both as answers of 3 of 10 points, and feedback in
Finnish (the seed's, with the texts that problem finding is tuned on). **Begins**: one label's texts are
withheld, and from a day by lot on (the 150th to the 250th) fifteen of them come in, three a day, daily or
every other day. It is announced when a rise is announced of a problem of which at least half of the texts
are that label's. **Shuffled**: nothing is withheld; looked at every week; whatever is announced is false.
So is what is announced of others in **begins**.

Besides, in the same run: **by problem**, what is announced when alike texts are not asked for (by counting
alone); and the **floor**, by those same problems: one is announced when its last 30 days have at least three
texts and twice those of the 30 days before (what a table by month shows).
"""

import csv
import random
import statistics
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import NamedTuple
from unittest.mock import patch

from sqlalchemy import Engine
from sqlmodel import Session, select

from promises.database import open_database, open_session, transaction
from promises.feedback import taking
from promises.feedback.curation.tables import Turn
from promises.feedback.finding import actions as finding
from promises.feedback.finding import arising
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.sheet import of_rows
from promises.feedback.tables import Feedback, Mention
from promises.tables import metadata

SEED = Path(__file__).parents[1] / "seed_data"
TUNING = Path(__file__).parents[1] / "tests" / "feedback" / "tuning_texts_fi.tsv"
YEAR, FIRST, PLANTED, OTHERS = 365, 10, 15, 600
BEGIN = datetime(2025, 1, 6, 12, tzinfo=UTC)
NAMES = ("text", "score", "date", "language", "touchpoint")
GAPS = {1 / 3: "three a day", 1: "daily", 2: "every other day"}
WAYS = ("ours", "by problem", "floor")
NO_PROBLEM = {"", "praise", "neutral", "non_answer"}


class Told(NamedTuple):
    text: str
    score: str
    language: str
    touchpoint: str
    labels: tuple[str, ...]


def rows(path: Path, **how: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), **how))  # type: ignore[call-overload]


def pools(folder: Path) -> dict[str, list[Told]]:
    """Kind of stream → its texts."""
    bank = [Told(r["text"], "3", "en", "", (r["category"],)) for r in rows(folder / "banking77_train.csv")]
    massive = [Told(r["fi"], "3", "fi", "", (r["intent"],)) for r in rows(folder / "massive_fi_en_train.csv")]
    seed = [
        Told(r["text"], r["score"], r["language"], r["touchpoint"], tuple(of["problems"].split("|")))
        for r, of in zip(rows(SEED / "feedback.csv"), rows(SEED / "feedback_labels.csv"), strict=True)
    ]
    tuning = [Told(r["text"], "", "fi", "", (r["label"],)) for r in rows(TUNING, delimiter="\t")]
    return {"BANKING77, English": bank, "MASSIVE, Finnish": massive, "feedback, Finnish": [*tuning, *seed]}


def labels(pool: Sequence[Told]) -> list[str]:
    """Labels with enough texts to be planted, in an order by lot."""
    counts = Counter(told.labels[0] for told in pool if len(told.labels) == 1)
    enough = sorted(one for one, n in counts.items() if n >= FIRST - 1 and one not in NO_PROBLEM)
    random.Random(5).shuffle(enough)
    return enough


class Stream:
    """A year, of which *label* is withheld and planted from day ``since`` on (none: nothing is)."""

    def __init__(self, pool: Sequence[Told], label: str, gap: float, number: int) -> None:
        chance = random.Random(f"{label} {number}")
        others = [told for told in pool if label not in told.labels]
        self.since = chance.randrange(150, 250)
        self.days: defaultdict[int, list[Told]] = defaultdict(list)
        for told in chance.sample(others, min(OTHERS, len(others))):
            self.days[chance.randrange(YEAR)].append(told)
        own = [told for told in pool if told.labels == (label,)]
        own = chance.sample(own, min(PLANTED, len(own)))
        self.planted = {told.text for told in own}
        self.came = [(self.since + int(n * gap), told) for n, told in enumerate(own)]


class Heard:
    """A database that the days of a stream are brought into."""

    def __init__(self, stream: Stream, folder: str) -> None:
        self.stream, self.upto, self.files = stream, 0, 0
        self.engine: Engine = open_database(f"sqlite:///{folder}/stream.sqlite")
        metadata.create_all(self.engine)
        self.by_month: set[int] = set()

    def listen(self, today: int, *also: Told) -> None:
        """Bring in all up to the day *today*, *also* what is told then besides, and look for problems."""
        some = [(day, told) for day in range(self.upto, today + 1) for told in self.stream.days[day]]
        some += [(today, told) for told in also]
        self.upto, self.files = today + 1, self.files + 1
        cells = [
            [told.text, told.score, (BEGIN + timedelta(days=day)).isoformat(), told.language, told.touchpoint]
            for day, told in some
        ]
        columns = Columns({name: n for n, name in enumerate(NAMES)}, source=f"file {self.files}")
        as_of = BEGIN + timedelta(days=today, hours=8)
        with transaction(self.engine) as session:
            sheet = of_rows(NAMES, cells, f"{self.files}")
            taking.bring_in(session, sheet, columns, filename="day.csv", by=None, as_of=as_of)
        finding.mine_pending(self.engine, as_of=as_of)

    def rising(self, today: int) -> tuple[set[int], set[int]]:
        """The problems of which a rise was announced, and those that a table by month shows (the floor)."""
        with open_session(self.engine, writes=False) as session:
            turns = set(session.exec(select(Turn.problem_id).where(Turn.kind != "fading")).all())
            when = select(Mention.problem_id, Feedback.given_at).join(Feedback)
            days: defaultdict[int, Counter[int]] = defaultdict(Counter)
            for problem, given_at in session.exec(when).all():
                days[problem][(today - (given_at - BEGIN).days) // 30] += 1
        if today >= 60:
            self.by_month |= {one for one, n in days.items() if n[0] >= 3 and n[0] >= 2 * n[1]}
        return turns, self.by_month

    def planted(self, session: Session, problem: int) -> bool:
        """Whether at least half of what speaks of *problem* since then was planted."""
        since = BEGIN + timedelta(days=self.stream.since)
        query = select(Feedback.text).join(Mention).where(Mention.problem_id == problem)
        said = session.exec(query.where(Feedback.given_at >= since)).all()
        return 2 * sum(text in self.stream.planted for text in said) >= max(1, len(said))


def begins(stream: Stream) -> tuple[list[int | None], list[int]]:
    """In which of its texts what was planted was announced (by WAYS), and how many others were."""
    numbers, others = [], []
    for alike in (True, False):
        with listening(stream, alike) as heard:
            heard.listen(stream.since - 1)
            false = [heard.rising(stream.since - 1)[0], set()]
            heard.by_month.clear()
            number: list[int | None] = [None, None]
            for came, (today, told) in enumerate(stream.came, 1):
                heard.listen(today, told)
                with open_session(heard.engine, writes=False) as session:
                    for which, rising in enumerate(heard.rising(today)):
                        own = {one for one in rising - false[which] if heard.planted(session, one)}
                        if own and number[which] is None:
                            number[which] = came
                        false[which] |= rising - own
                if number[0] is not None and (alike or number[1] is not None):
                    break
            numbers += number[:1] if alike else number
            others += [len(one) for one in (false[:1] if alike else false)]
    return numbers, others


def shuffled(stream: Stream) -> list[int]:
    """How much is announced in a year in which nothing begins, fading too (in the order of WAYS)."""
    found = []
    for alike in (True, False):
        with listening(stream, alike) as heard:
            for today in range(90, YEAR, 7):
                heard.listen(today)
                heard.rising(today)
            with open_session(heard.engine, writes=False) as session:
                found.append(len(session.exec(select(Turn)).all()))
            if not alike:
                found.append(len(heard.by_month))
    return found


@contextmanager
def listening(stream: Stream, alike: bool) -> Iterator[Heard]:
    """A database for *stream*; whether alike texts are asked for."""
    asked = nullcontext() if alike else patch.object(arising, "watch", lambda *_, **__: ())
    with tempfile.TemporaryDirectory() as folder, asked:
        heard = Heard(stream, folder)
        yield heard
        heard.engine.dispose()


def soon(numbers: Sequence[int | None]) -> str:
    known = [n for n in numbers if n is not None]
    middle = statistics.median([n if n is not None else PLANTED + 1 for n in numbers])
    within = sum(n <= FIRST for n in known)
    return (
        f"{within} of {len(numbers)} within {FIRST}   median {middle:g}   never {len(numbers) - len(known)}"
    )


def run(folder: Path, quick: bool) -> None:
    began = process_time()
    found: dict[str, list[list[int | None]]] = defaultdict(list)
    besides: list[list[int]] = []
    held = pools(folder)
    for kind, pool in held.items():
        for n, label in enumerate(labels(pool)[: 3 if quick else 8]):
            gap = list(GAPS)[n % len(GAPS)]
            numbers, others = begins(Stream(pool, label, gap, 0))
            besides.append(others)
            for key in (kind, GAPS[gap], "all"):
                found[key].append(numbers)
            print(f"mining, {kind}, {label}, {GAPS[gap]}: in text {numbers}, of others {others}", flush=True)
    for key, rows_ in found.items():
        for way, own in zip(WAYS, zip(*rows_, strict=True), strict=True):
            print(f"mining, begins, {key:<20} {way:<11} {soon(own)}", flush=True)
    false = [
        shuffled(Stream(pool, "", 1, year)) for year in range(1 if quick else 2) for pool in held.values()
    ]
    for way, beside, told in zip(WAYS, zip(*besides, strict=True), zip(*false, strict=True), strict=True):
        print(f"mining, announced falsely, {way:<11} {sum(told)} in {len(told)} shuffled years, ", end="")
        print(f"{sum(beside)} of others in {len(beside)} streams in which something begins", flush=True)
    print(f"processor time {process_time() - began:.0f} s", flush=True)
