"""Where a round is by the clock (pure)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

Phase = Literal["coming", "open", "closed", "decided"]


def phase(opens_at: datetime, closes_at: datetime, undecided: int, as_of: datetime) -> Phase:
    """The phase of a round at *as_of*; at *closes_at* itself it is closed.

    :param undecided: how many candidates have no decision yet.
    """
    if as_of < opens_at:
        return "coming"
    if as_of < closes_at:
        return "open"
    return "closed" if undecided else "decided"
