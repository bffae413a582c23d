"""Are the problems of a Finnish service company found as a reader would name them? Against simple floors.

    python bench/finnish.py [FILE]

FILE is a table of ``label`` and ``text``; without one, the texts of ``tests/feedback/service_texts_fi.tsv``,
which no rule and no word list was made from (see the note beside it).

A labelled problem is **found as one problem** when one found problem holds at least half of its texts, and
at least half of what that one holds is of it. **F1** is over pairs of text and problem, each found problem
standing for the labelled one that it fits best, no labelled one twice.

Floors: TF-IDF of words and of pieces of words, reduced by latent semantic analysis, k-means at the true
number, over just those texts that name a problem: they are told what ours has to find out.
"""

import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from promises.feedback.mining.problems import find_problems
from promises.feedback.mining.results import Text

OWN = Path(__file__).parents[1] / "tests" / "feedback" / "service_texts_fi.tsv"
NO_PROBLEM = {"praise", "non_answer", "neutral"}

Holding = dict[str, set[int]]


def holding(pairs: list[tuple[str, int]]) -> Holding:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for name, text in pairs:
        found[name].add(text)
    return dict(found)


def matched(labels: Holding, found: Holding) -> dict[str, str]:
    """The found problem of each labelled one, so that together they fit best."""
    names, groups = sorted(labels), sorted(found)
    fit = np.array(
        [[2 * len(labels[n] & found[g]) / (len(labels[n]) + len(found[g])) for g in groups] for n in names]
    )
    rows, columns = linear_sum_assignment(-fit)
    pairs = zip(rows, columns, strict=True)
    return {names[r]: groups[c] for r, c in pairs if fit[r, c]}


def told(labels: Holding, found: Holding) -> str:
    pairs = matched(labels, found)
    whole = [
        name
        for name, own in labels.items()
        if any(len(own & f) * 2 >= len(own) and len(own & f) * 2 >= len(f) for f in found.values())
    ]
    right = sum(len(labels[name] & found[group]) for name, group in pairs.items())
    precision = right / sum(len(f) for f in found.values())
    recall = right / sum(len(own) for own in labels.values())
    f1 = 2 * precision * recall / (precision + recall)
    missing = ", ".join(sorted(set(labels) - set(whole)))
    return (
        f"found as one {len(whole)} of {len(labels)} ({len(whole) / len(labels):.0%})  "
        f"F1 {f1:.3f} (precision {precision:.3f}, recall {recall:.3f})  {len(found)} groups"
        + (f"\n    not as one: {missing}" if missing else "")
    )


def floors(texts: dict[int, str], labels: Holding) -> None:
    places = sorted(texts)
    for name, analyzer, ngrams in (("words", "word", (1, 2)), ("pieces of words", "char_wb", (2, 5))):
        counts = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True).fit_transform(
            [texts[place] for place in places]
        )
        points = normalize(TruncatedSVD(100, random_state=0).fit_transform(counts))
        groups = KMeans(len(labels), n_init=10, random_state=0).fit_predict(points)
        held = holding([(str(group), place) for group, place in zip(groups, places, strict=True)])
        print(f"floor, TF-IDF of {name}, k-means at the true number:\n  {told(labels, held)}")


def main(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(
            csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE)
        )
    texts = [row["text"] for row in rows]
    marked = [set(row["label"].split("|")) - NO_PROBLEM for row in rows]
    labels = holding([(name, i) for i, names in enumerate(marked) for name in names])
    print(f"{len(texts)} texts, {len(labels)} labelled problems")
    floors({i: text for i, text in enumerate(texts) if marked[i]}, labels)
    start = time.perf_counter()
    found = find_problems([Text(text) for text in texts])
    took = time.perf_counter() - start
    held = holding([(member.problem, member.text) for member in found.members])
    print(f"ours, nothing told:\n  {told(labels, held)}   {took:.1f} s")
    silent = {i for i, names in enumerate(marked) if not names}
    drawn_in = silent & {member.text for member in found.members}
    print(
        f"  of {len(silent)} praises, non-answers and neutral texts, {len(drawn_in)} were put into a problem"
    )
    if "--show" in sys.argv:
        names = {problem.id: problem.label.fi for problem in found.problems}
        for label, group in sorted(matched(labels, held).items()):
            own, all_held = labels[label], held[group]
            figures = f"{len(own & all_held)} of {len(own)}, holds {len(all_held)}"
            print(f"  {label:14} {names[group]}  {figures}")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(Path(given[0]) if given else OWN)
