"""Signs of misuse: what stands out so far that somebody should ask. Pure; a sign is a question, never guilt.

Whether something stands out is decided by what chance explains, not by a rank: there is always somebody with
the most. The exact binomial chance of as much as was seen, times the number of people looked at, must be
below one in twenty, so chance alone shows anybody at all only that often (Bonferroni's correction).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promises.shares import Interval, tail, wilson

BY_CHANCE = 0.05
LEAST_TIMES = 3
"""So often a customer or an account must have been paid before anybody is asked anything."""
LEAST_ACTS = 5
"""So many exclusions, or cases from opening to end in one hand."""


@dataclass(frozen=True)
class Tally:
    """*count* of *out_of* things were of the kind looked for, with *who*, at *place* if that matters."""

    who: str
    count: int
    out_of: int
    place: str = ""


@dataclass(frozen=True)
class Sign:
    """Somebody whose *tally* stands out: its share lies in *interval*, while *usual* would be expected."""

    tally: Tally
    interval: Interval | None
    usual: float | None


def stands_out(count: int, out_of: int, usual: float, looked_at: int) -> bool:
    """Whether chance hardly explains *count* of *out_of* of one among so many, where *usual* is expected."""
    return tail(count, out_of, usual) * looked_at < BY_CHANCE


def compensated_again(customers: Sequence[Tally], looked_at: int | None = None) -> list[Sign]:
    """Customers who are compensated in a larger share of their cases than the others together.

    :param customers: ``count`` compensated of ``out_of`` cases of each, of all customers or of those
        with any compensation and one tally (``who`` empty) for all the rest.
    :param looked_at: how many customers there are, if not each has a tally.
    """
    count, cases = sum(one.count for one in customers), sum(one.out_of for one in customers)
    found = []
    for one in customers:
        others = cases - one.out_of
        if not one.who or one.count < LEAST_TIMES or not others:
            continue
        usual = (count - one.count) / others
        if stands_out(one.count, one.out_of, usual, looked_at or len(customers)):
            found.append(Sign(one, wilson(one.count, one.out_of), usual))
    return sorted(found, key=lambda sign: (-sign.tally.count, sign.tally.who))


def paid_again(accounts: Sequence[Tally]) -> list[Sign]:
    """Accounts to which several compensations went, of several customers or of one: nothing is usual there.

    :param accounts: ``count`` compensations of ``out_of`` cases.
    """
    found = [Sign(one, None, None) for one in accounts if one.count >= LEAST_TIMES]
    return sorted(found, key=lambda sign: (-sign.tally.count, sign.tally.who))


def excludes_most(people: Sequence[Tally]) -> list[Sign]:
    """People who exclude a larger share of what their place excludes than of what it serves.

    :param people: everybody at each place: ``count`` exclusions proposed, ``out_of`` cases served. Where
        nobody is known to have served anything, all are taken to have served as much as each other.
    """
    found: list[Sign] = []
    for place in sorted({one.place for one in people}):
        own = [one for one in people if one.place == place]
        found += _above_their_part(own, len(people))
    return sorted(found, key=lambda sign: (-sign.tally.count, sign.tally.who))


def _above_their_part(own: Sequence[Tally], looked_at: int) -> Iterator[Sign]:
    acts, served = sum(one.count for one in own), sum(one.out_of for one in own)
    for one in own:
        if one.count < LEAST_ACTS or len(own) < 2:
            continue
        usual = one.out_of / served if served else 1 / len(own)
        if stands_out(one.count, acts, usual, looked_at):
            yield Sign(one, wilson(one.count, acts), usual)


def alone_and_broken(people: Sequence[Tally]) -> list[Sign]:
    """People whose cases that nobody else had a hand in all ended broken.

    :param people: ``count`` broken of ``out_of`` judged cases that one person opened, served and ended.
    """
    broken, judged = sum(one.count for one in people), sum(one.out_of for one in people)
    found = []
    for one in people:
        if one.count < LEAST_ACTS or one.count < one.out_of:
            continue
        others = judged - one.out_of
        usual = (broken - one.count) / others if others else None
        found.append(Sign(one, wilson(one.count, one.out_of), usual))
    return sorted(found, key=lambda sign: (-sign.tally.count, sign.tally.who))
