"""How well and how fast problems are found, against simple floors, on public data given by their folder.

    python bench/mining.py FOLDER [--quick]

FOLDER holds ``banking77_train.csv`` (BANKING77) and ``massive_fi_en_train.csv`` (MASSIVE), both CC BY 4.0.
Floors: word and character TF-IDF, reduced by latent semantic analysis, with k-means at the true number; the
better of the two is printed. Ours gets the number of problems only where the line says so.
"""

import csv
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import normalize

from promises.feedback.mining.problems import find_problems
from promises.feedback.mining.results import Found, Text

QUICK = 2000


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    # A fixed sample, spread over the file, where all of it would take too long.
    return found[:: max(1, len(found) // QUICK)] if "--quick" in sys.argv else found


def floor(texts: list[str], labels: list[str]) -> str:
    best = (0.0, 0.0)
    for analyzer, ngrams in (("word", (1, 2)), ("char_wb", (2, 5))):
        vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, min_df=2, sublinear_tf=True)
        counts = vectorizer.fit_transform(texts)
        points = normalize(TruncatedSVD(100, random_state=0).fit_transform(counts))
        groups = KMeans(len(set(labels)), n_init=3, random_state=0).fit_predict(points)
        best = max(best, (normalized_mutual_info_score(labels, groups), adjusted_rand_score(labels, groups)))
    return f"NMI {best[0]:.3f}  ARI {best[1]:.3f}"


def groups(found: Found, count: int) -> list[str]:
    held = ["" for _ in range(count)]
    for member in found.members:
        if member.main:
            held[member.text] = member.problem
    return held


def line(name: str, values: str) -> None:
    print(f"{name:<58} {values}", flush=True)


def agreement(labels: list[str], found: list[str]) -> str:
    nmi, ari = normalized_mutual_info_score(labels, found), adjusted_rand_score(labels, found)
    return f"NMI {nmi:.3f}  ARI {ari:.3f}  found {len(set(found))} of {len(set(labels))}"


def banking(folder: Path) -> None:
    data = rows(folder / "banking77_train.csv")
    texts, labels = [r["text"] for r in data], [r["category"] for r in data]
    line(f"BANKING77, {len(texts)} texts: floor, true number", floor(texts, labels))
    start = time.perf_counter()
    found = find_problems([Text(text, language="en") for text in texts], everything=True)
    line("BANKING77: ours, number not given (aim .77 / .46)", agreement(labels, groups(found, len(texts))))
    line("  seconds", f"{time.perf_counter() - start:.1f}")


def massive(folder: Path) -> None:
    data = rows(folder / "massive_fi_en_train.csv")
    labels = [r["intent"] for r in data]
    number = len(set(labels))
    for language, aim in (("fi", " (aim .63)"), ("en", "")):
        texts = [r[language] for r in data]
        line(f"MASSIVE {language}, {len(texts)} texts: floor, true number", floor(texts, labels))
        asked = [Text(text, language=language) for text in texts]
        found = find_problems(asked, number=number, everything=True)
        line(f"MASSIVE {language}: ours, true number{aim}", agreement(labels, groups(found, len(texts))))


def halves(folder: Path) -> None:
    """Half the texts in Finnish, half in English, and some of them in both."""
    data = rows(folder / "massive_fi_en_train.csv")
    pairs = data[::10]
    turns = [(r, "fi" if i % 2 else "en") for i, r in enumerate(data) if i % 10]
    single = [(r[lang], lang, r["intent"]) for r, lang in turns]
    mixed = single + [(r[lang], lang, r["intent"]) for r in pairs for lang in ("fi", "en")]
    found = find_problems([Text(text, language=lang) for text, lang, _ in mixed], everything=True)
    held = groups(found, len(mixed))
    line("MASSIVE half fi, half en: ours, number not given", agreement([label for *_, label in mixed], held))
    both = held[len(single) :]
    together = sum(one == other for one, other in zip(both[::2], both[1::2], strict=True)) / len(pairs)
    line("  pairs in one problem (aim 85 %)", f"{together:.1%}")
    shares = Counter(held), Counter(h for h, (_, lang, _) in zip(held, mixed, strict=True) if lang == "fi")
    big = {group: shares[1][group] / n for group, n in shares[0].items() if n >= 20}
    alone = sum(not 0.05 < share < 0.95 for share in big.values())
    line("  groups of 20 or more that are of one language", f"{alone} of {len(big)}")


def speed(folder: Path) -> None:
    data = rows(folder / "massive_fi_en_train.csv")
    texts = [Text(r["fi"], score=float(i % 11)) for i, r in enumerate(data)]
    start = time.perf_counter()
    find_problems(texts)
    line(f"{len(texts)} texts as feedback", f"{time.perf_counter() - start:.1f} s")
    line("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    where = Path(sys.argv[1])
    banking(where)
    massive(where)
    halves(where)
    speed(where)
