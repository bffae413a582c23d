"""Learn how praise and trouble sound from the hand-written examples; run by hand when they change.

    python -m promises.feedback.data.make_tone

Examples of trouble are all ways of ``service_problems/``;
examples of what is none are ``service_praise.txt``.
Written beside this file: ``tone_weights.tsv``, weights of words and pairs of words (English or glossed) for
a logistic regression, those that matter; see :func:`promises.feedback.text.tone.contentment`.
"""

from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from promises.feedback.mining import catalogue
from promises.feedback.text import gloss, tone

HERE = Path(__file__).parent
STRENGTH = 10.0
# Weights nearer to nothing than this change no verdict.
TELLING = 0.04


def examples() -> list[tuple[str, bool]]:
    """English of each example, and whether it is content."""
    ways = [way for entry in catalogue.entries() for way in entry.ways]
    found = [(gloss.english(way.text, way.language), False) for way in ways]
    for line in (HERE / "service_praise.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            language, said = line.split(": ", 1)
            found += [(gloss.english(way.strip(), language[-2:]), True) for way in said.split("|")]
    return found


def main() -> None:
    found = examples()
    seen = [tone.marks(english) for english, _ in found]
    names = sorted({name for own in seen for name in own})
    column = {name: i for i, name in enumerate(names)}
    rows = [(i, column[name], value) for i, own in enumerate(seen) for name, value in own.items()]
    where, which, values = zip(*rows, strict=True)
    table = csr_matrix((values, (where, which)), shape=(len(found), len(names)))
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    model.fit(table, np.array([content for _, content in found]))
    weights = zip(["", *names], [float(model.intercept_[0]), *model.coef_[0]], strict=True)
    lines = [f"{name}\t{weight:.2f}" for name, weight in weights if abs(weight) >= TELLING or not name]
    (HERE / "tone_weights.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
