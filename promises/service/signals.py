"""What the service room tells the rooms after it, inside the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from blinker import Signal
from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Breach:
    """A verdict that is broken. ``dated_at`` is when the promise broke, not when it was noticed."""

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


@dataclass(frozen=True, slots=True)
class Mended:
    """A verdict that was taken for broken and isn't: what ended the case in time was told late."""

    branch_id: int
    verdict_id: int
    judged_at: datetime


broken = Signal("verdicts that have become broken: send(session, verdicts=[Breach, ...])")
mended = Signal("verdicts that are broken no more: send(session, verdicts=[Mended, ...])")


def announce(session: Session, breaches: Sequence[Breach] = (), mends: Sequence[Mended] = ()) -> None:
    """Tell the rooms after this one.

    :raises RuntimeError: if nobody listens: a broken promise without compensation must not be committed.
    """
    for signal, verdicts in ((broken, breaches), (mended, mends)):
        if not verdicts:
            continue
        if not signal.receivers:
            raise RuntimeError(
                "nobody compensates broken promises: promises.compensation.actions isn't loaded"
            )
        signal.send(session, verdicts=verdicts)
