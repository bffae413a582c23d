"""How sure a problem is: whether half of the texts, looked at by themselves, bring it forth again.

The share is Jaccard's (texts in both groups, of those in either) between the problem, as far as its texts are
in the half, and the group of the half that is most like it; the mean over the halves (Hennig 2007, who calls
.75 and more stable and less than .6 a pattern that may be in the texts, but not which texts belong to it).
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence

from promises.feedback.mining.problems import find_problems
from promises.feedback.mining.results import Found, Text

HALVES = 2
# A half has no more texts than these, so that the look takes seconds, whatever the collection.
MOST = 4_000
# Fewer texts of a problem in a half tell nothing.
FEWEST = 4
FEWEST_TEXTS = 40


def steadiness(texts: Sequence[Text], found: Found) -> dict[str, tuple[float, int]]:
    """Id of each problem of *found* → its mean share 0-1, and from how many halves; without those of which
    too little is told."""
    if len(texts) < FEWEST_TEXTS:
        return {}
    shares: defaultdict[str, list[float]] = defaultdict(list)
    for half in _halves(texts):
        again = _groups(find_problems([texts[i] for i in half]))
        groups = [{half[i] for i in group} for group in again.values()]
        inside = set(half)
        for problem, members in _groups(found).items():
            own = members & inside
            if len(own) >= FEWEST:
                shares[problem].append(max((len(own & g) / len(own | g) for g in groups), default=0.0))
    return {problem: (sum(found) / len(found), len(found)) for problem, found in shares.items()}


def _groups(found: Found) -> dict[str, set[int]]:
    groups: defaultdict[str, set[int]] = defaultdict(set)
    for member in found.members:
        groups[member.problem].add(member.text)
    return groups


def _halves(texts: Sequence[Text]) -> list[list[int]]:
    """The same halves for the same texts, in whatever order they are."""
    drawn = sorted(range(len(texts)), key=lambda i: (zlib.crc32(texts[i].text.encode()), texts[i].text))
    return [sorted(drawn[half::HALVES][:MOST]) for half in range(HALVES)]
