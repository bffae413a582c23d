"""Where proposals stand.

What becomes of a proposal after it was written is known by a later room; that room tells it here, so
that lists can show it and a text that people are voting over can't be changed under them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from sqlmodel import Session

State = Literal["open", "standing", "sent_back", "chosen", "rejected", "live"]
STATES: tuple[State, ...] = ("open", "standing", "sent_back", "chosen", "rejected", "live")
DECIDED: frozenset[State] = frozenset({"chosen", "rejected", "live"})

Teller = Callable[[Session, Collection[int]], Mapping[int, State]]
_tellers: list[Teller] = []


def tells_where_proposals_stand(teller: Teller) -> Teller:
    """Register a function that tells the states of those proposals, among the given ids, that it knows of."""
    _tellers.append(teller)
    return teller


def states(session: Session, proposals: Collection[int]) -> dict[int, State]:
    """The state of each of *proposals*: ``open``, a draft for all to discuss, unless a room knows better."""
    found: dict[int, State] = dict.fromkeys(proposals, "open")
    for teller in _tellers:
        found.update(teller(session, proposals))
    return found


def state(session: Session, proposal_id: int) -> State:
    """The state of one proposal."""
    return states(session, [proposal_id])[proposal_id]
