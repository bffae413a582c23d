"""Does what people correct improve what comes next? Measured on new texts, against correcting nothing.

    python bench/learning.py [FOLDER]

Half of each labelled collection stands: problems are found in it. An analyst goes through quotes drawn by
lot from it (25, 50, 100, 200), and says of each which problem it speaks of: the found problem that is mostly
of its label, or, where no found one is, a problem split off for it. Then the other half, which nobody has
seen, joins the standing set (``mining.problems.join``), without and with what was said
(``mining.learned.taught``).

Right is a text whose main problem stands for a label of its own; the floor is the same standing set with
nothing corrected. Both halves take both parts, and the mean is printed. Collections: the seed's feedback and
the Finnish test set of a service company; with FOLDER, Finnish requests of MASSIVE (CC BY 4.0), where
problems are found at the true number of labels.
"""

import csv
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

from promises.feedback.mining.learned import stands, taught
from promises.feedback.mining.problems import find_problems, join
from promises.feedback.mining.results import Centre, Found, Said, Standing, Text

ROOT = Path(__file__).parents[1]
NO_PROBLEM = {"praise", "non_answer", "neutral", ""}
CORRECTED = (25, 50, 100, 200)
Labelled = list[tuple[Text, set[str]]]


def seed() -> Labelled:
    with (ROOT / "seed_data" / "feedback_labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["id"]: set(row["problems"].split("|")) - {""} for row in csv.DictReader(file)}
    with (ROOT / "seed_data" / "feedback.csv").open(encoding="utf-8", newline="") as file:
        found = [(row["text"], row["language"], labels[row["id"]]) for row in csv.DictReader(file)]
    return [(Text(text, 2.0, language), own) for text, language, own in found if own]


def service() -> Labelled:
    told = (ROOT / "tests" / "feedback" / "service_texts_fi.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in told if "\t" in line and not line.startswith("#")][1:]
    found = [(text, set(label.split("|")) - NO_PROBLEM) for label, text in rows]
    return [(Text(text, 2.0, "fi"), own) for text, own in found if own]


def massive(folder: Path) -> Labelled:
    with (folder / "massive_fi_en_train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["fi"], row["intent"]) for row in csv.DictReader(file)]
    random.Random(0).shuffle(rows)
    return [(Text(text, 0.0, "fi"), {intent}) for text, intent in rows[:3000]]


def label_of(found: Found, old: Labelled) -> dict[str, str]:
    """The label that each found problem is mostly of."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for member in found.members:
        if member.main:
            counts[member.problem].update(sorted(old[member.text][1]))
    return {problem: count.most_common(1)[0][0] for problem, count in counts.items()}


def said_of(
    found: Found, old: Labelled, labels: dict[str, str], number: int
) -> tuple[list[Said], dict[str, str]]:
    """What the analyst says of so many texts, and the labels of the problems split off for it."""
    problems: dict[str, str] = {}
    for problem, label in sorted(labels.items()):
        problems.setdefault(label, problem)
    main = {member.text: member.problem for member in found.members if member.main}
    said, split = [], {}
    for i in random.Random(1).sample(range(len(old)), number):
        text, own = old[i]
        where = main.get(i, "")
        if labels.get(where) not in own:
            label = sorted(own)[0]
            where = problems.get(label, f"split {label}")
            if label not in problems:
                split[where] = label
        said.append(Said(where, text))
    return said, split


def right(standing: Standing, labels: dict[str, str], new: Labelled) -> float:
    joined = join(standing, [text for text, _ in new])
    main: dict[int, str] = {}
    for member in joined.members:
        if stands(member.problem):
            main.setdefault(member.text, member.problem)
    return sum(labels.get(main.get(i, ""), "") in own for i, (_, own) in enumerate(new)) / len(new)


def measure(old: Labelled, new: Labelled, number: int | None) -> list[float]:
    """The share that is right with nothing corrected, and with each of :data:`CORRECTED`."""
    found = find_problems([text for text, _ in old], number=number)
    labels = label_of(found, old)
    standing = Standing(found.space, tuple(Centre(p.id, p.centre, p.reach) for p in found.problems))
    shares = [right(standing, labels, new)]
    for corrected in CORRECTED:
        if corrected <= len(old):
            said, split = said_of(found, old, labels, corrected)
            shares.append(right(taught(standing, said), {**labels, **split}, new))
    return shares


def main() -> None:
    collections = {"seed, three languages": (seed(), None), "Finnish service company": (service(), None)}
    if len(sys.argv) > 1:
        collections["MASSIVE, Finnish"] = (massive(Path(sys.argv[1])), 60)
    for name, (rows, number) in collections.items():
        random.Random(0).shuffle(rows)
        half = len(rows) // 2
        one, other = rows[:half], rows[half:]
        both = zip(measure(one, other, number), measure(other, one, number), strict=False)
        shares = zip(("floor", *CORRECTED), ((a + b) / 2 for a, b in both), strict=False)
        told = "   ".join(f"{corrected}: {share:.3f}" for corrected, share in shares)
        print(f"{name:<28} {len(rows):>5} texts   right, by number corrected   {told}", flush=True)


if __name__ == "__main__":
    main()
