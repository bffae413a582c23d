"""What cases are under a promise with all its versions: which version, which stretch, what is owed before.

Live and in bulk the same function judges; only what is then done with the findings differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from promises.service.excluding import excluded_by_hand, excluded_rows, without
from promises.service.judging.cases import Cases
from promises.service.judging.splits import stretched
from promises.service.judging.verdicts import Verdicts
from promises.service.judging.versions import judge_in_force
from promises.service.signals import Owed, owed_before
from promises.terms.caps import Paid, looks_at_others, period_of
from promises.terms.columns import MISSING, Flags, Rows, Times
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.hours import OpeningHours, microseconds, moment
from promises.terms.paying import to_be_paid_by
from promises.terms.queries import Dated, Version, promises

NOT_ITS_CASE = frozenset({"not_covered", "before_terms"})
"""Reasons that say the promise isn't about the case at all, so there is nothing to keep of it."""

NOT_BEGUN = "start_missing"
"""Of a case that hasn't ended either, it says only that its time hasn't begun to run."""

_IN_LINE = 7_246_310_587_001
"""The key of the lock under which caps and faults are counted, one transaction after another."""

Besides = frozenset[tuple[int, int]]
"""Cases, by branch and id, whose own compensation isn't looked at when they are judged anew."""


@dataclass(frozen=True)
class Findings:
    """Verdicts of stretches, with the row of each one's case, its number within the case, and its version."""

    dated: Dated
    stretches: Cases
    rows: Rows
    parts: Rows
    verdicts: Verdicts
    places: Rows

    def version(self, place: int) -> Version:
        """The version that the stretch at *place* was judged by."""
        return self.dated.versions[int(self.places[place])]

    def its_own(self) -> Flags:
        """Which stretches the promise is about, as far as they have begun."""
        reasons = self.verdicts.reasons
        beside = [number for number, reason in enumerate(reasons) if reason in NOT_ITS_CASE]
        waiting = [number for number, reason in enumerate(reasons) if reason == NOT_BEGUN]
        not_begun = np.isin(self.verdicts.reason, waiting) & (self.verdicts.ended_at == MISSING)
        own: Flags = ~np.isin(self.verdicts.reason, beside) & ~not_begun
        return own

    def owing(self, place: int, as_of: datetime) -> tuple[Decimal, datetime | None]:
        """What is owed for a stretch, and until when it is to be paid."""
        cents, pay_by = self.owed(np.array([place]), as_of)
        limit = None if pay_by[0] == MISSING else moment(int(pay_by[0]))
        return Decimal(int(cents[0])).scaleb(-2), limit

    def owed(self, places: Rows, as_of: datetime) -> tuple[Times, Times]:
        """What is owed for the stretches at *places*, in cents, and until when it is to be paid, or MISSING.

        Terms that count the time for paying from a milestone owe nothing before it has happened.
        """
        cents, pay_by = self.verdicts.cents[places].copy(), np.full(len(places), MISSING)
        now = microseconds(as_of)
        by = self.places[places]
        for number in np.unique(by).tolist():
            terms = self.dated.versions[number].terms
            own = np.flatnonzero((by == number) & (cents > 0))
            at = self.verdicts.dated(places[own])
            if terms.remedy.pay_from:
                at = self.stretches.happened(terms.remedy.pay_from).by(now).first[places[own]]
                cents[own[at == MISSING]] = 0
                own, at = own[at != MISSING], at[at != MISSING]
            limit = to_be_paid_by(terms, np.where(at == MISSING, now, at))
            if limit is not None:
                pay_by[own] = limit
        return cents, pay_by

    def counts_towards(self, place: int) -> tuple[tuple[str, str], ...]:
        """The caps and the fault that what is owed for a stretch counts towards."""
        names = counted_names([self.version(place).terms])
        coded = {name: self.stretches.attribute(name) for name in names}
        return tuple(
            (name, column.values[column.codes[place]])
            for name, column in coded.items()
            if column.codes[place] >= 0
        )


def by_rank(session: Session) -> list[Dated]:
    """Every promise, in the order in which they may pay for one fault."""
    return sorted(promises(session), key=lambda dated: dated.versions[-1].terms.rank)


def counted_names(versions: Sequence[TermsDocument]) -> list[str]:
    """The attributes by which *versions* look at what other cases have been paid."""
    names = [cap.by for terms in versions for cap in terms.remedy.caps if cap.by]
    names += [terms.remedy.once_per for terms in versions if terms.remedy.once_per]
    return list(dict.fromkeys(names))


def stand_in_line(session: Session) -> None:
    """Wait for those who count towards caps and faults, if any promise has such; until the transaction ends.

    Without it two cases of one customer, judged at once, could both be paid what was left for one. To be
    called before any row is locked. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    terms = [version.terms for dated in promises(session) for version in dated.versions]
    if any(looks_at_others(one.remedy) for one in terms):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IN_LINE})


@dataclass
class Line:
    """Cases as they are judged by one promise after another; faults paid by an earlier one are remembered."""

    session: Session
    cases: Cases
    as_of: datetime
    hours: Mapping[str, OpeningHours]
    besides: Besides = frozenset()

    def __post_init__(self) -> None:
        self._paid_now: set[tuple[str, str]] = set()
        self._by_hand = excluded_by_hand(self.session, self.besides) if self.besides else {}

    def judge(self, dated: Dated) -> list[Findings]:
        """What the cases are under the promise *dated*; nothing, if none of them is of its touchpoint."""
        touchpoints = {version.terms.touchpoint for version in dated.versions}
        if None not in touchpoints and touchpoints.isdisjoint(self.cases.attribute("touchpoint").values):
            return []
        before = self._before(dated)
        known = set(before.faults)
        versions = [(microseconds(version.starts_at), version.terms) for version in dated.versions]
        found = []
        for cases, own_rows in self._by_split(dated):
            stretches, rows = stretched(cases, dated.versions[self._split_by(dated, cases)].terms)
            verdicts, places = judge_in_force(stretches, versions, self.as_of, self.hours, before)
            parts = np.arange(len(rows)) - np.searchsorted(rows, rows) + 1
            if by_hand := self._by_hand.get(dated.promise_id):
                verdicts = without(verdicts, excluded_rows(self.cases, by_hand)[own_rows[rows]])
            found.append(Findings(dated, stretches, own_rows[rows], parts, verdicts, places))
        self._paid_now |= before.faults - known
        return found

    def _by_split(self, dated: Dated) -> list[tuple[Cases, Rows]]:
        """The cases, apart by the version in force at their start where versions split them."""
        every = np.arange(len(self.cases))
        if len(dated.versions) == 1 or not any(_splits(version.terms) for version in dated.versions):
            return [(self.cases, every)]
        places = _places_at_start(dated, self.cases)
        return [(self.cases.take(rows), rows) for place in np.unique(places)
                for rows in (np.flatnonzero(places == place),)]  # fmt: skip

    def _split_by(self, dated: Dated, cases: Cases) -> int:
        return int(_places_at_start(dated, cases)[0]) if len(cases) and len(dated.versions) > 1 else 0

    def _before(self, dated: Dated) -> Paid:
        """What other cases have come to be owed, as far as the promise looks at it."""
        terms = [version.terms for version in dated.versions]
        if not any(looks_at_others(one.remedy) for one in terms):
            return Paid()
        keys = [(name, value) for name in counted_names(terms) for value in self.cases.attribute(name).values]
        every = [one for _, answer in owed_before.send(self.session, keys=keys) for one in answer]
        owed = [
            one
            for one in every
            if one.promise_id != dated.promise_id or (one.branch_id, one.case_id) not in self.besides
        ]
        paid = self._faults(dated, owed, every)
        for key, own in _summed(terms, [one for one in owed if one.promise_id == dated.promise_id]).items():
            cents, verdicts = paid.sums.get(key, (0, 0))
            paid.sums[key] = (cents + sum(one.cents for one in own),
                              verdicts + len({(one.branch_id, one.verdict_id) for one in own}))  # fmt: skip
        return paid

    def _faults(self, dated: Dated, owed: Sequence[Owed], every: Sequence[Owed]) -> Paid:
        """The faults that are paid for. What is owed for one stands, whatever breaks later: a promise that
        ranks before it then owes what it pays beyond that, one that ranks behind it nothing."""
        own = {(one.name, one.value) for one in every if one.promise_id == dated.promise_id}
        others = {(one.name, one.value) for one in owed if one.promise_id == dated.promise_id}
        paid = Paid(faults=others | (self._paid_now - own))
        foreign = [one for one in owed if one.promise_id != dated.promise_id]
        ranked = by_rank(self.session) if foreign else []
        places = {one.promise_id: place for place, one in enumerate(ranked)}
        tells = {
            one.promise_id: {version.terms.remedy.once_per for version in one.versions} for one in ranked
        }
        for one in foreign:
            fault = (one.name, one.value)
            if one.name not in tells[one.promise_id]:
                continue
            if places[one.promise_id] > places[dated.promise_id]:
                paid.credited[fault] = paid.credited.get(fault, 0) + one.cents
            elif fault not in own:
                paid.faults.add(fault)
        return paid


def _summed(
    terms: Sequence[TermsDocument], owed: Sequence[Owed]
) -> dict[tuple[str, str, str, str], list[Owed]]:
    """What is owed by customer and period, for every kind of period that the versions' caps count by."""
    found: dict[tuple[str, str, str, str], dict[tuple[int, int], Owed]] = {}
    for one in terms:
        zone = ZoneInfo(one.zone)
        for cap in one.remedy.caps:
            for entry in owed:
                if cap.by == entry.name:
                    day = entry.dated_at.astimezone(zone).date()
                    key = (one.promise, cap.by, entry.value, period_of(cap, day))
                    found.setdefault(key, {})[entry.branch_id, entry.compensation_id] = entry
    return {key: list(own.values()) for key, own in found.items()}


def _splits(terms: TermsDocument) -> bool:
    return isinstance(terms.measure, TimeMeasure) and terms.measure.split_after is not None


def _places_at_start(dated: Dated, cases: Cases) -> Rows:
    starts = np.array([microseconds(version.starts_at) for version in dated.versions])
    began = cases.happened(dated.versions[-1].terms.measure.from_).first
    return np.maximum(np.searchsorted(starts, began, side="right") - 1, 0)
