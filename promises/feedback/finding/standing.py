"""Which of the problems found anew is which of the standing ones. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

# A group is a problem that people have touched if at least this share of its texts is that problem's.
SAME = 0.5
# Of two changing groups, the smaller must share this much with the other to be its successor.
LIKELY = 0.3


@dataclass(frozen=True)
class Carried:
    """``of``: found group → standing problem that it continues. ``gone``: standing problem that no group
    continues → the group that most of its texts went to."""

    of: dict[str, int]
    gone: dict[int, str]


def carry_over(
    found: Mapping[str, Collection[int]],
    standing: Mapping[int, Collection[int]],
    touched: Collection[int],
    same: Mapping[str, int],
) -> Carried:
    """Match the groups of a new run to the standing problems by the texts that they share.

    A group that bears the code of a standing problem continues it, whatever its texts.
    A problem that people have touched (named, accepted, dismissed, merged, given or denied a quote) is
    never given up: every group that is mostly of its texts continues it. Any other problem is continued
    by at most one group, the pair with most texts in common first; ties go to the older problem and
    then by group, so that the outcome does not depend on any order.

    :param found: group → its texts.
    :param standing: problem → its texts.
    :param same: group → the standing problem whose code it bears, for those that do.
    """
    groups = {key: set(texts) for key, texts in found.items()}
    problems = {key: set(texts) for key, texts in standing.items()}
    shared = _shared(groups, problems)
    of = {group: same[group] for group in sorted(groups) if group in same}
    for common, problem, group in shared:
        if problem in touched and group not in of and common >= SAME * len(groups[group]):
            of[group] = problem
    continued = set(of.values())
    for common, problem, group in shared:
        if problem in touched or problem in continued or group in of:
            continue
        if common >= LIKELY * min(len(groups[group]), len(problems[problem])):
            of[group] = problem
            continued.add(problem)
    gone: dict[int, str] = {}
    for _, problem, group in shared:
        if problem not in touched and problem not in continued:
            gone.setdefault(problem, group)
    return Carried(of, gone)


def _shared(groups: Mapping[str, set[int]], problems: Mapping[int, set[int]]) -> list[tuple[int, int, str]]:
    """(texts in common, problem, group) for every pair that shares any, the largest first."""
    groups_of: dict[int, list[str]] = {}
    for group, texts in groups.items():
        for text in texts:
            groups_of.setdefault(text, []).append(group)
    counts: dict[tuple[int, str], int] = {}
    for problem, texts in problems.items():
        for text in texts:
            for group in groups_of.get(text, ()):
                counts[problem, group] = counts.get((problem, group), 0) + 1
    pairs = [(common, problem, group) for (problem, group), common in counts.items()]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))
