"""What the service room tells the rooms after it, inside the same transaction, and what it asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from blinker import Signal
from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Breach:
    """A verdict and what is owed for it in all. ``dated_at`` is when the promise broke, not when it was
    noticed; ``ended_at`` when the case ended, if it has.

    ``counts`` names the caps and the fault that it counts towards: attribute and value.
    """

    branch_id: int
    verdict_id: int
    case_id: int
    promise_id: int
    terms_id: int
    dated_at: datetime
    amount: Decimal
    currency: str
    pay_by: datetime | None
    judged_at: datetime
    counts: tuple[tuple[str, str], ...] = ()
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What an earlier verdict came to be owed that counts towards *name* being *value*."""

    name: str
    value: str
    promise_id: int
    branch_id: int
    case_id: int
    verdict_id: int
    compensation_id: int
    dated_at: datetime
    cents: int


broken = Signal("new verdicts that are broken: send(session, verdicts=[Breach, ...])")
reckoned = Signal(
    "verdicts judged anew, each with what is owed for it now, nothing if it isn't broken any more: "
    "send(session, verdicts=[Breach, ...])"
)
owed_before = Signal("what has come to be owed: send(session, keys=[(name, value), ...]) answers [Owed, ...]")


def announce(session: Session, breaches: Sequence[Breach] = (), again: Sequence[Breach] = ()) -> None:
    """Tell the rooms after this one: of new broken verdicts, and of those that were judged anew.

    :raises RuntimeError: if nobody listens: a broken promise without compensation must not be committed.
    """
    for signal, verdicts in ((broken, breaches), (reckoned, again)):
        if not verdicts:
            continue
        if not signal.receivers:
            raise RuntimeError(
                "nobody compensates broken promises: promises.compensation.actions isn't loaded"
            )
        signal.send(session, verdicts=verdicts)
