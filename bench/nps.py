"""How often the interval of the NPS covers the truth: simulated at small and larger numbers of answers.

For each number of answers the coverage is the mean over customers of nine kinds, from furious to delighted,
weighed alike. The floor is the plain Wald interval on the same answers.
"""

from __future__ import annotations

import sys
from math import sqrt

import numpy as np

from promises.feedback.nps import nps

SIZES = (10, 20, 50, 200)
LEAST, MOST = 0.94, 0.96
RUNS = 20_000
# Shares of detractors and promoters, as companies have them (the rest are passives).
KINDS = (
    (0.10, 0.70), (0.15, 0.60), (0.20, 0.50), (0.25, 0.45), (0.30, 0.40), (0.40, 0.30), (0.50, 0.25),
    (0.60, 0.20), (0.20, 0.40),
)  # fmt: skip
Z = 1.959963984540054


def main() -> int:
    chance = np.random.default_rng(2026)
    print(f"{'answers':>8} {'adjusted Wald':>14} {'plain Wald':>11}   lowest and highest of the nine kinds")
    fits = True
    for n in SIZES:
        adjusted, plain = zip(*(covered(n, d, p, chance) for d, p in KINDS), strict=True)
        mean = sum(adjusted) / len(adjusted)
        fits &= LEAST <= mean <= MOST
        floor = sum(plain) / len(plain)
        print(f"{n:>8} {mean:>13.1%} {floor:>11.1%}   {min(adjusted):.1%} ... {max(adjusted):.1%}")
    print("all within 94-96 %" if fits else "NOT all within 94-96 %")
    return 0 if fits else 1


def covered(n: int, d: float, p: float, chance: np.random.Generator) -> tuple[float, float]:
    """The share of :data:`RUNS` samples of *n* answers whose interval holds the truth: ours, plain Wald's."""
    truth = 100 * (p - d)
    drawn, counts = np.unique(chance.multinomial(n, (d, 1 - d - p, p), RUNS), axis=0, return_counts=True)
    ours = plain = 0
    for (low, middle, high), times in zip(drawn.tolist(), counts.tolist(), strict=True):
        found = nps([low, 0, 0, 0, 0, 0, 0, middle, 0, 0, high])
        assert found.low is not None
        assert found.high is not None
        ours += times * (found.low <= truth <= found.high)
        share_p, share_d = high / n, low / n
        half = Z * sqrt((share_p + share_d - (share_p - share_d) ** 2) / n)
        plain += times * (abs(100 * (share_p - share_d) - truth) <= 100 * half)
    return ours / RUNS, plain / RUNS


if __name__ == "__main__":
    sys.exit(main())
