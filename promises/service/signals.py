"""What the service room tells the rooms after it, inside the same transaction, and what it asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import overload

from blinker import Signal
from sqlmodel import Session

from promises.terms.columns import MISSING, Rows, Times
from promises.terms.hours import moment


@dataclass(frozen=True, slots=True)
class Breach:
    """A verdict and what is owed for it in all. ``dated_at`` is when the promise broke, not when it was
    noticed; ``ended_at`` when the case ended, if it has.

    ``counts`` names the caps and the fault that it counts towards: attribute and value. ``newly`` says
    that this judging made it broken.
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
    newly: bool = False


@dataclass(frozen=True)
class Breaches(Sequence[Breach]):
    """The same of many verdicts of one promise that were judged together, as columns of equal length.

    Whoever has many to handle takes the columns; each breach by itself is made when it is asked for.

    :param dated_at: microseconds; *ended_at* and *pay_by* likewise, or MISSING.
    :param cents: what is owed, in hundredths of the *currency* of each row's terms.
    :param counts: for the verdicts that count towards caps or a fault, what :attr:`Breach.counts` says.
    """

    promise_id: int
    judged_at: datetime
    branch_ids: Rows
    verdict_ids: Rows
    case_ids: Rows
    terms_ids: Rows
    dated_at: Times
    ended_at: Times
    pay_by: Times
    cents: Times
    currency: Mapping[int, str]
    counts: Mapping[int, tuple[tuple[str, str], ...]]

    def __len__(self) -> int:
        return len(self.verdict_ids)

    @overload
    def __getitem__(self, place: int) -> Breach: ...
    @overload
    def __getitem__(self, place: slice) -> list[Breach]: ...
    def __getitem__(self, place: int | slice) -> Breach | list[Breach]:
        if isinstance(place, slice):
            return [self._one(one) for one in range(*place.indices(len(self)))]
        return self._one(range(len(self))[place])

    def __iter__(self) -> Iterator[Breach]:
        return map(self._one, range(len(self)))

    def _one(self, place: int) -> Breach:
        terms_id, pay_by, ended_at = (
            int(column[place]) for column in (self.terms_ids, self.pay_by, self.ended_at)
        )
        return Breach(
            branch_id=int(self.branch_ids[place]),
            verdict_id=int(self.verdict_ids[place]),
            case_id=int(self.case_ids[place]),
            promise_id=self.promise_id,
            terms_id=terms_id,
            dated_at=moment(int(self.dated_at[place])),
            amount=Decimal(int(self.cents[place])).scaleb(-2),
            currency=self.currency[terms_id],
            pay_by=None if pay_by == MISSING else moment(pay_by),
            judged_at=self.judged_at,
            counts=self.counts.get(place, ()),
            ended_at=None if ended_at == MISSING else moment(ended_at),
            newly=True,
        )


def keys_of(verdicts: Sequence[Breach]) -> list[tuple[int, int]]:
    """Branch and id of each verdict."""
    if isinstance(verdicts, Breaches):
        return list(zip(verdicts.branch_ids.tolist(), verdicts.verdict_ids.tolist(), strict=True))
    return [(one.branch_id, one.verdict_id) for one in verdicts]


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


broken = Signal("new verdicts that are broken: send(session, verdicts=[Breach, ...] or Breaches)")
reckoned = Signal(
    "verdicts judged anew, each with what is owed for it now, nothing if it isn't broken any more: "
    "send(session, verdicts=[Breach, ...] or Breaches)"
)
freed = Signal(
    "what counted towards caps or faults is not owed any more: "
    "send(session, keys={(name, value), ...}, as_of=datetime)"
)
owed_before = Signal("what has come to be owed: send(session, keys=[(name, value), ...]) answers [Owed, ...]")


def announce(session: Session, breaches: Sequence[Breach] = (), again: Sequence[Breach] = ()) -> None:
    """Tell the rooms after this one: of new broken verdicts, and of those that were judged anew.

    :raises RuntimeError: if nobody listens: a broken promise without compensation must not be committed.
    """
    for signal, verdicts in ((broken, breaches), (reckoned, again)):
        if not len(verdicts):
            continue
        if not signal.receivers:
            raise RuntimeError(
                "nobody compensates broken promises: promises.compensation.actions isn't loaded"
            )
        signal.send(session, verdicts=verdicts)
