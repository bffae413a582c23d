"""What problems have cost in money, as far as it is known: told by a later room, which registers itself.

A problem costs what the promises that answer it have paid where they were broken; those rooms come after
this one, which cannot import them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from sqlmodel import Session

Costs = Mapping[int, Mapping[str, Decimal]]
"""Problem → currency → sum."""
Teller = Callable[[Session, Collection[int]], Costs]
_tellers: list[Teller] = []


def tells_costs(teller: Teller) -> Teller:
    """Register a function of the session and the ids of the branches whose money the reader may see."""
    _tellers.append(teller)
    return teller


def costs(session: Session, branches: Collection[int]) -> Costs:
    """What each problem has cost in *branches*."""
    return {problem: sums for teller in _tellers for problem, sums in teller(session, branches).items()}
