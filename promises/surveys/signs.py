"""Signs that scores may have been begged for: questions to look into, never verdicts. Pure.

Each rule asks how likely chance alone would bring what was seen, by an exact binomial tail, and speaks up
only when that is below one in a thousand *after* it has been multiplied by how many places were looked at
(Bonferroni), so that a large company doesn't see signs in every week.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from promises.shares import tail

RARE = 0.001
WINDOW = timedelta(hours=1)
FEWEST_TENS = 5
FEWEST_ASKED = 20
FEWEST_NEAR_NINE = 15
WEEKS_BEFORE = 8
# A jump that matters, besides being rare.
JUMP = 1.5


@dataclass(frozen=True)
class Heard:
    """One answer 0-10: through which *door* (None: by mail), and whose customer it was, where known."""

    at: datetime
    score: int
    survey_id: int
    door: int | None = None
    clerk: int | None = None


@dataclass(frozen=True)
class Week:
    """Invitations of one survey and branch that left in the week from *start*, and how many were answered."""

    survey_id: int
    branch_id: int | None
    start: datetime
    asked: int
    answered: int


@dataclass(frozen=True)
class Sign:
    """Something to ask about. ``code`` is of the ``sign.*`` family.

    :ivar seen, of: what was counted, of how many.
    :ivar usual: the share that was to be expected.
    :ivar chance: how likely chance alone brings this much or more, counting all places looked at.
    """

    code: str
    survey_id: int
    seen: int
    of: int
    usual: float
    chance: float
    since: datetime
    until: datetime
    door: int | None = None
    clerk: int | None = None
    branch_id: int | None = None


def signs(heard: Sequence[Heard], weeks: Sequence[Week]) -> list[Sign]:
    """All signs, the most unlikely first."""
    found = [*tens_at_once(heard), *bunched_at_nine(heard), *jumps(weeks)]
    return sorted(found, key=lambda sign: (sign.chance, sign.code, sign.since))


def tens_at_once(heard: Iterable[Heard]) -> list[Sign]:
    """An hour in which one door gave nothing but tens, more than its other answers make likely.

    The share of tens in general is that of the door's answers outside the hour, with two answers of the
    whole company added, so that a new door isn't compared with nothing.
    """
    by_door: defaultdict[int, list[Heard]] = defaultdict(list)
    everything = list(heard)
    for one in everything:
        if one.door is not None:
            by_door[one.door].append(one)
    tens = sum(one.score == 10 for one in everything)
    general = (tens + 1) / (len(everything) + 2)
    found = []
    for door, answers in by_door.items():
        answers.sort(key=lambda one: one.at)
        run = _longest_run(answers)
        if len(run) < FEWEST_TENS:
            continue
        others = len(answers) - len(run)
        usual = (sum(one.score == 10 for one in answers) - len(run) + 2 * general) / (others + 2)
        chance = min(1.0, tail(len(run), len(run), usual) * len(everything))
        if chance < RARE:
            found.append(
                Sign(
                    "tens_at_once", run[0].survey_id, len(run), len(run), usual, chance,
                    run[0].at, run[-1].at, door=door,
                )
            )  # fmt: skip
    return found


def _longest_run(answers: Sequence[Heard]) -> Sequence[Heard]:
    """The longest series of answers in a row, all tens, within one hour."""
    best: Sequence[Heard] = ()
    start = 0
    for end, one in enumerate(answers):
        if one.score != 10:
            start = end + 1
        while start <= end and one.at - answers[start].at > WINDOW:
            start += 1
        if end + 1 - start > len(best):
            best = answers[start : end + 1]
    return best


def bunched_at_nine(heard: Iterable[Heard]) -> list[Sign]:
    """A clerk whose customers give 9 far more often, of 8, 9 and 10, than those of all others.

    Nine is the lowest score that counts as a promoter: begging moves an eight just over that line.
    """
    near = [one for one in heard if one.clerk is not None and 8 <= one.score <= 10]
    of, nines = Counter(one.clerk for one in near), Counter(one.clerk for one in near if one.score == 9)
    found = []
    for clerk, count in of.items():
        others = len(near) - count
        if count < FEWEST_NEAR_NINE or not others:
            continue
        usual = (sum(nines.values()) - nines[clerk] + 1) / (others + 2)
        chance = min(1.0, tail(nines[clerk], count, usual) * len(of))
        if chance < RARE:
            theirs = [one for one in near if one.clerk == clerk]
            first, last = min(one.at for one in theirs), max(one.at for one in theirs)
            found.append(
                Sign(
                    "bunched_at_nine", theirs[-1].survey_id, nines[clerk], count, usual, chance,
                    first, last, clerk=clerk,
                )
            )  # fmt: skip
    return found


def jumps(weeks: Iterable[Week]) -> list[Sign]:
    """A week in which far more of those asked answered than in the weeks before it."""
    series: defaultdict[tuple[int, int | None], list[Week]] = defaultdict(list)
    looked_at = 0
    for week in weeks:
        series[week.survey_id, week.branch_id].append(week)
        looked_at += 1
    found = []
    for (survey_id, branch_id), own in series.items():
        own.sort(key=lambda week: week.start)
        for n, week in enumerate(own):
            before = own[max(0, n - WEEKS_BEFORE) : n]
            asked, answered = sum(w.asked for w in before), sum(w.answered for w in before)
            if asked < FEWEST_ASKED or week.asked < FEWEST_ASKED:
                continue
            usual = (answered + 1) / (asked + 2)
            chance = min(1.0, tail(week.answered, week.asked, usual) * looked_at)
            if chance < RARE and week.answered / week.asked >= JUMP * usual:
                found.append(
                    Sign(
                        "jump", survey_id, week.answered, week.asked, usual, chance,
                        week.start, week.start + timedelta(days=7), branch_id=branch_id,
                    )
                )  # fmt: skip
    return found
