"""Requests of one day that are answered later: calls to be returned, questions about invoices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from promises.seeding.days import is_working, working_days_after
from promises.seeding.setting import Setting, SimulatedCase, moments
from promises.seeding.shape import HOUR, MINUTE, Answers

ASKED = (7.5 * HOUR, 21.5 * HOUR, 11 * HOUR)
"""When people write or call: earliest, latest, most of them."""
SOONEST = 15 * MINUTE
"""Nobody is answered sooner than this."""


def requests_on(setting: Setting, answers: Answers, branch: str, day: date) -> Iterator[SimulatedCase]:
    """The requests of *branch*'s customers on *day*, in order, with their answers."""
    stream = setting.stream(answers.promise, branch, day.isoformat())
    expected = answers.branches[branch].per_day * setting.rush_factor(day)
    if not is_working(day, setting.holidays):
        expected *= answers.weekend_factor
    count = len(moments(stream, expected, 0, 24 * HOUR))
    for number, at in enumerate(sorted(int(stream.triangular(*ASKED)) for _ in range(count)), start=1):
        milestones = {"received": setting.midnight(branch, day) + timedelta(seconds=at)}
        answered = _answered(setting, answers, branch, day, at, stream)
        if answered:
            on, second = answered
            milestones[answers.to] = setting.midnight(branch, on) + timedelta(seconds=second)
        channel = stream.choices([*answers.channels], [*answers.channels.values()])[0]
        yield SimulatedCase(
            reference=f"{answers.touchpoint}-{branch}-{day:%Y%m%d}-{number:02}",
            branch=branch,
            promise=answers.promise,
            touchpoint=answers.touchpoint,
            milestones=milestones,
            customer=setting.customer(branch, stream),
            attributes={"channel": channel},
        )


def _answered(
    setting: Setting, answers: Answers, branch: str, day: date, at: int, stream: random.Random
) -> tuple[date, int] | None:
    """The day and second at which a request of *day*, second *at*, is answered; None for never."""
    learning = (setting.today - day).days > setting.shape.days - answers.in_first
    late_factor = answers.late_factor if learning else 1.0
    here = answers.branches[branch]
    weights = [
        share * (late_factor if days >= answers.late_from else 1.0) for days, share in here.by_days.items()
    ]
    days = stream.choices([*here.by_days, -1], [*weights, here.never * late_factor])[0]
    if days < 0:
        return None
    earliest = max(answers.opens, at + SOONEST)
    if days == 0 and is_working(day, setting.holidays) and earliest < answers.closes:
        return day, stream.randint(earliest, answers.closes)
    morning = answers.opens + 2 * HOUR
    second = int(stream.triangular(answers.opens, answers.closes, morning))
    return working_days_after(day, max(days, 1), setting.holidays), second
